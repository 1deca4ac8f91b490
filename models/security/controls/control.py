"""A control: what it costs the work at hand, and what it averts. The contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...section import Section
from ...sourced import Status
from ..moved_bytes import NodeWork


@dataclass(frozen=True)
class ControlCost:
    """What a control costs work on the nodes of a hall."""

    throughput_factor: float = 1.0
    """Speed of the work with the control over that without, 0 to 1."""
    network_bytes_factor: float = 1.0
    """Bytes on the network with the control over those without, at least 1."""
    cpu_cores: float = 0.0
    """Processor cores taken from each node."""
    storage_b: float = 0.0
    """Bytes kept for the hall once the oldest are deleted [B]."""
    people_h_per_year: float = 0.0
    """Hours of people for the hall [h/a]."""
    money_usd_per_year: float = 0.0
    """Money for the hall besides those hours [USD/a]."""


@dataclass(frozen=True)
class IncidentChange:
    """What a control does to a kind of incident: factors on its rate, on the time to detect it, on the time that nodes
    are held for investigation, and on the nodes that it reaches; each 0 to 1."""

    rate: float = 1.0
    detection: float = 1.0
    investigation: float = 1.0
    reach: float = 1.0

    def __mul__(self, other: IncidentChange) -> IncidentChange:
        """Return both together, as if they were independent: an assumption."""
        return IncidentChange(
            self.rate * other.rate,
            self.detection * other.detection,
            self.investigation * other.investigation,
            self.reach * other.reach,
        )


@dataclass(frozen=True)
class Benefit:
    """What a control averts, in words, and what it does to incidents by their kind."""

    text: str
    status: Status
    """The weakest basis of its figures."""
    source: str
    """Where they come from, or the reason of an assumption."""
    changes: Mapping[str, IncidentChange] = field(default_factory=dict)


class SecurityControl(Section):
    """Something that is done for security. YAML selects a kind by `kind:`; each kind at most once."""

    @abstractmethod
    def cost(self, work: NodeWork) -> ControlCost:
        """Return what the control costs; the same control costs different work differently."""

    @abstractmethod
    def benefit(self) -> Benefit:
        """Return what the control averts."""

    @property
    @abstractmethod
    def basis(self) -> tuple[Status, str]:
        """The weakest basis of what it costs, and its source in words."""


def kind_of(control: SecurityControl) -> str:
    """Return the kind of a control, as `kind:` selects it."""
    return str(type(control).model_fields["kind"].default)
