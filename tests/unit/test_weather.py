"""The weather noun, its contract, and the source that needs no file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.kinds import kinds_of
from models.problems import InputError
from models.series import Series
from models.weather.constant import ConstantWeather
from models.weather.source import WeatherSource
from models.weather.weather import standard_pressure_pa


def test_every_source_is_a_kind() -> None:
    assert set(kinds_of("models.weather", WeatherSource)) >= {"constant", "epw", "open-meteo", "tmy3", "typical"}


@pytest.mark.parametrize(
    # ASHRAE Handbook Fundamentals 2021, chapter 1, table 1, in kPa.
    ("elevation_m", "pressure_kpa"),
    [(-500, 107.478), (0, 101.325), (1000, 89.875), (3000, 70.108), (10_000, 26.436)],
)
def test_standard_pressure_is_the_table_of_ashrae(elevation_m: float, pressure_kpa: float) -> None:
    assert standard_pressure_pa(elevation_m) / 1000 == pytest.approx(pressure_kpa, abs=0.002)


def test_constant_weather_is_the_same_at_all_times() -> None:
    source = ConstantWeather.model_validate({"dry_bulb": "18 °C", "relative_humidity": 0.6, "elevation": "1 km"})
    weather = source.read()
    assert weather.dry_bulb_c.at([0, 1.7e9, 4e9]).tolist() == [18.0] * 3
    assert weather.relative_humidity.at([0]).tolist() == [0.6]
    assert weather.pressure_pa.at([0]).tolist() == pytest.approx([89_875], abs=1)


def test_humidity_is_a_fraction() -> None:
    with pytest.raises(ValidationError, match="relative_humidity"):
        ConstantWeather.model_validate({"dry_bulb": "18 °C", "relative_humidity": 60})


def test_place_above_all_mountains_is_refused() -> None:
    with pytest.raises(ValidationError, match="elevation"):
        ConstantWeather.model_validate({"dry_bulb": "18 °C", "elevation": "50 km"})


def test_window_cuts_every_series() -> None:
    import dataclasses

    import numpy as np

    weather = ConstantWeather.model_validate({"dry_bulb": "18 °C"}).read()
    hourly = Series("dry_bulb_c", "°C", 0, 3600, np.array([1.0, 2.0, 3.0]), source="site.epw")
    weather = dataclasses.replace(
        weather, dry_bulb_c=hourly, dew_point_c=hourly.named("dew_point_c", "°C", hourly.values - 1)
    )
    window = weather.covering(3600, 7200)
    assert window.dry_bulb_c.values.tolist() == [2.0]
    assert window.dew_point_c is not None and window.dew_point_c.values.tolist() == [1.0]
    assert window.wind_speed_m_per_s is None
    with pytest.raises(InputError, match="site.epw: dry_bulb_c: the series ends"):
        weather.covering(3600, 14_400)
