"""What a maintenance tier and a security level give and cost."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from models import catalog
from models.operations.machine_repair import machine_repair
from models.operations.operations import Operations
from models.operations.spare_stock import spare_stock
from models.reliability.reliability import Reliability
from optimizers.derates import Derates
from optimizers.figures.instance_of import instance_of
from optimizers.figures.node_figures import node_figures
from optimizers.figures.rates import class_rates, population
from optimizers.figures.repairs import left_out, repairs
from optimizers.given.maintenance import MaintenanceTier
from optimizers.instance.instance import Instance
from optimizers.problem import Problem
from optimizers.refusals import Refusals
from plan_text import PLAN

H100 = catalog.entry("nodes", "dgx-h100")
YEAR_S = 365.25 * 86_400.0
BROKEN = {
    "kind": "host", "per_year": 2.0, "permanent": 1.0, "repair": {"kind": "constant", "value": "5 h"},
    "detection": {"at_once": 1.0},
}  # fmt: skip
"""Two failures of a node and year, all of which break something."""
AFAR_S, TRAVEL_S = 15 * 60.0, 15 * 60.0
"""Diagnosis and the reset that is tried; technicians' way: the defaults of `operations`."""


def reliability(*modes: dict[str, Any], **given: Any) -> Reliability:
    return Reliability.model_validate({"failures": list(modes), **given})


def tier(technicians: int = 1, **given: Any) -> MaintenanceTier:
    return MaintenanceTier.model_validate({"crew": {"shifts": [{"technicians": technicians}]}} | given)


def instance(derates: Derates | None = None, **given: Any) -> Instance:
    plan = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    return instance_of(Problem.model_validate(plan | given), {}, name="a test", derates=derates or Derates())


def test_defaults_of_operations_are_those_that_this_file_counts_with() -> None:
    terms = Operations()
    assert terms.triage is not None and terms.triage.reset is not None
    assert terms.triage.time.expected() + terms.triage.reset.time == AFAR_S
    assert terms.crews[0].travel == TRAVEL_S


def test_a_node_is_down_for_triage_the_wait_and_the_work() -> None:
    found = repairs(tier(technicians=1000), reliability(BROKEN), H100, nodes=10, nodes_per_rack=4)
    down = 2.0 * (AFAR_S + TRAVEL_S + 5 * 3600.0) / YEAR_S
    assert found.availability == pytest.approx(1.0 / (1.0 + down), rel=1e-9)


def test_nodes_wait_for_technicians_as_machines_do() -> None:
    found = repairs(tier(), reliability(BROKEN), H100, nodes=500, nodes_per_rack=4)
    queue = machine_repair(
        machines=500, technicians=1, mean_time_between_failures_s=YEAR_S / 2.0, mean_repair_s=TRAVEL_S + 5 * 3600.0
    )
    assert found.wait_s == pytest.approx(queue.mean_wait_s)
    assert found.technician_utilization == pytest.approx(queue.technician_utilization)
    more = repairs(tier(technicians=2), reliability(BROKEN), H100, nodes=500, nodes_per_rack=4)
    assert more.availability > found.availability


def test_a_crew_of_eight_hours_takes_three_times_as_long_for_its_work() -> None:
    shifts = [{"technicians": 1, "hours": "08:00-16:00"}]
    found = repairs(tier(crew={"shifts": shifts}), reliability(BROKEN), H100, nodes=1, nodes_per_rack=4)
    down = 2.0 * (AFAR_S + 3.0 * (TRAVEL_S + 5 * 3600.0)) / YEAR_S
    assert found.availability == pytest.approx(1.0 / (1.0 + down), rel=1e-3)


def test_nobody_on_duty_repairs_nothing() -> None:
    with pytest.raises(ValueError, match="no technician is on duty"):
        repairs(tier(technicians=0), reliability(BROKEN), H100, nodes=1, nodes_per_rack=4)


def test_resets_cure_nine_in_ten_of_what_is_not_broken() -> None:
    passing = BROKEN | {"permanent": 0.0}
    found = repairs(tier(technicians=1000), reliability(passing), H100, nodes=10, nodes_per_rack=4)
    hands_s = TRAVEL_S + Operations().repair_time.expected()
    down = 2.0 * (AFAR_S + 0.1 * hands_s) / YEAR_S
    assert found.availability == pytest.approx(1.0 / (1.0 + down), rel=1e-9)


def test_nodes_wait_for_parts_that_are_not_on_the_shelf() -> None:
    spares = {"host": {"per_100_nodes": 5, "price": "20 kUSD", "lead_time": "30 d"}}
    with_shelf = repairs(tier(technicians=1000, spares=spares), reliability(BROKEN), H100, nodes=200, nodes_per_rack=4)
    always = repairs(tier(technicians=1000), reliability(BROKEN), H100, nodes=200, nodes_per_rack=4)
    demands_per_s = 2.0 / YEAR_S
    wait_s = spare_stock(
        stock=10, demands_per_s=with_shelf.availability * 200 * demands_per_s, mean_lead_time_s=30 * 86_400.0
    ).mean_wait_s
    assert with_shelf.part_wait_s == {"host": pytest.approx(wait_s)}
    added = 1.0 / with_shelf.availability - 1.0 / always.availability
    assert added == pytest.approx(demands_per_s * wait_s, rel=1e-9)
    more = repairs(
        tier(technicians=1000, spares=spares), reliability(BROKEN), H100, nodes=200, nodes_per_rack=4,
        spares_factor={"host": 3.0},
    )  # fmt: skip
    assert with_shelf.availability < more.availability <= always.availability


def test_racks_take_their_nodes_out_and_neighbours_fall_together() -> None:
    rack = {
        "kind": "rack",
        "per_year": 2.0,
        "permanent": 1.0,
        "repair": BROKEN["repair"],
        "detection": {"at_once": 1.0},
    }
    alone = repairs(tier(technicians=1000), reliability(BROKEN), H100, nodes=10, nodes_per_rack=4)
    racks = repairs(tier(technicians=1000), reliability(rack), H100, nodes=10, nodes_per_rack=4)
    assert racks.availability == pytest.approx(alone.availability, rel=1e-9)
    common = reliability(BROKEN, common_cause={"share": 0.5, "each": 1.0})
    together = repairs(tier(technicians=1000), common, H100, nodes=10, nodes_per_rack=4)
    # Half of the failures take the three neighbours too: 1 + 0.5 x 3 times as many.
    ratio = (1.0 / together.availability - 1.0) / (1.0 / alone.availability - 1.0)
    assert ratio == pytest.approx(2.5, rel=1e-6)


def test_what_availability_leaves_out_is_told() -> None:
    assert "nothing fails" in left_out(None)[0]
    assert "failures of a switch" in left_out(reliability({"kind": "switch", "per_year": 1.0}))[0]
    assert left_out(reliability(BROKEN)) == ()


def asked(**given: Any) -> int:
    """The nodes that crews are held against, where one node does an accelerator-hour in 1/8 h."""
    plan = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    problem = Problem.model_validate(plan | given)
    refusals = Refusals()
    figures = node_figures(problem, {"h100": H100})
    return population(problem, figures, class_rates(problem, {"h100": H100}, figures, refusals))


def test_a_crew_is_held_against_the_nodes_that_the_greatest_demand_takes() -> None:
    # 160,000 accelerator-hours in the 2208 hours of a quarter on 8 of each node: 9.06 nodes.
    assert asked() == 10
    futures = [{"name": "a", "probability": 0.5}, {"name": "b", "probability": 0.5, "demand_factor": 3.0}]
    assert asked(futures=futures) == 28
    stands = [{"site": "plains", "sku": "h100", "count": 40, "age_quarters": 2}]
    assert asked(existing=stands) == 40
    # No more than can ever stand there: 8 and three quarters of 10 batches of 4.
    greedy = {"kind": "batch", "accelerator_hours": 1e9, "stated": {"h100": {"speed": 1}}}
    assert asked(demand={"greedy": greedy}) == 128


def test_people_parts_and_contracts_come_to_money() -> None:
    lean = {
        "crew": {"shifts": [{"technicians": 1}], "hourly_cost": "75 USD", "relief": 1.2},
        "spares": {"host": {"per_100_nodes": 4, "price": "30 kUSD"}},
        "contract_per_node": "8 kUSD",
    }
    failing = {"failures": [{"kind": "host"}]}
    found = instance(maintenance={"lean": lean}, reliability=failing).modes[0]
    assert found.name == "lean, none"
    assert found.maintenance_usd == pytest.approx(788_940 / 4)
    assert found.maintenance_usd_per_node.tolist() == [2000.0]
    assert found.spares_usd_per_node == pytest.approx([1200.0])
    assert found.spares_per_node == pytest.approx([1200.0 / 230e3])
    twice = instance(Derates(spares={("lean", "host"): 2.0}), maintenance={"lean": lean}, reliability=failing).modes[0]
    assert twice.spares_usd_per_node == pytest.approx([2400.0])


def test_incidents_cost_availability_and_controls_cost_money() -> None:
    levels = {"open": {"incidents": [{"kind": "ransomware"}]}, "strong": {"level": "strong"}}
    open_mode, strong = instance(security=levels).modes
    assert open_mode.availability[0] < strong.availability[0]
    assert open_mode.security_usd == 0.0 < strong.security_usd
    assert strong.security_usd_per_node[0] > 0.0
