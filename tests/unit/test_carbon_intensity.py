"""Carbon intensity: its sources, and the carbon of energy."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.carbon.constant import ConstantIntensity
from models.carbon.electricity_maps import ElectricityMapsIntensity
from models.carbon.hourly import HourlyIntensity
from models.carbon.intensity import CarbonSource
from models.carbon.operational import operational_carbon_kg
from models.data_file import DataFolders
from models.kinds import kinds_of
from models.problems import InputError

KG_PER_J = 1 / 3.6e9  # of 1 g/kWh


def utc_s(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def electricity_maps(folder: Path, file: str = "grid.csv", **keys: Any) -> ElectricityMapsIntensity:
    return ElectricityMapsIntensity.model_validate({"file": file, **keys}, context=DataFolders.of(folder))


def write_grid(folder: Path, header: str) -> None:
    rows = "2023-01-01 00:00:00,DE,300,400\n2023-01-01 01:00:00,DE,200,250\n"
    (folder / "grid.csv").write_text(f"Datetime (UTC),Zone Id,{header}\n{rows}", encoding="utf-8")


def test_every_source_is_a_kind() -> None:
    assert set(kinds_of("models.carbon", CarbonSource)) >= {"constant", "hourly", "electricity-maps"}


def test_constant_intensity_covers_the_run() -> None:
    series = ConstantIntensity.model_validate({"value": "392 g/kWh"}).intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 2))
    assert (series.unit, series.step_s, series.values.tolist()) == ("kg/J", 3600, [392 * KG_PER_J] * 24)


def test_negative_intensity_is_refused() -> None:
    with pytest.raises(ValidationError, match="negative"):
        ConstantIntensity.model_validate({"value": "-1 g/kWh"})


@pytest.mark.parametrize(
    "header",
    [
        "Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)",
        "Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle)",
        "Carbon Intensity gCO2eq/kWh (direct),Carbon Intensity gCO2eq/kWh (LCA)",
    ],
)
def test_accounting_selects_the_column_in_each_spelling(tmp_path: Path, header: str) -> None:
    write_grid(tmp_path, header)
    run = utc_s(2023, 1, 1), utc_s(2023, 1, 1, 2)
    lifecycle = electricity_maps(tmp_path).intensity(*run)
    direct = electricity_maps(tmp_path, accounting="direct").intensity(*run)
    assert (lifecycle.values / KG_PER_J).tolist() == pytest.approx([400, 250], rel=1e-15)
    assert (direct.values / KG_PER_J).tolist() == pytest.approx([300, 200], rel=1e-15)


def test_missing_hours_are_refused(tmp_path: Path) -> None:
    write_grid(tmp_path, "Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)")
    with (tmp_path / "grid.csv").open("a", encoding="utf-8") as stream:
        stream.write("2023-01-01 04:00:00,DE,200,250\n")
    with pytest.raises(InputError, match="grid.csv: 2 hours are missing, the first 2023-01-01T02:00Z"):
        electricity_maps(tmp_path).intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 1))


def test_file_without_the_columns_of_electricity_maps_is_refused(tmp_path: Path) -> None:
    write_grid(tmp_path, "direct,lifecycle")
    with pytest.raises(InputError, match=r"grid.csv:1: there is no column 'Carbon intensity gCO2eq/kWh \(LCA\)'"):
        electricity_maps(tmp_path).intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 1))


def test_plain_csv_is_read_and_negative_values_refused(tmp_path: Path) -> None:
    path = tmp_path / "grid.csv"
    path.write_text("time_utc,carbon_intensity_g_per_kwh\n2023-01-01T00:00Z,400\n2023-01-01T01:00Z,250\n")
    source = HourlyIntensity.model_validate({"file": "grid.csv"}, context=DataFolders.of(tmp_path))
    series = source.intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 2))
    assert (series.values / KG_PER_J).tolist() == pytest.approx([400, 250], rel=1e-15)
    path.write_text("time_utc,carbon_intensity_g_per_kwh\n2023-01-01T00:00Z,-400\n")
    with pytest.raises(InputError, match="grid.csv:2: -400 g/kWh is below 0 g/kWh"):
        source.intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 1))


def test_intensity_that_ends_before_the_run_names_the_remedy(tmp_path: Path) -> None:
    write_grid(tmp_path, "Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)")
    with pytest.raises(InputError, match="grid.csv: carbon_intensity .*ends at 2023-01-01T02:00Z.*'repeat: year'"):
        electricity_maps(tmp_path).intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 2))


def test_carbon_is_energy_times_the_intensity_of_its_hour(tmp_path: Path) -> None:
    write_grid(tmp_path, "Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA)")
    series = electricity_maps(tmp_path).intensity(utc_s(2023, 1, 1), utc_s(2023, 1, 1, 2))
    start_utc_s = utc_s(2023, 1, 1)
    carbon_kg = operational_carbon_kg([3.6e6, 3.6e6, 7.2e6], [start_utc_s + s for s in (0, 1800, 3600, 4500)], series)
    assert carbon_kg.tolist() == pytest.approx([0.4, 0.4, 0.5], rel=1e-15)


@pytest.mark.parametrize(
    ("zone", "mean_g_per_kwh"), [("US-MIDA-PJM", 392), ("US-TEX-ERCO", 381), ("DE-LU", 367), ("SG", 488)]
)
def test_mean_lifecycle_intensity_of_2023_is_the_published_one(
    public_data: Path, zone: str, mean_g_per_kwh: int
) -> None:
    source = electricity_maps(public_data, f"grid/{zone}_2023_carbon_electricitymaps.csv")
    series = source.intensity(utc_s(2023, 1, 1), utc_s(2024, 1, 1))
    assert len(series.values) == 8760
    assert round(float(series.values.mean()) / KG_PER_J) == mean_g_per_kwh
