"""Contracts set against what is drawn, by the hour and by the year."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.carbon.contracts.contract import EnergyContract
from models.carbon.market.market_based import MarketBased
from models.carbon.market.matching import Supply, market_based_kg
from models.carbon.scopes import CarbonByScope
from models.data_file import DataFolders
from models.kinds import kinds_of
from models.series import constant

KWH = 3.6e6
START_UTC_S = int(datetime(2023, 7, 3, tzinfo=UTC).timestamp())
DAY = START_UTC_S + 3600.0 * np.arange(25)
LOAD_J = np.full(24, 1000.0 * KWH)
GRID = constant("carbon_intensity", "kg/J", 0.4 / KWH)


def market(folder: Path | None = None, **keys: Any) -> MarketBased:
    return MarketBased.model_validate(keys, context=DataFolders.of(folder or Path()))


def solar_file(folder: Path) -> None:
    """Write a park that yields its peak power from 08:00 to 20:00 UTC."""
    rows = [f"2023-07-03T{hour:02d}:00Z,{float(8 <= hour < 20)}" for hour in range(24)]
    (folder / "sun.csv").write_text("time_utc,capacity_factor\n" + "\n".join(rows) + "\n")


def test_contracts_come_in_four_kinds() -> None:
    assert set(kinds_of("models.carbon.contracts", EnergyContract)) == {"baseload", "certificates", "profile", "share"}


def test_without_contracts_market_based_is_location_based() -> None:
    carbon = market().carbon(DAY, LOAD_J, GRID)
    assert carbon.carbon_kg == pytest.approx(np.full(24, 400.0), rel=1e-12)
    assert carbon.matched_share == 0.0


def test_a_solar_park_covers_the_year_but_half_of_the_hours(tmp_path: Path) -> None:
    solar_file(tmp_path)
    park = {"kind": "profile", "file": "sun.csv", "power": "2 MW"}  # 24 MWh in the day, as much as the hall draws
    annual, hourly = (
        market(tmp_path, matching=matching, contracts=[park]).carbon(DAY, LOAD_J, GRID)
        for matching in ("annual", "hourly")
    )
    assert annual.carbon_kg.sum() == 0.0
    assert annual.matched_share == pytest.approx(1.0, rel=1e-12)
    assert hourly.carbon_kg.sum() == pytest.approx(12 * 400.0, rel=1e-12)
    assert hourly.matched_share == pytest.approx(0.5, rel=1e-12)
    assert hourly.surplus_j.tolist() == pytest.approx([12_000 * KWH], rel=1e-12)


def test_certificates_cover_the_year_and_no_hour() -> None:
    certificates = {"kind": "certificates", "name": "RECs", "energy_per_year": "4383 MWh"}  # 0.5 MW
    annual, hourly = (
        market(matching=matching, contracts=[certificates]).carbon(DAY, LOAD_J, GRID)
        for matching in ("annual", "hourly")
    )
    assert annual.carbon_kg == pytest.approx(np.full(24, 200.0), rel=1e-12)
    assert hourly.carbon_kg == pytest.approx(np.full(24, 400.0), rel=1e-12)
    assert hourly.notes == ("'RECs' is not known by the hour and covers nothing where matching is hourly",)


def test_contracts_are_used_in_order_and_what_is_left_has_the_residual_mix() -> None:
    contracts = [
        {"kind": "share", "share": 0.25},
        {"kind": "baseload", "power": "0.5 MW", "intensity": "100 g/kWh"},
        {"kind": "baseload", "power": "0 W"},
    ]
    residual = {"kind": "constant", "value": "600 g/kWh"}
    carbon = market(matching="hourly", contracts=contracts, residual_mix=residual).carbon(DAY, LOAD_J, GRID)
    assert carbon.carbon_kg == pytest.approx(np.full(24, 0.5 * 100.0 + 0.25 * 600.0), rel=1e-12)
    assert (carbon.matched_j.sum(axis=1) / LOAD_J.sum()).tolist() == pytest.approx([0.25, 0.5, 0.0], rel=1e-12)


def test_hours_are_matched_as_a_whole_where_buckets_are_shorter() -> None:
    quarters = START_UTC_S + 900.0 * np.arange(5)
    sun = Supply("sun", np.array([2.0, 0.0, 0.0, 0.0]) * KWH)
    carbon = market_based_kg(np.full(4, KWH), quarters, [sun], GRID, "hourly")
    assert carbon.carbon_kg == pytest.approx(np.full(4, 0.2), rel=1e-12)


def test_years_are_matched_apart() -> None:
    new_year = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    wind = Supply("wind", np.array([3.0, 0.0]) * KWH)
    carbon = market_based_kg([KWH, KWH], [new_year - 3600, new_year, new_year + 3600], [wind], GRID, "annual")
    assert carbon.carbon_kg.tolist() == [0.0, 0.4]


def test_what_can_not_be_matched_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        market_based_kg([-1.0], [0, 3600], [], GRID, "hourly")
    with pytest.raises(ValueError, match="'wind' must supply 0 or more in each of 1 buckets"):
        market_based_kg([1.0], [0, 3600], [Supply("wind", np.array([-1.0]))], GRID, "hourly")
    with pytest.raises(ValueError, match="straddles two hours"):
        market_based_kg([1.0], [1800, 5400], [], GRID, "hourly")
    with pytest.raises(ValueError, match="straddles two years"):
        market_based_kg(
            [1.0], [datetime(2023, 12, 31, 23, 30, tzinfo=UTC).timestamp() + s for s in (0, 3600)], [], GRID, "annual"
        )


def test_scopes_add_up_and_electricity_is_counted_once() -> None:
    carbon = CarbonByScope({"gensets": 3.0, "turbines": 4.0}, location_kg=100.0, market_kg=20.0, embodied_kg=50.0)
    assert (carbon.operational_location_kg, carbon.operational_market_kg) == (107.0, 27.0)
    assert CarbonByScope({}, 100.0).operational_market_kg is None


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_matching_by_the_hour_never_claims_more_and_all_energy_is_accounted_for(seed: int) -> None:
    draw = np.random.default_rng(seed)
    load_j, one, other = draw.uniform(0.0, 1000 * KWH, (3, 24))
    load_j[draw.integers(24)] = 0.0
    supplies = [Supply("one", one), Supply("other", other)]

    def matched(matching: Any) -> tuple[float, NDArray[np.float64]]:
        carbon = market_based_kg(load_j, DAY, supplies, GRID, matching)
        assert carbon.matched_j.sum(axis=0) + carbon.unmatched_j == pytest.approx(load_j, rel=1e-9, abs=1e-3)
        assert carbon.surplus_j.sum() + carbon.matched_j.sum() == pytest.approx(one.sum() + other.sum(), rel=1e-9)
        return carbon.matched_share, carbon.carbon_kg

    (annual_share, annual_kg), (hourly_share, hourly_kg) = matched("annual"), matched("hourly")
    assert annual_share >= hourly_share - 1e-9
    assert annual_kg.sum() <= hourly_kg.sum() + 1e-9
