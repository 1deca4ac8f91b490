"""What carries the hall when the grid does not, as one section, and whether it is enough."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from ...problems import Problem
from ...section import Section
from ...units import format_quantity
from .gensets import Gensets, StartedSets
from .outage import OutageOutcome, outage_outcome
from .ups_battery import UpsBattery

if TYPE_CHECKING:
    import numpy as np

_SLACK = 1e-9  # relative; what is exceeded by rounding only is not


class Backup(Section):
    """The battery of the UPS, the generator sets, or both."""

    battery: UpsBattery | None = None
    """What carries the load at once; without it the load is lost with the grid."""
    gensets: Gensets | None = None
    """What carries it for long; without them the load is lost when the battery is empty."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.battery is None and self.gensets is None:
            raise ValueError("give 'battery', 'gensets' or both; leave the section out where there is neither")
        return self

    def outcome(
        self,
        load_w: float,
        duration_s: float,
        random: np.random.Generator,
        *,
        charge: float = 1.0,
        unprotected_w: float = 0.0,
    ) -> OutageOutcome:
        """Return what comes of one outage, with what fails drawn at random; see `outage_outcome` for the rest.

        The draws are one for the battery and three for each set, whatever comes of them.
        """
        works = self.battery is not None and self.battery.is_available(random)
        started = self.gensets.started(random) if self.gensets else None
        return outage_outcome(
            load_w,
            duration_s,
            battery=self.battery if works else None,
            charge=charge,
            gensets=self.gensets,
            started=started,
            unprotected_w=unprotected_w,
        )


def backup_problems(
    backup: Backup, load_w: float, unprotected_w: float = 0.0, path: str = "facility.supply.backup"
) -> tuple[Problem, ...]:
    """Return why a load on the UPS [W], and one that waits for the sets, would not be carried with the spare sets lost
    and nothing else failing; nothing where it would."""
    found = []
    battery, gensets = backup.battery, backup.gensets
    whole_w = load_w + unprotected_w
    if battery is None:
        found.append(Problem("", f"{path}.battery", f"there is none: {_power(load_w)} are dropped with the grid"))
    elif load_w > battery.rating * (1.0 + _SLACK):
        message = f"has to carry {_power(load_w)}, {_power(load_w - battery.rating)} more than its rating"
        found.append(Problem("", f"{path}.battery.rating", message))
    if gensets is not None and whole_w > gensets.firm_w * (1.0 + _SLACK):
        lost = f"with {gensets.spare} of {gensets.count} sets lost they give {_power(gensets.firm_w)}"
        found.append(Problem("", f"{path}.gensets", f"have to carry {_power(whole_w)}; {lost}"))
    elif battery is not None and gensets is not None and load_w <= battery.rating * (1.0 + _SLACK):
        taken_s = gensets.start_delay + gensets.steps()[-1][0]
        count = gensets.count - gensets.spare
        started = StartedSets((gensets.start_delay,) * count, (math.inf,) * count)
        end_s = taken_s + gensets.step_interval
        dropped_at_s = outage_outcome(load_w, end_s, battery=battery, gensets=gensets, started=started).dropped_at_s
        if dropped_at_s is not None:
            message = (
                f"is empty after {format_quantity(dropped_at_s, 'duration')} under {_power(load_w)}; the sets have "
                f"taken the load after {format_quantity(taken_s, 'duration')}"
            )
            found.append(Problem("", f"{path}.battery", message))
    return tuple(found)


def _power(power_w: float) -> str:
    return format_quantity(power_w, "power")
