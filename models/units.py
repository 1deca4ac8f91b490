"""Quantities as people write them ("700 W", "3.35 TB/s", "30 d"), read into floats in SI units.

Each type below is a pydantic type for a field of a `Section`: YAML gives a text NUMBER UNIT, Python sees a float, and
dumping the section writes a text that reads back as the same float. In Python a default is `quantity("1 h")`.
Unit symbols are case-sensitive: b is a bit, B a byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Annotated

from .dimension import DIMENSIONS as DIMENSIONS
from .dimension import Dimension, Unit, symbol_of
from .dimension import Quantity as Quantity


def quantity(text: str) -> Quantity:
    """Return "NUMBER UNIT" as a float in SI that pydantic accepts as a default; its unit tells the dimension."""
    symbol = symbol_of(text)
    for dimension in DIMENSIONS.values():
        if symbol in dimension.units:
            return dimension.quantity(text)
    raise ValueError(f"'{text}' is no quantity: write a number and a unit of {', '.join(DIMENSIONS)}")


def format_quantity(value_si: float, dimension: str, digits: int = 3) -> str:
    """Return a value [SI unit of `dimension`, a key of DIMENSIONS] for print, such as "8.40 kW", to `digits` digits."""
    return DIMENSIONS[dimension].show(value_si, digits)


def _declare(
    name: str, phrase: str, *, si: str, units: Mapping[str, Unit], printed: str, example: str, minimum: float = 0.0
) -> Dimension:
    DIMENSIONS[name] = Dimension(name, phrase, si, units, tuple(printed.split()), example, minimum)
    return DIMENSIONS[name]


def _units(factors: Mapping[str, str | int | Fraction]) -> dict[str, Unit]:
    return {symbol: Unit(Fraction(factor)) for symbol, factor in factors.items()}


def _prefixed(symbols: Iterable[str], prefixes: str, factor: str | int = 1) -> dict[str, Unit]:
    powers = {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
    return {
        prefix + symbol: Unit(Fraction(factor) * 10 ** powers.get(prefix, 0))
        for symbol in symbols
        for prefix in ("", *prefixes)
    }


def _bits_and_bytes(per: str = "") -> dict[str, Unit]:
    binary = {f"{prefix}iB{per}": Unit(Fraction(1024**power)) for power, prefix in enumerate("KMGTPE", start=1)}
    bits = _prefixed((f"b{per}", f"bit{per}"), "kMGTP", "1/8")
    return {**_prefixed((f"B{per}",), "kMGTPE"), **binary, **bits}


def _per_wh(amounts: Mapping[str, str | int]) -> dict[str, Unit]:
    """Return units of an amount per kWh, MWh and GWh, in the amount's SI unit per J."""
    joules = {"kWh": 3_600_000, "MWh": 3_600_000_000, "GWh": 3_600_000_000_000}
    return {f"{name}/{wh}": Unit(Fraction(amount) / j) for name, amount in amounts.items() for wh, j in joules.items()}


_POUND_KG = "0.45359237"  # exact, international yard and pound agreement of 1959
_GALLON_M3 = "0.003785411784"  # US gallon, 231 cubic inches, exact (NIST Handbook 44, appendix C)
_YEAR_S = 31_557_600  # Julian year of 365.25 d, symbol a (IAU Style Manual, 1989, section 5.15)
_SECONDS = {
    **{"ns": "1e-9", "us": "1e-6", "µs": "1e-6", "ms": "1e-3", "s": 1},
    **{"min": 60, "h": 3600, "d": 86_400, "wk": 604_800, "a": _YEAR_S},
}
_KELVIN = Unit(Fraction(1), Fraction("-273.15"))
_FAHRENHEIT = Unit(Fraction(5, 9), Fraction(-160, 9))
_CELSIUS_AND_OTHERS = {
    **dict.fromkeys(("degC", "°C", "C"), Unit(Fraction(1))),
    "K": _KELVIN,
    **dict.fromkeys(("degF", "°F", "F"), _FAHRENHEIT),
}

Power = Annotated[
    float, _declare("power", "a power", si="W", units=_prefixed("W", "kMG"), printed="W kW MW GW", example="700 W")
]
"""W."""

Energy = Annotated[
    float,
    _declare(
        "energy",
        "an energy",
        si="J",
        units={**_prefixed("J", "kMGT"), **_prefixed(("Wh",), "kMGT", 3600)},
        printed="J kJ kWh MWh GWh TWh",
        example="100 kWh",
    ),
]
"""J."""

Duration = Annotated[
    float,
    _declare("duration", "a duration", si="s", units=_units(_SECONDS), printed="ns us ms s min h d", example="30 d"),
]
"""s; not negative. A year `a` is the Julian year of 365.25 d."""

Data = Annotated[
    float,
    _declare(
        "data",
        "an amount of data",
        si="B",
        units=_bits_and_bytes(),
        printed="B kB MB GB TB PB EB",
        example="80 GB",
    ),
]
"""B (bytes)."""

Bandwidth = Annotated[
    float,
    _declare(
        "bandwidth",
        "a bandwidth",
        si="B/s",
        units=_bits_and_bytes("/s"),
        printed="B/s kB/s MB/s GB/s TB/s PB/s",
        example="3.35 TB/s",
    ),
]
"""B/s."""

ComputeRate = Annotated[
    float,
    _declare(
        "compute_rate",
        "a compute rate",
        si="FLOP/s",
        units=_prefixed(("FLOP/s", "FLOPS", "OP/s", "OPS"), "kMGTPE"),
        printed="FLOP/s kFLOP/s MFLOP/s GFLOP/s TFLOP/s PFLOP/s EFLOP/s",
        example="989.5 TFLOP/s",
    ),
]
"""FLOP/s, or integer operations a second where the field says so."""

Money = Annotated[
    float,
    _declare(
        "money",
        "an amount of money",
        si="USD",
        units=_prefixed(("USD",), "kMG"),
        printed="USD kUSD MUSD GUSD",
        example="11.7 MUSD",
    ),
]
"""USD."""

Temperature = Annotated[
    float,
    _declare(
        "temperature",
        "a temperature",
        si="°C",
        units=_CELSIUS_AND_OTHERS,
        printed="°C",
        example="18 °C",
        minimum=-273.15,
    ),
]
"""°C."""

Mass = Annotated[
    float,
    _declare(
        "mass",
        "a mass",
        si="kg",
        units=_units({"g": "1e-3", "kg": 1, "t": 1000, "kt": 10**6, "Mt": 10**9, "lb": _POUND_KG}),
        printed="g kg t kt Mt",
        example="150 kg",
    ),
]
"""kg."""

Volume = Annotated[
    float,
    _declare(
        "volume",
        "a volume",
        si="m3",
        units=_units({"m3": 1, "m³": 1, "mL": "1e-6", "L": "1e-3", "l": "1e-3", "gal": _GALLON_M3}),
        printed="L m3",
        example="20 m3",
    ),
]
"""m3; `gal` is the US gallon."""

CarbonIntensity = Annotated[
    float,
    _declare(
        "carbon_intensity",
        "a carbon intensity",
        si="kg/J",
        units={
            **_per_wh({"g": "1e-3", "kg": 1, "t": 1000, "lb": _POUND_KG, "gCO2e": "1e-3", "gCO2": "1e-3"}),
            "kg/J": Unit(Fraction(1)),
        },
        printed="g/kWh",
        example="392 g/kWh",
    ),
]
"""kg of CO2 equivalent per J."""

EnergyPrice = Annotated[
    float,
    _declare(
        "energy_price",
        "a price of energy",
        si="USD/J",
        units={**_per_wh({"USD": 1}), "USD/J": Unit(Fraction(1))},
        printed="USD/MWh USD/kWh",
        example="62 USD/MWh",
        minimum=-float("inf"),
    ),
]
"""USD/J; may be negative."""

PowerPrice = Annotated[
    float,
    _declare(
        "power_price",
        "a price of power",
        si="USD/W",
        units=_units({"USD/W": 1, "USD/kW": "1/1000", "USD/MW": "1/1000000"}),
        printed="USD/MW USD/kW USD/W",
        example="12.5 USD/kW",
    ),
]
"""USD per W: of a tariff for each billing month, of equipment once."""

CarbonPerPower = Annotated[
    float,
    _declare(
        "carbon_per_power",
        "an amount of carbon per power",
        si="kg/W",
        units=_units({"kg/W": 1, "kg/kW": "1/1000", "t/MW": "1/1000"}),
        printed="kg/kW kg/W",
        example="1000 kg/kW",
    ),
]
"""kg of CO2 equivalent per W that something is built for."""

VolumePrice = Annotated[
    float,
    _declare(
        "volume_price",
        "a price of a volume",
        si="USD/m3",
        units=_units(
            {"USD/m3": 1, "USD/L": 1000, "USD/kL": 1, "USD/kgal": Fraction(1) / (1000 * Fraction(_GALLON_M3))}
        ),
        printed="USD/m3 USD/L",
        example="1.6 USD/m3",
    ),
]
"""USD/m3; `kgal` is 1,000 US gallons."""

Length = Annotated[
    float,
    _declare(
        "length",
        "a length",
        si="m",
        units=_units({"mm": "1e-3", "cm": "1e-2", "m": 1, "km": 1000, "in": "0.0254", "ft": "0.3048"}),
        printed="mm m km",
        example="30 m",
    ),
]
"""m."""

Area = Annotated[
    float,
    _declare(
        "area",
        "an area",
        si="m2",
        units={**dict.fromkeys(("m2", "m²"), Unit(Fraction(1))), "ft2": Unit(Fraction("0.3048") ** 2)},
        printed="m2",
        example="400 m2",
    ),
]
"""m2."""

Frequency = Annotated[
    float,
    _declare(
        "frequency",
        "a frequency",
        si="Hz",
        units=_prefixed(("Hz",), "kMG"),
        printed="Hz kHz MHz GHz",
        example="1.98 GHz",
    ),
]
"""Hz."""

Pressure = Annotated[
    float,
    _declare(
        "pressure",
        "a pressure",
        si="Pa",
        units={**_prefixed(("Pa",), "kM"), "bar": Unit(Fraction(100_000))},
        printed="Pa kPa",
        example="500 Pa",
    ),
]
"""Pa."""

PowerRamp = Annotated[
    float,
    _declare(
        "power_ramp",
        "a change of power over time",
        si="W/s",
        units={
            **_prefixed(("W/s",), "kMG"),
            **_units({"kW/min": "1000/60", "MW/min": "1000000/60"}),
        },
        printed="W/s kW/s MW/s",
        example="500 kW/s",
    ),
]
"""W/s."""

Angle = Annotated[
    float,
    _declare("angle", "an angle", si="deg", units=_units({"deg": 1}), printed="deg", example="30 deg"),
]
"""Degrees."""
