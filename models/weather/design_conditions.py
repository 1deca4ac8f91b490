"""The climatic design conditions that the header of an EPW file quotes from the ASHRAE Handbook Fundamentals."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANNUAL_PERCENTS = (0.4, 1.0, 2.0)
"""Shares of the hours of a year [%] that are hotter than the annual design values."""
RETURN_PERIODS_YEARS = (5, 10, 20, 50)
"""Years, once in which the hottest hour is expected to be as hot as the extreme values."""


@dataclass(frozen=True)
class DesignConditions:
    """A station's design conditions for cooling, all in °C.

    `dry_bulb` gives (dry bulb, mean coincident wet bulb) by annual percentage, `wet_bulb` the evaporation design
    conditions (wet bulb, mean coincident dry bulb). `extreme_dry_bulb_c` is the hottest hour expected once in so many
    years; `extreme_wet_bulb_c` the highest wet bulb of the station's record, None where the edition has none.
    """

    edition: int
    dry_bulb: dict[float, tuple[float, float]]
    wet_bulb: dict[float, tuple[float, float]]
    extreme_dry_bulb_c: dict[int, float]
    extreme_wet_bulb_c: float | None


@dataclass(frozen=True)
class _Layout:
    """How many fields follow each keyword in an edition, and where the highest wet bulb is: (keyword, field)."""

    fields: dict[str, int]
    extreme_wet_bulb: tuple[str, int]


# EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary", for 2009 and 2013; OpenStudio's pull
# request 5521 for how 2017 and 2021 differ: wind from the north-west and its share came to Heating, the highest wet
# bulb moved from Extremes to the place of the hours 8 to 4 at the end of Cooling.
_EARLIER = _Layout({"Heating": 15, "Cooling": 32, "Extremes": 16}, ("Extremes", 3))
_LATER = _Layout({"Heating": 16, "Cooling": 32, "Extremes": 15}, ("Cooling", 31))
_LAYOUTS = {2009: _EARLIER, 2013: _EARLIER, 2017: _LATER, 2021: _LATER}
# Cooling: hottest month and its daily range, then dry bulb with coincident wet bulb, then wet bulb with coincident dry
# bulb, each at 0.4, 1 and 2 %.
_DRY_BULB, _WET_BULB = 2, 8
# Extremes end with least and greatest dry bulb for 5, 10, 20 and 50 years.
_EXTREMES_FROM_END = 8


def design_conditions(line: str) -> DesignConditions | str:
    """Return the first design conditions of an EPW file's second line; where there are none, the reason in words."""
    fields = [field.strip() for field in line.strip().split(",")]
    if fields[0].upper() != "DESIGN CONDITIONS":
        return "line 2 of the file is not DESIGN CONDITIONS"
    if len(fields) < 3 or fields[1] in ("", "0"):
        return "the file's header states no design conditions"
    years = re.findall(r"\b(?:19|20)\d\d\b", fields[2])
    edition = int(years[0]) if years else 0
    if edition not in _LAYOUTS:
        known = ", ".join(map(str, _LAYOUTS))
        return f"the header's design conditions are of '{fields[2]}'; known are the ASHRAE Handbooks of {known}"
    return _read(fields, edition, _LAYOUTS[edition])


def _read(fields: list[str], edition: int, layout: _Layout) -> DesignConditions | str:
    groups: dict[str, list[str]] = {}
    for keyword, count in layout.fields.items():
        if fields.count(keyword) < 1:
            return f"the header's design conditions have no '{keyword}'"
        first = fields.index(keyword) + 1
        group = fields[first : first + count]
        if len(group) < count or any(other in group for other in layout.fields):
            return f"'{keyword}' of the header's design conditions has not the {count} fields of the edition {edition}"
        groups[keyword] = group
    try:
        cooling = [_number(field) for field in groups["Cooling"][_DRY_BULB : _WET_BULB + 2 * len(ANNUAL_PERCENTS)]]
        extremes = [_number(field) for field in groups["Extremes"][-_EXTREMES_FROM_END:]]
        keyword, place = layout.extreme_wet_bulb
        stated = groups[keyword][place]
        extreme_wet_bulb_c = _number(stated) if stated else None
    except ValueError as error:
        return f"the header's design conditions can not be read: {error}"
    pairs = list(zip(cooling[::2], cooling[1::2], strict=True))
    return DesignConditions(
        edition=edition,
        dry_bulb=dict(zip(ANNUAL_PERCENTS, pairs, strict=False)),
        wet_bulb=dict(zip(ANNUAL_PERCENTS, pairs[len(ANNUAL_PERCENTS) :], strict=True)),
        extreme_dry_bulb_c=dict(zip(RETURN_PERIODS_YEARS, extremes[1::2], strict=True)),
        extreme_wet_bulb_c=extreme_wet_bulb_c,
    )


def _number(field: str) -> float:
    value = float(field)
    if not -90.0 <= value <= 70.0:  # as the hourly temperatures
        raise ValueError(f"{field} °C is no temperature of outdoor air")
    return value
