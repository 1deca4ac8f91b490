"""Failures of parts of the hall: what takes a component out of service until it is repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from ...distributions.durations import DurationDistribution, LognormalDuration
from ...kinds import selected_from
from ...units import Duration, quantity
from ..detection import Probability, Slowdown
from ..infant_mortality import InfantMortality
from ..times.time_between_failures import TimeBetweenFailures
from .failure_mode import RandomFailures

if TYPE_CHECKING:
    from ...nodes.node import Node

    AnyTimes = TimeBetweenFailures
else:
    AnyTimes = selected_from("models.reliability.times", TimeBetweenFailures)


REBOOT = LognormalDuration(median=quantity("15 min"), sigma=0.5)
"""How long a transient failure takes where nobody says so."""
REPAIR = LognormalDuration(median=quantity("3784.576 s"), sigma=1.42)
"""How long a repair takes where nobody says so."""


class ComponentFailures(RandomFailures):
    """Parts that fail at random, each alike or each in its own way, while their component is in service.

    A part's time runs from when it comes into service or was last repaired, and on through outages that it did not
    cause. A failure that falls due while its component is out anyway is mended with it: nothing happens, and its time
    begins anew. After a repair a part is as good as new; a permanent failure replaces it, a transient one leaves it
    what it is, good or a lemon.
    """

    part: ClassVar[str] = "node"
    """What is replaced where a failure is permanent."""
    skill: ClassVar[str] = "hardware"
    """What those who repair it must be able to do."""

    times: AnyTimes | None = None
    """How often, as a distribution: `kind: exponential`, `weibull`, `lognormal` or `gamma-mixed`."""
    infant_mortality: InfantMortality | None = None
    """What new parts have on top of it; nothing if nothing is said (assumption)."""
    age: Duration = quantity("0 s")
    """How long the parts that are there from the start have been in service by then; 0, all new, is an assumption."""
    group: str | None = None
    """The group of the fleet whose nodes it is about; all nodes if nothing is said."""
    permanent: Probability = 0.3
    """Share of the failures in which a part must be replaced; the others are over after `reboot`. Of the faults of H200
    nodes at Crusoe 41.5 % needed another host and 12.2 % InfiniBand hardware (GTC 2025, secondary); 0.3 is an
    assumption."""
    reboot: DurationDistribution | None = None
    """From the moment that a transient failure is noticed until the component is back. If nothing is said, what the
    triage of `operations` takes, and without it a lognormal with a median of 15 minutes and a sigma of 0.5
    (assumption)."""
    repair: DurationDistribution | None = None
    """The same for a permanent failure, as hands' work where there is a section `operations`. If nothing is said, what
    that section says, and without it a lognormal as fitted to LANL's systems (Failure Trace Archive, mu 0.05 and sigma
    1.42 in hours): mean 2.9 h."""
    slowdown: Slowdown = Slowdown()
    """Failures that slow a node down instead of stopping it."""

    @model_validator(mode="after")
    def _slows_nodes(self) -> Self:
        if self.slowdown.share > 0.0 and self.component != "node":
            raise ValueError(f"'slowdown' is about nodes, and this mode takes out a {self.component}")
        return self

    @model_validator(mode="after")
    def _grouped_nodes(self) -> Self:
        if self.group is not None and self.component != "node":
            raise ValueError(f"'group' is about nodes, and this mode takes out a {self.component}")
        return self

    @property
    def spare_part(self) -> str:
        """What is replaced where a failure is permanent."""
        return self.part

    @property
    def between(self) -> TimeBetweenFailures:
        return super().between if self.times is None else self.times


class AcceleratorFailures(ComponentFailures):
    """Failures with one hazard for each accelerator; they take its node out."""

    counts: ClassVar[str] = "accelerator"

    def parts_of(self, node: Node) -> int:
        return node.accelerators
