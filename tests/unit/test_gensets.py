"""Generator sets: who starts, how load is taken, and what is burnt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.power.backup.gensets import Gensets


def gensets(**keys: Any) -> Gensets:
    return Gensets.model_validate({"count": 5, "rating": "2 MW", **keys})


def test_firm_power_is_without_the_spare_sets() -> None:
    assert gensets(spare=2).firm_w == 6e6
    assert gensets(spare=0).firm_w == gensets().capacity_w(5) == 1e7


def test_sets_needed_round_up() -> None:
    assert [gensets().needed(load_w) for load_w in (0.0, 1.0, 2e6, 2.1e6, 9e7)] == [0, 1, 1, 2, 45]


def test_sets_grow_their_load_by_a_step_at_a_time() -> None:
    assert gensets().step_w(4) == pytest.approx(4.8e6)
    assert gensets().ramp_w_per_s(4) == pytest.approx(1.6e6)


@pytest.mark.parametrize(
    # Litres an hour of a 2,000 kW set in the dealers' chart.
    ("load", "litres_per_h"),
    [(0.25, 162.0), (0.5, 273.3), (0.75, 391.7), (1.0, 537.1)],
)
def test_fuel_is_the_dealers_chart_within_5_percent(load: float, litres_per_h: float) -> None:
    given = gensets(count=2).fuel_m3(load * 2e6, 1, 3600.0) * 1000
    assert given == pytest.approx(litres_per_h, rel=0.05)


def test_default_fuel_line_is_the_least_squares_of_the_chart() -> None:
    slope, intercept = np.polyfit([0.25, 0.5, 0.75, 1.0], np.array([162.0, 273.3, 391.7, 537.1]) / 2000, 1)
    assert (gensets().fuel_per_kwh, gensets().no_load_fuel_per_kwh) == pytest.approx(
        (slope / 1000, intercept / 1000), abs=5e-7
    )


def test_more_running_sets_burn_more_for_the_same_load() -> None:
    given = gensets()
    assert given.fuel_m3_per_s(4e6, 3) - given.fuel_m3_per_s(4e6, 2) == pytest.approx(0.015e-3 * 2000 / 3600)
    assert given.fuel_m3_per_s(0.0, 0) == 0.0


def test_tank_lasts_as_its_fuel_does() -> None:
    given = gensets(tank="50 m3")
    hours = given.autonomy_s(8e6, 4) / 3600
    assert hours == pytest.approx(50_000 / (0.249 * 8000 + 0.015 * 8000), rel=1e-12)
    assert gensets().autonomy_s(8e6, 4) == math.inf


def test_carbon_and_price_follow_the_litres() -> None:
    assert gensets().carbon_kg(1.0) == pytest.approx(2697.0)
    assert gensets().fuel_cost_usd(1.0) == pytest.approx(954.0)
    assert gensets().capital_cost_usd == pytest.approx(5 * 2000 * 650)


def test_load_is_taken_in_steps() -> None:
    assert [after_s for after_s, _ in gensets().steps()] == [0.0, 3.0]
    assert [power_w for _, power_w in gensets().steps()] == pytest.approx([1.2e6, 2e6])
    assert gensets(load_step=1.0).steps() == ((0.0, 2e6),)
    assert [power_w for _, power_w in gensets(load_step=0.3).steps()] == pytest.approx([6e5, 1.2e6, 1.8e6, 2e6])


def test_sets_answer_as_often_as_the_binomial_says() -> None:
    given = gensets(count=4, failure_to_start=0.2, availability=0.9)
    random = np.random.default_rng(11)
    counts = np.array([len(given.started(random)) for _ in range(10_000)])
    for needed in range(6):
        chance = given.chance_of(needed)
        assert (counts >= needed).mean() == pytest.approx(chance, abs=4 * math.sqrt(0.25 / 10_000))
    assert given.chance_of(0) == pytest.approx(1.0, rel=1e-12)
    assert given.chance_of(5) == 0.0


def test_running_sets_fail_after_their_mean_time() -> None:
    given = gensets(count=400, failure_to_start=0.0, availability=1.0)
    started = given.started(np.random.default_rng(5))
    assert started.ready_s == (10.0,) * 400
    runs_h = (np.array(started.fails_s) - 10.0) / 3600
    assert runs_h.mean() == pytest.approx(1100, rel=4 / math.sqrt(400))


def test_calls_stay_comparable_when_a_chance_changes() -> None:
    worse, better = gensets(failure_to_start=0.5), gensets(failure_to_start=0.1)
    one, other = np.random.default_rng(7), np.random.default_rng(7)
    for _ in range(50):
        assert set(worse.started(one).fails_s) <= set(better.started(other).fails_s)


def test_no_more_sets_go_on_than_are_needed() -> None:
    given = gensets(failure_to_start=0.0, availability=1.0)
    assert len(given.started(np.random.default_rng(1), needed=2)) == 2


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"spare": 5}, "'spare' is 5 of 5 sets; at least one must be left"),
        ({"failure_to_start": 1.0}, "less than 1"),
        ({"availability": 1.2}, "less than or equal to 1"),
        ({"load_step": 0.0}, "greater than 0"),
        ({"tank": "0 L"}, "greater than 0"),
        ({"fuel_per_kwh": "0 L"}, "burns fuel"),
        ({"count": 0}, "greater than or equal to 1"),
    ],
)
def test_impossible_sets_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        gensets(**keys)
