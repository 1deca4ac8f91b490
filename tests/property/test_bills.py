"""What holds of every bill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.economics.bill import bill
from models.economics.tariff_time_of_use import TimeOfUseTariff

DAYS = 70
START_UTC_S = 1_676_000_000 // 86_400 * 86_400  # February 2023; the run passes two ends of months
EDGES_UTC_S = START_UTC_S + 3600.0 * np.arange(24 * DAYS + 1)


def tariff(share: float, minimum: float) -> TimeOfUseTariff:
    charge: dict[str, Any] = {
        "price": "12 USD/kW",
        "interval": "1 h",
        "ratchet": {"share": share, "earlier": ["2 MW"]},
        "contract_minimum": {"share": minimum, "contracted": "1 MW"},
    }
    return TimeOfUseTariff.model_validate(
        {
            "zone": "Europe/Berlin",
            "default": "-5 USD/MWh",
            "periods": [{"price": "180 USD/MWh", "weekdays": ["mon"], "hours": "16:00-21:00"}],
            "demand": [charge],
            "coincident_peak": [{"price": "5 USD/kW", "hours": "17:00-18:00"}],
            "fixed": "500 USD",
            "taxes": {"per_energy": "1 USD/MWh", "share": 0.1},
        }
    )


def drawn_j(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(0.0, 3e6 * 3600.0, len(EDGES_UTC_S) - 1)


seeds = st.integers(0, 2**32)
shares = st.floats(0.01, 1.0)


@settings(max_examples=20, deadline=None)
@given(one=seeds, other=seeds, share=shares, minimum=shares)
def test_energy_adds_up_and_power_never_more_than_adds_up(one: int, other: int, share: float, minimum: float) -> None:
    contract = tariff(share, minimum)
    first, second, both = (
        bill(EDGES_UTC_S, energy_j, contract)
        for energy_j in (drawn_j(one), drawn_j(other), drawn_j(one) + drawn_j(other))
    )
    assert both.energy_charge_usd == pytest.approx(first.energy_charge_usd + second.energy_charge_usd, rel=1e-9)
    assert both.component_usd("coincident-peak") == pytest.approx(
        first.component_usd("coincident-peak") + second.component_usd("coincident-peak"), rel=1e-9
    )
    assert both.component_usd("demand") <= (first.component_usd("demand") + second.component_usd("demand")) * (1 + 1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, share=shares, minimum=shares)
def test_demand_is_never_billed_below_meter_ratchet_or_contract(seed: int, share: float, minimum: float) -> None:
    months = bill(EDGES_UTC_S, drawn_j(seed), tariff(share, minimum)).demand
    measured_w = [2e6]
    for month in months:
        assert month.billed_w == max(month.measured_w, month.ratchet_w, month.minimum_w)
        assert month.ratchet_w == pytest.approx(share * max(measured_w), rel=1e-12)
        assert month.minimum_w == pytest.approx(minimum * 1e6, rel=1e-12)
        measured_w.append(month.measured_w)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, share=shares, minimum=shares)
def test_totals_are_the_sum_of_lines_and_of_months(seed: int, share: float, minimum: float) -> None:
    total = bill(EDGES_UTC_S, drawn_j(seed), tariff(share, minimum))
    assert total.total_usd == math.fsum(line.amount_usd for line in total.lines)
    assert math.fsum(total.by_month().values()) == pytest.approx(total.total_usd, rel=1e-12)
    charged_w = {month.month: month.billed_w for month in total.demand}
    for month, power_w in charged_w.items():
        kw = [
            line.quantity
            for line in total.lines
            if line.month == month and line.component in ("demand", "ratchet", "contract-minimum")
        ]
        assert math.fsum(kw) == pytest.approx(power_w / 1e3, rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, hour=st.integers(0, 24 * DAYS - 1))
def test_drawing_more_never_costs_less_power(seed: int, hour: int) -> None:
    less_j = drawn_j(seed)
    more_j = less_j.copy()
    more_j[hour] *= 2.0
    less, more = (bill(EDGES_UTC_S, energy_j, tariff(0.8, 0.85)) for energy_j in (less_j, more_j))
    assert more.demand_charge_usd >= less.demand_charge_usd * (1 - 1e-12)
