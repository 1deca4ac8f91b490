"""The section `security`: controls, tenancy and incidents."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, Self, TypeVar, get_args

from pydantic import model_validator

from ..kinds import selected_from
from ..section import Section
from ..units import Bandwidth, Money, quantity
from .controls.control import IncidentChange, SecurityControl, kind_of
from .controls.tenancy import Tenancy
from .incidents.incident import SecurityIncident
from .levels import Level, level_with
from .moved_bytes import MovedBytes, TypicalWork, typical_work
from .reimaging import Reimaging

if TYPE_CHECKING:
    AnyControl = SecurityControl
    AnyIncident = SecurityIncident
else:
    AnyControl = selected_from("models.security.controls", SecurityControl)
    AnyIncident = selected_from("models.security.incidents", SecurityIncident)

ControlT = TypeVar("ControlT", bound=SecurityControl)
WorkClass = Literal["training", "batch"]
"""Jobs of `training`, and those of `workload`."""


class WorkMoved(Section):
    """What jobs move while they compute."""

    like: TypicalWork | None = None
    """A typical work: `inference`, `training` or `model-swapping`."""
    moved: MovedBytes | None = None
    """The bytes themselves, in its place."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.like is None) == (self.moved is None):
            raise ValueError(f"give 'like' (one of {', '.join(get_args(TypicalWork))}) or 'moved', one of the two")
        return self

    @property
    def bytes(self) -> MovedBytes:
        """What is moved."""
        if self.moved is not None:
            return self.moved
        assert self.like is not None
        return typical_work(self.like)


class Security(Section):
    """Controls, tenancy and incidents."""

    level: Level = "none"
    """Controls that belong together: `basic` has self-encrypting drives, MACsec in the interfaces, second factors, an
    audit log that nobody watches and patches every 90 d; `strong` has ESP in the interfaces, confidential computing,
    dedicated nodes, reviewed changes, a log that is watched, and patches every 30 d. Which belong to which is an
    assumption."""
    controls: tuple[AnyControl, ...] = ()
    """What is done for security, each kind at most once, in place of the level's control of that kind or besides."""
    incidents: tuple[AnyIncident, ...] = ()
    """What may happen, each kind at most once; nothing does if nothing is said."""
    reimaging: Reimaging = Reimaging()
    """How nodes are made anew after an incident."""
    # Made without being built, which would take the time of every start of the command.
    training: WorkMoved = WorkMoved.model_construct(like="training")
    """What jobs of `training` move; typical training is an assumption."""
    batch: WorkMoved = WorkMoved.model_construct(like="inference")
    """What jobs of `workload` move; as little as inference is an assumption."""
    storage_per_node: Bandwidth | None = None
    """What storage gives each node in the clear, where the scenario has no `storage` of its own; if nothing is said,
    encryption at rest slows no job there."""
    cost_per_hour: Money = quantity("75 USD")
    """What an hour of people costs, for every control (assumption)."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        given = {
            "controls": [kind_of(each) for each in self.controls],
            "incidents": [each.kind_name for each in self.incidents],
        }
        for field, kinds in given.items():
            twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
            if twice:
                raise ValueError(f"'{field}' has {', '.join(twice)} more than once; allowed: each kind once")
        return self

    def control(self, sort: type[ControlT]) -> ControlT | None:
        """Return the control of a kind, None where there is none."""
        return next((each for each in self.in_force if isinstance(each, sort)), None)

    @property
    def in_force(self) -> tuple[SecurityControl, ...]:
        """Every control: those of the level and those given."""
        return level_with(self.level, self.controls)

    @property
    def tenancy(self) -> Literal["shared", "dedicated-nodes", "dedicated-pods"]:
        """Who may share nodes and racks."""
        tenancy = self.control(Tenancy)
        return "shared" if tenancy is None else tenancy.mode

    def change_of(self, incident_kind: str) -> IncidentChange:
        """Return what all controls together do to a kind of incident."""
        return combined_change(self.in_force, incident_kind)


def combined_change(controls: tuple[SecurityControl, ...], incident_kind: str) -> IncidentChange:
    """Return what controls together do to a kind of incident: their factors multiply."""
    none = IncidentChange()
    changes = (control.benefit().changes.get(incident_kind, none) for control in controls)
    return functools.reduce(IncidentChange.__mul__, changes, none)
