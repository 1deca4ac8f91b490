"""What moist air can not do, whatever the weather."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.moist_air.psychrometrics import (
    air_density_kg_per_m3,
    dew_point_c,
    enthalpy_j_per_kg,
    humidity_ratio,
    humidity_ratio_from_wet_bulb,
    relative_humidity_from_dew_point,
    saturated_temperature_c,
    saturation_pressure_pa,
    wet_bulb_c,
)

ROUNDING_K = 1e-8
dry_bulbs = st.floats(-60.0, 60.0)
humidities = st.floats(0.0, 1.0)
pressures = st.floats(50e3, 110e3)


@settings(max_examples=40, deadline=None)
@given(dry_bulbs, humidities, pressures)
def test_wet_bulb_lies_between_dew_point_and_dry_bulb(dry_bulb: float, humidity: float, pressure: float) -> None:
    wet_bulb = wet_bulb_c(dry_bulb, humidity, pressure)
    assert dew_point_c(dry_bulb, humidity) - ROUNDING_K <= wet_bulb <= dry_bulb + ROUNDING_K


@settings(max_examples=40, deadline=None)
@given(humidities, pressures)
def test_wet_bulb_and_dew_point_rise_with_temperature(humidity: float, pressure: float) -> None:
    dry_bulb = np.linspace(-60.0, 60.0, 1201)
    for rising in (wet_bulb_c(dry_bulb, humidity, pressure), dew_point_c(dry_bulb, humidity)):
        assert np.all(np.diff(rising) >= -ROUNDING_K)


@settings(max_examples=40, deadline=None)
@given(dry_bulbs, pressures)
def test_wet_bulb_and_dew_point_rise_with_humidity(dry_bulb: float, pressure: float) -> None:
    humidity = np.linspace(0.0, 1.0, 1001)
    for rising in (wet_bulb_c(dry_bulb, humidity, pressure), dew_point_c(dry_bulb, humidity)):
        assert np.all(np.diff(rising) >= -ROUNDING_K)


@settings(max_examples=40, deadline=None)
@given(st.floats(-40.0, 60.0), st.floats(0.01, 1.0), pressures)
def test_humidity_comes_back_from_wet_bulb_and_from_dew_point(
    dry_bulb: float, humidity: float, pressure: float
) -> None:
    ratio = humidity_ratio(dry_bulb, humidity, pressure)
    wet_bulb = wet_bulb_c(dry_bulb, humidity, pressure)
    assert humidity_ratio_from_wet_bulb(dry_bulb, wet_bulb, pressure) == pytest.approx(ratio, rel=1e-7, abs=1e-12)
    dew_point = dew_point_c(dry_bulb, humidity)
    assert relative_humidity_from_dew_point(dry_bulb, dew_point) == pytest.approx(humidity, rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.floats(-40.0, 60.0), pressures)
def test_temperature_of_saturated_air_comes_back_from_its_enthalpy(temperature: float, pressure: float) -> None:
    enthalpy = enthalpy_j_per_kg(temperature, humidity_ratio(temperature, 1.0, pressure))
    assert saturated_temperature_c(enthalpy, pressure) == pytest.approx(temperature, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(dry_bulbs, pressures)
def test_humid_air_is_lighter_and_holds_more_heat(dry_bulb: float, pressure: float) -> None:
    humidity = np.linspace(0.0, 1.0, 11)
    assert np.all(np.diff(air_density_kg_per_m3(dry_bulb, humidity, pressure)) < 0.0)
    enthalpy = enthalpy_j_per_kg(np.array(dry_bulb), humidity_ratio(dry_bulb, humidity, pressure))
    assert np.all(np.diff(enthalpy) > 0.0)


def test_saturation_pressure_rises_across_the_triple_point() -> None:
    assert np.all(np.diff(saturation_pressure_pa(np.linspace(-0.1, 0.1, 2001))) > 0.0)
