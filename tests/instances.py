"""A small planning problem, made by hand, to be changed by tests with keywords.

One site that exists, one type of node, one design of air-cooled module, one mode, one service; two quarters of one
day of two hours. Everything that a test does not name is large enough not to bind, or free.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizers.instance.hardware import FabricFigures, ModuleFigures, NodeFigures, StoreFigures
from optimizers.instance.instance import Instance
from optimizers.instance.modes import ModeFigures
from optimizers.instance.places import SiteFigures
from optimizers.instance.time import Day, Future, Hours, Quarter
from optimizers.instance.work import BatchFigures, GangFigures, ServingFigures

QUARTER_H = 2190.0


def spread(value: Any, *shape: int) -> Any:
    """Return a number as an array of a shape, or an array as it is broadcast to it."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), shape).copy()


def node(quarters: int = 2, **changes: Any) -> NodeFigures:
    """Return a type of node; `price_usd` and `supply` may be numbers."""
    given: dict[str, Any] = {
        "name": "node", "batch": 1, "nodes_per_rack": 4, "accelerators": 8, "cooling": "air",
        "provisioned_w": 10_000.0, "rated_w": 12_000.0, "idle_w": 2_000.0, "price_usd": 100_000.0, "supply": 1_000,
        "lead": 0, "life": 20, "value_kept": 0.0, "embodied_kg": 0.0, "ports": 1,
    } | changes  # fmt: skip
    given["price_usd"] = spread(given["price_usd"], quarters)
    given["supply"] = spread(given["supply"], quarters).astype(np.int64)
    return NodeFigures(**given)


def module(sites: int = 1, quarters: int = 2, hours: int = 2, **changes: Any) -> ModuleFigures:
    """Return a design of module of 1 MW without overhead, that costs nothing and stands nowhere."""
    given: dict[str, Any] = {
        "name": "block", "cooling": "air", "capacity_w": 1e6, "breaker_w": 1e9, "racks": 10_000, "rack_w": 1e6,
        "price_usd": 0.0, "lead": 0, "floor_m2": 0.0, "embodied_kg": 0.0, "most": 10, "exists": 0,
        "fixed_w": 0.0, "slope": 1.0, "water_m3_per_kwh": 0.0,
    } | changes  # fmt: skip
    given["price_usd"] = spread(given["price_usd"], quarters)
    given["exists"] = spread(given["exists"], sites).astype(np.int64)
    given["fixed_w"] = spread(given["fixed_w"], sites)
    for name in ("slope", "water_m3_per_kwh"):
        given[name] = spread(given[name], sites, quarters, hours)
    return ModuleFigures(**given)


def fabric(sites: int = 1, quarters: int = 2, **changes: Any) -> FabricFigures:
    """Return a design of network of 64 ports a block."""
    given: dict[str, Any] = {
        "name": "fabric", "ports": 64, "largest_gang": 1_000, "price_usd": 0.0, "lead": 0, "power_w": 0.0,
        "most": 100, "exists": 0,
    } | changes  # fmt: skip
    given["price_usd"] = spread(given["price_usd"], quarters)
    given["exists"] = spread(given["exists"], sites).astype(np.int64)
    return FabricFigures(**given)


def store(sites: int = 1, quarters: int = 2, **changes: Any) -> StoreFigures:
    """Return a kind of storage of 1 PB and 100 GB/s a unit."""
    given: dict[str, Any] = {
        "name": "store", "capacity_b": 1e15, "write_b_per_s": 1e11, "price_usd": 0.0, "lead": 0, "power_w": 0.0,
        "most": 100, "exists": 0,
    } | changes  # fmt: skip
    given["price_usd"] = spread(given["price_usd"], quarters)
    given["exists"] = spread(given["exists"], sites).astype(np.int64)
    return StoreFigures(**given)


def mode(nodes: int = 1, **changes: Any) -> ModeFigures:
    """Return a mode in which nodes are always available and nothing costs."""
    given: dict[str, Any] = {
        "name": "only", "maintenance": "only", "security": "none", "availability": 1.0, "spares_per_node": 0.0,
        "spares_usd_per_node": 0.0, "maintenance_usd": 0.0, "maintenance_usd_per_node": 0.0, "security_usd": 0.0,
        "security_usd_per_node": 0.0,
    } | changes  # fmt: skip
    for name in (
        "availability", "spares_per_node", "spares_usd_per_node", "maintenance_usd_per_node", "security_usd_per_node",
    ):  # fmt: skip
        given[name] = spread(given[name], nodes)
    return ModeFigures(**given)


def site(futures: int = 1, quarters: int = 2, hours: int = 2, **changes: Any) -> SiteFigures:
    """Return a site that is open, with a grid of 1 GW and electricity at 0.1 USD a kWh."""
    given: dict[str, Any] = {
        "name": "site", "exists": True, "opening_usd": 0.0, "fixed_usd": 0.0, "grid_w": 1e9,
        "price_usd_per_kwh": 0.1, "demand_charge_usd_per_kw": 0.0, "carbon_kg_per_kwh": 0.0,
        "floor_m2": np.inf, "water_m3": np.inf, "water_usd_per_m3": 0.0, "spare_modules": 0,
    } | changes  # fmt: skip
    given["grid_w"] = spread(given["grid_w"], futures, quarters)
    given["price_usd_per_kwh"] = spread(given["price_usd_per_kwh"], futures, quarters, hours)
    given["carbon_kg_per_kwh"] = spread(given["carbon_kg_per_kwh"], quarters, hours)
    return SiteFigures(**given)


def serving(
    futures: int = 1, quarters: int = 2, hours: int = 2, nodes: int = 1, modes: int = 1, **changes: Any
) -> ServingFigures:
    """Return a service of 10 requests a second, of which a node does 1; all must be served."""
    given: dict[str, Any] = {
        "name": "chat", "rate": 1.0, "busy_w": 8_000.0, "least_served": 1.0, "unserved_usd": 0.0, "weight": 1.0,
        "demand": 10.0,
    } | changes  # fmt: skip
    given["rate"] = spread(given["rate"], nodes, modes)
    given["busy_w"] = spread(given["busy_w"], nodes)
    given["demand"] = spread(given["demand"], futures, quarters, hours)
    return ServingFigures(**given)


def batch(futures: int = 1, quarters: int = 2, nodes: int = 1, modes: int = 1, **changes: Any) -> BatchFigures:
    """Return work of 10 node-quarters a quarter; all of it must be done."""
    given: dict[str, Any] = {
        "name": "batch", "rate": 1.0, "busy_w": 8_000.0, "least_served": 1.0, "unserved_usd": 0.0, "weight": 1.0,
        "demand": 10.0 * QUARTER_H * 3600.0,
    } | changes  # fmt: skip
    given["rate"] = spread(given["rate"], nodes, modes)
    given["busy_w"] = spread(given["busy_w"], nodes)
    given["demand"] = spread(given["demand"], futures, quarters)
    return BatchFigures(**given)


def gang(
    futures: int = 1, quarters: int = 2, node_types: int = 1, modes: int = 1, fabrics: int = 0, **changes: Any
) -> GangFigures:
    """Return a training run of 8 nodes at 8 tokens a second, for one whole quarter."""
    given: dict[str, Any] = {
        "name": "model", "rate": 8.0, "busy_w": 8_000.0, "least_served": 1.0, "unserved_usd": 0.0, "weight": 1.0,
        "tokens": 8.0 * QUARTER_H * 3600.0, "first": 0, "last": quarters - 1, "nodes": 8, "fabric_factor": 1.0,
        "write_b_per_s": 0.0, "stored_b": 0.0,
    } | changes  # fmt: skip
    given["rate"] = spread(given["rate"], node_types, modes)
    given["busy_w"] = spread(given["busy_w"], node_types)
    given["tokens"] = spread(given["tokens"], futures)
    given["nodes"] = spread(given["nodes"], node_types).astype(np.int64)
    given["fabric_factor"] = spread(given["fabric_factor"], fabrics)
    return GangFigures(**given)


def hours(quarters: int = 2, count: int = 2, design: int = 0) -> Hours:
    """Return one day of hours of equal weight, and design hours of weight 0 after it."""
    weight_h = np.zeros((quarters, count + design))
    weight_h[:, :count] = QUARTER_H / count
    days = (Day(0, count), *(Day(count + each, 1) for each in range(design)))
    return Hours(weight_h=weight_h, start_utc_s=np.zeros((quarters, count + design)), days=days)


def futures(probabilities: Sequence[float] = (1.0,), slips: Sequence[int] | None = None) -> tuple[Future, ...]:
    """Return futures of given probabilities, and slips of delivery in quarters."""
    late = slips if slips is not None else [0] * len(probabilities)
    return tuple(
        Future(name=f"future {place}", probability=probability, delivery_slip=slip)
        for place, (probability, slip) in enumerate(zip(probabilities, late, strict=True))
    )


def instance(quarters: int = 2, discount: float = 1.0, **changes: Any) -> Instance:
    """Return the problem described above; whatever is given replaces its part.

    Tests that change the number of quarters, hours, futures, sites or node types pass parts made for them.
    """
    given: dict[str, Any] = {
        "name": "small",
        "quarters": tuple(
            Quarter(f"Q{t + 1}", t * QUARTER_H * 3600.0, QUARTER_H, discount**t) for t in range(quarters)
        ),
        "hours": hours(quarters),
        "futures": futures(),
        "sites": (site(quarters=quarters),),
        "nodes": (node(quarters),),
        "cohorts": (),
        "modules": (module(quarters=quarters),),
        "fabrics": (), "stores": (), "modes": (mode(),),
        "serving": (serving(quarters=quarters),), "batch": (), "gangs": (),
        "budget_usd": np.full(quarters, np.inf),
        "gap": 0.0,
    } | changes  # fmt: skip
    return Instance(**given)


def changed(given: Any, **changes: Any) -> Any:
    """Return a part of an instance, or a whole one, with some fields replaced."""
    return dataclasses.replace(given, **changes)
