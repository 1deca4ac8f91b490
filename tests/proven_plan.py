"""A small plan for tests of its proof: one site, one type of node, one service, two tiers; and a plan made by hand."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.nodes.node import Node
from optimizers.figures.instance_of import instance_of
from optimizers.instance.instance import Instance
from optimizers.plan import GROUPS, Decision, Plan, Served, SiteQuarter
from optimizers.problem import Problem
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.outcome import Outcome, Shelf, Stopped
from simulator.proof.scenarios import HallScenario

NODE = Node.model_validate(
    {
        "accelerator": {"name": "GPU"},
        "accelerators": 8,
        "cpu_cores": 4,
        "memory": "64 GiB",
        "power": {
            "parts": [
                {"name": "processors", "follows": "processor", "idle_power": "100 W", "peak_power": "200 W"},
                {"name": "gpus", "follows": "accelerator", "count": 8, "idle_power": "50 W", "peak_power": "400 W"},
            ],
            "clock_exponent": {"value": 2, "source": "a test", "status": "assumption"},
        },
    }
)
NODES = {"test-node": NODE}
REQUESTS_PER_S = 95.0
OF_A_NODE = 10.0
PLAN: dict[str, Any] = {
    "first_quarter": "2027-Q1",
    "quarters": 1,
    "hours": {"days": 1, "step_hours": 6, "design_hour": False},
    "sites": {"plains": {"site": {"tariff": {"kind": "flat", "price": "62 USD/MWh"}}, "grid": "2 MW"}},
    "skus": {
        "gpu": {
            "node": "test-node",
            "nodes_per_rack": 4,
            "price": "100 kUSD",
            "supply": 40,
            "lead_quarters": 0,
            "embodied_carbon": "0 kg",
        }
    },
    "modules": {
        "hall": {
            "facility": {"pue": 1.3},
            "cooling": "air",
            "capacity": "200 kW",
            "racks": 10,
            "rack_power": "20 kW",
            "price": "1 MUSD",
            "lead_quarters": 0,
            "most": 2,
            "exists": {"plains": 2},
        }
    },
    "reliability": {"failures": [{"kind": "gpu", "mtbf": "20000 h"}]},
    "maintenance": {
        "lean": {"crew": {}, "spares": {"gpu": {"per_100_nodes": 10, "price": "3 kUSD"}}},
        "full": {"crew": {}, "spares": {"gpu": {"per_100_nodes": 30, "price": "3 kUSD"}}},
    },
    "security": {"none": {}, "basic": {"level": "basic"}},
    "demand": {
        "chat": {
            "kind": "serving",
            "requests_per_s": REQUESTS_PER_S,
            "input_tokens": 1000,
            "output_tokens": 200,
            "stated": {"gpu": {"requests_per_s": OF_A_NODE}},
        }
    },
    "proof": {"replicas": 2, "warm_up": "1 d", "week": "1 d"},
}


def problem(**proof: Any) -> Problem:
    """The plan's problem, with other terms of its proof."""
    given = copy.deepcopy(PLAN)
    given["proof"] |= proof
    return Problem.model_validate(given)


def instance(of: Problem | None = None, **more: Any) -> Instance:
    """The plan's instance."""
    return instance_of(problem() if of is None else of, NODES, name="small", **more)


def plan(of: Instance, *, nodes: int | None = None, mode: int = 0) -> Plan:
    """A plan made by hand: as many nodes as serve all in a mode, where their number is not given."""
    rate = float(of.serving[0].rate[0, mode])
    busy = REQUESTS_PER_S / rate
    count = math.ceil(busy / float(of.modes[mode].availability[0]) - 1e-9) if nodes is None else nodes
    site, quarter, name = of.sites[0].name, of.quarters[0].name, of.modes[mode].name
    demand = REQUESTS_PER_S * 3600.0 * of.quarters[0].hours_h
    cost = 100e3 * count
    return Plan(
        name="by hand", status="optimal", objective_kind="cost", objective=cost, bound=cost, gap=0.0,
        groups=dict.fromkeys(GROUPS, 0.0) | {"C": cost}, objectives={"cost": cost},
        decisions=(Decision(site, quarter, "buy", "gpu", float(count), quarter, cost),),
        site_quarters=(
            SiteQuarter(
                site=site, quarter=quarter, nodes={"gpu": float(count)}, modules={"hall": 2.0}, fabrics={}, stores={},
                mode=name, it_energy_kwh=0.0, facility_energy_kwh=0.0, grid_energy_kwh=0.0, grid_peak_kw=0.0, pue=None,
                provisioned_kw={}, stranded_kw={}, energy_usd=0.0, carbon_kg=0.0, water_m3=0.0,
            ),
        ),
        served=(Served("chat", quarter, "expected", demand, demand, {site: demand}),),
        allocation=tuple(
            {"site": site, "quarter": quarter, "future": "expected", "hour": hour, "work": "chat", "node": "gpu",
             "mode": name, "nodes": busy}
            for hour in range(of.hours.count)
        ),
    )  # fmt: skip


def outcome_of(
    of: Instance,
    scenario: HallScenario,
    *,
    availability: float = 1.0,
    stopped: Mapping[str, float] | None = None,
    shelf: Shelf | None = None,
) -> Outcome:
    """What a simulation would return: nodes in service for a share of the time, in which they answer what is asked."""
    hours = len(scenario.week.hour)
    pool = scenario.pools[0]
    asked = pool.demand["chat"][scenario.week.hour] * 3600.0
    capacity = np.full(hours, pool.nodes * pool.per_node_s * availability * 3600.0)
    served = np.minimum(asked, capacity)
    hall = hall_quarters(of, plan(of, nodes=pool.nodes))[0]
    it_w = pool.nodes * of.nodes[0].idle_w + of.serving[0].busy_w[0] * served / 3600.0 / pool.per_node_s
    module = of.modules[hall.module]
    return Outcome(
        it_w=it_w,
        facility_w=float(module.slope.max()) * it_w,
        served={pool.name: served},
        capacity={pool.name: capacity},
        tokens={},
        availability={"gpu": availability},
        stopped=Stopped(**(stopped or {})),
        shelves={} if shelf is None else {"gpu": shelf},
    )
