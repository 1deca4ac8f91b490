"""When storage charges and discharges: peaks, prices, carbon."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from models.data_file import DataFolders
from models.economics.tariff_hourly import HourlyTariff
from models.kinds import kinds_of
from models.power.supply.battery_storage import BatteryStorage
from models.power.supply.dispatch.arbitrage import Arbitrage
from models.power.supply.dispatch.dispatch import Dispatch, Signals
from models.power.supply.dispatch.peak_shaving import PeakShaving
from models.problems import InputError
from models.series import Series

DAY_S = 86_400
LOSSLESS = {"charge_efficiency": 1.0, "discharge_efficiency": 1.0}


def storage(**keys: Any) -> BatteryStorage:
    return BatteryStorage.model_validate(
        {"energy": "10 MWh", "charge_power": "2 MW", "least_state_of_charge": 0.0, **keys}
    )


def signal(*values: float, step_s: int = 3600) -> Series:
    return Series("energy_price", "USD/J", 0, step_s, np.array(values) / 3.6e9)


def schedule_mw(given: BatteryStorage, price: Series, **keys: Any) -> list[float]:
    signals = Signals(0.0, float(price.end_utc_s), price=price, **keys)
    return [round(power_w / 1e6, 6) for power_w in Arbitrage().schedule(given, signals).values]


def saved_usd(power_mw: list[float], price: Series) -> float:
    return -float(np.array(power_mw) @ price.values) * 1e6 * price.step_s


def test_kinds_of_dispatch() -> None:
    assert set(kinds_of("models.power.supply.dispatch", Dispatch)) == {"arbitrage", "peak-shaving"}


def test_cheap_night_is_sold_in_the_dear_evening() -> None:
    prices = signal(*[20.0] * 4, *[40.0] * 14, *[90.0] * 4, *[40.0] * 2)
    power_mw = schedule_mw(storage(energy="100 MWh", **LOSSLESS), prices)
    assert power_mw == [2.0] * 4 + [0.0] * 14 + [-2.0] * 4 + [0.0] * 2
    assert saved_usd(power_mw, prices) == pytest.approx(4 * 2 * 70)


def test_spread_smaller_than_the_losses_is_left_alone() -> None:
    # 0.9 round trip: selling for 11 what was bought for 10 loses; for 12 it gains.
    given = storage(charge_efficiency=0.9, discharge_efficiency=1.0)
    assert schedule_mw(given, signal(*[10.0] * 12, *[11.0] * 12)) == [0.0] * 24
    assert min(schedule_mw(given, signal(*[10.0] * 12, *[12.0] * 12))) < 0.0


def test_flat_price_and_lossless_storage_stand_still() -> None:
    assert schedule_mw(storage(**LOSSLESS), signal(*[50.0] * 24)) == [0.0] * 24


def test_negative_hour_charges_and_nothing_is_burnt_at_once() -> None:
    # From half full: 2 MW at -30 for one hour; the hour at -20 empties again what the day must end without.
    prices = signal(*[40.0] * 10, -30.0, *[40.0] * 13)
    power_mw = schedule_mw(storage(), prices)
    assert power_mw[10] == 2.0
    assert saved_usd(power_mw, prices) == pytest.approx(2 * 30 + 2 * 0.948**2 * 40, rel=1e-6)


def test_throwing_energy_away_is_done_by_turns_in_negative_hours() -> None:
    power_mw = schedule_mw(storage(), signal(*[-50.0] * 24))
    assert max(power_mw) == 2.0 and min(power_mw) < 0.0


def test_schedule_is_the_best_of_all_coarse_ones() -> None:
    # Every schedule of whole MW over six hours, lossless, from 2 of 4 MWh.
    given = storage(energy="4 MWh", **LOSSLESS)
    for seed in range(5):
        prices = signal(*np.random.default_rng(seed).uniform(-30.0, 60.0, 6))
        steps = np.array(list(itertools.product((-2.0, -1.0, 0.0, 1.0, 2.0), repeat=6)))
        stored = 2.0 + np.cumsum(steps, axis=1)
        allowed = steps[(stored.min(axis=1) >= 0) & (stored.max(axis=1) <= 4) & (stored[:, -1] == 2.0)]
        best = max(saved_usd(list(power_mw), prices) for power_mw in allowed)
        assert saved_usd(schedule_mw(given, prices), prices) == pytest.approx(best, rel=1e-6)


def test_discharge_never_feeds_the_grid() -> None:
    prices = signal(*[20.0] * 12, *[90.0] * 12)
    assert min(schedule_mw(storage(), prices, least_load_w=5e5)) == -0.5
    plan = Arbitrage().plan(storage(), Signals(0.0, DAY_S, price=prices))
    evening_s = next(h for h, mw in enumerate(schedule_mw(storage(), prices)) if mw == -2.0) * 3600.0
    assert plan.power_w(evening_s, 1e6, 1.8e10, 300.0) == -1e6
    assert plan.power_w(evening_s, -3e6, 1.8e10, 300.0) == 0.0


def test_each_day_ends_as_it_began() -> None:
    prices = signal(*np.random.default_rng(1).uniform(0.0, 100.0, 72))
    given = storage()
    stored_j = given.initial_j
    for hour, power_w in enumerate(Arbitrage().schedule(given, Signals(0.0, 3 * DAY_S, price=prices)).values, start=1):
        stored_j = given.advance(stored_j, float(power_w), 3600.0)
        if hour % 24 == 0:
            assert stored_j == pytest.approx(given.initial_j, rel=1e-9)


def test_carbon_is_saved_by_its_own_signal() -> None:
    dirty_night = signal(*[500.0] * 12, *[100.0] * 12)
    signals = Signals(0.0, DAY_S, price=signal(*[20.0] * 12, *[90.0] * 12), intensity=dirty_night)
    by_carbon = Arbitrage(by="carbon").schedule(storage(), signals).values
    assert by_carbon[:12].sum() < 0.0 < by_carbon[12:].sum()


def test_missing_signal_is_named() -> None:
    with pytest.raises(InputError, match="dispatch.by: 'carbon' needs the carbon intensity of the grid"):
        Arbitrage(by="carbon").plan(storage(), Signals(0.0, DAY_S, price=signal(*[1.0] * 24)))
    with pytest.raises(InputError, match="'price' needs a tariff with prices"):
        Arbitrage().plan(storage(), Signals(0.0, DAY_S))


def test_prices_must_cover_the_run() -> None:
    with pytest.raises(InputError, match="energy_price: the series ends"):
        Arbitrage().plan(storage(), Signals(0.0, 2 * DAY_S, price=signal(*[1.0] * 24)))


def test_peak_is_shaved_to_the_threshold_and_the_valley_refills() -> None:
    plan = PeakShaving.model_validate({"threshold": "10 MW"}).plan(storage(), Signals(0.0, DAY_S))
    assert plan.power_w(0.0, 11.5e6, 1.8e10, 300.0) == -1.5e6
    assert plan.power_w(0.0, 9.2e6, 1.8e10, 300.0) == pytest.approx(0.8e6)
    assert plan.power_w(0.0, 5e6, 1.8e10, 300.0) == 2e6
    assert plan.power_w(0.0, 11.5e6, 0.0, 300.0) == 0.0
    assert plan.power_w(0.0, 5e6, 3.6e10, 300.0) == 0.0


@pytest.mark.parametrize("zone", ["US-MIDA-PJM", "DE-LU"])
def test_public_prices_of_a_month_are_worth_something(public_data: Any, zone: str) -> None:
    tariff = HourlyTariff.model_validate({"file": f"grid/{zone}_2023_price.csv"}, context=DataFolders.of(public_data))
    start_utc_s = 1_682_899_200.0  # May 2023, with 50 negative hours in Germany
    prices = tariff.energy_price(start_utc_s, start_utc_s + 31 * DAY_S)
    power = Arbitrage().schedule(storage(), Signals(start_utc_s, start_utc_s + 31 * DAY_S, price=prices))
    spread = float(np.mean(np.ptp(prices.values.reshape(31, 24), axis=1))) * 3.6e9
    gain_usd_per_mwh_of_storage = -float(power.values @ prices.values) * 3600 / 10 / 31
    assert 0.0 < gain_usd_per_mwh_of_storage < 2 * spread
