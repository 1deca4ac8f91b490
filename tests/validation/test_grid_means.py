"""Prices and intensities of real grids, against the means that were computed of the same files elsewhere.

The means are those of `reference/cost_carbon.csv` beside the data: sustain-cluster, 2023.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from models.carbon.electricity_maps import ElectricityMapsIntensity
from models.carbon.market.matching import Supply, market_based_kg
from models.carbon.operational import operational_carbon_kg
from models.data_file import DataFolders
from models.economics.bill import bill
from models.economics.tariff_hourly import HourlyTariff

MEANS = {
    "US-MIDA-PJM": ("America/New_York", 35.7, 392.0),
    "US-TEX-ERCO": ("America/Chicago", 55.9, 381.0),
    "DE-LU": ("Europe/Berlin", 102.6, 367.0),
    "SG": ("Asia/Singapore", 184.9, 488.0),
}
HOURS = 8760
EDGES_UTC_S = datetime(2023, 1, 1, tzinfo=UTC).timestamp() + 3600.0 * np.arange(HOURS + 1)
MEGAWATT_J = np.full(HOURS, 3.6e9)


@pytest.mark.parametrize("grid", MEANS)
def test_a_megawatt_for_a_year_costs_and_emits_the_published_means(public_data: Path, grid: str) -> None:
    zone, usd_per_mwh, g_per_kwh = MEANS[grid]
    folders = DataFolders.of(public_data / "grid")
    demand = {"price": "10 USD/kW", "interval": "1 h"}
    tariff = HourlyTariff.model_validate(
        {"file": f"{grid}_2023_price.csv", "zone": zone, "demand": [demand]}, context=folders
    )
    total = bill(EDGES_UTC_S, MEGAWATT_J, tariff)
    # The reference rounds to three or four digits.
    assert total.energy_charge_usd / HOURS == pytest.approx(usd_per_mwh, abs=0.05)
    # The year in UTC is twelve months on any clock, two of them in part, thirteen of them touched.
    assert len(total.demand) == 13
    assert total.demand_charge_usd == pytest.approx(12 * 10_000.0, rel=2e-3)
    source = ElectricityMapsIntensity.model_validate(
        {"file": f"{grid}_2023_carbon_electricitymaps.csv"}, context=folders
    )
    intensity = source.intensity(float(EDGES_UTC_S[0]), float(EDGES_UTC_S[-1]))
    emitted_kg = operational_carbon_kg(MEGAWATT_J, EDGES_UTC_S, intensity)
    assert emitted_kg.sum() / HOURS == pytest.approx(g_per_kwh, abs=0.5)
    half = Supply("half", 0.5 * MEGAWATT_J)
    market = market_based_kg(MEGAWATT_J, EDGES_UTC_S, [half], intensity, "hourly")
    assert market.carbon_kg.sum() == pytest.approx(0.5 * emitted_kg.sum(), rel=1e-9)
