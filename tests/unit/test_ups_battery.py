"""The UPS battery: minutes at a load, charging again, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.power.backup.ups_battery import UpsBattery


def battery(**keys: Any) -> UpsBattery:
    return UpsBattery.model_validate({"rating": "1 MW", "ride_through": "5 min", **keys})


def test_stated_minutes_hold_at_full_rating() -> None:
    assert battery().ride_through_s(1e6) == pytest.approx(300.0, rel=1e-12)
    assert battery(chemistry="lead-acid").ride_through_s(1e6) == pytest.approx(300.0, rel=1e-12)


def test_half_the_load_lasts_twice_as_long_on_lithium_and_longer_on_lead() -> None:
    assert battery().ride_through_s(5e5) == pytest.approx(600.0, rel=1e-12)
    assert battery(chemistry="lead-acid").ride_through_s(5e5) == pytest.approx(300.0 * 2**1.15, rel=1e-12)


def test_energy_gives_its_usable_share_less_the_inverter() -> None:
    given = battery(ride_through=None, energy="100 kWh")
    assert given.ride_through_s(5e5) == pytest.approx(100 * 3.6e6 * 0.8 * 0.948 / 5e5, rel=1e-12)


def test_lead_acid_at_five_minutes_gives_half_of_what_it_does_in_ten_hours() -> None:
    given = battery(ride_through=None, energy="1 MWh", chemistry="lead-acid", usable_fraction=1.0)
    slow_w = 0.948 * 3.6e9 / 36_000
    assert given.ride_through_s(slow_w) == pytest.approx(36_000.0, rel=1e-12)
    fast_w = 10 * slow_w
    assert given.ride_through_s(fast_w) * fast_w == pytest.approx(0.948 * 3.6e9 / 10**0.15, rel=1e-12)


def test_aged_battery_carries_less() -> None:
    assert battery(remaining_capacity=0.8).ride_through_s(1e6) == pytest.approx(240.0, rel=1e-12)


def test_no_load_is_carried_for_ever_and_too_much_not_at_all() -> None:
    assert battery().ride_through_s(0.0) == math.inf
    assert battery().ride_through_s(1.01e6) == 0.0


@pytest.mark.parametrize("chemistry", ["lithium-ion", "lead-acid"])
def test_charge_runs_out_when_the_ride_through_ends(chemistry: str) -> None:
    given = battery(chemistry=chemistry)
    half = given.charge_after(1.0, 7e5, given.ride_through_s(7e5) / 2)
    assert half == pytest.approx(0.5, rel=1e-12)
    assert given.ride_through_s(7e5, half) == pytest.approx(given.ride_through_s(7e5) / 2, rel=1e-12)
    assert given.charge_after(half, 7e5, 1e5) == 0.0


def test_recharge_returns_what_was_given_and_both_losses() -> None:
    given = battery()
    used = given.charge_after(1.0, 8e5, 100.0)
    assert given.recharge_energy_j(used) == pytest.approx(8e7 / 0.948**2, rel=1e-12)
    assert given.recharge_w == 1e5
    time_s = given.recharge_time_s(used)
    assert time_s == pytest.approx(800.0 / 0.948**2, rel=1e-12)
    assert given.recharged(used, time_s / 2) == pytest.approx((1.0 + used) / 2, rel=1e-12)
    assert given.recharged(used, 2 * time_s) == 1.0


def test_battery_is_there_as_often_as_stated() -> None:
    random, given = np.random.default_rng(3), battery()
    there = sum(given.is_available(random) for _ in range(20_000))
    assert there / 20_000 == pytest.approx(0.97, abs=4 * math.sqrt(0.97 * 0.03 / 20_000))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"ride_through": "0 min"}, "greater than 0"),
        ({"ride_through": None}, "give 'ride_through' .* or 'energy', one of the two"),
        ({"energy": "1 MWh"}, "one of the two"),
        ({"discharge_efficiency": 1.05}, "less than or equal to 1"),
        ({"usable_fraction": 0.0}, "greater than 0"),
        ({"peukert_exponent": 0.9}, "greater than or equal to 1"),
        ({"rating": "0 W"}, "greater than 0"),
    ],
)
def test_impossible_batteries_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        battery(**keys)
