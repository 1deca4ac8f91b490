"""What notices failures, how soon, and how often it cries wolf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..section import Section
from ..units import Duration, quantity
from .maintenance import WaitFor

if TYPE_CHECKING:
    import numpy as np


class Monitoring(Section):
    """Samples of every component at an interval. Each sees a failure with a probability, apart from the others."""

    interval: Annotated[Duration, Field(gt=0)] = quantity("1 min")
    """Time between samples (assumption)."""
    detection_probability: float = Field(default=0.9, gt=0.0, le=1.0)
    """Chance that a sample sees a failure that is there (assumption)."""
    false_alarms_per_node_day: float = Field(default=0.0, ge=0.0)
    """Alarms without a failure, for each node in service and day; none if nothing is said (assumption)."""
    check: Duration = quantity("30 min")
    """How long a node is out of service for each false alarm, until tests have found nothing (assumption)."""
    wait_for: WaitFor = "checkpoint"
    """What a node waits for before it is checked, in which time it takes no new job: that its jobs end, that each has
    ended or written its next checkpoint, or nothing (assumption)."""
    wait_limit: Duration = quantity("1 h")
    """The longest that it waits; what still runs on it then is interrupted (assumption)."""

    @property
    def expected_delay_s(self) -> float:
        """Mean time from a failure to the sample that sees it [s]: interval (1/p - 1/2).

        The failure falls evenly between two samples, and the number of samples until one sees it is geometric.
        """
        return self.interval * (1.0 / self.detection_probability - 0.5)

    def delay_s(self, generator: np.random.Generator) -> float:
        """Return the time from a failure to the sample that sees it [s], one draw."""
        return self.interval * (float(generator.geometric(self.detection_probability)) - float(generator.random()))
