"""Flat and hourly tariffs, and the cost of energy under them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from models.data_file import DataFolders
from models.economics.tariff import Tariff
from models.economics.tariff_cost import energy_cost_usd
from models.economics.tariff_flat import FlatTariff
from models.economics.tariff_hourly import HourlyTariff
from models.kinds import kinds_of
from models.problems import InputError
from simulator.scenario.selection import selected_from

USD_PER_MWH = 1 / 3.6e9  # USD/J


def utc_s(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def hourly(folder: Path, **keys: Any) -> HourlyTariff:
    return HourlyTariff.model_validate({"file": "price.csv", **keys}, context=DataFolders.of(folder))


def write_prices(folder: Path, start: datetime, prices: list[float]) -> None:
    lines = [
        f"{datetime.fromtimestamp(start.timestamp() + 3600 * index, tz=UTC).isoformat()},{price}"
        for index, price in enumerate(prices)
    ]
    (folder / "price.csv").write_text("time_utc,price_usd_per_mwh\n" + "\n".join(lines) + "\n")


def test_yaml_selects_a_tariff_by_kind() -> None:
    assert set(kinds_of("models.economics", Tariff)) >= {"flat", "hourly", "time-of-use"}
    tariff = TypeAdapter(selected_from("models.economics", Tariff)).validate_python(
        {"kind": "flat", "price": "0.08 USD/kWh"}
    )
    assert isinstance(tariff, FlatTariff)


def test_flat_price_covers_the_run_on_full_hours() -> None:
    series = FlatTariff.model_validate({"price": "80 USD/MWh"}).energy_price(
        utc_s(2023, 1, 1, 0, 20), utc_s(2023, 1, 1, 2)
    )
    assert (series.start_utc_s, series.step_s, len(series.values)) == (utc_s(2023, 1, 1), 3600, 2)
    assert series.values.tolist() == [80 / 3.6e9] * 2


def test_price_without_a_unit_is_refused() -> None:
    with pytest.raises(ValidationError, match="has no unit"):
        FlatTariff.model_validate({"price": 0.08})


def test_hourly_prices_may_be_negative(tmp_path: Path) -> None:
    write_prices(tmp_path, datetime(2023, 1, 1, tzinfo=UTC), [40.0, -5.0, 60.0])
    series = hourly(tmp_path).energy_price(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 3))
    assert (series.values / USD_PER_MWH).tolist() == pytest.approx([40.0, -5.0, 60.0], rel=1e-15)


def test_validating_a_tariff_reads_no_prices(tmp_path: Path) -> None:
    (tmp_path / "price.csv").write_text("nonsense")
    tariff = hourly(tmp_path)
    with pytest.raises(InputError, match="price.csv:1: there is no column 'time_utc' or 'Datetime"):
        tariff.energy_price(0, 3600)


def test_prices_that_end_before_the_run_are_refused_with_the_remedy(tmp_path: Path) -> None:
    write_prices(tmp_path, datetime(2023, 1, 1, tzinfo=UTC), [40.0] * 24)
    with pytest.raises(
        InputError, match="price.csv: energy_price: the series ends at 2023-01-02T00:00Z.*'repeat: year'"
    ):
        hourly(tmp_path).energy_price(utc_s(2023, 1, 1), utc_s(2023, 1, 3))


def test_repeated_prices_cover_any_year(tmp_path: Path) -> None:
    write_prices(tmp_path, datetime(2023, 1, 1, tzinfo=UTC), [float(hour) for hour in range(8760)])
    series = hourly(tmp_path, repeat="year").energy_price(utc_s(2024, 2, 28), utc_s(2024, 3, 2))
    assert np.array_equal(series.values[:24], series.values[24:48])
    assert series.values[48] == 59 * 24 / 3.6e9


def test_cost_is_energy_times_the_price_of_its_hour(tmp_path: Path) -> None:
    write_prices(tmp_path, datetime(2023, 1, 1, tzinfo=UTC), [40.0, -5.0, 60.0])
    price = hourly(tmp_path).energy_price(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 3))
    start_utc_s = utc_s(2023, 1, 1)
    edges_utc_s = [start_utc_s + s for s in (1200, 3600, 5400, 7200, 9000)]
    cost_usd = energy_cost_usd([3.6e9, 7.2e9, 0.0, 1.8e9], edges_utc_s, price)
    assert cost_usd.tolist() == pytest.approx([40.0, -10.0, 0.0, 30.0], rel=1e-15)


@pytest.mark.parametrize(
    ("zone", "mean_usd_per_mwh"), [("US-MIDA-PJM", 35.7), ("US-TEX-ERCO", 55.9), ("DE-LU", 102.6), ("SG", 184.9)]
)
def test_mean_price_of_2023_is_the_published_one(public_data: Path, zone: str, mean_usd_per_mwh: float) -> None:
    folders = DataFolders.of(public_data)
    tariff = HourlyTariff.model_validate({"file": f"grid/{zone}_2023_price.csv"}, context=folders)
    series = tariff.energy_price(utc_s(2023, 1, 1), utc_s(2024, 1, 1))
    assert len(series.values) == 8760
    assert float(series.values.mean()) / USD_PER_MWH == pytest.approx(mean_usd_per_mwh, abs=0.05)
