"""Dry coolers and their wet pads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.cooling.plants.dry_cooler import DryCoolerPlant, DryCoolerRating
from models.cooling.plants.plant import Duty, Operation, SizedPlant
from models.weather.design_day import DesignDay

STANDARD_PA = 101_325.0
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=STANDARD_PA, source="a test")
RATED: dict[str, Any] = {"spare": 0, "loop_difference_k": 5.56, "loop_pump": {"pressure": "1 Pa"}}


def sized(heat_w: float = 10e6, supply_c: float = 40.55, **given: Any) -> SizedPlant:
    return DryCoolerPlant.model_validate(given).sized(Duty(heat_w, supply_c, DESIGN_DAY))


def at(plant: SizedPlant, heat_w: float, supply_c: float, dry_bulb_c: float, wet_bulb_c: float = 10.0) -> Operation:
    return plant.operate(heat_w, supply_c, dry_bulb_c, wet_bulb_c, STANDARD_PA)


def test_a_machine_does_what_its_rating_says() -> None:
    plant = sized(2930e3, **RATED)
    operation = at(plant, 2931e3, 40.55, 35.0)
    assert plant.units == 1
    assert operation.capacity_w[0] == pytest.approx(2931e3, rel=1e-5)
    assert operation.fan_w[0] == pytest.approx(117_680.0, rel=1e-4)


def test_conductance_of_equal_flows_is_heat_over_the_even_difference() -> None:
    # Air warms by the 5.56 K that the coolant cools: 5.55 K lie between them all along.
    assert DryCoolerRating().conductance_w_per_k == pytest.approx(2931e3 / 5.55, rel=1e-9)


def test_off_design_it_follows_effectiveness_and_transfer_units() -> None:
    plant = sized(2930e3, **RATED)
    heat_w, supply_c, dry_bulb_c = 1.5e6, 36.0, 25.0
    fans_w = float(at(plant, heat_w, supply_c, dry_bulb_c).fan_w[0])
    speed = (fans_w / 117_680.0) ** (1 / 3)
    coolant_w_per_k = heat_w / 5.56
    air_w_per_k = speed * 2931e3 / 5.56
    share = coolant_w_per_k / (2931e3 / 5.56)
    conductance = 2931e3 / 5.55 / (share**-0.85 / 3 + 2 * speed**-0.8 / 3)
    least, ratio = min(coolant_w_per_k, air_w_per_k), min(air_w_per_k / coolant_w_per_k, coolant_w_per_k / air_w_per_k)
    fall = np.exp(-conductance / least * (1 - ratio))
    effectiveness = (1 - fall) / (1 - ratio * fall)
    assert effectiveness * least * (supply_c + 5.56 - dry_bulb_c) == pytest.approx(heat_w, rel=1e-5)


def test_cooler_supply_or_hotter_site_takes_more_machines() -> None:
    assert sized(supply_c=38.0).units > sized(supply_c=42.0).units


def test_it_uses_no_water_without_pads() -> None:
    operation = at(sized(), 8e6, 40.55, 30.0)
    assert operation.evaporation_kg_per_s[0] == operation.blowdown_kg_per_s[0] == 0.0
    assert operation.free_w[0] == operation.removed_w[0] == 8e6


def test_thin_air_takes_capacity() -> None:
    plant = sized(flow_margin=3.0)
    sea, mountain = (plant.operate(1e6, 40.55, 35.0, 20.0, p).capacity_w[0] for p in (STANDARD_PA, 83_000.0))
    assert 0.8 * sea < mountain < 0.95 * sea


def test_asked_for_its_capacity_it_runs_fans_at_full_speed() -> None:
    plant = sized()
    capacity_w = float(at(plant, 1e6, 40.55, 38.0).capacity_w[0])
    there, beyond = at(plant, capacity_w, 40.55, 38.0), at(plant, 2 * capacity_w, 40.55, 38.0)
    assert capacity_w < 10e6
    assert there.fan_w[0] == pytest.approx(plant.units * 117_680.0, rel=1e-6)
    assert beyond.removed_w[0] == capacity_w and beyond.fan_w[0] == pytest.approx(there.fan_w[0], rel=1e-6)


def test_wet_pads_bring_the_air_four_fifths_of_the_way_to_its_wet_bulb() -> None:
    # Air of 35 °C with a wet bulb of 25 °C enters the coil with 27 °C: as dry coolers do on a day of 27 °C.
    wet, dry = sized(supply_c=32.0, pads={}), sized(supply_c=40.0)
    assert wet.units == dry.units
    (pads_w,) = at(wet, 9e6, 32.0, 35.0, 25.0).fan_w
    assert pads_w == pytest.approx(at(dry, 9e6, 40.0, 35.0).fan_w[0], rel=1e-9)


def test_pads_evaporate_what_the_air_takes_up() -> None:
    import psychrolib

    plant = sized(supply_c=32.0, pads={"cycles": 3.0})
    operation = at(plant, 9e6, 32.0, 35.0, 25.0)
    psychrolib.SetUnitSystem(psychrolib.SI)
    before, behind = (psychrolib.GetHumRatioFromTWetBulb(c, 25.0, STANDARD_PA) for c in (35.0, 27.0))
    speed = float((operation.fan_w[0] / plant.units / 117_680.0) ** (1 / 3))
    air_kg_per_s = plant.units * speed * 2931e3 / 5.56 / 1006.0
    assert operation.evaporation_kg_per_s[0] == pytest.approx(air_kg_per_s * (behind - before), rel=1e-3)
    assert operation.blowdown_kg_per_s[0] == pytest.approx(operation.evaporation_kg_per_s[0] / 2)


def test_pads_stay_dry_while_dry_coolers_hold_the_supply_at_the_design_heat() -> None:
    plant = sized(supply_c=32.0, pads={})
    assert at(plant, 10e6, 32.0, 24.0).evaporation_kg_per_s[0] == 0.0
    assert at(plant, 10e6, 32.0, 28.0).evaporation_kg_per_s[0] > 0.0


def test_pads_switched_on_late_save_water_and_cost_fan_power() -> None:
    saving, usual = (
        at(sized(supply_c=32.0, pads=pads), 10e6, 32.0, 30.0, 20.0) for pads in ({"switch_on": "60 °C"}, {})
    )
    assert 0.0 < saving.evaporation_kg_per_s[0] < usual.evaporation_kg_per_s[0]
    assert saving.fan_w[0] > usual.fan_w[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"supply_c": 35.5}, "less than 1 K above air of 35.0 °C on the design day"),
        ({"rating": {"coolant_out": "34 °C"}}, "must rise in this order"),
        ({"rating": {"air_to_coolant": 0.3}}, "air would leave hotter than coolant enters"),
    ],
)
def test_a_plant_that_can_not_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sized(**given)
