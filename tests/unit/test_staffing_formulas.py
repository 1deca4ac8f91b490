"""Formulas for crews and spares against values worked out by hand and tables."""

from __future__ import annotations

import math

import pytest

from models.operations.erlang_c import technicians_for_wait, waiting_for_technicians
from models.operations.machine_repair import machine_repair, technicians_for_availability
from models.operations.spare_stock import spare_stock, stock_for_stockouts


def test_two_machines_and_one_technician_share_time_as_by_hand() -> None:
    # Failure 1 a machine, repair 2: p1 = p0 x 2 x 1/2, p2 = p1 x 1/2, so that p = (2, 2, 1)/5.
    found = machine_repair(machines=2, technicians=1, mean_time_between_failures_s=1.0, mean_repair_s=0.5)
    assert found.mean_down == pytest.approx(0.8)
    assert found.availability == pytest.approx(0.6)
    assert found.mean_waiting == pytest.approx(0.2)
    assert found.technician_utilization == pytest.approx(0.6)
    assert found.mean_wait_s == pytest.approx(0.2 / 1.2)


def test_with_a_technician_for_each_machine_nobody_waits() -> None:
    found = machine_repair(machines=2048, technicians=2048, mean_time_between_failures_s=1e6, mean_repair_s=1e4)
    assert found.availability == pytest.approx(1e6 / (1e6 + 1e4), rel=1e-12)
    assert found.mean_wait_s == 0.0


def test_many_machines_wait_like_erlang_c_says() -> None:
    machines, mean_s = 100_000, 1.0
    queue = waiting_for_technicians(technicians=5, orders_per_s=4.0, mean_repair_s=mean_s)
    finite = machine_repair(
        machines=machines, technicians=5, mean_time_between_failures_s=machines / 4.0, mean_repair_s=mean_s
    )
    assert finite.mean_wait_s == pytest.approx(queue.mean_wait_s, rel=5e-3)


def test_erlang_c_of_ten_servers_at_nine_tenths() -> None:
    found = waiting_for_technicians(technicians=10, orders_per_s=9.0, mean_repair_s=1.0)
    assert found.mean_wait_s == pytest.approx(0.66873, abs=1e-5)


def test_the_fewest_technicians_reach_the_target_and_one_fewer_do_not() -> None:
    hall = {"machines": 2048, "mean_time_between_failures_s": 154 * 86400.0, "mean_repair_s": 4 * 3600.0}
    bound = 1.0 / (1.0 + 4.0 / (154 * 24.0))
    target = bound - 1e-5
    count = technicians_for_availability(target, **hall)  # type: ignore[arg-type]
    assert machine_repair(technicians=count, **hall).availability >= target  # type: ignore[arg-type]
    assert machine_repair(technicians=count - 1, **hall).availability < target  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no crew reaches"):
        technicians_for_availability(0.9999, **hall)  # type: ignore[arg-type]
    queue = {"orders_per_s": 2048 / (154 * 86400.0), "mean_repair_s": 4 * 3600.0}
    count = technicians_for_wait(60.0, **queue)
    assert waiting_for_technicians(technicians=count, **queue).mean_wait_s <= 60.0
    assert waiting_for_technicians(technicians=count - 1, **queue).mean_wait_s > 60.0


def test_crews_that_can_not_keep_up_are_refused() -> None:
    with pytest.raises(ValueError, match="less than they can do"):
        waiting_for_technicians(technicians=2, orders_per_s=2.0, mean_repair_s=1.0)
    with pytest.raises(ValueError, match="above 0"):
        machine_repair(machines=2, technicians=0, mean_time_between_failures_s=1.0, mean_repair_s=1.0)


def test_stock_outs_are_poisson_tails() -> None:
    # Five parts on order in the mean: P(X >= 9) = 1 - sum of e^-5 5^k / k! for k to 8.
    tail = 1.0 - sum(math.exp(-5.0) * 5.0**k / math.factorial(k) for k in range(9))
    found = spare_stock(stock=9, demands_per_s=0.5, mean_lead_time_s=10.0)
    assert found.stockout_probability == pytest.approx(tail, rel=1e-12)
    by_hand = sum((k - 9) * math.exp(-5.0) * 5.0**k / math.factorial(k) for k in range(10, 80))
    assert found.mean_backorders == pytest.approx(by_hand, rel=1e-9)
    assert found.mean_wait_s == pytest.approx(by_hand / 0.5, rel=1e-9)


def test_without_stock_every_demand_waits_for_the_whole_lead_time() -> None:
    found = spare_stock(stock=0, demands_per_s=0.01, mean_lead_time_s=500.0)
    assert found.stockout_probability == 1.0
    assert found.mean_wait_s == pytest.approx(500.0)


def test_the_least_stock_keeps_to_the_share_and_one_less_does_not() -> None:
    for load in (0.01, 3.0, 5000.0):
        demand = {"demands_per_s": 1e-3, "mean_lead_time_s": 1e3 * load}
        stock = stock_for_stockouts(0.05, **demand)
        assert spare_stock(stock=stock, **demand).stockout_probability <= 0.05
        assert stock == 0 or spare_stock(stock=stock - 1, **demand).stockout_probability > 0.05
