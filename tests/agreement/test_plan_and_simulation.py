"""What a plan promises, a simulation of it delivers: exactly where nothing is a line in place of a curve."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from models.nodes.node import Node
from optimizers.figures.instance_of import instance_of
from optimizers.problem import Problem
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


def test_panels_batteries_rented_units_and_a_contract_give_what_the_plan_says() -> None:
    plan = copy.deepcopy(PLAN)
    del plan["demand"]["model"]  # It trains for a part of the quarter, which a plan's mean hours can not tell.
    plan["hours"] = {"days": 1}
    plains = plan["sites"]["plains"]
    plains["site"]["tariff"] = {
        "kind": "time-of-use",
        "zone": "Etc/UTC",
        "default": "60 USD/MWh",
        "periods": [{"hours": "16:00-20:00", "price": "300 USD/MWh"}],
        "demand": [{"price": "9 USD/kW", "interval": "60 min"}],
    }
    output = [0.0] * 7 + [0.2, 0.5, 0.7, 0.8, 0.8, 0.7] + [0.0] * 11
    plains |= {
        "grid": {"2027-Q1": "8 kW", "2027-Q2": "60 kW"},
        "battery": {"energy": "40 kWh", "power": "10 kW", "price": "3 kUSD", "most": 2},
        "photovoltaics": {"power": "6 kW", "price": "3 kUSD", "most": 2, "output": output},
        "power_purchase": {"most": "20 kW", "strike": "70 USD/MWh"},
        "bridging": {"power": "15 kW", "rent": "900 USD", "fuel": "150 USD/MWh", "carbon": "700 g/kWh", "most": 2},
    }
    proof = proof_of(plan)
    assert proof.converged
    found = proof.best_plan
    assert found is not None
    bought = {each.kind for each in found.decisions}
    assert {"battery", "photovoltaics", "power-purchase", "bridging"} <= bought
    for row in proof.table:
        assert abs(row.difference) <= EXACT, row
    rows = {row.measure: row for row in proof.table if not row.site}
    # What the proof counts as planned is the plan's own account.
    assert rows["grid energy"].planned == pytest.approx(sum(each.grid_energy_kwh for each in found.site_quarters))
    assert rows["carbon"].planned == pytest.approx(sum(each.carbon_kg for each in found.site_quarters))
    assert rows["energy bill"].planned == pytest.approx(sum(each.energy_usd for each in found.site_quarters))
    assert rows["power fed"].delivered == 1.0
    assert rows["peak power"].planned == pytest.approx(max(each.grid_peak_kw for each in found.site_quarters))


def test_modules_in_service_without_nodes_draw_what_they_draw_from_the_site() -> None:
    plan = copy.deepcopy(PLAN)
    del plan["demand"]["model"]
    plan["hours"] = {"days": 1}
    plains = plan["sites"]["plains"]
    plains["site"] |= {
        "weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.3},
        "design": {"dry_bulb": "31 °C", "wet_bulb": "22 °C"},
    }
    output = [0.0] * 7 + [0.2, 0.5, 0.7, 0.8, 0.8, 0.7] + [0.0] * 11
    plains["photovoltaics"] = {"power": "60 kW", "price": "1 kUSD", "most": 2, "output": output}
    air = {"kind": "crah", "plant": {"kind": "chilled-water"}}
    liquid = {"captured": 0.8, "supply": "40 °C", "plant": {"kind": "dry-cooler"}}
    cooling = {"supply_air": "24 °C", "air": air, "liquid": liquid}
    plan["modules"]["wet"] = plan["modules"]["hall"] | {"cooling": "liquid", "facility": {"cooling": cooling}}
    proof = proof_of(plan)
    assert proof.converged
    found = proof.best_plan
    assert found is not None
    rows = {row.measure: row for row in proof.table if not row.site}
    assert rows["grid energy"].planned == pytest.approx(sum(each.grid_energy_kwh for each in found.site_quarters))
    facility_kwh = sum(each.facility_energy_kwh for each in found.site_quarters)
    assert rows["facility energy"].planned == pytest.approx(facility_kwh)
    assert facility_kwh > 1.5 * rows["it energy"].planned
    assert rows["energy bill"].planned == pytest.approx(sum(each.energy_usd for each in found.site_quarters))


def test_every_future_that_is_asked_for_is_delivered() -> None:
    plan = copy.deepcopy(PLAN)
    plan["futures"] = [
        {"name": "as planned", "probability": 0.6},
        {"name": "busy", "probability": 0.4, "demand_factor": 1.1},
    ]
    plan["proof"]["futures"] = "all"
    proof = proof_of(plan)
    assert proof.converged
    for row in proof.table:
        assert abs(row.difference) <= EXACT or not row.decides, row
    asked = {
        row.future: row.planned for row in proof.table if (row.measure, row.work, row.site) == ("served", "chat", "")
    }
    assert asked["busy"] == pytest.approx(1.1 * asked["as planned"])
    assert [row.future for row in proof.table if row.measure == "cost"] == [""]
    assert not any("futures" in note for note in proof.notes)
    assert proof.rounds[0].simulations == 4


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
        of_lines = ("facility energy", "pue", "energy bill", "carbon", "cost", "peak power")
        allowed = stated if row.measure in of_lines else EXACT
        assert abs(row.difference) <= allowed, row
