"""Planning problems of any size, drawn at random around today's hardware and prices; the same seed, the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizers.instance.hardware import Cohort, FabricFigures, ModuleFigures, NodeFigures, StoreFigures
from optimizers.instance.instance import Instance
from optimizers.instance.modes import ModeFigures
from optimizers.instance.places import Battery, Bridging, Photovoltaics, PowerPurchase, SiteFigures
from optimizers.instance.time import Day, Future, Hours, Quarter
from optimizers.instance.work import BatchFigures, GangFigures, ServingFigures

QUARTER_H = 2190.0


@dataclass(frozen=True)
class Size:
    """How large a problem is."""

    sites: int = 2
    nodes: int = 2
    modes: int = 2
    quarters: int = 4
    days: int = 1
    hours: int = 6
    """Representative hours of a day; a design hour comes on top of all days."""
    futures: int = 2
    services: int = 1
    batches: int = 1
    gangs: int = 1


SMALL = Size(sites=2, nodes=2, modes=4, quarters=6, days=1, hours=16, futures=3)
"""Some 9,500 variables."""
LARGE = Size(sites=3, nodes=3, modes=4, quarters=9, days=1, hours=24, futures=4, services=2)
"""Some 51,000 variables."""


def drawn(size: Size, seed: int = 0) -> Instance:
    """Return a problem of a size: demand that grows through the horizon, tranches of the grid that come late in some
    futures, a fleet that ages, and less energy than everything at once would need."""
    draw = np.random.default_rng(seed)
    hours = size.days * size.hours + 1
    nodes = tuple(_node(draw, size, g) for g in range(size.nodes))
    scale_mw = 80.0
    sites = tuple(_site(draw, size, s, hours, scale_mw) for s in range(size.sites))
    rates = draw.uniform(0.8, 1.2, size.nodes) * [4.0 * 1.7**g for g in range(size.nodes)]
    return Instance(
        name=f"drawn {seed}",
        quarters=tuple(
            Quarter(f"Q{t + 1}", t * QUARTER_H * 3600.0, QUARTER_H, 0.98**t) for t in range(size.quarters)
        ),
        hours=_hours(size, hours),
        futures=tuple(
            Future(f"future {o}", 1.0 / size.futures, delivery_slip=o % 2, grid_slip=o // 2)
            for o in range(size.futures)
        ),
        sites=sites,
        nodes=nodes,
        cohorts=tuple(Cohort(s, 0, int(draw.integers(1400, 1700)), 10, 150_000.0) for s in range(0, size.sites, 2)),
        modules=_modules(draw, size, hours),
        fabrics=_fabrics(size),
        stores=(
            StoreFigures(
                "flash", 4e15, 1e11, np.full(size.quarters, 400_000.0), 1, 8_000.0, 20,
                np.zeros(size.sites, dtype=np.int64),
            ),
        ),
        modes=_modes(size),
        serving=tuple(_service(draw, size, v, hours, rates) for v in range(size.services)),
        batch=tuple(_batch(draw, size, v, rates) for v in range(size.batches)),
        gangs=tuple(_gang(size, j) for j in range(size.gangs)),
        budget_usd=np.full(size.quarters, 8e8 * size.sites),
        gap=0.01,
        seed=seed,
    )  # fmt: skip


def _hours(size: Size, hours: int) -> Hours:
    weight_h = np.full((size.quarters, hours), QUARTER_H / (hours - 1))
    weight_h[:, -1] = 0.0
    days = (*(Day(d * size.hours, size.hours) for d in range(size.days)), Day(hours - 1, 1))
    return Hours(weight_h=weight_h, start_utc_s=np.zeros((size.quarters, hours)), days=days)


def _node(draw: Any, size: Size, g: int) -> NodeFigures:
    quarters = np.arange(size.quarters)
    price_usd = (280_000.0 * 1.4**g) * (0.97**quarters) * float(draw.uniform(0.95, 1.05))
    released = min(2 * g, size.quarters - 2)
    supply = np.where(quarters >= released, 250, 0).astype(np.int64)
    liquid = g > 0
    watts = 10_200.0 * 1.3**g
    return NodeFigures(
        name=f"node-{g}", batch=8 if liquid else 4, nodes_per_rack=8 if liquid else 4, accelerators=8,
        cooling="liquid" if liquid else "air", provisioned_w=watts, rated_w=1.15 * watts, idle_w=0.22 * watts,
        price_usd=price_usd.astype(np.float64), supply=supply,
        lead=1, life=20, value_kept=0.88, embodied_kg=3_000.0, ports=8,
    )  # fmt: skip


def _site(draw: Any, size: Size, s: int, hours: int, scale_mw: float) -> SiteFigures:
    quarters = np.arange(size.quarters)
    clock = np.arange(hours) / max(size.hours, 1) * 2.0 * np.pi
    price = float(draw.uniform(0.05, 0.09)) * (1.0 + 0.35 * np.sin(clock - 1.0))
    grid_w = np.zeros((size.futures, size.quarters))
    for o in range(size.futures):
        late = o // 2
        grid_w[o] = 1e6 * scale_mw * (0.4 + 0.3 * (quarters >= 2 + late) + 0.3 * (quarters >= 4 + late))
    sun = np.maximum(np.sin(clock - 0.5 * np.pi), 0.0)
    return SiteFigures(
        name=f"site-{s}", exists=s % 2 == 0, opening_usd=4e6, fixed_usd=2e5, grid_w=grid_w,
        price_usd_per_kwh=np.array(
            [np.outer(1.0 + 0.02 * quarters, price) * (1.0 + 0.2 * o) for o in range(size.futures)]
        ),
        demand_charge_usd_per_kw=30.0,
        carbon_kg_per_kwh=np.outer(0.99**quarters, float(draw.uniform(0.1, 0.5)) * (1.0 - 0.3 * sun)),
        floor_m2=60_000.0, water_m3=400_000.0, water_usd_per_m3=2.0, spare_modules=1,
        battery=Battery(4e6 * 3600.0, 1e6, 0.86, 1.2e6, 40) if s % 2 == 0 else None,
        photovoltaics=Photovoltaics(1e6, 9e5, 40, np.outer(np.ones(size.quarters), sun)) if s % 2 else None,
        power_purchase=PowerPurchase(3e7, 0.06) if s % 2 == 0 else None,
        bridging=Bridging(1e6, 1.5e5, 0.11, 0.45, 40) if s % 2 else None,
    )  # fmt: skip


def _modules(draw: Any, size: Size, hours: int) -> tuple[ModuleFigures, ...]:
    found = []
    designs: tuple[tuple[str, Any, float, float], ...] = (
        ("air-hall", "air", 1e6, 0.18),
        ("air-economizer", "air", 1.5e6, 0.12),
        ("liquid-hall", "liquid", 2e6, 0.10),
        ("liquid-dry", "liquid", 2e6, 0.07),
    )
    for name, cooling, capacity_w, overhead in designs:
        heat = 0.5 + 0.5 * np.sin(np.arange(hours) / max(size.hours, 1) * 2.0 * np.pi - 1.5)
        heat[-1] = 1.6
        slope = 1.0 + overhead * (0.6 + 0.8 * heat)
        exists = np.array([1 if name == "air-hall" and s % 2 == 0 else 0 for s in range(size.sites)], dtype=np.int64)
        found.append(
            ModuleFigures(
                name=name, cooling=cooling, capacity_w=capacity_w, breaker_w=1.25 * capacity_w,
                racks=int(capacity_w / 30_000.0), rack_w=45_000.0 if cooling == "air" else 140_000.0,
                price_usd=np.full(size.quarters, capacity_w * (9.0 - 20.0 * overhead)), lead=2, floor_m2=600.0,
                embodied_kg=4e5, most=60, exists=exists * 20,
                fixed_w=np.full(size.sites, 0.03 * capacity_w),
                slope=np.broadcast_to(slope, (size.sites, size.quarters, hours)).copy(),
                water_m3_per_kwh=np.full(
                    (size.sites, size.quarters, hours), 0.0 if "dry" in name else float(draw.uniform(5e-4, 1.5e-3))
                ),
                largest_error=0.01,
            )
        )  # fmt: skip
    return tuple(found)


def _fabrics(size: Size) -> tuple[FabricFigures, ...]:
    none = np.zeros(size.sites, dtype=np.int64)
    standing = np.array([1 if s % 2 == 0 else 0 for s in range(size.sites)], dtype=np.int64)
    return (
        FabricFigures("leaf-spine", 1024, 512, np.full(size.quarters, 2.2e6), 1, 30_000.0, 80, 16 * standing),
        FabricFigures("rail", 2048, 4096, np.full(size.quarters, 6.5e6), 1, 80_000.0, 40, none),
    )


def _modes(size: Size) -> tuple[ModeFigures, ...]:
    found = []
    for m in range(size.modes):
        tier, level = divmod(m, 2)
        found.append(
            ModeFigures(
                name=f"tier-{tier}, level-{level}", maintenance=f"tier-{tier}", security=f"level-{level}",
                availability=np.full(size.nodes, 0.93 + 0.03 * tier),
                spares_per_node=np.full(size.nodes, 0.01 * (tier + 1)),
                spares_usd_per_node=np.full(size.nodes, 3_000.0 * (tier + 1)),
                maintenance_usd=1.5e5 * (1 + tier),
                maintenance_usd_per_node=np.full(size.nodes, 900.0 * (1 + 0.5 * tier)),
                security_usd=6e4 * (1 + level), security_usd_per_node=np.full(size.nodes, 60.0 * (1 + level)),
            )
        )  # fmt: skip
    return tuple(found)


def _service(draw: Any, size: Size, v: int, hours: int, rates: Any) -> ServingFigures:
    clock = np.arange(hours) / max(size.hours, 1) * 2.0 * np.pi
    day = 1.0 + 0.4 * np.sin(clock - 2.0)
    day[-1] = 1.4
    growth = 1.3 ** np.arange(size.quarters)
    demand = np.array([np.outer(growth, day) * (0.8 + 0.4 * o / max(size.futures - 1, 1)) for o in range(size.futures)])
    # A higher level of security costs a little of the rate, and every second service asks for it.
    level = np.arange(size.modes) % 2
    allowed = np.ones(size.modes) if v % 2 == 0 or size.modes == 1 else level
    return ServingFigures(
        name=f"service-{v}", rate=np.outer(rates, allowed * (1.0 - 0.03 * level)),
        busy_w=np.array([0.65 * 10_200.0 * 1.3**g for g in range(size.nodes)]), least_served=0.75,
        unserved_usd=0.004, weight=0.5 / size.services,
        demand=demand * 1300.0 * size.sites * float(draw.uniform(0.9, 1.1)) / size.services,
    )  # fmt: skip


def _batch(draw: Any, size: Size, v: int, rates: Any) -> BatchFigures:
    seconds = QUARTER_H * 3600.0
    growth = 1.2 ** np.arange(size.quarters)
    demand = np.array([growth * (0.85 + 0.3 * o / max(size.futures - 1, 1)) for o in range(size.futures)])
    return BatchFigures(
        name=f"batch-{v}", rate=np.outer(rates * draw.uniform(0.8, 1.2, size.nodes), np.ones(size.modes)),
        busy_w=np.array([0.7 * 10_200.0 * 1.3**g for g in range(size.nodes)]), least_served=0.6, unserved_usd=0.003,
        weight=0.3 / size.batches, demand=demand * seconds * 500.0 * size.sites / size.batches,
    )  # fmt: skip


def _gang(size: Size, j: int) -> GangFigures:
    rate = np.array([[5e6 * 1.8**g * (0.93 + 0.03 * (m // 2)) for m in range(size.modes)] for g in range(size.nodes)])
    return GangFigures(
        name=f"model-{j}", rate=rate, busy_w=np.array([0.75 * 10_200.0 * 1.3**g for g in range(size.nodes)]),
        least_served=0.0, unserved_usd=5e-7, weight=0.2 / size.gangs,
        tokens=np.full(size.futures, 5e6 * QUARTER_H * 3600.0 * 1.8), first=1 + j % 2, last=size.quarters - 1,
        nodes=np.full(size.nodes, 256), fabric_factor=np.array([0.85, 1.0]), write_b_per_s=2e11, stored_b=1e16,
    )  # fmt: skip
