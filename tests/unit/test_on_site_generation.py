"""Turbines, engines and fuel cells: what they give, burn and cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.kinds import kinds_of
from models.power.supply.generation.fuel_cell import FuelCells
from models.power.supply.generation.gas_turbine import GasTurbines
from models.power.supply.generation.generation import OnSiteGeneration
from models.power.supply.generation.reciprocating_engine import ReciprocatingEngines

KINDS = kinds_of("models.power.supply.generation", OnSiteGeneration)


def turbines(**keys: Any) -> GasTurbines:
    return GasTurbines.model_validate({"units": 4, "rating": "10 MW", "fuel_price": "14 USD/MWh", **keys})


def test_kinds_of_generation() -> None:
    assert set(KINDS) == {"fuel-cell", "gas-turbine", "reciprocating-engine"}


@pytest.mark.parametrize("kind", [GasTurbines, ReciprocatingEngines, FuelCells])
def test_stated_efficiencies_hold_at_full_and_half_load(kind: type[OnSiteGeneration]) -> None:
    one = kind.model_validate({"units": 1, "rating": "10 MW", "fuel_price": "14 USD/MWh"})
    assert 1e7 / one.fuel_w(1e7) == pytest.approx(one.efficiency_full_load, rel=1e-12)
    assert 5e6 / one.fuel_w(5e6) == pytest.approx(one.efficiency_half_load, rel=1e-12)
    assert one.fuel_w(0.0) == 0.0


def test_fuel_of_a_day_at_full_load() -> None:
    one = turbines()
    fuel_j = one.fuel_j(4e7, 86_400.0)
    assert fuel_j == pytest.approx(960 / 0.3155 * 3.6e9, rel=1e-12)
    assert one.fuel_cost_usd(fuel_j) == pytest.approx(960 / 0.3155 * 14, rel=1e-12)
    assert one.carbon_kg(fuel_j) == pytest.approx(960 / 0.3155 * 181, rel=1e-12)
    assert one.upkeep_usd(960 * 3.6e9) == pytest.approx(960 * 9.5, rel=1e-12)
    assert one.capital_cost_usd == pytest.approx(40_000 * 1474, rel=1e-12)


def test_fewest_units_run() -> None:
    assert [turbines().running(power_w) for power_w in (0.0, 1.0, 1e7, 1.1e7, 4e7)] == [0, 1, 1, 2, 4]
    tenth = turbines(rating="0.1 MW")
    assert tenth.running(3 * tenth.rating) == 3


def test_minimum_load_leaves_gaps_that_are_not_given() -> None:
    one = turbines(minimum_load=0.6)
    wanted_and_given = {4e6: 0.0, 6e6: 6e6, 1e7: 1e7, 1.1e7: 1e7, 1.2e7: 1.2e7, 9e7: 4e7}
    assert {wanted_w: one.deliverable_w(wanted_w) for wanted_w in wanted_and_given} == wanted_and_given
    assert one.deliverable_w(9e7, units=3) == 3e7


def test_bridging_gives_what_the_feeds_can_not() -> None:
    one = turbines(minimum_load=0.5)
    assert one.power_w(3e7, 3e7) == 0.0
    assert one.power_w(3e7, 2.2e7) == 8e6
    assert one.power_w(3e7, 2.8e7) == 5e6  # 2 MW are short, a unit gives 5 MW and the feeds 25
    assert one.power_w(9e7, 3e7) == 4e7
    assert one.power_w(3e6, 2e6) == 0.0  # a unit would give more than the load
    assert one.power_w(3e7, 1e7, units=1) == 1e7


def test_prime_power_comes_before_the_grid() -> None:
    assert turbines(role="prime").power_w(3e7, 1e9) == 3e7
    assert turbines(role="prime").power_w(6e7, 1e9) == 4e7


def test_units_are_there_between_their_dates() -> None:
    one = turbines(in_service="30 d", retire_at="90 d")
    assert [one.is_there(day * 86_400.0) for day in (29, 30, 89, 90)] == [False, True, True, False]
    assert turbines().is_there(0.0) and turbines().is_there(1e12)


def test_units_are_available_as_often_as_stated() -> None:
    one, random = turbines(), np.random.default_rng(4)
    counts = [one.available_units(random) for _ in range(2000)]
    assert np.mean(counts) / 4 == pytest.approx(0.97, abs=0.008)


def test_ramp_is_the_rating_over_its_time() -> None:
    assert turbines().ramp_w_per_s == pytest.approx(1e7 / 300)


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    minimum_load=st.floats(0.0, 1.0),
    load_w=st.floats(0.0, 6e7),
    more_w=st.floats(0.0, 6e7),
    feeds_w=st.floats(0.0, 6e7),
    role=st.sampled_from(["prime", "bridging"]),
)
def test_more_load_never_gets_less_power_nor_burns_less(
    kind: str, minimum_load: float, load_w: float, more_w: float, feeds_w: float, role: str
) -> None:
    keys = {"units": 4, "rating": "10 MW", "fuel_price": "14 USD/MWh", "role": role, "minimum_load": minimum_load}
    one = KINDS[kind].model_validate(keys)
    less, more = one.power_w(load_w, feeds_w), one.power_w(load_w + more_w, feeds_w)
    assert 0.0 <= less <= load_w * (1 + 1e-12)
    assert more >= less * (1 - 1e-12)
    assert one.fuel_w(more) >= one.fuel_w(less) * (1 - 1e-12)
    if less:
        assert less / one.running(less) >= minimum_load * one.rating * (1 - 1e-9)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"spare": 4}, "'spare' is 4 of 4 units"),
        ({"efficiency_half_load": 0.4}, "'efficiency_half_load' is 0.4; allowed is above 0.15775"),
        ({"efficiency_half_load": 0.1}, "'efficiency_half_load' is 0.1; allowed"),
        ({"efficiency_full_load": 1.2}, "less than 1"),
        ({"in_service": "3 d", "retire_at": "2 d"}, "'retire_at' must be later"),
        ({"fuel_price": None}, "not a price of energy|a price of energy"),
    ],
)
def test_impossible_units_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        turbines(**keys)
