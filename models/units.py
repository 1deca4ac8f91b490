"""Quantities as people write them ("700 W", "3.35 TB/s", "30 d"), read into floats in SI units.

Each type below is a pydantic type for a field of a `Section`: YAML gives a text NUMBER UNIT, Python sees a float, and
dumping the section writes a text that reads back as the same float. In Python a default is `quantity("1 h")`.
Unit symbols are case-sensitive: b is a bit, B a byte.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_NUMBER = r"[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([^\s\d.,_+-].*?)?\s*")
_NOT_FINITE = re.compile(r"\s*[+-]?\.?(nan|inf|infinity)\b.*", re.IGNORECASE)
_LONGEST_TEXT = 64  # no quantity needs more; keeps the exact arithmetic below small
# What people write out in full, and the symbol that they mean.
_WORDS = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "wk"),
    **dict.fromkeys(("y", "yr", "year", "years"), "a"),
    **dict.fromkeys(("$", "dollar", "dollars", "US$"), "USD"),
    **{f"{prefix}bps": f"{prefix}b/s" for prefix in ("k", "M", "G", "T")},
}


class Unit(NamedTuple):
    """A unit of a dimension: value in SI = number * factor + offset, exactly."""

    factor: Fraction
    offset: Fraction = Fraction(0)


class Quantity(float):
    """A float in SI units that knows its dimension: what `quantity` returns, and what a default may be."""

    dimension: Dimension

    def __repr__(self) -> str:
        return repr(self.dimension.write(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let the JSON Schema show a default as the text that a person would write."""
        written = core_schema.plain_serializer_function_ser_schema(lambda value: value.dimension.write(value))
        return core_schema.is_instance_schema(cls, serialization=written)


@dataclass(frozen=True, eq=False)
class Dimension:
    """What a number measures, the units in which it may be written, and the range that it may have.

    `units` maps symbols to units, `printed` names those used in print, in rising order; `si` is the one of factor 1,
    in which the float is kept. Values below `minimum` [SI] are refused. Put into `Annotated[float, ...]` it reads,
    writes and describes the field.
    """

    name: str
    phrase: str
    si: str
    units: Mapping[str, Unit]
    printed: tuple[str, ...]
    example: str
    minimum: float = 0.0

    def parse(self, given: object) -> float:
        """Return the value in SI of "NUMBER UNIT", correctly rounded; raise ValueError that says what is allowed."""
        if isinstance(given, Quantity):
            if given.dimension is not self:
                raise ValueError(f"{given!r} is {given.dimension.phrase}, not {self.phrase}; {self._allowed}")
            return self._checked(float(given), repr(given))
        if isinstance(given, int | float) and not isinstance(given, bool):
            if not math.isfinite(given):
                raise ValueError(f"{given} is not a finite number; {self._allowed}")
            raise ValueError(f"{given} has no unit; {self._allowed}")
        if not isinstance(given, str):
            raise ValueError(f"{_described(given)} is not {self.phrase}; {self._allowed}")
        if _NOT_FINITE.fullmatch(given):
            raise ValueError(f"'{given}' is not a finite number; {self._allowed}")
        match = _QUANTITY.fullmatch(given) if len(given) <= _LONGEST_TEXT else None
        if match is None:
            raise ValueError(f"'{given[:_LONGEST_TEXT]}' is not {self.phrase}; {self._allowed}")
        number, symbol = match.groups()
        if symbol is None:
            raise ValueError(f"'{given}' has no unit; {self._allowed}")
        unit = self.units.get(symbol)
        if unit is None:
            raise ValueError(self._unit_refused(given, symbol))
        return self._checked(_in_si(number, unit), f"'{given}'")

    def write(self, value_si: float) -> str:
        """Return the shortest "NUMBER UNIT" that `parse` reads as exactly this float."""
        candidates = [f"{_plain(float(value_si))} {self.si}"]
        for symbol in self.printed:
            unit = self.units[symbol]
            number = _plain(float((Fraction(float(value_si)) - unit.offset) / unit.factor))
            if _in_si(number, unit) == value_si:
                candidates.append(f"{number} {symbol}")
        return min(reversed(candidates), key=lambda text: (text.lstrip("-").startswith("0."), len(text)))

    def _checked(self, value_si: float, given: str) -> float:
        if not math.isfinite(value_si):
            raise ValueError(f"{given} is too large; {self._allowed}")
        if value_si < self.minimum:
            least = "is negative" if self.minimum == 0.0 else f"is below {self.minimum:g} {self.si}"
            raise ValueError(f"{given} {least}; {self._allowed}")
        return value_si

    def _unit_refused(self, given: str, symbol: str) -> str:
        others = [other.phrase for other in DIMENSIONS.values() if symbol in other.units]
        if others:
            return f"'{given}' is {others[0]}, not {self.phrase}; {self._allowed}"
        return f"'{symbol}' is not a unit of {self.name.replace('_', ' ')}{self._near(symbol)}; {self._allowed}"

    def _near(self, symbol: str) -> str:
        if _WORDS.get(symbol) in self.units:
            return f"; nearest: '{_WORDS[symbol]}'"
        same_letters = [name for name in self.units if name.lower() == symbol.lower()]
        if same_letters:
            return f"; nearest: {' or '.join(map(repr, same_letters))} (unit symbols are case-sensitive)"
        close = difflib.get_close_matches(symbol, self.units, n=1)
        return f"; nearest: '{close[0]}'" if close else ""

    @property
    def _allowed(self) -> str:
        return f"{self.phrase} is written like '{self.example}'; units: {self._listed}"

    @property
    def _listed(self) -> str:
        """The symbols, without the other spellings of the same unit."""
        first: dict[Unit, str] = {}
        for symbol, unit in self.units.items():
            first.setdefault(unit, symbol)
        return ", ".join(first.values())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self.parse,
            core_schema.float_schema(allow_inf_nan=False),
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.write, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "string",
            "description": f"{self.phrase.capitalize()} with its unit: {self._listed}.",
            "pattern": rf"^\s*{_NUMBER}\s*({'|'.join(map(re.escape, self.units))})\s*$",
            "examples": [self.example],
            "dimension": self.name,
        }


def quantity(text: str) -> Quantity:
    """Return "NUMBER UNIT" as a float in SI that pydantic accepts as a default; its unit tells the dimension."""
    match = _QUANTITY.fullmatch(text)
    symbol = match[2] if match else None
    for dimension in DIMENSIONS.values():
        if symbol in dimension.units:
            value = Quantity(dimension.parse(text))
            value.dimension = dimension
            return value
    raise ValueError(f"'{text}' is no quantity: write a number and one of the units of {', '.join(DIMENSIONS)}")


def format_quantity(value_si: float, dimension: str, digits: int = 3) -> str:
    """Return a value [SI unit of `dimension`, a key of DIMENSIONS] for print, such as "8.40 kW", to `digits` digits."""
    scale = DIMENSIONS[dimension]
    if not math.isfinite(value_si):
        return f"{value_si} {scale.si}"
    exact = Fraction(value_si)
    for symbol in reversed(scale.printed):
        # Rounded in its own unit, so that 999.6 kW prints as 1.00 MW and 62 USD/MWh as 62.0.
        mantissa, _, exponent = f"{float(exact / scale.units[symbol].factor):.{digits - 1}e}".partition("e")
        if int(exponent) >= 0 and float(mantissa):
            break
    number = float(f"{mantissa}e{exponent}")
    return f"{number:,.{max(digits - 1 - int(exponent), 0)}f} {symbol}" if number else f"0 {scale.si}"


def _in_si(number: str, unit: Unit) -> float:
    """Return the float nearest to the exact value; infinity where it is beyond the floats."""
    if not math.isfinite(float(number)):
        return math.inf
    # A number below the smallest float is 0: its exact value may have billions of digits.
    exact = Fraction(number) if float(number) else Fraction(0)
    try:
        return float(exact * unit.factor + unit.offset)
    except OverflowError:
        return math.inf


def _plain(value: float) -> str:
    return repr(value).removesuffix(".0")


def _described(given: object) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if given is None:
        return "an empty value"
    return {"dict": "a mapping", "list": "a list"}.get(type(given).__name__, f"{given!r}")


def _units(factors: Mapping[str, str | int]) -> dict[str, Unit]:
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


_JOULES_PER_WH = 3600
_POUND_KG = "0.45359237"  # exact, international yard and pound agreement of 1959
_GALLON_M3 = "0.003785411784"  # US gallon, 231 cubic inches, exact (NIST Handbook 44, appendix C)
_YEAR_S = 31_557_600  # Julian year of 365.25 d, symbol a (IAU Style Manual, 1989, section 5.15)


def _per_wh(symbols_kg: Mapping[str, str | int], prefixes: str) -> dict[str, Unit]:
    return {
        f"{symbol}/{prefix}Wh": Unit(
            Fraction(amount) / (_JOULES_PER_WH * Fraction(10) ** {"k": 3, "M": 6, "G": 9}[prefix])
        )
        for symbol, amount in symbols_kg.items()
        for prefix in prefixes
    }


DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("power", "a power", "W", _prefixed(("W",), "kMG"), ("W", "kW", "MW", "GW"), "700 W"),
        Dimension(
            "energy",
            "an energy",
            "J",
            {**_prefixed(("J",), "kMGT"), **_prefixed(("Wh",), "kMGT", _JOULES_PER_WH)},
            ("J", "kJ", "kWh", "MWh", "GWh", "TWh"),
            "100 kWh",
        ),
        Dimension(
            "duration",
            "a duration",
            "s",
            _units(
                {
                    "ns": "1e-9",
                    "us": "1e-6",
                    "µs": "1e-6",
                    "ms": "1e-3",
                    "s": 1,
                    "min": 60,
                    "h": 3600,
                    "d": 86_400,
                    "wk": 604_800,
                    "a": _YEAR_S,
                }
            ),
            ("ns", "us", "ms", "s", "min", "h", "d"),
            "30 d",
        ),
        Dimension(
            "data", "an amount of data", "B", _bits_and_bytes(), ("B", "kB", "MB", "GB", "TB", "PB", "EB"), "80 GB"
        ),
        Dimension(
            "bandwidth",
            "a bandwidth",
            "B/s",
            _bits_and_bytes("/s"),
            ("B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"),
            "3.35 TB/s",
        ),
        Dimension(
            "compute_rate",
            "a compute rate",
            "FLOP/s",
            _prefixed(("FLOP/s", "FLOPS", "OP/s", "OPS"), "kMGTPE"),
            ("FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s", "EFLOP/s"),
            "989.5 TFLOP/s",
        ),
        Dimension(
            "money",
            "an amount of money",
            "USD",
            _prefixed(("USD",), "kMG"),
            ("USD", "kUSD", "MUSD", "GUSD"),
            "11.7 MUSD",
        ),
        Dimension(
            "temperature",
            "a temperature",
            "°C",
            {
                **dict.fromkeys(("degC", "°C", "C"), Unit(Fraction(1))),
                "K": Unit(Fraction(1), Fraction("-273.15")),
                **dict.fromkeys(("degF", "°F", "F"), Unit(Fraction(5, 9), Fraction(-160, 9))),
            },
            ("°C",),
            "18 °C",
            -273.15,
        ),
        Dimension(
            "mass",
            "a mass",
            "kg",
            _units({"g": "1e-3", "kg": 1, "t": 1000, "kt": 10**6, "Mt": 10**9, "lb": _POUND_KG}),
            ("g", "kg", "t", "kt", "Mt"),
            "150 kg",
        ),
        Dimension(
            "volume",
            "a volume",
            "m3",
            _units({"m3": 1, "m³": 1, "mL": "1e-6", "L": "1e-3", "l": "1e-3", "gal": _GALLON_M3}),
            ("L", "m3"),
            "20 m3",
        ),
        Dimension(
            "carbon_intensity",
            "a carbon intensity",
            "kg/J",
            {
                **_per_wh({"g": "1e-3", "kg": 1, "t": 1000, "lb": _POUND_KG, "gCO2e": "1e-3", "gCO2": "1e-3"}, "kMG"),
                "kg/J": Unit(Fraction(1)),
            },
            ("g/kWh",),
            "392 g/kWh",
        ),
        Dimension(
            "energy_price",
            "a price of energy",
            "USD/J",
            {**_per_wh({"USD": 1}, "kMG"), "USD/J": Unit(Fraction(1))},
            ("USD/MWh", "USD/kWh"),
            "62 USD/MWh",
            -math.inf,
        ),
        Dimension(
            "power_price",
            "a price of power",
            "USD/W",
            _units({"USD/W": 1, "USD/kW": "1/1000", "USD/MW": "1/1000000"}),
            ("USD/MW", "USD/kW", "USD/W"),
            "12.5 USD/kW",
        ),
        Dimension(
            "length",
            "a length",
            "m",
            _units({"mm": "1e-3", "cm": "1e-2", "m": 1, "km": 1000, "in": "0.0254", "ft": "0.3048"}),
            ("mm", "m", "km"),
            "30 m",
        ),
        Dimension("frequency", "a frequency", "Hz", _prefixed(("Hz",), "kMG"), ("Hz", "kHz", "MHz", "GHz"), "1.98 GHz"),
    )
}

Power = Annotated[float, DIMENSIONS["power"]]
"""W."""
Energy = Annotated[float, DIMENSIONS["energy"]]
"""J."""
Duration = Annotated[float, DIMENSIONS["duration"]]
"""s; not negative. A year `a` is the Julian year of 365.25 d."""
Data = Annotated[float, DIMENSIONS["data"]]
"""B (bytes)."""
Bandwidth = Annotated[float, DIMENSIONS["bandwidth"]]
"""B/s."""
ComputeRate = Annotated[float, DIMENSIONS["compute_rate"]]
"""FLOP/s, or integer operations a second where the field says so."""
Money = Annotated[float, DIMENSIONS["money"]]
"""USD."""
Temperature = Annotated[float, DIMENSIONS["temperature"]]
"""°C."""
Mass = Annotated[float, DIMENSIONS["mass"]]
"""kg."""
Volume = Annotated[float, DIMENSIONS["volume"]]
"""m3; `gal` is the US gallon."""
CarbonIntensity = Annotated[float, DIMENSIONS["carbon_intensity"]]
"""kg of CO2 equivalent per J."""
EnergyPrice = Annotated[float, DIMENSIONS["energy_price"]]
"""USD/J; may be negative."""
PowerPrice = Annotated[float, DIMENSIONS["power_price"]]
"""USD per W and billing month."""
Length = Annotated[float, DIMENSIONS["length"]]
"""m."""
Frequency = Annotated[float, DIMENSIONS["frequency"]]
"""Hz."""
