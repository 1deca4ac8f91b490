"""What an hour of an accelerator costs, and water, by hand."""

from __future__ import annotations

import math

import pytest

from models.accounting.accounting import Accounting
from models.economics.accelerator_hour import (
    CapitalCosts,
    CapitalStock,
    accelerator_hour,
    capital_recovery_factor,
    nodes_bought_usd,
)
from models.economics.service_lives import ServiceLives
from models.economics.water_price import WaterPrices, water_cost_usd

YEAR_S = 31_557_600.0


def test_equal_payments_pay_capital_off_with_interest() -> None:
    factor = capital_recovery_factor(0.08, 5.0)
    owed = 1000.0
    for _ in range(5):
        owed = owed * 1.08 - 1000.0 * factor
    assert owed == pytest.approx(0.0, abs=1e-9)
    assert capital_recovery_factor(0.0, 5.0) == 0.2
    assert capital_recovery_factor(1e-12, 5.0) == pytest.approx(0.2, rel=1e-9)
    with pytest.raises(ValueError, match="has no recovery factor"):
        capital_recovery_factor(0.08, 0.0)


def test_a_hall_of_h100_by_hand() -> None:
    # 100 nodes of 8 H100 in a hall of 1.1 MW, for a quarter of a year, 70% of it busy.
    stock = CapitalStock(
        nodes_usd=100 * 313_500.0,
        accelerators=800,
        construction_w=1.1e6,
        battery_w=1e6,
        battery_j=0.25e6 * 3600.0,
        genset_w=1.5e6,
    )
    run_s = YEAR_S / 4
    hour = accelerator_hour(
        CapitalCosts(),
        ServiceLives(),
        stock,
        run_s=run_s,
        in_service_s=800 * run_s,
        busy_s=560 * run_s,
        operating_usd={"energy": 150_000.0, "water": 2_000.0},
    )
    capital_usd = {item.name: item.capital_usd for item in hour.items if item.capital_usd}
    assert capital_usd == pytest.approx(
        {
            "nodes": 31_350_000.0,
            "network": 8_000_000.0,
            "construction": 12_870_000.0,
            "batteries": 968_000.0 + 253.0 * 250.0,
            "gensets": 975_000.0,
        },
        rel=1e-12,
    )
    lives = {"nodes": 5, "network": 5, "construction": 20, "batteries": 12, "gensets": 25}
    paid_usd = sum(usd * 0.08 / (1 - 1.08 ** -lives[name]) / 4 for name, usd in capital_usd.items())
    paid_usd += sum(capital_usd.values()) * 0.03 / 4 + 152_000.0
    assert hour.run_usd == pytest.approx(paid_usd, rel=1e-12)
    assert hour.per_hour_in_service_usd == pytest.approx(paid_usd / (800 * 8766 / 4), rel=1e-12)
    assert hour.per_hour_busy_usd == pytest.approx(paid_usd / (560 * 8766 / 4), rel=1e-12)


def test_a_premium_for_liquid_cooling_adds_to_construction_alone() -> None:
    stock = CapitalStock(nodes_usd=0.0, accelerators=0, construction_w=1e6)
    costs = CapitalCosts.model_validate({"construction_premium": 0.1})
    hour = accelerator_hour(costs, ServiceLives(), stock, run_s=0.0, in_service_s=0.0, busy_s=0.0, operating_usd={})
    assert [(item.name, round(item.capital_usd)) for item in hour.items] == [("construction", 12_870_000)]
    assert (hour.per_hour_in_service_usd, hour.per_hour_busy_usd) == (None, None)


def test_nodes_without_a_price_are_counted_not_guessed() -> None:
    prices_usd = [270_000.0, math.nan, math.nan]
    assert nodes_bought_usd(prices_usd, CapitalCosts()) == (270_000.0, 2)
    assert nodes_bought_usd(prices_usd, CapitalCosts.model_validate({"node": "100 kUSD"})) == (470_000.0, 0)
    stock = CapitalStock(270_000.0, 8, 1e4, nodes_without_price=2)
    hour = accelerator_hour(
        CapitalCosts(), ServiceLives(), stock, run_s=1.0, in_service_s=1.0, busy_s=0.0, operating_usd={}
    )
    assert hour.notes == ("2 nodes have no published price and cost nothing here",)


def test_water_is_paid_where_it_comes_in_and_where_it_leaves() -> None:
    prices = WaterPrices.model_validate({"supply": "6 USD/kgal", "sewer": "8 USD/kgal"})
    million_gallons_m3 = 3785.411784
    cost_usd = water_cost_usd([million_gallons_m3, 0.0], [million_gallons_m3 / 4, million_gallons_m3 / 4], prices)
    assert cost_usd.tolist() == pytest.approx([8_000.0, 2_000.0], rel=1e-12)


def test_the_section_reads_what_it_writes() -> None:
    given = {"lives": {"nodes": "4 a"}, "capital": {"construction": "15.2 USD/W"}, "embodied": {"battery": "61 kg/kWh"}}
    section = Accounting.model_validate(given)
    assert Accounting.model_validate(section.model_dump(mode="json")) == section
    assert (section.capital.construction, section.embodied.battery) == pytest.approx((15.2, 61 / 3.6e6), rel=1e-12)
