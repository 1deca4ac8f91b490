"""Every chiller of the catalogue: its reference point, its bounds, and whether its power goes the right way."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable
from typing import Any

import pytest

from models import catalog, catalog_files
from models.chillers.chiller import Chiller, biquadratic
from models.chillers.monotonicity import wrong_ways
from models.sourced import numbers

NAMES = catalog.names("chillers")
ENERGY_PLUS = [name for name in NAMES if not name.startswith(("copper-", "doe-2-"))]

GIVEN: dict[str, Any] = {
    "condenser": "water",
    "compressor": "screw",
    "reference_capacity": "1 MW",
    "reference_cop": 5.0,
    "reference_chilled_water": "7 °C",
    "reference_condenser": "30 °C",
    "chilled_water": {"least": "5 °C", "greatest": "10 °C"},
    "condenser_entering": {"least": "20 °C", "greatest": "35 °C"},
    "part_load": {"least": 0.2, "unloaded": 0.2, "greatest": 1.0},
    "capacity_curve": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "power_curve": [0.4, 0.0, 0.0, 0.02, 0.0, 0.0],
    "part_load_curve": [0.2, 0.3, 0.5],
}


def chiller(name: str) -> Chiller:
    return catalog.entry("chillers", name)


def test_every_set_is_there_once() -> None:
    assert (len(ENERGY_PLUS), len(NAMES)) == (157, 318)
    curves = {(chiller(name).capacity_curve, chiller(name).power_curve) for name in NAMES}
    assert len(curves) == len(NAMES)


def test_each_machine_has_its_reference_capacity_and_cop_at_its_reference_point() -> None:
    for name in NAMES:
        shown = chiller(name)
        point = (shown.reference_chilled_water, shown.reference_condenser)
        assert biquadratic(shown.capacity_w, *point) == pytest.approx(shown.reference_capacity.value, rel=1e-12)
        assert biquadratic(shown.power_per_heat, *point) * shown.reference_cop.value == pytest.approx(1.0, rel=1e-12)
        assert sum(shown.power_by_part_load) == pytest.approx(1.0, rel=1e-12)


def test_many_published_curves_are_not_one_at_their_reference_point() -> None:
    off = [
        max(abs(biquadratic(curve, each.reference_chilled_water, each.reference_condenser) - 1.0) for curve in curves)
        for each in map(chiller, ENERGY_PLUS)
        for curves in [(each.capacity_curve, each.power_curve)]
    ]
    assert (sum(share > 0.05 for share in off), sum(share > 0.02 for share in off)) == (12, 53)


def test_no_published_curve_covers_the_water_of_a_warm_hall() -> None:
    assert max(chiller(name).chilled_water.greatest for name in ENERGY_PLUS) == 12.78
    assert max(chiller(name).chilled_water.greatest for name in NAMES) == 15.56


def test_flags_list_the_sets_whose_power_goes_the_wrong_way_and_by_how_much() -> None:
    counted = dict.fromkeys(
        ("hotter-condenser-less-power", "warmer-chilled-water-more-power", "more-load-less-power"), 0
    )
    clean = 0
    for name in NAMES:
        shown = chiller(name)
        found = {str(flag): float(f"{fall:.3g}") for flag, fall in wrong_ways(shown).items()}
        assert {str(flag): share.value for flag, share in shown.flags.items()} == found, name
        if name in ENERGY_PLUS:
            clean += not found
            for flag in found:
                counted[flag] += 1
    assert clean == 36
    assert list(counted.values()) == [90, 120, 6]


def test_a_machine_whose_power_rises_with_the_condenser_has_no_flag_and_one_whose_power_falls_has() -> None:
    assert wrong_ways(Chiller.model_validate(GIVEN)) == {}
    # 0.9 at 20 °C, 0.6 at 35 °C: a third is lost on the way.
    falls = Chiller.model_validate({**GIVEN, "power_curve": [1.3, 0.0, 0.0, -0.02, 0.0, 0.0]})
    assert wrong_ways(falls) == {"hotter-condenser-less-power": pytest.approx(1.0 / 3.0)}


def test_every_number_of_every_machine_has_a_source() -> None:
    for name in NAMES:
        for number in numbers(chiller(name)):
            assert number.status in ("derived", "assumption") and number.source, (name, number.path)


def test_reading_one_machine_reads_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = catalog_files._read

    def noted(file: Traversable) -> dict[str, Any]:
        read.append(file.name)
        return original(file)

    monkeypatch.setattr(catalog_files, "_read", noted)
    catalog_files._entry.cache_clear()
    catalog.entry("chillers", "doe-2-air-scroll")
    assert read == ["doe-2-air-scroll.yaml"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reference_cop": 0.0}, "the reference COP is 0; it is above 0"),
        ({"reference_condenser": "40 °C"}, "the reference point, 7 and 40 °C, is outside the curves' bounds"),
        ({"chilled_water": {"least": "9 °C", "greatest": "5 °C"}}, "the least, 9 °C, is not below the greatest, 5 °C"),
        (
            {"power_curve": [-0.5, 0.0, 0.0, 0.02, 0.0, 0.0]},
            "power_curve is not above 0 at 5 and 20 °C, inside its own bounds",
        ),
        ({"part_load_curve": [0.2, 0.3, -0.5]}, "part_load_curve is not above 0 at full load"),
        ({"flags": {"noisy": 1.0}}, "Input should be 'hotter-condenser-less-power'"),
    ],
)
def test_a_machine_that_can_not_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Chiller.model_validate({**GIVEN, **given})
