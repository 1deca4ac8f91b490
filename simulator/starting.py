"""Start what runs in a hall besides its jobs and its building, each room after those that it builds on."""

from __future__ import annotations

from .balancing.starting import start_balancing
from .drills.starting import start_drills
from .network.sharing_start import start_sharing
from .network.starting import start_fabric
from .operations.entering import enter_nodes
from .operations.facility_components import enter_facility
from .operations.running import Running
from .reliability.starting import start_reliability
from .repair.starting import start_maintenance, start_repair
from .security.starting import start_security
from .serving.starting import start_services
from .storage.starting import start_storage
from .training.starting import start_training


def start_operations(running: Running) -> None:
    """Let every room that the scenario asks for enter its components, its stories and its accounts."""
    enter_nodes(running)
    enter_facility(running)
    start_sharing(running)
    start_fabric(running)
    start_storage(running)
    start_security(running)
    start_training(running)
    start_services(running)
    start_repair(running)
    start_reliability(running)
    start_maintenance(running)
    start_balancing(running)
    start_drills(running)
