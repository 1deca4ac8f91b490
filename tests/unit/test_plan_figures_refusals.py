"""What a plan can not be made figures of: the path that is at fault, and the numbers."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from models.nodes.node import Node
from models.problems import InputError
from optimizers.figures.facility_power import module_power
from optimizers.figures.instance_of import instance_of
from optimizers.figures.provenance import provenance
from optimizers.given.hardware import Module
from optimizers.instance.instance import Instance
from optimizers.problem import Problem
from plan_text import PLAN

BARE = Node.model_validate(
    {
        "title": "a node without price",
        "accelerator": {"name": "GPU"},
        "accelerators": 8,
        "cpu_cores": 64,
        "memory": "1 TB",
        "power": {
            "parts": [
                {
                    "name": "accelerators", "count": 8, "follows": "accelerator", "idle_power": "100 W",
                    "peak_power": "1 kW",
                }
            ]
        },
    }
)  # fmt: skip
GANG = {
    "kind": "training", "tokens": 1e11, "accelerators": 64, "by": "2027-Q4", "checkpoint_size": "100 GB",
    "stated": {"h100": {"tokens_per_s": 1e5}},
}  # fmt: skip


def changed(*changes: tuple[str, Any]) -> Problem:
    """The small plan with the values at dotted paths replaced; None takes a key away."""
    plan: dict[str, Any] = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    for path, value in changes:
        place: Any = plan
        *way, last = path.split(".")
        for key in way:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        if value is None:
            del place[last]
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return Problem.model_validate(plan)


def made(*changes: tuple[str, Any]) -> Instance:
    return instance_of(changed(*changes), {"bare": BARE}, name="a test")


def refused(*changes: tuple[str, Any]) -> dict[str, str]:
    """What is refused, by path."""
    with pytest.raises(InputError) as told:
        made(*changes)
    return {each.path: each.message for each in told.value.problems}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ([("skus.h100.node", "dgx-h10")], "plan.skus.h100.node", "nearest: 'dgx-h100'"),
        ([("skus.h100.node", "bare"), ("skus.h100.price", None)], "plan.skus.h100.price", "knows no price of bare"),
        (
            [("skus.h100.node", "bare"), ("caps", {"carbon": "10 t"})],
            "plan.skus.h100.embodied_carbon", "carbon counts in this plan",
        ),
        ([("skus.h100.price", {"2027-Q2": "200 kUSD"})], "plan.skus.h100.price", "nothing is stated for 2027-Q1"),
        ([("skus.h100.supply", 0), ("existing", [])], "plan.skus.h100.supply", "nothing can be ordered"),
        ([("skus.h100.cooling", "liquid")], "plan.skus.h100.cooling", "no module is for liquid-cooled nodes"),
        ([("modules.air.rack_power", "8 kW")], "plan.skus.h100.node", "8.4 kW, and no rack"),
        ([("modules.air.capacity", "8 kW"), ("existing", [])], "plan.skus.h100.node", "no module for air has"),
        ([("modules.air.price", {"2027-Q3": "4 MUSD"})], "plan.modules.air.price", "nothing is stated for 2027-Q1"),
        ([("sites.plains.site", {})], "plan.sites.plains.site.tariff", "energy is not free"),
        ([("caps", {"carbon": "10 t"})], "plan.sites.plains.site.carbon", "carbon counts"),
        ([("caps", {"carbn": 10})], "plan.caps.carbn", "nearest: 'carbon'"),
        ([("caps", {"cost": "10 kg"})], "plan.caps.cost", "10 kg"),
        ([("caps", {"risk": "a tenth"})], "plan.caps.risk", "'a tenth' is no number"),
        ([("caps", {"cost": -5})], "plan.caps.cost", "is -5"),
        ([("objective", "costs")], "plan.objective", "nearest: 'cost'"),
        ([("objective", "water")], "plan.modules.air.facility.pue", "says nothing of it"),
        ([("caps", {"risk": 2})], "plan.caps.risk", "a share is capped at 0 to 1"),
        # Eight nodes of 1904.4 W at a PUE of 1.3.
        (
            [("sites.plains.grid", "19 kW")], "plan.sites.plains.grid",
            "is 0.019 MW in the first quarter; what stands there draws 0.0198058 MW when it does nothing",
        ),
        (
            [("sites.plains.grid", "10 kW"), ("sites.plains.bridging", {
                "power": "3 kW", "rent": "1 kUSD", "fuel": "200 USD/MWh", "carbon": "500 g/kWh", "most": 3,
            })],
            "plan.sites.plains.grid", "beside which it can have 0.009 MW",
        ),
        ([("skus.h100.price", "1e300 USD")], "plan.skus.h100.price", "is 1e+300 USD; allowed: at most 1e+12 USD"),
        ([("sites.plains.grid", {"2027-Q1": "1e300 W"})], "plan.sites.plains.grid.2027-Q1", "at most 1e+13 W"),
        (
            [("demand.experiments.stated.h100.speed", 1e-6), ("demand.experiments.accelerator_hours", 1e12)],
            "plan.demand.experiments", "5.79e+13 nodes of the slowest SKU",
        ),
        ([("sites.plains.grid", {"2027-Q2": "2 MW"})], "plan.sites.plains.grid", "is 0 MW in the first quarter"),
        (
            [("sites.plains.floor", "100 m2"), ("modules.air.floor", "250 m2")],
            "plan.sites.plains.floor", "is 100 m2; the modules that exist take 250 m2",
        ),
        ([("sites.plains.spare_modules", 1)], "plan.existing", "modules there have 0 MW beside 1 spare"),
        (
            [("modules.air.capacity", "68 kW"), ("modules.air.breaker", "80 kW")],
            "plan.existing", "rated 0.0816 MW; the breakers of its modules 0.08 MW",
        ),
        (
            [("fabrics", {"rail": {
                "ports": 32, "largest_gang": 64, "price": "1 MUSD", "lead_quarters": 1, "power": "1 kW", "most": 1,
            }})],
            "plan.existing", "take 64 ports; the networks there have 0",
        ),
        ([("existing.0.age_quarters", 20)], "plan.existing[0].age_quarters", "not below the life of 20"),
        ([("sites.plains.exists", False)], "plan.existing[0].site", "does not exist when the plan begins"),
        ([("demand.experiments.accelerator_hours", 0)], "plan.demand", "is 0 in every quarter"),
        (
            [("demand.experiments.stated", {"other": {"speed": 1}}), ("skus.other", {
                "node": "dgx-b200", "nodes_per_rack": 4, "supply": 1, "lead_quarters": 1, "price": "400 kUSD",
            })],
            "plan.demand.experiments.stated", "says nothing of 'h100'",
        ),
        ([("demand.run", GANG | {"start": "2027-Q4", "by": "2027-Q2"})], "plan.demand.run.start", "no quarter for it"),
        (
            [("demand.run", GANG | {"accelerators": 64, "spare_nodes": 200})],
            "plan.demand.run.accelerators", "208 of h100, of which 128 can be had by 2027-Q4",
        ),
        ([("demand.run", GANG | {"accelerators": 60})], "plan.demand.run", "60 do not make whole nodes of 8"),
        (
            [("demand.chat", {
                "kind": "serving", "requests_per_s": 1, "input_tokens": 100, "output_tokens": 100,
                "model": "deepseek-v3",
            })],
            "plan.demand.chat", "runs on no SKU: h100",
        ),
        (
            [("modules.wet", {
                "facility": {"cooling": {"air": {"kind": "crah", "plant": {"kind": "chilled-water"}}}},
                "cooling": "liquid", "capacity": "1 MW", "racks": 10, "rack_power": "60 kW", "price": "9 MUSD",
                "lead_quarters": 1, "most": 1,
            }), ("sites.plains.site", {
                "tariff": {"kind": "flat", "price": "60 USD/MWh"}, "design": {"dry_bulb": "36 °C", "wet_bulb": "24 °C"},
                "weather": {"kind": "constant", "dry_bulb": "16 °C"},
            })],
            "plan.modules.wet.cooling", "its facility has no coolant",
        ),
        ([("demand.experiments.skus", [])], "plan.demand.experiments.skus", "names no SKU"),
        (
            [("skus.h100.node", "cpu-128-core"), ("existing", [])],
            "plan.demand.experiments", "runs on no SKU: h100: the node has no accelerators",
        ),
        (
            [("security", {"taken": {
                "controls": [{"kind": "encryption-in-transit", "where": "cpu"}],
                "batch": {"moved": {"network": "1 GB/s", "busy_cores": 1.0}},
            }})],
            "plan.security.taken", "no free core for batch work on h100",
        ),
        (
            [("reliability", {"failures": [{"kind": "gpu"}]}), ("maintenance.lean.crew.shifts", [{"technicians": 0}])],
            "plan.maintenance.lean.crew", "no technician is on duty",
        ),
        (
            [("reliability", {"failures": [{"kind": "gpu"}]}),
             ("maintenance.lean.spares", {"gpus": {"per_100_nodes": 1, "price": "30 kUSD"}})],
            "plan.maintenance.lean.spares.gpus", "they take: gpu",
        ),
        (
            [("modules.air.facility", {"cooling": {"air": {"kind": "crah", "plant": {"kind": "chilled-water"}}}})],
            "plan.sites.plains.site.weather", "or state a 'pue'",
        ),
    ],
)  # fmt: skip
def test_it_is_told_where_and_what(changes: list[tuple[str, Any]], path: str, words: str) -> None:
    told = refused(*changes)
    assert words in told.get(path, str(told))
    assert path in told


def test_what_stands_where_the_grid_is_short_may_idle_and_is_noted() -> None:
    note = "plan.sites.plains.grid: is 0.05 MW in the first quarter; nodes stand there that take 0.0672 MW at work"
    assert any(each.startswith(note) for each in made(("sites.plains.grid", "50 kW")).notes)


def test_all_is_to_be_served_unless_a_price_says_what_less_costs() -> None:
    share = "demand.experiments.least_served"
    price = ("demand.experiments.unserved_price", "3 USD")
    assert made().batch[0].least_served == 1.0
    assert made(price).batch[0].least_served == 0.0
    assert made(price, (share, 0.9)).batch[0].least_served == 0.9


def test_every_fault_is_told_at_once() -> None:
    told = refused(("skus.h100.price", {"2027-Q2": "200 kUSD"}), ("sites.plains.site", {}), ("caps", {"carbn": 1}))
    assert set(told) == {"plan.skus.h100.price", "plan.sites.plains.site.tariff", "plan.caps.carbn"}


def test_a_gang_that_no_network_takes_in_one_is_refused() -> None:
    rail = {
        "ports": 512, "largest_gang": 4, "price": "1 MUSD", "lead_quarters": 1, "power": "1 kW", "most": 1,
        "exists": {"plains": 1},
    }  # fmt: skip
    told = refused(("fabrics", {"rail": rail}), ("demand.run", GANG))
    words = "the gang takes at least 8 nodes, and no design of network takes more than 4 in one"
    assert told["plan.demand.run.accelerators"] == words


def test_a_price_is_only_asked_for_where_something_can_be_ordered() -> None:
    found = made(("skus.h100.price", {"2027-Q3": "200 kUSD"}), ("skus.h100.supply", {"2027-Q3": 10}))
    assert found.nodes[0].price_usd.tolist() == [200e3] * 4
    assert found.nodes[0].supply.tolist() == [0, 0, 10, 10]


def test_nothing_can_be_ordered_before_its_release() -> None:
    assert made(("skus.h100.released", "2027-Q2")).nodes[0].supply.tolist() == [0, 10, 10, 10]


def test_caps_are_in_their_objectives_units() -> None:
    carbon = {"kind": "constant", "value": "400 g/kWh"}
    found = made(
        ("caps", {"carbon": "12 t", "cost": "30 MUSD", "risk": 0.05}), ("sites.plains.site.carbon", carbon),
    )  # fmt: skip
    assert found.caps == {"carbon": 12e3, "cost": 30e6, "risk": 0.05}


def test_what_is_left_out_is_noted() -> None:
    notes = made().notes
    assert any("counts no carbon" in text for text in notes)
    assert any("nothing fails in this plan" in text for text in notes)


def test_a_stated_pue_is_a_line_without_error() -> None:
    air = Module.model_validate(
        {
            "facility": {"pue": 1.3}, "cooling": "air", "capacity": "1 MW", "racks": 10, "rack_power": "60 kW",
            "price": "9 MUSD", "lead_quarters": 1, "most": 1,
        }
    )  # fmt: skip
    found = module_power(air, None, None, (2, 3))
    assert (found.fixed_w, found.slope.tolist(), found.largest_error) == (0.0, [[1.3] * 3] * 2, 0.0)


def test_every_figure_says_where_it_comes_from() -> None:
    problem = changed(("reliability", {"failures": [{"kind": "gpu"}, {"kind": "host", "per_year": 0.1}]}))
    found = {each.path: each for each in provenance(problem, {})}
    assert (found["plan.skus.h100.price"].value, found["plan.skus.h100.price"].status) == (230e3, "scenario")
    assert found["plan.skus.h100.dgx-h100.provisioned_power"].status == "measured"
    assert found["plan.demand.experiments.stated.h100.speed"].text == "written in the plan"
    assert found["plan.reliability.failures[0].gpu.mtbf"].status == "measured"
    assert found["plan.reliability.failures[1].host.mtbf"].status == "scenario"
    assert found["plan.maintenance.lean.availability.h100"].status == "derived"
    assert not any(path.startswith("plan.skus.h100.dgx-h100.price") for path in found)
