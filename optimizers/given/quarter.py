"""Quarters of a year, and values that change from quarter to quarter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from models.units import Money, Power

from .ranges import Amount, NoneOrMore

_NAME = re.compile(r"([0-9]{4})-Q([1-4])")
ValueT = TypeVar("ValueT")


def quarter_number(name: str) -> int:
    """Return the quarters from the year 0 to a quarter such as `2027-Q1`; raise ValueError where it is none."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"'{name}' is no quarter; write a year and one of Q1 to Q4, such as 2027-Q1")
    return 4 * int(found[1]) + int(found[2]) - 1


def quarter_name(number: int) -> str:
    """Return the name of a quarter, the inverse of `quarter_number`."""
    return f"{number // 4:04d}-Q{number % 4 + 1}"


def _checked(name: str) -> str:
    if not 2000 <= quarter_number(name) // 4 < 2200:
        raise ValueError(f"'{name}' is no quarter to plan for; allowed: 2000-Q1 to 2199-Q4")
    return name


QuarterName = Annotated[str, AfterValidator(_checked)]
"""A calendar quarter in UTC, such as `2027-Q1`."""


def _not_empty(given: Mapping[str, ValueT]) -> Mapping[str, ValueT]:
    if not given:
        raise ValueError("give at least one quarter")
    return given


def by_quarter(curve: ValueT | Mapping[str, ValueT], first: str, count: int, before: ValueT | None) -> list[ValueT]:
    """Return a curve's value in each of `count` quarters from `first` on.

    A bare value holds always; of a mapping each value holds from its quarter until the next one. `before` holds before
    the first; without it raises ValueError where the curve begins too late.
    """
    if not isinstance(curve, Mapping):
        return [curve] * count
    steps = sorted((quarter_number(name), value) for name, value in curve.items())
    start = quarter_number(first)
    found: list[ValueT] = []
    for number in range(start, start + count):
        value = before
        for since, stated in steps:
            if since <= number:
                value = stated
        if value is None:
            raise ValueError(f"nothing is stated for {quarter_name(number)}: the first value is for a later quarter")
        found.append(value)
    return found


MoneyCurve = Annotated[Money, Field(ge=0.0)] | Annotated[dict[QuarterName, Money], AfterValidator(_not_empty)]
"""USD at all times, or by quarter: `{2027-Q1: 270 kUSD, 2027-Q4: 240 kUSD}`, each until the next."""
PowerCurve = Annotated[Power, Field(ge=0.0)] | Annotated[dict[QuarterName, Power], AfterValidator(_not_empty)]
"""W at all times, or by quarter, each until the next; nothing before the first."""
AmountCurve = Amount | Annotated[dict[QuarterName, Amount], AfterValidator(_not_empty)]
"""A number at all times, or by quarter, each until the next; 0 before the first."""
CountCurve = NoneOrMore | Annotated[dict[QuarterName, NoneOrMore], AfterValidator(_not_empty)]
"""A whole number at all times, or by quarter, each until the next; 0 before the first."""
