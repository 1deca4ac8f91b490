"""What a plan promises, a simulation of it delivers: exactly where nothing is a line in place of a curve."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from models.nodes.node import Node
from optimizers.figures.instance_of import instance_of
from optimizers.problem import Problem
from simulator.proof.bases import ENERGY_BILL
from simulator.proof.proof import Proof
from simulator.proof.proving import prove
from simulator.proof.running import Simulations

EXACT = 1e-6
"""Rounding of the solver: its rows hold to 1e-6."""

NODE = {
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
DAY = [0.2 + 0.035 * hour for hour in range(23)] + [1.0]
"""A demand that rises through the day."""
PLAN: dict[str, Any] = {
    "first_quarter": "2027-Q1",
    "quarters": 2,
    "hours": {"days": 2, "step_hours": 2},
    "sites": {
        "plains": {
            "site": {
                "tariff": {"kind": "flat", "price": "62 USD/MWh"},
                "carbon": {"kind": "constant", "value": "410 g/kWh"},
            },
            "grid": "2 MW",
            "spare_modules": 0,
        }
    },
    "skus": {
        "gpu": {
            "node": "test-node",
            "nodes_per_rack": 4,
            "price": "100 kUSD",
            "supply": 20,
            "lead_quarters": 0,
            "embodied_carbon": "0 kg",
        }
    },
    "existing": [{"site": "plains", "sku": "gpu", "count": 8, "age_quarters": 2}],
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
            "exists": {"plains": 1},
        }
    },
    "maintenance": {"lean": {"crew": {}}},
    "demand": {
        "chat": {
            "kind": "serving",
            "requests_per_s": {"2027-Q1": 30, "2027-Q2": 42},
            "profile": DAY,
            "input_tokens": 1000,
            "output_tokens": 200,
            "stated": {"gpu": {"requests_per_s": 10, "activity": 0.8}},
        },
        "tests": {
            "kind": "batch",
            "accelerator_hours": 9000,
            "stated": {"gpu": {"speed": 1.0, "activity": 0.8}},
        },
        "model": {
            "kind": "training",
            "tokens": 2.0e11,
            "accelerators": 32,
            "by": "2027-Q2",
            "stated": {"gpu": {"tokens_per_s": 20_000, "activity": 0.9}},
            "checkpoint_size": "100 GB",
        },
    },
    "solve": {"gap": 1e-6},
    "proof": {"replicas": 1, "warm_up": "1 d", "week": "2 d", "tolerance": EXACT, "most_rounds": 1},
}


NODES = {"test-node": Node.model_validate(NODE)}


def proof_of(plan: dict[str, Any]) -> Proof:
    """Prove a plan in this process."""
    problem = Problem.model_validate(plan)
    return prove(problem, NODES, name="test", seed=1, simulations=Simulations(Path.cwd(), workers=1))


def test_without_failures_and_lines_a_plan_is_delivered_to_the_last_watt() -> None:
    proof = proof_of(PLAN)
    assert proof.converged
    assert len(proof.rounds) == 1
    rows = {(row.measure, row.work, row.site, row.quarter): row for row in proof.table}
    for row in rows.values():
        assert abs(row.difference) <= EXACT, row
    assert {row.work for row in proof.table if row.measure == "served"} == {"chat", "tests", "model"}
    assert rows["availability", "", "", ""].delivered == 1.0


def test_a_cooled_hall_draws_what_the_plan_says_within_the_error_stated_of_its_lines() -> None:
    plan = copy.deepcopy(PLAN)
    plan["sites"]["plains"]["site"] |= {
        "weather": {"kind": "constant", "dry_bulb": "18 °C", "relative_humidity": 0.6},
        "design": {"dry_bulb": "38 °C", "wet_bulb": "24 °C"},
    }
    plan["modules"]["hall"]["facility"] = {
        "cooling": {"air": {"kind": "crah", "plant": {"kind": "air-cooled-chiller"}}}
    }
    stated = instance_of(Problem.model_validate(plan), NODES, name="test").modules[0].largest_error
    assert 0.0 < stated < 0.02
    proof = proof_of(plan)
    rows = {row.measure: row for row in proof.table if not row.site}
    assert abs(rows["it energy"].difference) <= EXACT
    for row in proof.table:
        of_lines = ("facility energy", "pue", ENERGY_BILL, "carbon", "cost", "peak power")
        allowed = stated if row.measure in of_lines else EXACT
        assert abs(row.difference) <= allowed, row
