"""Repairs told step by step: triage, spares, technicians by skill and shift, hand-overs, remote hands, lemons."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

import pytest

from models.operations.operations import Operations
from models.problems import InputError
from simulator.engine.settlement import Timeline
from simulator.operations.outage import Outage
from simulator.random_streams import stream
from simulator.repair.accounts import RepairAccounts
from simulator.repair.repairs import Repairs
from simulator.repair.work_order import WorkOrder

H = 3600.0
MONDAY_S = datetime(2023, 7, 10, tzinfo=UTC).timestamp()
"""Midnight."""
ALWAYS_TWO_HOURS = {"kind": "constant", "value": "2 h"}
Log = list[tuple[str, float]]


def operations(**given: Any) -> Operations:
    """One technician around the clock with nothing to do but two hours of work, unless something else is given."""
    crew = {"shifts": [{"technicians": 1}], "travel": "0 s"}
    return Operations.model_validate({"crews": [crew], "triage": None, "repair_time": ALWAYS_TWO_HOURS} | given)


def crew(name: str, *shifts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "shifts": shifts or [{"technicians": 1}], "travel": "0 s"} | more


class Told:
    """A run of repairs that writes down which component may come back when, in hours from its start."""

    def __init__(self, terms: Operations) -> None:
        self.timeline = Timeline()
        self.repairs = Repairs(self.timeline, terms, start_utc_s=MONDAY_S, draws=functools.partial(stream, 1))
        self.log: Log = []

    def fails(self, at_h: float, name: str, *, nodes: int = 1, **asked: Any) -> Told:
        def story() -> Any:
            yield self.timeline.at(at_h * H)
            yield self.repairs.request(Outage("node", name, "test", self.timeline.now, nodes=nodes), **asked)
            self.log.append((name, self.timeline.now / H))

        self.timeline.process(story())
        return self

    def run(self, until_h: float = 10_000.0) -> Told:
        self.timeline.run(until_h * H)
        return self

    @property
    def orders(self) -> dict[str, WorkOrder]:
        return {order.outage.name: order for order in self.repairs.orders}


def test_what_stopped_most_nodes_goes_first_and_then_what_came_first() -> None:
    told = Told(operations())
    told.fails(0.0, "a").fails(0.5, "b").fails(0.6, "c").fails(1.0, "rack", nodes=8).run()
    assert told.log == [("a", 2.0), ("rack", 4.0), ("b", 6.0), ("c", 8.0)]
    assert told.orders["b"].waited_technician_s == pytest.approx(3.5 * H)


def test_work_waits_for_who_has_the_skill_and_specialists_go_before_those_who_can_do_all() -> None:
    told = Told(operations(crews=[crew("all"), crew("net", skills=["network"])]))
    told.fails(0.0, "link", skill="network").fails(0.0, "gpu", skill="hardware").fails(1.0, "host", skill="hardware")
    assert told.run().log == [("link", 2.0), ("gpu", 2.0), ("host", 4.0)]
    assert told.orders["link"].crew == "net" and told.orders["host"].crew == "all"


def test_work_beyond_a_shift_is_handed_over_where_it_stood() -> None:
    day = crew("day", {"technicians": 2, "hours": "08:00-16:00"}, travel="15 min")
    told = Told(operations(crews=[day])).fails(15.0, "a").fails(20.0, "b").run()
    # From 15:15 to 16:00 three quarters of an hour are done; the rest and the way begin at 8:00 the next day.
    assert told.log == [("a", 24 + 8 + 0.25 + 1.25), ("b", 24 + 8 + 0.25 + 2.0)]
    order = told.orders["a"]
    assert order.waited_technician_s == pytest.approx(16 * H)
    assert order.worked_s == pytest.approx(2.5 * H)
    assert order.began_s == 15 * H


def test_who_finishes_stays_on_and_is_paid_for_it() -> None:
    day = crew("day", {"technicians": 1, "hours": "08:00-16:00"}, at_shift_end="finish", hourly_cost="100 USD")
    told = Told(operations(crews=[day])).fails(15.0, "a").run(24.0)
    assert told.log == [("a", 17.0)]
    (duty,) = told.repairs.dispatch.duties
    accounts = RepairAccounts(told.repairs, MONDAY_S)
    assert accounts.kpis(24 * H)["technician_utilization"] == pytest.approx(2.0 / 9.0)
    assert duty.overtime_s == H
    assert accounts.operating_usd(24 * H) == {"technicians": pytest.approx(8 * 1.2 * 100 + 100)}


def test_the_least_urgent_is_handed_over_where_fewer_stay_on() -> None:
    shifts = {"technicians": 1}, {"technicians": 1, "hours": "08:00-16:00"}
    told = Told(operations(crews=[crew("all", *shifts)])).fails(15.0, "a").fails(15.5, "rack", nodes=8).run()
    assert told.log == [("rack", 17.5), ("a", 18.5)]


def test_nobody_on_duty_at_the_weekend() -> None:
    weekdays = crew("day", {"technicians": 1, "weekdays": ["mon", "tue", "wed", "thu", "fri"]})
    assert Told(operations(crews=[weekdays])).fails(5 * 24 + 1.0, "a").run().log == [("a", 7 * 24 + 2.0)]


def test_remote_hands_come_where_no_technician_does() -> None:
    lent = {"call_after": "1 h", "delay": "30 min", "hourly_cost": "300 USD"}
    told = Told(operations(remote_hands=lent)).fails(0.0, "a").fails(0.5, "b").run()
    assert told.log == [("a", 2.0), ("b", 0.5 + 1.0 + 0.5 + 2.0)]
    assert told.orders["b"].crew == "remote hands"
    assert told.repairs.dispatch.remote_usd == 600.0


def test_a_reset_cures_what_is_not_broken_and_only_delays_what_is() -> None:
    triage = {"time": {"kind": "constant", "value": "15 min"}, "reset": {"time": "15 min", "cures": 1}}
    told = Told(operations(triage=triage))
    told.fails(0.0, "hung", permanent=False).fails(0.0, "slow", permanent=False, repair_s=0.75 * H)
    told.fails(0.0, "broken", part="gpu").run()
    assert told.log == [("hung", 0.5), ("slow", 1.0), ("broken", 2.5)]
    assert told.orders["hung"].reset and not told.orders["broken"].reset
    assert [order.part for order in told.repairs.orders] == [None, None, "gpu"]
    assert told.orders["hung"].outage.repair_began_s == 0.25 * H
    assert not told.orders["hung"].outage.permanent and told.orders["broken"].outage.permanent


def test_repair_times_of_a_part_go_before_those_of_the_failure_mode_and_these_before_the_default() -> None:
    times = {"gpu": {"kind": "constant", "value": "3 h"}}
    told = Told(operations(repair_times=times, crews=[crew("a", {"technicians": 9})]))
    told.fails(0.0, "gpu", part="gpu", repair_s=H).fails(0.0, "nic", part="nic", repair_s=H).fails(0.0, "any").run()
    assert told.log == [("nic", 1.0), ("any", 2.0), ("gpu", 3.0)]


def test_an_empty_shelf_keeps_repairs_waiting_until_the_order_comes() -> None:
    shelf = {"stock": 1, "lead_time": {"kind": "constant", "value": "10 h"}, "rma": None, "price": "30 kUSD"}
    told = Told(operations(spares={"gpu": shelf}, crews=[crew("a", {"technicians": 9})]))
    told.fails(0.0, "a", part="gpu").fails(1.0, "b", part="gpu").fails(4.0, "c", part="gpu").run(100.0)
    assert told.log == [("a", 2.0), ("b", 12.0), ("c", 13.0)]
    gpu = told.repairs.shelves["gpu"]
    assert (gpu.used, gpu.bought, gpu.stockouts, gpu.on_hand) == (3, 3, 2, 1)
    accounts = RepairAccounts(told.repairs, MONDAY_S)
    assert accounts.kpis(100 * H)["spare_stockouts"] == 2
    assert accounts.operating_usd(100 * H)["spares"] == 90_000.0
    spares = accounts.tables(100 * H)["spares"].to_pylist()
    assert spares[0]["wait_mean_s"] == pytest.approx((9 + 7) * H / 3)
    waits = accounts.tables(100 * H)["work_orders"].column("spare_wait_s").to_pylist()
    assert waits == [0.0, 9 * H, 7 * H]


def test_a_reorder_point_fills_the_shelf_up_in_one_order() -> None:
    shelf = {"stock": 3, "reorder_point": 1, "lead_time": {"kind": "constant", "value": "10 h"}, "rma": None}
    told = Told(operations(spares={"nic": shelf}, crews=[crew("a", {"technicians": 9})]))
    told.fails(0.0, "a", part="nic").run(1.0)
    nic = told.repairs.shelves["nic"]
    assert (nic.on_hand, nic.on_order) == (2, 0)
    told.fails(2.0, "b", part="nic").run(3.0)
    assert (nic.on_hand, nic.on_order) == (1, 2)
    assert told.run(12.5).repairs.shelves["nic"].on_hand == 3


def test_broken_parts_under_warranty_come_back_after_business_days() -> None:
    shelf = {"stock": 1, "rma": {"advance": True, "handling": "80 USD"}}
    told = Told(operations(spares={"gpu": shelf}, crews=[crew("a", {"technicians": 9})]))
    told.fails(4 * 24.0, "friday", part="gpu").fails(4 * 24 + 1.0, "later", part="gpu").run()
    assert told.log == [("friday", 98.0), ("later", 7 * 24 + 2.0)]
    gpu = told.repairs.shelves["gpu"]
    assert (gpu.bought, gpu.returned, gpu.cost_usd) == (0, 2, 160.0)


def test_a_node_that_fails_too_often_is_replaced_and_its_count_begins_anew() -> None:
    lemons = {"failures": 3, "window": "30 h", "time": {"kind": "constant", "value": "5 h"}}
    told = Told(operations(lemons=lemons, repair_time={"kind": "constant", "value": "1 h"}))
    renewed: list[tuple[str, str]] = []
    told.repairs.when_renewed.append(lambda kind, name: renewed.append((kind, name)))
    for at_h in (0.0, 10.0, 20.0, 30.0, 100.0):
        told.fails(at_h, "bad", permanent=False)
    told.run()
    assert [h for _, h in told.log] == [1.0, 11.0, 25.0, 31.0, 101.0]
    assert [order.lemon for order in told.repairs.orders] == [False, False, True, False, False]
    assert told.repairs.orders[2].part == "node" and told.repairs.orders[2].outage.permanent
    assert renewed == [("node", "bad")]


def test_failures_far_apart_make_no_lemon() -> None:
    told = Told(operations(lemons={"failures": 2, "window": "30 h"})).fails(0.0, "a").fails(31.0, "a").run()
    assert [order.lemon for order in told.repairs.orders] == [False, False]


def test_a_skill_that_nobody_has_is_refused_where_it_is_asked_for() -> None:
    told = Told(operations(crews=[crew("net", skills=["network"])]))
    with pytest.raises(InputError, match=r"operations.crews: no crew with a technician has the skill 'hardware'"):
        told.repairs.request(Outage("node", "a", "test", 0.0), skill="hardware")


def test_repairs_that_still_wait_at_the_end_are_told() -> None:
    told = Told(operations(spares={"gpu": {"stock": 0, "rma": None}})).fails(0.0, "a", part="gpu").run(1.0)
    notes = RepairAccounts(told.repairs, MONDAY_S).notes(H)
    assert "1 work orders still waited for a spare or a technician at the run's end" in notes
    assert "spares without a price were bought and cost nothing here: gpu" in notes
    order = RepairAccounts(told.repairs, MONDAY_S).tables(H)["work_orders"].to_pylist()[0]
    assert order["spare_wait_s"] == H and order["restored_s"] is None


def test_a_components_draws_do_not_depend_on_what_else_fails() -> None:
    times = {"kind": "lognormal", "median": "2 h", "sigma": 0.5}
    alone = Told(operations(repair_time=times, crews=[crew("a", {"technicians": 9})])).fails(0.0, "a").run()
    among = Told(operations(repair_time=times, crews=[crew("a", {"technicians": 9})]))
    among.fails(0.0, "b").fails(0.0, "a").fails(0.0, "c").run()
    assert dict(among.log)["a"] == dict(alone.log)["a"]
