"""When security fails, how late it is noticed and how far it reaches: the contract of every kind of incident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration
from ..controls.control import IncidentChange

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_YEAR_S = 31_557_600.0


class Occurrence(NamedTuple):
    """An incident: when it begins and when it is noticed [s from the scenario's start], and where, 0 to 1."""

    begins_s: float
    detected_s: float
    place: float


class SecurityIncident(Section):
    """Incidents that begin at any instant alike (a Poisson process). YAML selects a kind by `kind:`.

    What controls change is stated with each control; their factors multiply.
    """

    per_year: float = Field(ge=0.0, le=10_000.0)
    """Incidents of a year in a hall without any control."""
    detection: Duration
    """Mean time from the beginning until it is noticed, exponential; jobs run on meanwhile."""
    nodes: Annotated[float, Field(gt=0.0)]
    """Nodes that are taken out when it is noticed: below 1 a share of the hall's, from 1 a number."""
    investigation: Duration
    """How long they are held as evidence before they are made anew."""
    restores_data: bool = False
    """Whether storage is restored from its backup before they come back."""
    scattered: bool = False
    """Whether the nodes are spread over the hall, or neighbours."""

    @model_validator(mode="after")
    def _whole_nodes(self) -> Self:
        if self.nodes > 1.0 and self.nodes != int(self.nodes):
            raise ValueError(f"'nodes' is {self.nodes:g}; allowed: a share below 1, or a whole number of nodes")
        return self

    @property
    def kind_name(self) -> str:
        """Its kind, as controls name it."""
        return str(type(self).model_fields["kind"].default)

    def expected_per_year(self, change: IncidentChange) -> float:
        """Return the incidents of a year under controls [1/a]."""
        return self.per_year * change.rate

    def reach(self, nodes: int, change: IncidentChange) -> int:
        """Return how many of a hall's nodes are taken out, at least 1."""
        asked = self.nodes * nodes if self.nodes < 1.0 else self.nodes
        return min(nodes, max(1, round(asked * change.reach)))

    def nodes_hit(self, nodes: int, place: float, change: IncidentChange) -> NDArray[np.int64]:
        """Return the nodes that are taken out, by index, shape (reach,)."""
        import numpy as np

        count = self.reach(nodes, change)
        step = nodes / count if self.scattered else 1.0
        offsets = np.floor(np.arange(count) * step).astype(np.int64)
        return np.asarray((int(place * nodes) + offsets) % nodes, np.int64)

    def occurrences(self, random: np.random.Generator, change: IncidentChange) -> Iterator[Occurrence]:
        """Yield the incidents under controls, in order, for ever; nothing where there are none.

        Four draws for each incident of a hall without controls, whatever comes of them: controls only thin these
        incidents out and bring their detection forward.
        """
        if self.per_year == 0.0 or change.rate == 0.0:
            return
        begins_s = 0.0
        while True:
            begins_s += float(random.standard_exponential()) * _YEAR_S / self.per_year
            mark, place = random.random(2).tolist()
            detection_s = float(random.standard_exponential()) * self.detection * change.detection
            if mark < change.rate:
                yield Occurrence(begins_s, begins_s + detection_s, place)
