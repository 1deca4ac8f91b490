"""The root of a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, NonNegativeInt, model_validator

from models.accounting.accounting import Accounting
from models.facility import Facility
from models.instant import Instant
from models.loads.source import Load
from models.operations.operations import Operations
from models.reliability.modes.failure_mode import JOB
from models.reliability.reliability import Reliability
from models.section import Section
from models.security.security import Security
from models.site import Site
from models.storage.storage import Storage
from models.topology.fabric import Fabric
from models.units import Duration
from models.workload.service import Service
from models.workload.source import WorkloadSource
from models.workload.training_job import TrainingJob

from ..placement.policy import PlacementPolicy
from ..scheduling.policy import SchedulingPolicy
from .events.event import Event, NodesEvent
from .expect import Expect
from .fleet import AlibabaNodes, AnyFleet, Groups, NamedNodes
from .names import OwnNodes, known_group, known_node_type
from .results import Results
from .selection import selected_from

if TYPE_CHECKING:
    AnyLoad = Load
    AnyWorkload = WorkloadSource
    AnyScheduling = SchedulingPolicy
    AnyPlacement = PlacementPolicy
    AnyFabric = Fabric
    AnyEvent = Event
else:
    AnyLoad = selected_from("models.loads", Load)
    AnyWorkload = selected_from("models.workload", WorkloadSource)
    AnyScheduling = selected_from("simulator.scheduling", SchedulingPolicy)
    AnyPlacement = selected_from("simulator.placement", PlacementPolicy)
    AnyFabric = selected_from("models.topology", Fabric)
    AnyEvent = selected_from("simulator.scenario.events", Event)


def _kind_by_default(kind: str) -> Any:
    given: dict[str, Any] = {"kind": kind}
    return Field(default_factory=given.copy, validate_default=True, json_schema_extra={"default": given})


class Scenario(Section):
    """A hall, what it is asked to do, and where it stands. Time counts in seconds from `start`."""

    name: str = Field(min_length=1)
    """What the scenario is called; the file's name if nothing is said."""
    description: str = ""
    """What it is for."""
    seed: NonNegativeInt = 0
    """The seed of every random number; same seed, same outcome."""
    start: Instant
    """When the simulation starts, with its zone, such as `2023-01-01T00:00:00Z`."""
    until: Annotated[Duration, Field(gt=0)] | None = None
    """How long it runs; until the last job ends if nothing is said."""
    fleet: AnyFleet
    """The nodes of the hall."""
    nodes: OwnNodes = Field(default_factory=dict)
    """Node types of the scenario's own, by name, beside those of the catalogue."""
    loads: tuple[AnyLoad, ...] = ()
    """IT equipment that is no node, such as storage and switches."""
    fabric: AnyFabric | None = None
    """The network between nodes; without it nothing is held up on its way (what switches draw all the same is one of
    the `loads`)."""
    storage: Storage | None = None
    """Where checkpoints, data sets and backups lie; without it nothing is read or written (what draws power all the
    same is one of the `loads`)."""
    security: Security | None = None
    """What is done for security, and what may happen; nothing of either if nothing is said."""
    reliability: Reliability | None = None
    """What fails; nothing if nothing is said."""
    operations: Operations | None = None
    """Crews, spares, monitoring and planned work; without it a repair takes what its failure mode says."""
    workload: AnyWorkload | None = None
    """The jobs of a batch system. Give this, `training`, `services`, or several of them."""
    training: tuple[TrainingJob, ...] = ()
    """Long training jobs, simulated with their checkpoints and restarts."""
    services: tuple[Service, ...] = ()
    """Services that answer requests, each as a fluid; they need `until`."""
    scheduling: AnyScheduling = _kind_by_default("fcfs")
    """Which waiting job starts next; first come, first served if nothing is said (assumption)."""
    placement: AnyPlacement = _kind_by_default("first-fit")
    """On which nodes it starts; the first that fit if nothing is said (assumption)."""
    facility: Facility
    """What the building needs besides its computers."""
    site: Site = Site()
    """Weather, prices, carbon intensity and water."""
    accounting: Accounting = Accounting()
    """What is counted besides energy: capital, lives, and carbon of making things."""
    events: tuple[AnyEvent, ...] = ()
    """What is made to happen at stated times."""
    results: Results = Results()
    """What is kept of a run."""
    expect: Expect = Field(default_factory=dict)
    """What `datahall check` expects the outcomes to be."""

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        # While a file is loaded names are checked where they stand; this is for scenarios made in Python.
        if isinstance(self.fleet, Groups):
            used: list[str] = [group.node for group in self.fleet.groups if group.node is not None]
        else:
            used = list(self.fleet.models.values()) if isinstance(self.fleet, AlibabaNodes) else []
        for name in used:
            known_node_type(name, self.nodes)
        if isinstance(self.fleet, Groups):
            for event in self.events:
                if isinstance(event, NodesEvent) and event.group is not None:
                    known_group(event.group, [group.name for group in self.fleet.groups])
        return self

    @model_validator(mode="after")
    def _has_work(self) -> Self:
        if self.workload is None and not self.training and not self.services:
            raise ValueError("give 'workload', 'training' or 'services', or several: the hall has nothing to do")
        for what, named in (
            ("training jobs", [job.name for job in self.training]),
            ("services", [service.name for service in self.services]),
        ):
            twice = sorted({name for name in named if named.count(name) > 1})
            if twice:
                raise ValueError(f"names of {what} must differ; given twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _services_end(self) -> Self:
        if self.services and self.until is None:
            raise ValueError("services have no end of their own: give 'until', how long the run is")
        return self

    @model_validator(mode="after")
    def _events_meet_the_facility(self) -> Self:
        refused = [(number, event.refused_by(self.facility)) for number, event in enumerate(self.events)]
        told = [f"events[{number}]: {text}" for number, text in refused if text is not None]
        if told:
            raise ValueError("; ".join(told))
        return self

    @model_validator(mode="after")
    def _placement_meets_the_fabric(self) -> Self:
        fabric, placement = getattr(self.fabric, "kind", None), getattr(self.placement, "kind", "")
        if placement == "torus-slice" and fabric != "torus":
            raise ValueError("placement: 'torus-slice' places jobs in a torus; allowed: with a 'fabric' of kind torus")
        if placement == "rail" and fabric == "torus":
            raise ValueError("placement: 'rail' fills blocks of a tree; allowed: 'torus-slice' in a torus")
        return self

    @model_validator(mode="after")
    def _failures_find_hands(self) -> Self:
        if self.reliability is None or self.operations is None or self.operations.anybody:
            return self
        if any(mode.component != JOB for mode in self.reliability.modes()):
            raise ValueError(f"operations.crews: {self.operations.lacks_skill(None)}")
        return self

    @property
    def start_utc_s(self) -> float:
        """Unix time of the start."""
        return self.start.timestamp()

    def named_nodes(self) -> NamedNodes:
        """Return every node of the hall and the types they have; reads the fleet's file, if it has one.

        Raises InputError with every problem of that file.
        """
        return self.fleet.named_nodes(self.nodes)

    def as_tree(self) -> Mapping[str, Any]:
        """Return the scenario as plain mappings, lists and scalars, every default but an empty one written out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
