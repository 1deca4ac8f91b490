"""Shifting: deferrable jobs wait for cheap or clean hours, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.problems import InputError
from models.series import Series
from models.units import quantity
from simulator.engine import state as layout
from simulator.results.result import Result
from simulator.scheduling.easy_backfill import EasyBackfill
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.policy import SchedulingPolicy
from simulator.scheduling.shifting import Shifting
from simulator.simulation import simulate

BOX = node(cores=4)
HOUR_S = 3600.0
DAY = Shifting(signal="price", patience=quantity("1 d"))


def prices(*values: float) -> Series:
    return Series("energy_price", "USD/J", 0, 3600, np.array(values, dtype=np.float64))


def shifted(series: Series, *jobs: Job, policy: SchedulingPolicy = DAY, nodes: int = 1) -> Hall:
    return Hall(fleet([BOX] * nodes), workload(*jobs), policy, signals=(series,)).run()


def lasting(submit_s: float, hours: float, **given: Any) -> Job:
    return Job(submit_s, hours * HOUR_S, estimate_s=hours * HOUR_S, **given)


def starts_h(hall: Hall) -> list[float]:
    return [start_s / HOUR_S for start_s in hall.starts_s.values()]


def test_a_job_starts_where_the_mean_over_its_estimate_is_least() -> None:
    series = prices(5, 4, 1, 6, 3, 2, 2, 9, 9, 9)
    assert starts_h(shifted(series, lasting(0, 1))) == [2.0]
    assert starts_h(shifted(series, lasting(0, 3))) == [4.0]  # 3 + 2 + 2, though the cheapest hour is another


def test_of_starts_that_cost_the_same_it_takes_the_first() -> None:
    assert starts_h(shifted(prices(5, 2, 7, 2, 9), lasting(0, 1))) == [1.0]


def test_nobody_is_held_beyond_patience() -> None:
    series = prices(9, 8, 7, 6, 5, 4, 3, 2)
    two = Shifting(signal="price", patience=quantity("2.5 h"))
    assert starts_h(shifted(series, lasting(0, 1), policy=two)) == [2.0]
    short = Shifting(signal="price", patience=quantity("30 min"))
    assert starts_h(shifted(series, lasting(600, 1), policy=short)) == [pytest.approx(600 / 3600)]


def test_beyond_the_known_signal_nobody_waits() -> None:
    assert starts_h(shifted(prices(1, 5), lasting(9000, 1))) == [2.5]


def test_a_price_that_is_low_enough_is_not_waited_below() -> None:
    series = prices(9e-8, 4e-8, 1e-8)
    policy = Shifting(signal="price", patience=quantity("1 d"), price_below=quantity("150 USD/MWh"))
    assert starts_h(shifted(series, lasting(0, 1), policy=policy)) == [1.0]
    in_vain = Shifting(signal="price", patience=quantity("1 d"), price_below=quantity("10 USD/MWh"))
    assert starts_h(shifted(series, lasting(0, 1), policy=in_vain)) == [0.0]


def test_what_saves_too_little_is_not_waited_for() -> None:
    series = prices(100, 60, 50, 49, 48, 47, 90)
    tenth = Shifting(signal="price", patience=quantity("1 d"), least_saving=0.1)
    assert starts_h(shifted(series, lasting(0, 1))) == [5.0]
    assert starts_h(shifted(series, lasting(0, 1), policy=tenth)) == [2.0]  # 47 is 6 % below 50, 22 % below 60


def test_jobs_above_the_priority_do_not_wait() -> None:
    policy = Shifting(signal="price", patience=quantity("1 d"), priority_at_most=0)
    hall = shifted(prices(5, 1, 9), lasting(0, 1, priority=1), lasting(0, 1, priority=0), policy=policy, nodes=2)
    assert starts_h(hall) == [0.0, 1.0]


def test_who_is_held_does_not_hold_up_the_line() -> None:
    hall = shifted(prices(5, 5, 1, 9), lasting(0, 1), lasting(0, 12, priority=3), nodes=2)
    other = Shifting(signal="price", patience=quantity("1 d"), priority_at_most=2)
    assert starts_h(hall)[0] == 2.0
    assert starts_h(shifted(prices(5, 5, 1, 9), lasting(0, 1), lasting(0, 1, priority=3), policy=other)) == [2.0, 0.0]


def test_who_finds_no_room_in_the_cheap_hour_waits_for_the_next() -> None:
    series = prices(5, 1, 8, 8, 2, 8, 8)
    # Both want 01:00 on one node; the second is held again at 02:00, until 04:00.
    assert starts_h(shifted(series, lasting(0, 1), lasting(0, 1))) == [1.0, 4.0]


def test_released_jobs_start_in_order_of_submission() -> None:
    hall = shifted(prices(5, 5, 1, 1, 1, 9, 9), lasting(0, 1), lasting(1800, 1), lasting(5400, 1))
    assert starts_h(hall) == [2.0, 3.0, 4.0]


def test_a_job_that_was_interrupted_is_not_held_again() -> None:
    jobs = (lasting(0, 3),)
    hall = Hall(fleet([BOX, BOX]), workload(*jobs), DAY, signals=(prices(1, 1, 1, 9, 1, 1, 1, 9),))
    hall.at(HOUR_S, lambda batch: batch.retire([0], drain=False)).run()
    assert hall.of_jobs("start_s")["a"] == HOUR_S


@pytest.mark.parametrize("order", ["fcfs", "easy"])
def test_one_price_at_all_times_changes_nothing(order: str) -> None:
    draws = np.random.default_rng(5)
    jobs = [
        Job(float(draws.uniform(0, 40_000)), float(draws.uniform(60, 9000)), tasks=int(draws.integers(1, 4)))
        for _ in range(150)
    ]
    plain: SchedulingPolicy = FirstComeFirstServed() if order == "fcfs" else EasyBackfill()
    policy = Shifting(signal="price", patience=quantity("1 d"), order=order)  # type: ignore[arg-type]
    series = prices(*[0.1 / 3.6e6] * 100)
    base = Hall(fleet([BOX] * 4), workload(*jobs), plain).run()
    hall = Hall(fleet([BOX] * 4), workload(*jobs), policy, signals=(series,)).run()
    for name in ("first_start_s", "end_s", "energy_j", "first_node"):
        assert hall.state.jobs[name].tobytes() == base.state.jobs[name].tobytes()
    assert hall.state.hall_buckets.tobytes() == base.state.hall_buckets.tobytes()
    assert hall.change_points == base.change_points


@pytest.mark.parametrize("order", ["fcfs", "easy"])
def test_held_jobs_all_end_and_energy_is_whole(order: str) -> None:
    draws = np.random.default_rng(6)
    jobs = [
        lasting(float(draws.uniform(0, 80_000)), float(draws.uniform(0.1, 6)), tasks=int(draws.integers(1, 4)))
        for _ in range(150)
    ]
    policy = Shifting(signal="price", patience=quantity("12 h"), order=order)  # type: ignore[arg-type]
    series = prices(*draws.uniform(-1, 9, 24))
    base = Hall(fleet([BOX] * 6), workload(*jobs), FirstComeFirstServed()).run()
    hall = Hall(fleet([BOX] * 6), workload(*jobs), policy, signals=(series,)).run()
    assert set(hall.of_jobs("status").values()) == {layout.COMPLETED}
    assert hall.state.jobs["energy_j"].sum() == pytest.approx(base.state.jobs["energy_j"].sum(), rel=1e-9)
    assert_energy_is_whole(hall)


SCENARIO = """\
start: 2023-01-02T00:00:00Z
fleet: {groups: [{name: all, node: box, count: 8}]}
nodes:
  box:
    cpu_cores: 4
    memory: 64 GiB
    power:
      clock_exponent: {value: 2, source: a test, status: assumption}
      parts: [{name: cpu, follows: processor, idle_power: 100 W, peak_power: 400 W}]
workload:
  kind: list
  jobs:
    - {name: night, duration: 2 h, tasks: 4, submit: 18 h, estimate: 2 h}
    - {name: day, duration: 3 h, tasks: 4, submit: 10 h, estimate: 3 h}
    - {name: urgent, duration: 1 h, submit: 17 h, priority: 5}
facility: {pue: 1.2}
"""
TARIFF = """\
site:
  tariff:
    kind: time-of-use
    zone: UTC
    periods: [{hours: "08:00-22:00", price: 200 USD/MWh}]
    default: 50 USD/MWh
"""
SHIFTING = "scheduling: {kind: shifting, signal: price, patience: 14 h, priority_at_most: 0}\n"


def run(folder: Path, *sections: str) -> Result:
    path = folder / "hall.yaml"
    path.write_text(SCENARIO + "".join(sections))
    return simulate(path)


def test_cost_falls_and_waiting_grows(tmp_path: Path) -> None:
    plain, held = run(tmp_path, TARIFF, "until: 2 d\n"), run(tmp_path, TARIFF, "until: 2 d\n", SHIFTING)
    starts_s = dict(zip(held.jobs["job"], held.jobs["start_s"], strict=True))
    assert starts_s == {"night": 22 * HOUR_S, "day": 22 * HOUR_S, "urgent": 17 * HOUR_S}
    assert held.kpis["jobs_completed"] == plain.kpis["jobs_completed"] == 3
    assert held.kpis["it_energy_kwh"] == pytest.approx(plain.kpis["it_energy_kwh"])
    # 4 nodes x 300 W above idle x 5 h, times PUE, moved from 200 to 50 USD/MWh.
    saved_usd = 4 * 0.3 * 5 * 1.2 * 0.15
    assert plain.kpis["energy_cost_usd"] - held.kpis["energy_cost_usd"] == pytest.approx(saved_usd)  # type: ignore[operator]
    assert held.kpis["wait_mean_s"] == pytest.approx((4 + 12) * HOUR_S / 3)
    assert held.kpis["makespan_s"] > plain.kpis["makespan_s"]  # type: ignore[operator]


def test_without_a_stated_end_the_run_ends_with_its_last_job(tmp_path: Path) -> None:
    result = run(tmp_path, TARIFF, SHIFTING)
    assert result.status == "complete"
    assert result.kpis["simulated_s"] == 25 * HOUR_S


def test_jobs_wait_for_clean_hours(tmp_path: Path) -> None:
    lines = [f"2023-01-{2 + hour // 24:02d}T{hour % 24:02d}:00Z,{400 if hour < 20 else 100}" for hour in range(96)]
    (tmp_path / "grid.csv").write_text("\n".join(["time_utc,carbon_intensity_g_per_kwh", *lines]))
    site = "site: {carbon: {kind: hourly, file: grid.csv}}\n"
    held = run(tmp_path, site, "scheduling: {kind: shifting, signal: carbon, patience: 1 d}\n")
    assert held.jobs["start_s"].tolist() == [20 * HOUR_S, 20 * HOUR_S, 21 * HOUR_S]  # the last finds no room at 20
    assert held.kpis["carbon_operational_kg"] < run(tmp_path, site).kpis["carbon_operational_kg"]  # type: ignore[operator]


def test_a_site_without_the_signal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the policy follows the site's price, and the site has none; state 'site.tar"):
        run(tmp_path, SHIFTING)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"signal": "price", "carbon_below": quantity("1 g/kWh")},
            "'carbon_below' has no meaning with 'signal: price'",
        ),
        ({"signal": "carbon", "depth": 3}, "'depth' is of 'order: easy'"),
        ({"signal": "wind"}, "'price' or 'carbon'"),
    ],
)
def test_keys_that_do_not_fit_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Shifting(patience=quantity("1 h"), **keys)


def test_a_hall_without_the_signal_can_not_be_built() -> None:
    with pytest.raises(ValueError, match="the policy follows 1 signals; given: 0"):
        Hall(fleet([BOX]), workload(lasting(0, 1)), DAY)
