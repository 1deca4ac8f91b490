"""What a building is planned for besides its nodes: loads that the scenario gives, and those that come with it."""

from __future__ import annotations

from models.loads.constant import ConstantLoad
from models.loads.source import Load
from models.topology.laid_out.built_fabric import BuiltFabric

from ..scenario.scenario import Scenario

NETWORK = "network"
"""What the fabric's switches are called among the loads."""


def planned_loads(given: Scenario, fabric: BuiltFabric | None) -> tuple[Load, ...]:
    """Return every load that is no node, those of the scenario first."""
    loads = list(given.loads)
    if fabric is not None and len(fabric.switches):
        loads.append(ConstantLoad.model_validate({"name": NETWORK, "draws": f"{fabric.switches.power_w.sum()} W"}))
    for name, tier in given.storage.tiers.items() if given.storage is not None else ():
        if tier.sized().peak_w > 0.0:
            loads.append(ConstantLoad.model_validate({"name": f"storage {name}", "draws": f"{tier.sized().peak_w} W"}))
    return tuple(loads)
