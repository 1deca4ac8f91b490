"""Whatever is asked of storage: no limit is left, no joule is lost, and arbitrage never loses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.power.supply.battery_storage import BatteryStorage
from models.power.supply.dispatch.arbitrage import Arbitrage
from models.power.supply.dispatch.dispatch import DispatchPlan, Signals
from models.power.supply.dispatch.peak_shaving import PeakShaving
from models.series import Series

EFFICIENCIES = st.floats(0.5, 1.0)


@st.composite
def storages(draw: st.DrawFn) -> BatteryStorage:
    least = draw(st.floats(0.0, 0.4))
    keys: dict[str, Any] = {
        "energy": f"{draw(st.floats(1.0, 50.0))} MWh",
        "charge_power": f"{draw(st.floats(0.5, 20.0))} MW",
        "discharge_power": f"{draw(st.floats(0.5, 20.0))} MW",
        "charge_efficiency": draw(EFFICIENCIES),
        "discharge_efficiency": draw(EFFICIENCIES),
        "least_state_of_charge": least,
        "most_state_of_charge": draw(st.floats(0.6, 1.0)),
        "initial_state_of_charge": draw(st.floats(least, 0.6)),
    }
    return BatteryStorage.model_validate(keys)


@settings(max_examples=80, deadline=None)
@given(
    one=storages(),
    wanted=st.lists(st.tuples(st.floats(-3e7, 3e7), st.floats(1.0, 1e5)), max_size=20),
)
def test_granted_power_stays_inside_and_every_joule_is_accounted_for(
    one: BatteryStorage, wanted: list[tuple[float, float]]
) -> None:
    stored_j = one.initial_j
    drawn_j = lost_j = turned_over_j = 0.0
    for wanted_w, duration_s in wanted:
        power_w = one.granted_w(wanted_w, stored_j, duration_s)
        assert -one.discharge_w <= power_w <= one.charge_power
        assert power_w * wanted_w >= 0.0 and abs(power_w) <= abs(wanted_w)
        stored_j = one.advance(stored_j, power_w, duration_s)
        assert one.least_j <= stored_j <= one.most_j
        assert one.loss_w(power_w) >= 0.0
        drawn_j += power_w * duration_s
        turned_over_j += abs(power_w) * duration_s
        lost_j += one.loss_w(power_w) * duration_s
    assert drawn_j == pytest.approx(stored_j - one.initial_j + lost_j, abs=1e-9 * (turned_over_j + one.energy))


@settings(max_examples=60, deadline=None)
@given(
    one=storages(),
    prices=st.lists(st.floats(-200.0, 3000.0), min_size=2, max_size=40),
    first_hour=st.integers(0, 23),
    by=st.sampled_from(["price", "carbon"]),
)
def test_arbitrage_never_loses_on_the_prices_that_it_knew(
    one: BatteryStorage, prices: list[float], first_hour: int, by: Any
) -> None:
    start_utc_s = 3600 * first_hour
    signal = Series("energy_price", "USD/J", start_utc_s, 3600, np.array(prices) / 3.6e9)
    signals = Signals(float(start_utc_s), float(signal.end_utc_s), price=signal, intensity=signal)
    plan = Arbitrage(by=by).plan(one, signals)
    power_w, stored_j = run(plan, one, [1e9] * len(prices), start_utc_s)
    assert float(np.array(power_w) @ signal.values) <= 1e-6 * np.abs(signal.values).max() * one.charge_power
    assert stored_j == pytest.approx(one.initial_j, abs=1e-6 * one.energy)


@settings(max_examples=60, deadline=None)
@given(
    one=storages(),
    threshold_mw=st.floats(1.0, 20.0),
    loads_w=st.lists(st.floats(0.0, 3e7), min_size=1, max_size=30),
)
def test_shaving_never_makes_a_peak_and_discharges_no_more_than_the_load(
    one: BatteryStorage, threshold_mw: float, loads_w: list[float]
) -> None:
    threshold_w = threshold_mw * 1e6
    plan = PeakShaving.model_validate({"threshold": f"{threshold_mw} MW"}).plan(one, Signals(0.0, 1e6))
    power_w, _ = run(plan, one, loads_w, 0)
    for load_w, storage_w in zip(loads_w, power_w, strict=True):
        assert -load_w <= storage_w
        assert load_w + storage_w <= max(load_w, threshold_w) * (1 + 1e-12)
        assert storage_w >= 0.0 or load_w + storage_w >= threshold_w * (1 - 1e-12)


def run(plan: DispatchPlan, one: BatteryStorage, loads_w: list[float], start_utc_s: int) -> tuple[list[float], float]:
    """Return the power of each hour [W] and what is stored at the end [J]; `advance` refuses what is impossible."""
    stored_j = one.initial_j
    power_w = []
    for hour, load_w in enumerate(loads_w):
        power_w.append(plan.power_w(start_utc_s + 3600.0 * hour, load_w, stored_j, 3600.0))
        stored_j = one.advance(stored_j, power_w[-1], 3600.0)
    return power_w, stored_j
