"""A hall with everything that runs in it: what the stories of failures, crews, drills and training meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.fleet import Fleet
from models.workload.job import Workload
from models.workload.training_plan import TrainingPlan

from ..facility.building import Building
from ..facility.hall import Hall
from ..facility.site_supply import SiteSupply
from ..scenario.scenario import Scenario
from .component import Component, Components
from .outage import Outage

if TYPE_CHECKING:
    from simpy import Event

    from ..assembly.services import ServicePlan
    from ..network.fabric_in_service import FabricInService
    from ..network.shared_resources import SharedResources
    from ..processes.power_manager import PowerManager
    from ..repair.repairs import Repairs
    from ..results.part import Part
    from ..security.in_force import ControlsInForce
    from ..storage.in_service import StorageInService
    from ..training.training_jobs import TrainingJobs


@dataclass(eq=False)
class Running:
    """What is there from the start, and what each room adds when it starts."""

    hall: Hall
    given: Scenario
    fleet: Fleet
    workload: Workload
    plans: tuple[TrainingPlan, ...] = ()
    """What each job of the section `training` comes to."""
    services: tuple[ServicePlan, ...] = ()
    """What each service comes to; its nodes are jobs of the workload."""
    building: Building | None = None
    supply: SiteSupply | None = None
    """Who feeds the building; None where the grid alone does, or the building is not simulated."""
    components: Components = field(default_factory=Components)
    outages: list[Outage] = field(default_factory=list)
    """Every outage of a component, in the order in which they began."""
    slow: dict[Component, Event] = field(default_factory=dict)
    """Nodes that a failure holds to a lower clock; the event says that somebody found one before its mode says so."""
    dead: Counter[int] = field(default_factory=Counter)
    """Nodes that have failed and nobody has noticed yet, by how many failures: what starts on them stands still."""
    interrupted_by_failures: Counter[int] = field(default_factory=Counter)
    """How often failures of nodes, of what takes nodes out, and of jobs themselves have interrupted each job."""
    parts: list[Part] = field(default_factory=list)
    """Who accounts for what at the run's end."""
    power: PowerManager | None = None
    """What holds the hall to limits of power; there from the first event on."""
    shared: SharedResources | None = None
    """Links and storage that jobs and transfers share; None where the scenario has neither."""
    fabric: FabricInService | None = None
    """The network between nodes; None where the scenario has none."""
    storage: StorageInService | None = None
    """Tiers, checkpoints and backups; None where the scenario has none."""
    security: ControlsInForce | None = None
    """Controls and what they cost jobs; None where the scenario says nothing of security."""
    repairs: Repairs | None = None
    """Crews and spares; None where a repair takes what its failure mode says."""
    training: TrainingJobs | None = None
    """The training jobs; None where there are none."""

    def close_building(self, end_s: float) -> None:
        """Settle the building and who feeds it up to an instant [s]; does nothing where it is not simulated."""
        if self.building is not None:
            self.building.close(end_s)
        if self.supply is not None:
            self.supply.settle(end_s)

    def die(self, nodes: Iterable[int]) -> None:
        """Say that nodes have stopped and nobody has noticed yet."""
        self.dead.update(int(node) for node in nodes)

    def found_dead(self, nodes: Iterable[int]) -> None:
        """Say that one failure of each of some nodes was noticed, or is over."""
        for node in map(int, nodes):
            self.dead[node] -= 1
            if self.dead[node] <= 0:
                del self.dead[node]

    def has_dead(self, nodes: Iterable[int]) -> bool:
        """Return whether any of some nodes has stopped without anybody noticing: a gang on them stands still."""
        return bool(self.dead) and any(int(node) in self.dead for node in nodes)
