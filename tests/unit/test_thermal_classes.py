"""ASHRAE's classes of air and coolant."""

from __future__ import annotations

import itertools
import math

import pytest

from models.cooling.thermal_classes import (
    AIR_CLASSES,
    LIQUID_CLASSES,
    RECOMMENDED,
    air_class,
    least_liquid_class,
    liquid_class,
)


@pytest.mark.parametrize(
    ("name", "recommended", "allowable"),
    [
        ("A1", (18, 27), (15, 32)),
        ("A2", (18, 27), (10, 35)),
        ("A3", (18, 27), (5, 40)),
        ("A4", (18, 27), (5, 45)),
        ("H1", (18, 22), (15, 25)),
    ],
)
def test_air_classes_allow_what_ashrae_prints(
    name: str, recommended: tuple[float, float], allowable: tuple[float, float]
) -> None:
    assert air_class(name).recommended == recommended
    assert air_class(name).allowable == allowable


def test_each_class_a_allows_what_the_one_before_allows() -> None:
    for lower, higher in itertools.pairwise([air_class(name) for name in ("A1", "A2", "A3", "A4")]):
        assert higher.allowable.least_c <= lower.allowable.least_c
        assert higher.allowable.most_c > lower.allowable.most_c
        assert higher.allowable_dew_point.most_c >= lower.allowable_dew_point.most_c
        assert higher.allowable_humidity[1] >= lower.allowable_humidity[1]
        assert lower.recommended == RECOMMENDED


def test_recommended_air_is_allowable() -> None:
    for found in AIR_CLASSES.values():
        assert found.allowable.least_c <= found.recommended.least_c < found.recommended.most_c <= found.allowable.most_c


def test_liquid_classes_are_named_for_their_greatest_supply_temperature() -> None:
    for name, found in LIQUID_CLASSES.items():
        assert found.greatest_supply_c == (math.inf if name == "W+" else float(name[1:]))
        assert found.loop == {"W": "facility", "S": "technology"}[name[0]]


@pytest.mark.parametrize(
    ("supply_c", "loop", "name"),
    [(17, "facility", "W17"), (17.1, "facility", "W27"), (50, "facility", "W+"), (40, "technology", "S40")],
)
def test_the_least_class_that_takes_a_supply_temperature(supply_c: float, loop: str, name: str) -> None:
    assert least_liquid_class(supply_c, loop) == liquid_class(name)


def test_every_class_has_a_source_and_a_status() -> None:
    for air in AIR_CLASSES.values():
        assert "ASHRAE" in air.source
        assert (air.status == "assumption") == (air.name == "H1")
    for liquid in LIQUID_CLASSES.values():
        assert "ASHRAE" in liquid.source
        assert (liquid.status == "assumption") == (liquid.loop == "technology")


def test_unknown_classes_are_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="'A5' is no air class; allowed: A1, A2, A3, A4, H1"):
        air_class("A5")
    with pytest.raises(ValueError, match="'W30' is no liquid class; allowed: W17, W27"):
        liquid_class("W30")
    with pytest.raises(ValueError, match="no class of the technology loop takes a coolant of 55 °C"):
        least_liquid_class(55.0, "technology")
