"""What a number measures: how a text such as "700 W" becomes a float in SI units, and back."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

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
        if not value_si:
            return candidates[0]
        for symbol in self.printed:
            unit = self.units[symbol]
            number = _plain(_nearest_float((Fraction(float(value_si)) - unit.offset) / unit.factor))
            if _in_si(number, unit) == value_si:
                candidates.append(f"{number} {symbol}")
        return min(reversed(candidates), key=lambda text: (text.lstrip("-").startswith("0."), len(text)))

    def show(self, value_si: float, digits: int = 3) -> str:
        """Return the value for print, in the unit that puts the fewest digits before the point, such as "8.40 kW"."""
        if not math.isfinite(value_si):
            return f"{value_si} {self.si}"
        for symbol in reversed(self.printed):
            # Rounded in its own unit, so that 999.6 kW prints as 1.00 MW and 62 USD/MWh as 62.0.
            in_unit = float(Fraction(value_si) / self.units[symbol].factor)
            mantissa, _, exponent = f"{in_unit:.{digits - 1}e}".partition("e")
            if int(exponent) >= 0 and float(mantissa):
                break
        number = float(f"{mantissa}e{exponent}")
        return f"{number:,.{max(digits - 1 - int(exponent), 0)}f} {symbol}" if number else f"0 {self.si}"

    def quantity(self, text: str) -> Quantity:
        """Return `parse(text)` as a float that knows this dimension."""
        value = Quantity(self.parse(text))
        value.dimension = self
        return value

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


def symbol_of(text: str) -> str | None:
    """Return the unit of "NUMBER UNIT", or None where there is none."""
    match = _QUANTITY.fullmatch(text)
    return match[2] if match else None


DIMENSIONS: dict[str, Dimension] = {}
"""Every dimension by name, filled by `models.units`; a value in another dimension is refused by that one's name."""


def _in_si(number: str, unit: Unit) -> float:
    """Return the float nearest to the exact value; infinity where it is beyond the floats."""
    if not math.isfinite(float(number)):
        return math.inf
    # A number below the smallest float is 0: its exact value may have billions of digits.
    exact = Fraction(number) if float(number) else Fraction(0)
    return _nearest_float(exact * unit.factor + unit.offset)


def _nearest_float(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _plain(value: float) -> str:
    return repr(value).removesuffix(".0")


def _described(given: object) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if given is None:
        return "an empty value"
    return {"dict": "a mapping", "list": "a list"}.get(type(given).__name__, f"{given!r}")
