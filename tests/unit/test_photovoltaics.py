"""Solar panels: known hours, plain refusals, and the yield of a year."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.data_file import DataFolders
from models.power.supply.photovoltaics import Photovoltaics
from models.problems import InputError
from models.series import Series
from models.weather.constant import ConstantWeather
from models.weather.epw import EpwWeather
from models.weather.typical import TypicalWeather
from models.weather.weather import Weather

YEAR_UTC_S = tuple(datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2023, 2024))


def panels(**keys: Any) -> Photovoltaics:
    return Photovoltaics.model_validate({"capacity": "1 MW", **keys})


def equinox(direct_w: float, diffuse_w: float, dry_bulb_c: float = 25.0, latitude_deg: float = 0.0) -> Weather:
    """Weather of one hour around noon at longitude 0 on 20 March, in wind that cools the cells to the air."""
    start_utc_s = int(datetime(2023, 3, 20, 11, 37, tzinfo=UTC).timestamp())  # noon is at 12:07

    def series(name: str, value: float) -> Series:
        return Series(name, "", start_utc_s, 3600, np.array([value]))

    weather = ConstantWeather.model_validate({"dry_bulb": "25 °C"}).read()
    return dataclasses.replace(
        weather,
        latitude_deg=latitude_deg,
        longitude_deg=0.0,
        dry_bulb_c=series("dry_bulb_c", dry_bulb_c),
        wind_speed_m_per_s=series("wind_speed_m_per_s", 1e9),
        global_horizontal_w_per_m2=series("global_horizontal_w_per_m2", direct_w + diffuse_w),
        direct_normal_w_per_m2=series("direct_normal_w_per_m2", direct_w),
        diffuse_horizontal_w_per_m2=series("diffuse_horizontal_w_per_m2", diffuse_w),
    )


def noon_w(given: Photovoltaics, weather: Weather) -> float:
    start_utc_s = weather.dry_bulb_c.start_utc_s
    return float(given.power(weather, start_utc_s, start_utc_s + 3600).values[0])


def test_flat_panels_under_the_zenith_give_their_capacity_less_the_losses() -> None:
    # 1000 W/m2 at 25 °C is the nameplate; what is left of it goes through a large inverter at a known part load.
    given = panels(tilt="0 deg", losses=0.1, direct_over_alternating=0.5)
    load = 0.9e6 / (2e6 / 0.96)
    efficiency = 0.96 / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858)
    assert noon_w(given, equinox(1000.0, 0.0)) == pytest.approx(0.9e6 * efficiency, rel=1e-4)


def test_warm_cells_give_less_by_their_coefficient() -> None:
    given = panels(tilt="0 deg", direct_over_alternating=0.5, temperature_coefficient=-0.004)
    warm, cool = (noon_w(given, equinox(1000.0, 0.0, dry_bulb_c)) for dry_bulb_c in (45.0, 25.0))
    assert warm / cool == pytest.approx(1 - 0.004 * 20, abs=0.002)


def test_inverters_clip_at_their_rating() -> None:
    given = panels(tilt="0 deg", direct_over_alternating=1.5)
    assert noon_w(given, equinox(1000.0, 0.0)) == pytest.approx(1e6 / 1.5, rel=1e-12)


def test_panels_look_at_the_equator_unless_told_otherwise() -> None:
    south = noon_w(panels(tilt="45 deg"), equinox(800.0, 50.0, latitude_deg=-45.0))
    north = noon_w(panels(tilt="45 deg"), equinox(800.0, 50.0, latitude_deg=45.0))
    assert south == pytest.approx(north, rel=1e-3)
    assert noon_w(panels(tilt="45 deg", azimuth="0 deg"), equinox(800.0, 50.0, latitude_deg=45.0)) < 0.2 * north


def test_night_gives_nothing() -> None:
    assert noon_w(panels(), equinox(0.0, 0.0)) == 0.0


def test_weather_without_sunlight_is_refused() -> None:
    weather = ConstantWeather.model_validate({"dry_bulb": "18 °C"}).read()
    with pytest.raises(InputError, match="constant weather: tells no sunlight, .* take EPW or TMY3 weather"):
        panels().power(weather, *YEAR_UTC_S)


def test_weather_without_a_place_is_refused() -> None:
    weather = dataclasses.replace(equinox(500.0, 100.0), latitude_deg=None)
    with pytest.raises(InputError, match="tells no place on Earth"):
        noon_w(panels(), weather)


@pytest.mark.parametrize(
    "keys", [{"capacity": "0 W"}, {"tilt": "91 deg"}, {"losses": 1.0}, {"temperature_coefficient": 0.004}]
)
def test_impossible_panels_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        panels(**keys)


def test_year_of_hours_in_the_weather_s_own_steps() -> None:
    weather = TypicalWeather().read()
    power = panels().power(weather, *YEAR_UTC_S)
    assert (power.start_utc_s, power.step_s, len(power.values)) == (YEAR_UTC_S[0], 3600, 8760)
    assert power.unit == "W"
    assert power.values.max() <= panels().inverter_rating_w
    by_hour = power.values.reshape(365, 24).mean(axis=0)
    assert by_hour.argmax() == 17  # 12:00 to 13:00 in Greensboro; the sun stands highest at about 12:20
    assert (by_hour[2:10] == 0.0).all()


def test_global_light_alone_gives_nearly_the_same_year() -> None:
    weather = TypicalWeather().read()
    whole = panels().power(weather, *YEAR_UTC_S).values.sum()
    split = panels().power(dataclasses.replace(weather, direct_normal_w_per_m2=None), *YEAR_UTC_S).values.sum()
    assert split == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize(
    # kWh a year for each kW of panels, 20° and south: the range that PVWatts gives for such places, wide.
    ("file", "least", "most"),
    [
        ("USA_AZ_Phoenix-Sky.Harbor.epw", 1550, 1850),
        ("USA_VA_Leesburg.Exec.epw", 1200, 1450),
        ("USA_WA_Seattle-Tacoma.epw", 950, 1200),
    ],
)
def test_yield_of_public_years_is_plausible(public_data: Any, file: str, least: float, most: float) -> None:
    source = EpwWeather.model_validate({"file": f"weather/{file}"}, context=DataFolders.of(public_data))
    kwh = panels().power(source.read(), *YEAR_UTC_S).values.sum() / 1000 / 1000
    assert least < kwh < most
