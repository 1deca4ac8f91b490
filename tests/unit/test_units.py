"""Quantities with units: known conversions, and what a refusal says."""

from __future__ import annotations

import collections
import json
import math
import re
import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from models import units
from models.section import Section
from models.units import DIMENSIONS, Duration, EnergyPrice, Power, format_quantity, quantity


class Heater(Section):
    """A section with a required, a defaulted, an optional and a bounded quantity."""

    power: Power
    """Electric power."""
    run_time: Duration = quantity("1 h")
    price: EnergyPrice | None = None
    pause: Annotated[Duration, Field(gt=0)] = quantity("30 min")


def refusal(dimension: str, given: object) -> str:
    """What a person is told about this value."""
    with pytest.raises(ValueError, match="written like") as caught:
        DIMENSIONS[dimension].parse(given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("dimension", "text", "value_si"),
    [
        ("power", "700 W", 700.0),
        ("power", "700W", 700.0),
        ("power", "8.4 kW", 8400.0),
        ("power", "1_200.5 MW", 1.2005e9),
        ("power", "7e2 W", 700.0),
        ("power", "  .5 GW ", 5e8),
        ("energy", "100 kWh", 3.6e8),
        ("energy", "2 MJ", 2e6),
        ("duration", "1.5 h", 5400.0),
        ("duration", "30 d", 2_592_000.0),
        ("duration", "2 wk", 1_209_600.0),
        ("duration", "1 a", 365.25 * 86_400),
        ("duration", "5 us", 5e-6),
        ("duration", "5 µs", 5e-6),
        ("duration", "5 min", 300.0),
        ("data", "80 GB", 8e10),
        ("data", "80 GiB", 80 * 2.0**30),
        ("data", "8 Gb", 1e9),
        ("data", "8 Gbit", 1e9),
        ("bandwidth", "400 Gb/s", 5e10),
        ("bandwidth", "3.35 TB/s", 3.35e12),
        ("compute_rate", "989.5 TFLOP/s", 9.895e14),
        ("compute_rate", "989.5 TFLOPS", 9.895e14),
        ("money", "11.7 MUSD", 1.17e7),
        ("money", "12 kUSD", 12_000.0),
        ("money", "0.08 USD", 0.08),
        ("temperature", "18 °C", 18.0),
        ("temperature", "18 degC", 18.0),
        ("temperature", "291 K", 17.85),
        ("temperature", "-40 °F", -40.0),
        ("temperature", "212 F", 100.0),
        ("mass", "1 lb", 0.45359237),
        ("mass", "2 t", 2000.0),
        ("volume", "1 gal", 0.003785411784),
        ("volume", "20 m³", 20.0),
        ("carbon_intensity", "392 g/kWh", 0.392 / 3.6e6),
        ("carbon_intensity", "0.4 kg/kWh", 0.4 / 3.6e6),
        ("carbon_intensity", "1000 lb/MWh", 453.59237 / 3.6e9),
        ("energy_price", "62 USD/MWh", 62 / 3.6e9),
        ("energy_price", "0.094 USD/kWh", 0.094 / 3.6e6),
        ("energy_price", "-5 USD/MWh", -5 / 3.6e9),
        ("power_price", "12.5 USD/kW", 0.0125),
        ("length", "10 ft", 3.048),
        ("frequency", "1.98 GHz", 1.98e9),
    ],
)
def test_a_quantity_is_read_into_si(dimension: str, text: str, value_si: float) -> None:
    assert DIMENSIONS[dimension].parse(text) == pytest.approx(value_si, rel=1e-15)


def test_conversion_is_rounded_once() -> None:
    assert DIMENSIONS["energy_price"].parse("0.1 USD/kWh") == 1 / 3.6e7
    assert DIMENSIONS["duration"].parse("0.1 ms") == 1e-4


@pytest.mark.parametrize("given", [700, 700.0, 0, "700"])
def test_a_number_without_unit_is_refused_with_an_example(given: object) -> None:
    message = refusal("power", given)
    assert "has no unit; a power is written like '700 W'; units: W, kW, MW, GW" in message


def test_a_missing_unit_names_what_was_given() -> None:
    assert refusal("power", 700) == "700 has no unit; a power is written like '700 W'; units: W, kW, MW, GW"


def test_a_unit_of_another_dimension_is_called_by_its_name() -> None:
    assert refusal("power", "700 kWh").startswith("'700 kWh' is an energy, not a power; a power is written like")
    assert refusal("data", "5 Gb/s").startswith("'5 Gb/s' is a bandwidth, not an amount of data;")


def test_an_unknown_unit_lists_the_known_ones() -> None:
    assert refusal("power", "700 V") == (
        "'V' is not a unit of power; a power is written like '700 W'; units: W, kW, MW, GW"
    )


@pytest.mark.parametrize(
    ("dimension", "given", "hint"),
    [
        ("power", "700 w", "nearest: 'W' (unit symbols are case-sensitive)"),
        ("power", "20 mW", "nearest: 'MW' (unit symbols are case-sensitive)"),
        ("data", "80 gb", "nearest: 'GB' or 'Gb' (unit symbols are case-sensitive)"),
        ("bandwidth", "400 Gbps", "nearest: 'Gb/s'"),
        ("duration", "3 hours", "nearest: 'h'"),
        ("duration", "3 weeks", "nearest: 'wk'"),
        ("money", "3 $", "nearest: 'USD'"),
        ("energy_price", "62 USD/MWhr", "nearest: 'USD/MWh'"),
    ],
)
def test_a_near_miss_is_answered_with_the_nearest_unit(dimension: str, given: str, hint: str) -> None:
    assert hint in refusal(dimension, given)


@pytest.mark.parametrize("given", [math.nan, math.inf, -math.inf, "nan W", "inf", "-inf W", ".inf W", "Infinity W"])
def test_nan_and_infinity_are_refused(given: object) -> None:
    assert "is not a finite number" in refusal("power", given)


def test_a_number_beyond_the_floats_is_refused() -> None:
    assert "is too large" in refusal("power", "1e400 W")
    assert "is too large" in refusal("power", "1e308 GW")
    assert "is too large" in refusal("power", "1e999999999 W")


def test_a_vanishing_number_is_zero_without_computing_its_digits() -> None:
    assert DIMENSIONS["power"].parse("1e-999999999 W") == 0.0


@pytest.mark.parametrize("dimension", sorted(set(DIMENSIONS) - {"temperature", "energy_price"}))
def test_a_negative_quantity_is_refused(dimension: str) -> None:
    assert "is negative" in refusal(dimension, f"-1 {DIMENSIONS[dimension].si}")


def test_a_negative_duration_says_so() -> None:
    assert refusal("duration", "-5 s").startswith("'-5 s' is negative; a duration is written like '30 d'")


def test_a_temperature_below_absolute_zero_is_refused() -> None:
    assert "is below -273.15 °C" in refusal("temperature", "-300 °C")
    assert DIMENSIONS["temperature"].parse("0 K") == -273.15


@pytest.mark.parametrize(
    ("given", "said"),
    [(True, "true"), (None, "an empty value"), ([1], "a list"), ({}, "a mapping"), ("1,000 W", "'1,")],
)
def test_what_is_no_quantity_is_refused(given: object, said: str) -> None:
    assert refusal("power", given).startswith(said)


def test_an_endless_text_is_refused_and_not_repeated() -> None:
    assert len(refusal("power", "9" * 100_000 + " W")) < 200


def test_no_symbol_belongs_to_two_dimensions() -> None:
    owners = collections.Counter(symbol for dimension in DIMENSIONS.values() for symbol in dimension.units)
    assert [symbol for symbol, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("dimension", DIMENSIONS.values(), ids=lambda dimension: dimension.name)
def test_every_dimension_has_a_public_type_whose_schema_accepts_its_example(dimension: Any) -> None:
    name = "".join(word.capitalize() for word in dimension.name.split("_"))
    schema = TypeAdapter(getattr(units, name)).json_schema()
    assert schema["type"] == "string"
    assert schema["examples"] == [dimension.example]
    assert schema["description"].lower().startswith(dimension.phrase)
    assert re.search(schema["pattern"], dimension.example)
    assert not re.search(schema["pattern"], "700")
    assert all(re.search(schema["pattern"], f"1.5e3 {symbol}") for symbol in dimension.units)


def test_a_section_dumps_texts_that_read_back() -> None:
    heater = Heater.model_validate({"power": "8.4 kW", "price": "-62 USD/MWh"})
    assert heater.power == 8400.0
    assert heater.run_time == 3600.0
    assert heater.model_dump() == {"power": "8.4 kW", "run_time": "1 h", "price": "-62 USD/MWh", "pause": "30 min"}
    assert json.loads(heater.model_dump_json()) == heater.model_dump()
    assert Heater.model_validate(heater.model_dump()) == heater


def test_a_schema_shows_defaults_with_their_unit() -> None:
    properties = Heater.model_json_schema()["properties"]
    assert properties["run_time"]["default"] == "1 h"
    assert properties["power"]["description"] == "Electric power."


def test_a_bound_on_a_field_holds_in_si() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        Heater.model_validate({"power": "1 W", "pause": "0 s"})


def test_a_default_in_another_dimension_is_refused() -> None:
    with pytest.raises(ValidationError, match="is a duration, not a power"):
        Heater(power=quantity("1 h"))


def test_quantity_refuses_an_unknown_unit() -> None:
    with pytest.raises(ValueError, match="'3 furlong' is no quantity"):
        quantity("3 furlong")


@pytest.mark.parametrize(
    ("value_si", "dimension", "shown"),
    [
        (8400.0, "power", "8.40 kW"),
        (999_600.0, "power", "1.00 MW"),
        (0.0, "power", "0 W"),
        (5400.0, "duration", "1.50 h"),
        (-5.3, "temperature", "-5.30 °C"),
        (62 / 3.6e9, "energy_price", "62.0 USD/MWh"),
        (0.392 / 3.6e6, "carbon_intensity", "392 g/kWh"),
        (1.21125541e10, "energy", "3.36 MWh"),
        (5e12, "power", "5,000 GW"),
        (math.inf, "power", "inf W"),
    ],
)
def test_a_quantity_prints_with_three_digits(value_si: float, dimension: str, shown: str) -> None:
    assert format_quantity(value_si, dimension) == shown


def test_units_load_pydantic_and_nothing_heavy() -> None:
    code = "import sys, models.units; print([n for n in ('numpy', 'pandas', 'scipy', 'ruamel') if n in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
