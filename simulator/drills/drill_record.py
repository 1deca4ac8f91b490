"""What a drill led to, measured while the hall ran."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from models.operations.drills.drill import Drill

from ..operations.outage import Outage
from .work_level import WorkLevel


@dataclass(eq=False)
class DrillRecord:
    """A drill with what came of it. Instants count from the scenario's start [s]; NaN: not, or not yet."""

    drill: Drill
    what: str
    """What was lost, in words."""
    level: WorkLevel
    """How the jobs worked that ran when it began, and since."""
    outages: list[Outage] = field(default_factory=list)
    """The components that it took out."""
    detected_s: float = math.nan
    """When it was noticed."""
    restored_s: float = math.nan
    """When everything that was lost was there again."""
    data_age_s: float = math.nan
    """How old the data was that was restored, when it was lost; NaN where none was."""
    is_restore: bool = False
    """Whether data was lost and restored."""
    over_s: float = math.nan
    """When everything was there again and every job worked as before."""

    @property
    def began_s(self) -> float:
        """When it began."""
        return self.level.from_s

    @property
    def back_s(self) -> float:
        """When the jobs that ran when it began worked as before again: at once where none was hit, NaN if they do
        not."""
        return self.level.well_s

    @property
    def recovery_time_s(self) -> float:
        """From the beginning until `back_s`."""
        return self.back_s - self.began_s

    @property
    def recovery_point_s(self) -> float:
        """The most work that a job lost [s at full clock], or the age of the data that was restored if that is more."""
        lost_s = float(self.level.lost_s.max(initial=0.0))
        return lost_s if math.isnan(self.data_age_s) else max(lost_s, self.data_age_s)

    @property
    def broken(self) -> tuple[str, ...]:
        """The objectives that were not met; a job that is not back by the run's end has not met its own."""
        drill, found = self.drill, []
        if drill.rto is not None and not self.recovery_time_s <= drill.rto:
            found.append("rto")
        if drill.rpo is not None and not self.recovery_point_s <= drill.rpo:
            found.append("rpo")
        return tuple(found)
