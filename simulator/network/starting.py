"""Start the fabric of a hall."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from ..assembly.fabric import built_fabric
from ..operations.running import Running

if TYPE_CHECKING:
    from .fabric_in_service import FabricInService

_WHO = "network"


def start_fabric(running: Running) -> None:
    """Let switches draw power, enter them and the cables as components, and offer routes as `running.fabric`."""
    built = built_fabric(running.given.fabric, running.fleet)
    if built is None:
        return
    from ..metering.meter import Meter
    from .fabric_in_service import FabricInService
    from .network_accounts import NetworkAccounts
    from .network_load import NetworkLoad

    hall, load = running.hall, None
    if len(built.switches):
        clock = hall.batch.state.clock[0]
        meter = Meter(clock["first_edge_s"], clock["interval_s"])
        load = NetworkLoad(built.switches, hall.timeline, hall.feed, running.given.start_utc_s, meter)
        hall.loads.append(load)
    running.fabric = FabricInService(built, load, running.shared)
    running.fabric.register(running.components)
    running.fabric.on_change.append(functools.partial(_keep_off_the_isolated, running, running.fabric))
    running.parts.append(NetworkAccounts(running.fabric))


def _keep_off_the_isolated(running: Running, fabric: FabricInService) -> None:
    """Let nodes that have no way to most others take no new jobs until they have."""
    isolated = fabric.isolated()
    cordoned = running.hall.cordoned
    cordoned.let_go(_WHO, np.setdiff1d(cordoned.of(_WHO), isolated))
    if len(isolated):
        cordoned.cordon(_WHO, isolated)
    running.hall.settlement.mark()
