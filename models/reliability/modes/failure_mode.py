"""A failure mode: what fails, how often, and who notices. The contract of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration
from ..detection import Detection
from ..times.exponential import ExponentialTimes
from ..times.time_between_failures import TimeBetweenFailures

if TYPE_CHECKING:
    from ...nodes.node import Node

_YEAR_S = 365.25 * 86_400.0
JOB = "job"
"""What modes strike that interrupt a job and leave its nodes as they are."""


class ListedFailure(NamedTuple):
    """A failure of which everything is known beforehand."""

    where: str
    """The place in a file at which it stands, for messages."""
    at_s: float
    component: str
    """The component's kind, such as node."""
    name: str
    duration_s: float
    """From the failure until the component is back."""
    cause: str
    permanent: bool


class FailureMode(Section):
    """Something that fails. YAML selects a kind by `kind:`."""

    name: str = ""
    """What results call it; its kind if nothing is said. Two modes of one kind need names that differ."""

    @property
    def label(self) -> str:
        """Its name, or its kind where it has none."""
        kind: str = getattr(self, "kind", "")
        return self.name or kind

    def modes(self) -> Sequence[RandomFailures]:
        """Return the modes that fail at random which this one stands for; itself where it is one."""
        return ()

    def listed(self) -> Sequence[ListedFailure]:
        """Return the failures that are known beforehand, in order of time; raises InputError where a file is wrong."""
        return ()


class RandomFailures(FailureMode):
    """Parts that fail at random while what they belong to is in service."""

    takes_out: ClassVar[str] = "node"
    """The kind of the component that goes out, `job` for modes that strike jobs."""
    counts: ClassVar[str] = "node"
    """What there is one hazard for."""
    stated_mtbf: ClassVar[float | None] = None
    """Mean time between failures of a part [s] where the YAML gives none; the kind's docstring has its source."""

    mtbf: Annotated[Duration, Field(gt=0)] | None = None
    """Mean time between failures of one part in service, which then fails at a constant rate. Give one of `mtbf`,
    `per_year` and, where the kind has it, `times`; if nothing is said, the kind's description states the figure."""
    per_year: Annotated[float, Field(ge=0.0, le=1e6)] | None = None
    """The same as failures of one part in a year of 365.25 days in service; 0: never."""
    detection: Detection = Detection()
    """How it is noticed."""

    @model_validator(mode="after")
    def _one_hazard(self) -> Self:
        given = [f"'{key}'" for key in ("mtbf", "per_year", "times") if getattr(self, key, None) is not None]
        if len(given) > 1:
            raise ValueError(f"gives {' and '.join(given)}; allowed: one of them")
        if not given and self.stated_mtbf is None:
            raise ValueError("says nothing of how often it happens; give 'mtbf' or 'per_year'")
        return self

    def modes(self) -> Sequence[RandomFailures]:
        return () if self.per_year == 0.0 else (self,)

    @property
    def between(self) -> TimeBetweenFailures:
        """The distribution of the time between failures of one part; of a mode that ever happens."""
        if self.per_year is not None:
            return ExponentialTimes.model_construct(mtbf=_YEAR_S / self.per_year)
        mtbf_s = self.stated_mtbf if self.mtbf is None else self.mtbf
        assert mtbf_s is not None, "checked when the mode was made"
        return ExponentialTimes.model_construct(mtbf=mtbf_s)

    @property
    def component(self) -> str:
        """The kind of the component that goes out, `job` for modes that strike jobs."""
        return self.takes_out

    def parts_of(self, node: Node) -> int:
        """Return how many parts that can fail a component has; of a node of this type, where nodes go out."""
        return 1


class JobFailures(RandomFailures):
    """Failures of what a job runs: they interrupt it, however many nodes it has, and leave the nodes as they are.

    They strike the jobs of `training:`, or, where a scenario has none, the jobs that hold whole nodes.
    """

    takes_out: ClassVar[str] = JOB
    counts: ClassVar[str] = "job"
