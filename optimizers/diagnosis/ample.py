"""How much of everything would do: what limits are relaxed to before they are asked to give as little as possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..instance.instance import Instance

_MARGIN = 2.0
"""On every estimate below; an assumption: whole batches, spare modules, idle nodes and losses are covered by it."""


@dataclass(frozen=True)
class Ample:
    """Enough of each means to serve all demand by the dearest way there is, even if all limits were to give."""

    batches: Mapping[str, int]
    """Of each node type, if it served alone."""
    power_w: float
    money_usd: float
    carbon_kg: float
    water_m3: float
    floor_m2: float
    units: int
    """Of modules, blocks, stores at one site."""


def ample_for(instance: Instance) -> Ample:
    """Return what would do for an instance."""
    import numpy as np

    needed = np.array([_nodes_needed(instance, node) for node in range(len(instance.nodes))])
    batch = np.array([each.batch for each in instance.nodes])
    batches = np.ceil(_MARGIN * needed / batch).astype(np.int64) + 1
    nodes = batches * batch + np.array(
        [sum(each.count for each in instance.cohorts if each.node == node) for node in range(len(instance.nodes))]
    )
    it_w = float(max(np.max(nodes * [each.rated_w for each in instance.nodes]), 1.0))
    things: list[Any] = [*instance.modules, *instance.fabrics, *instance.stores]
    powered: list[Any] = [*instance.fabrics, *instance.stores]
    units = 1 + max(
        [int(np.ceil(_MARGIN * it_w / each.capacity_w)) + int(each.exists.max()) for each in instance.modules]
        + [int(np.ceil(_MARGIN * np.max(nodes / each.racks))) for each in instance.modules]
        + [each.most for each in things]
        + [1]
    )
    slope = max([float(each.slope.max()) for each in instance.modules] + [1.0])
    beside_w = sum(units * float(each.fixed_w.max()) for each in instance.modules)
    beside_w += sum(units * slope * each.power_w for each in powered)
    power_w = _MARGIN * (it_w * slope + beside_w)
    kwh = power_w / 1000.0 * sum(each.hours_h for each in instance.quarters) * len(instance.sites)
    spares_usd = np.max([mode.spares_usd_per_node for mode in instance.modes], axis=0)
    bought = nodes * (spares_usd + [float(each.price_usd.max()) for each in instance.nodes])
    built = [units * float(each.price_usd.max()) for each in things]
    dearest = max([float(np.abs(each.price_usd_per_kwh).max()) for each in instance.sites] + [0.0])
    dirtiest = max([float(each.carbon_kg_per_kwh.max()) for each in instance.sites] + [0.0])
    wettest = max([float(each.water_m3_per_kwh.max()) for each in instance.modules] + [0.0])
    embodied = float(np.sum(nodes * [each.embodied_kg for each in instance.nodes]))
    embodied += sum(units * len(instance.sites) * each.embodied_kg for each in instance.modules)
    return Ample(
        batches={each.name: int(count) for each, count in zip(instance.nodes, batches, strict=True)},
        power_w=power_w,
        money_usd=_MARGIN * (float(np.sum(bought)) + len(instance.sites) * sum(built) + kwh * dearest) + 1.0,
        carbon_kg=_MARGIN * (kwh * dirtiest + embodied) + 1.0,
        water_m3=_MARGIN * kwh * wettest + 1.0,
        floor_m2=_MARGIN * sum(units * each.floor_m2 for each in instance.modules) + 1.0,
        units=units,
    )


def _nodes_needed(instance: Instance, node: int) -> float:
    """Return how many nodes of a type serve at its peak all work that it can serve, in the future that asks most."""
    most = max([float(mode.availability[node]) for mode in instance.modes if mode.availability[node] > 0.0] + [0.0])
    if most == 0.0:
        return 0.0
    needed = 0.0
    seconds = 3600.0 * min(each.hours_h for each in instance.quarters)
    for service in instance.serving:
        rates = service.rate[node][service.rate[node] > 0.0]
        asked = service.demand if service.peak is None else service.demand * service.peak
        needed += float(asked.max() / rates.min()) if len(rates) else 0.0
    for work in instance.batch:
        rates = work.rate[node][work.rate[node] > 0.0]
        needed += float(work.demand.max() / (rates.min() * seconds)) if len(rates) else 0.0
    return needed / most + sum(float(gang.nodes[node]) for gang in instance.gangs) / most
