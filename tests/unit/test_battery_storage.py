"""Batteries beside the grid: what is stored, what is lost, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from models.power.supply.battery_storage import BatteryStorage


def storage(**keys: Any) -> BatteryStorage:
    return BatteryStorage.model_validate({"energy": "10 MWh", "charge_power": "5 MW", **keys})


MWH = 3.6e9


def test_an_hour_of_charging_stores_its_efficiency() -> None:
    one = storage(charge_efficiency=0.9, discharge_efficiency=0.8)
    assert one.advance(5 * MWH, 2e6, 3600.0) == pytest.approx(6.8 * MWH, rel=1e-12)
    assert one.advance(5 * MWH, -2e6, 3600.0) == pytest.approx(2.5 * MWH, rel=1e-12)
    assert (one.loss_w(2e6), one.loss_w(-2e6)) == pytest.approx((2e5, 5e5), rel=1e-12)
    assert one.round_trip_efficiency == pytest.approx(0.72)


def test_standing_still_keeps_everything() -> None:
    assert storage().advance(5 * MWH, 0.0, 1e9) == 5 * MWH
    assert storage().loss_w(0.0) == 0.0
    assert storage().limit_after_s(5 * MWH, 0.0) == math.inf


def test_power_is_granted_as_far_as_limits_allow() -> None:
    one = storage(charge_efficiency=0.9, discharge_efficiency=0.8, discharge_power="4 MW")
    assert one.granted_w(9e6, 5 * MWH, 60.0) == 5e6
    assert one.granted_w(-9e6, 5 * MWH, 60.0) == -4e6
    assert one.granted_w(9e6, 9.1 * MWH, 3600.0) == pytest.approx(1e6, rel=1e-9)
    assert one.granted_w(-9e6, 3 * MWH, 3600.0) == pytest.approx(-0.8e6, rel=1e-9)
    assert one.granted_w(3e6, 5 * MWH, 60.0) == 3e6


def test_full_and_empty_come_when_they_are_foretold() -> None:
    one = storage()
    for power_w, limit_j in ((3e6, one.most_j), (-3e6, one.least_j)):
        after_s = one.limit_after_s(one.initial_j, power_w)
        assert one.advance(one.initial_j, power_w, after_s) == pytest.approx(limit_j, rel=1e-12)


def test_power_and_charge_beyond_the_limits_are_errors() -> None:
    with pytest.raises(ValueError, match=r"6e\+06 W is beyond -5e\+06 to 5e\+06 W"):
        storage().advance(5 * MWH, 6e6, 1.0)
    with pytest.raises(ValueError, match="J would be stored; allowed are"):
        storage().advance(9.9 * MWH, 5e6, 3600.0)


def test_price_counts_power_and_energy() -> None:
    assert storage().capital_cost_usd == pytest.approx(5000 * 968 + 10_000 * 253)
    assert storage(discharge_power="6 MW").capital_cost_usd == pytest.approx(6000 * 968 + 10_000 * 253)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"least_state_of_charge": 0.9, "most_state_of_charge": 0.8},
            "'least_state_of_charge' is 0.9, .* must be less",
        ),
        ({"least_state_of_charge": 0.6}, "'initial_state_of_charge' is 0.5; allowed is 0.6 to 1"),
        ({"charge_efficiency": 1.01}, "less than or equal to 1"),
        ({"discharge_efficiency": 0.0}, "greater than 0"),
        ({"energy": "0 kWh"}, "greater than 0"),
        ({"charge_power": "-1 MW"}, "negative"),
        ({"cost_of_energy": "-1 USD/kWh"}, "greater than or equal to 0"),
        ({"dispatch": {"kind": "peak-shaving", "threshold": "0 W"}}, "greater than 0"),
        ({"dispatch": {"kind": "guessing"}}, "guessing"),
    ],
)
def test_impossible_storage_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        storage(**keys)


def test_storage_reads_back_as_it_was_written() -> None:
    one = storage(dispatch={"kind": "peak-shaving", "threshold": "30 MW"})
    assert BatteryStorage.model_validate(one.model_dump()) == one
