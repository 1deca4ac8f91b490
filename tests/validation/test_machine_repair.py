"""Simulated crews and shelves against closed forms: M/M/c//N, Erlang C, and Palm's theorem.

Each figure is the mean of independent replicas and lies within two standard errors of the exact one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
import simpy

from models.operations.erlang_c import waiting_for_technicians
from models.operations.machine_repair import machine_repair
from models.operations.operations import Operations
from models.operations.spare_stock import spare_stock
from simulator.engine.settlement import Timeline
from simulator.operations.outage import Outage
from simulator.random_streams import stream
from simulator.repair.accounts import RepairAccounts
from simulator.repair.repairs import Repairs

HOUR_S, DAY_S = 3600.0, 86_400.0
REPLICAS = 20


def crew_of(technicians: int, mean_repair: str, **more: Any) -> Operations:
    """Technicians around the clock who are at once where they are called, and repair in exponential times."""
    crew = {"shifts": [{"technicians": technicians}], "travel": "0 s"}
    repair_time = {"kind": "exponential", "mean": mean_repair}
    return Operations.model_validate({"crews": [crew], "triage": None, "repair_time": repair_time, **more})


def repairs_of(terms: Operations, seed: int) -> tuple[Timeline, Repairs]:
    timeline = Timeline()
    return timeline, Repairs(timeline, terms, start_utc_s=0.0, draws=functools.partial(stream, seed))


def assert_within_two_standard_errors(values: list[float], exact: float, *, precision: float) -> None:
    """The mean of replicas agrees, and two standard errors are no wider than `precision` of the exact value."""
    error = 2.0 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    assert error < precision * exact
    assert float(np.mean(values)) == pytest.approx(exact, abs=error)


def test_availability_of_machines_is_that_of_the_machine_repair_problem() -> None:
    machines, technicians, between_s, repair_s, year_s = 50, 3, 20 * DAY_S, DAY_S, 3 * 365 * DAY_S
    exact = machine_repair(
        machines=machines, technicians=technicians, mean_time_between_failures_s=between_s, mean_repair_s=repair_s
    )
    down_shares, waits_s, utilizations = [], [], []
    for seed in range(REPLICAS):
        timeline, repairs = repairs_of(crew_of(technicians, "1 d"), seed)
        down_s = [0.0]

        def machine(
            number: int, timeline: Timeline, repairs: Repairs, down_s: list[float], seed: int
        ) -> Generator[simpy.Event, None, None]:
            failures = stream(seed, "failures", str(number))
            while True:
                yield timeline.timeout(float(failures.exponential(between_s)))
                outage = Outage("node", str(number), "test", timeline.now)
                yield repairs.request(outage)
                down_s[0] += timeline.now - outage.failed_s

        for number in range(machines):
            timeline.process(machine(number, timeline, repairs, down_s, seed))
        timeline.run(year_s)
        down_s[0] += sum(year_s - order.requested_s for order in repairs.orders if math.isnan(order.restored_s))
        down_shares.append(down_s[0] / (machines * year_s))
        waits_s.append(float(np.mean([order.waited_technician_s for order in repairs.orders])))
        utilizations.append(float(RepairAccounts(repairs, 0.0).kpis(year_s)["technician_utilization"] or 0.0))
    assert_within_two_standard_errors(down_shares, 1.0 - exact.availability, precision=0.05)
    assert_within_two_standard_errors(waits_s, exact.mean_wait_s, precision=0.08)
    assert_within_two_standard_errors(utilizations, exact.technician_utilization, precision=0.02)


def run_with_poisson_orders(
    terms: Operations, seed: int, *, rate_per_s: float, end_s: float, part: str | None = None
) -> Repairs:
    """Repairs that are asked for at the instants of a Poisson process."""
    timeline, repairs = repairs_of(terms, seed)

    def story(ask: Callable[[Outage], simpy.Event]) -> Generator[simpy.Event, None, None]:
        arrivals = stream(seed, "arrivals")
        number = 0
        while True:
            yield timeline.timeout(float(arrivals.exponential(1.0 / rate_per_s)))
            ask(Outage("node", str(number % 64), "test", timeline.now))
            number += 1

    timeline.process(story(lambda outage: repairs.request(outage, part=part)))
    timeline.run(end_s)
    return repairs


def test_orders_wait_for_technicians_as_erlang_c_says() -> None:
    technicians, repair_s, rate_per_s = 4, 3 * HOUR_S, 2.8 / (3 * HOUR_S)
    # An empty hall settles with a time constant of MTTR / (1 - sqrt(load))^2 = 4.7 d: five of them are left out.
    warm_s, end_s = 25 * DAY_S, 105 * DAY_S
    exact = waiting_for_technicians(technicians=technicians, orders_per_s=rate_per_s, mean_repair_s=repair_s)
    waits_s, waited = [], []
    for seed in range(REPLICAS):
        repairs = run_with_poisson_orders(crew_of(technicians, "3 h"), seed, rate_per_s=rate_per_s, end_s=end_s)
        started = [each for each in repairs.orders if each.requested_s > warm_s and not math.isnan(each.began_s)]
        waits_s.append(float(np.mean([order.waited_technician_s for order in started])))
        waited.append(float(np.mean([order.waited_technician_s > 0.0 for order in started])))
    assert_within_two_standard_errors(waits_s, exact.mean_wait_s, precision=0.15)
    assert_within_two_standard_errors(waited, exact.probability, precision=0.08)


@pytest.mark.parametrize(
    "lead_time",
    [
        {"kind": "constant", "value": "10 d"},
        {"kind": "exponential", "mean": "10 d"},
        {"kind": "lognormal", "mean": "10 d", "sigma": 1.0},
    ],
    ids=lambda given: str(given["kind"]),
)
def test_stock_outs_follow_palms_theorem_whatever_the_lead_times_are_like(lead_time: dict[str, Any]) -> None:
    stock, rate_per_s = 8, 0.5 / DAY_S
    exact = spare_stock(stock=stock, demands_per_s=rate_per_s, mean_lead_time_s=10 * DAY_S)
    shelf = {"stock": stock, "lead_time": lead_time, "rma": None}
    terms = crew_of(100, "1 h", spares={"gpu": shelf})
    shares, waits_s = [], []
    for seed in range(REPLICAS):
        repairs = run_with_poisson_orders(terms, seed, rate_per_s=rate_per_s, end_s=1000 * DAY_S, part="gpu")
        gpu = repairs.shelves["gpu"]
        shares.append(gpu.stockouts / gpu.used)
        waits_s.append(gpu.waited_until_s(1000 * DAY_S) / gpu.used)
        assert gpu.used == gpu.bought
        assert gpu.on_hand + gpu.on_order - gpu.waiting == stock
    assert_within_two_standard_errors(shares, exact.stockout_probability, precision=0.3)
    assert_within_two_standard_errors(waits_s, exact.mean_wait_s, precision=0.4)
