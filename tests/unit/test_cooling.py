"""The cooling of a hall: what it draws, what it removes, what it refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.cooling.cooling import Cooling
from models.cooling.sized_cooling import SPACE_HEATED, CoolingOperation, SizedCooling
from models.weather.design_day import DesignDay

DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="test")
MILD = (20.0, 0.5, 14.0, 101_325.0)
STATED = {"kind": "stated", "power_share": 0.2}


def cooling(**given: Any) -> Cooling:
    return Cooling.model_validate({"air": {"kind": "crah", "plant": STATED}, **given})


def sized(**given: Any) -> SizedCooling:
    return cooling(liquid={"plant": {"kind": "stated", "power_share": 0.05}}, **given).sized(10e6, 0.3e6, DESIGN_DAY)


def test_heat_and_losses_are_shared_between_air_and_coolant() -> None:
    hall = sized()
    assert hall.air.duty_w == pytest.approx(0.2 * 10e6 + 0.3e6)
    assert hall.liquid is not None
    assert hall.liquid.duty_w == 0.8 * 10e6


def test_a_hall_of_warm_air_is_built_for_what_server_fans_draw_more() -> None:
    # 7 K above the knee of 25 °C: 1.21 times the flow, 1.21 cubed times 8 % of the fifth of IT that the air cools.
    more_w = 0.08 * 0.2 * 10e6 * (1.21**3 - 1.0)
    hall = sized(supply_air="32 °C")
    assert hall.air.duty_w == pytest.approx(0.2 * (10e6 + more_w) + 0.3e6)
    assert hall.liquid is not None
    assert hall.liquid.duty_w == pytest.approx(0.8 * (10e6 + more_w))
    assert sized(supply_air="25 °C").air.duty_w == sized(supply_air="18 °C").air.duty_w


def test_air_handlers_are_enough_for_the_heat_and_one_more() -> None:
    assert sized().air.units == 16 + 1  # 2.3 MW in units of 150 kW


def test_plant_is_asked_for_the_heat_and_the_fans() -> None:
    works = sized().operate(1e6, 0.0, *MILD)
    assert works.compressor_w[0] == pytest.approx(0.2 * (1e6 + works.air_fan_w[0]) + 0.05 * works.cdu_pump_w[0])


def test_fans_follow_the_cube_of_heat() -> None:
    hall = sized()
    more, less = hall.operate(np.array([2e6, 1e6]), 0.0, *MILD).air_fan_w
    assert more / less == pytest.approx(8.0)


def test_fans_do_not_turn_below_their_least_flow() -> None:
    hall = sized()
    idle, light = hall.operate(np.array([0.0, 0.1e6]), 0.0, *MILD).air_fan_w
    assert idle == light == pytest.approx(hall.air.units * hall.air.sizes["unit_fan_w"] * 0.3**3)


def test_what_exceeds_the_capacity_is_not_removed() -> None:
    works = sized().operate(4e6, 9e6, *MILD)
    assert works.air_removed_w[0] == works.air_capacity_w[0] < 4e6
    assert works.liquid_removed_w[0] == works.liquid_capacity_w[0] < 9e6


def test_warmer_hall_gets_more_heat_into_the_coils() -> None:
    hall = cooling(air={"kind": "crah", "plant": {**STATED, "margin": 2.0}}).sized(3e6, 0.0, DESIGN_DAY)
    capacity_w = hall.operate(3e6, 0.0, *MILD, np.array([24.0, 25.0, 30.0]), air_units=15).air_capacity_w
    assert np.all(np.diff(capacity_w) > 0.0)
    assert capacity_w[0] == pytest.approx(15 * 150e3)


def test_without_fans_nothing_is_removed_from_the_hall() -> None:
    works = sized().operate(1e6, 1e6, *MILD, air_units=0)
    assert works.air_capacity_w[0] == works.air_removed_w[0] == works.air_fan_w[0] == 0.0
    assert works.liquid_removed_w[0] == 1e6


def test_without_a_plant_fans_warm_the_hall() -> None:
    works = sized().operate(1e6, 1e6, *MILD, air_plant_units=0)
    assert works.air_removed_w[0] == pytest.approx(-works.air_fan_w[0])
    assert works.air_fan_w[0] > 0.0


def test_constant_pumps_draw_frontiers_power() -> None:
    hall = sized()
    assert hall.liquid is not None
    drawn_w = hall.operate(0.0, 4e6, *MILD).cdu_pump_w[0]
    assert drawn_w == pytest.approx(hall.liquid.units * 8473.47 * hall.liquid.sizes["unit_capacity_w"] / 1.13e6)


def test_capacity_on_the_design_day_is_told_with_and_without_spare_units() -> None:
    parts = {(part.path, part.part, part.working): part.capacity_w for part in sized().capacity_on(DESIGN_DAY)}
    assert parts["air", "crah", 17] >= 2.3e6
    assert parts["air", "crah", 16] >= 2.3e6
    assert parts["liquid", "cdu", 8] >= 8e6


def test_every_power_names_the_space_that_it_heats() -> None:
    powers = {name for name in CoolingOperation._fields if name.endswith("_w")}
    powers -= {"air_capacity_w", "liquid_capacity_w", "air_removed_w", "liquid_removed_w", "free_w"}
    assert set(SPACE_HEATED) == powers
    assert set(SPACE_HEATED.values()) <= {"hall", "plant-room", "outdoors"}


def test_sum_of_the_powers_is_the_power() -> None:
    works = sized().operate(1e6, 4e6, *MILD)
    assert works.power_w[0] == pytest.approx(sum(getattr(works, name)[0] for name in SPACE_HEATED))


def test_rear_doors_draw_less_fan_power_than_air_handlers() -> None:
    doors = cooling(air={"kind": "rear-door", "plant": STATED}).sized(3e6, 0.0, DESIGN_DAY)
    handlers = cooling().sized(3e6, 0.0, DESIGN_DAY)
    assert doors.operate(3e6, 0.0, *MILD).air_fan_w[0] < 0.5 * handlers.operate(3e6, 0.0, *MILD).air_fan_w[0]
    assert doors.air.sizes["water_supply_c"] > handlers.air.sizes["water_supply_c"]


def test_warmer_supply_makes_the_computers_fans_draw_more() -> None:
    fans = cooling().server_fans
    assert fans.extra_it_w(1e6, 20.0) == 0.0
    assert fans.extra_it_w(1e6, 30.0) == pytest.approx(0.08e6 * (1.15**3 - 1.0))
    assert fans.fan_power_factor(np.array([25.0, 99.0])).tolist() == [1.0, 1.5**3]


def test_heat_for_a_coolant_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no `liquid`"):
        cooling().sized(1e6, 0.0, DESIGN_DAY).operate(1e6, 1.0, *MILD)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"supply_air": "36 °C"}, "class A2 allows 10 to 35"),
        ({"throttle_inlet": "20 °C"}, "throttle_inlet is 20 °C; it must be above supply_air, 24 °C"),
        ({"shutdown_inlet": "30 °C"}, "must be above throttle_inlet, 35 °C"),
        ({"liquid": {"plant": STATED, "captured": 1.1}}, "less than or equal to 1"),
        ({"liquid": {"plant": STATED, "supply": "55 °C"}}, "throttle_coolant is 50 °C"),
        ({"on_ups": ["lights"]}, "'fans', 'cdu-pumps' or 'plant-pumps'"),
        ({"air": {"kind": "ice", "plant": STATED}}, "crah"),
    ],
)
def test_what_can_not_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        cooling(**given)


def test_sized_cooling_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        sized().liquid = None  # type: ignore[misc]


def test_coolant_colder_than_a_dry_cooler_can_make_is_refused() -> None:
    liquid = {"plant": {"kind": "dry-cooler"}, "supply": "38 °C"}
    with pytest.raises(ValueError, match="a supply of 34 °C is less than"):
        cooling(liquid=liquid).sized(1e6, 0.0, DESIGN_DAY)


def test_class_of_the_computers_bounds_the_humidity_of_outside_air() -> None:
    for air_class, free in (("A1", False), ("A3", True)):
        hall = cooling(air={"kind": "outside-air", "plant": STATED}, air_class=air_class).sized(1e6, 0.0, DESIGN_DAY)
        # 22 °C at 90 % has a dew point of 20.3 °C; at the supply of 24 °C it has a relative humidity of 80 %.
        assert (hall.operate(1e6, 0.0, 22.0, 0.9, 20.8, 101_325.0).free_w[0] > 0.0) == free


def test_coolant_without_a_plant_shares_that_of_the_air() -> None:
    shared = cooling(liquid={}).sized(10e6, 0.3e6, DESIGN_DAY)
    works = shared.operate(2e6, 7e6, *MILD)
    movers_w = works.air_fan_w + works.cdu_pump_w
    assert works.compressor_w == pytest.approx(0.2 * (2e6 + 7e6 + movers_w))
    assert works.liquid_removed_w[0] == 7e6
    assert min(part.capacity_w for part in shared.capacity_on(DESIGN_DAY)) >= 2.3e6


def test_shared_plant_falls_short_of_both_in_proportion() -> None:
    shared = cooling(liquid={}).sized(10e6, 0.3e6, DESIGN_DAY)
    works = shared.operate(2.3e6, 9e6, *MILD)
    removed_w = works.air_removed_w + works.air_fan_w, works.liquid_removed_w + works.cdu_pump_w
    assert sum(removed_w) == pytest.approx(works.compressor_w / 0.2)
    assert removed_w[0] / removed_w[1] == pytest.approx((2.3e6 + works.air_fan_w) / (9e6 + works.cdu_pump_w))
    assert works.air_removed_w[0] < 2.3e6
    assert works.liquid_removed_w[0] < 9e6


def test_shared_plant_that_is_there_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="none that it could share"):
        cooling(air={"kind": "outside-air"}, liquid={}).sized(1e6, 0.0, DESIGN_DAY)
    with pytest.raises(ValueError, match="coolant distribution needs 16.0 °C"):
        cooling(liquid={"supply": "20 °C"}).sized(1e6, 0.0, DESIGN_DAY)
