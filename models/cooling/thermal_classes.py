"""ASHRAE's environmental classes: what air and coolant may be given to equipment that is built for a class."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..problems import nearest
from ..sourced import Status

_AIR_TABLE = "ASHRAE Thermal Guidelines for Data Processing Environments, by open-exam-prep.com"
_FIFTH = "ASHRAE Thermal Guidelines for Data Processing Environments, 5th edition (2021)"
_WATER = (
    "ASHRAE TC 9.9 white paper on liquid cooling (2021), which renamed W1 to W5 by their limits; as others quote it"
)
_RECALLED = f"{_FIFTH}, quoted from memory and not checked against the book"


class Range(NamedTuple):
    """Temperatures of air at the equipment's inlet [°C], both ends included."""

    least_c: float
    most_c: float


class AirClass(NamedTuple):
    """Air at the inlet of air-cooled equipment.

    `recommended` is where equipment should run as a rule, `allowable` where it must work; dew points [°C] and
    relative humidity (fraction) limit both. A high class takes hotter air, H1 is for dense equipment that does not.
    """

    name: str
    recommended: Range
    allowable: Range
    allowable_dew_point: Range
    allowable_humidity: tuple[float, float]
    source: str
    status: Status
    humidity_source: str
    humidity_status: Status


class LiquidClass(NamedTuple):
    """Coolant supplied to liquid-cooled equipment, at most at `greatest_supply_c` [°C]: a class above 45 °C, W+, has
    no limit of its own.

    `loop` is `facility` for the W classes, water that the building supplies to a coolant distribution unit, and
    `technology` for the S classes, the coolant that the unit supplies to racks.
    """

    name: str
    loop: str
    greatest_supply_c: float
    source: str
    status: Status


RECOMMENDED = Range(18.0, 27.0)
RECOMMENDED_DEW_POINT = Range(-9.0, 15.0)
"""For all air classes, with at most `RECOMMENDED_GREATEST_HUMIDITY`; source and status as the classes' humidity."""
RECOMMENDED_GREATEST_HUMIDITY = 0.6
"""70 % where corrosive gases are low, 50 % where they are high (5th edition); 60 % is that of the 4th."""


def _air(
    name: str,
    allowable: tuple[float, float],
    dew_point: tuple[float, float],
    humidity: tuple[float, float],
    recommended: Range = RECOMMENDED,
    source: str = _AIR_TABLE,
    status: Status = "datasheet",
) -> AirClass:
    limits = Range(*allowable), Range(*dew_point), humidity
    return AirClass(name, recommended, *limits, source, status, _RECALLED, "assumption")


def _facility(name: str, greatest_supply_c: float) -> LiquidClass:
    return LiquidClass(name, "facility", greatest_supply_c, _WATER, "datasheet")


def _technology(name: str, greatest_supply_c: float) -> LiquidClass:
    return LiquidClass(name, "technology", greatest_supply_c, _RECALLED, "assumption")


AIR_CLASSES = {
    found.name: found
    for found in (
        _air("A1", (15.0, 32.0), (-12.0, 17.0), (0.08, 0.80)),
        _air("A2", (10.0, 35.0), (-12.0, 21.0), (0.08, 0.80)),
        _air("A3", (5.0, 40.0), (-12.0, 24.0), (0.08, 0.85)),
        _air("A4", (5.0, 45.0), (-12.0, 24.0), (0.08, 0.90)),
        _air("H1", (15.0, 25.0), (-12.0, 17.0), (0.08, 0.80), Range(18.0, 22.0), _RECALLED, "assumption"),
    )
}

LIQUID_CLASSES = {
    found.name: found
    for found in (
        *(_facility(f"W{limit}", float(limit)) for limit in (17, 27, 32, 40, 45)),
        _facility("W+", math.inf),
        *(_technology(f"S{limit}", float(limit)) for limit in (30, 40, 50)),
    )
}


def air_class(name: str) -> AirClass:
    """Return the air class of a name such as A2; ValueError lists what there is."""
    if name not in AIR_CLASSES:
        raise ValueError(f"'{name}' is no air class; allowed: {', '.join(AIR_CLASSES)}{nearest(name, AIR_CLASSES)}")
    return AIR_CLASSES[name]


def liquid_class(name: str) -> LiquidClass:
    """Return the liquid class of a name such as W32 or S40; ValueError lists what there is."""
    if name not in LIQUID_CLASSES:
        allowed = ", ".join(LIQUID_CLASSES)
        raise ValueError(f"'{name}' is no liquid class; allowed: {allowed}{nearest(name, LIQUID_CLASSES)}")
    return LIQUID_CLASSES[name]


def least_liquid_class(supply_c: float, loop: str = "facility") -> LiquidClass:
    """Return the lowest class of a loop whose equipment takes a supply temperature [°C].

    Raises ValueError above the highest S class, which has no open end.
    """
    fitting = [c for c in LIQUID_CLASSES.values() if c.loop == loop and supply_c <= c.greatest_supply_c]
    if not fitting:
        raise ValueError(f"no class of the {loop} loop takes a coolant of {supply_c:g} °C")
    return min(fitting, key=lambda found: found.greatest_supply_c)
