"""Air-cooled chillers with and without dry coils."""

from __future__ import annotations

import numpy as np
import pytest

from models.cooling.plants.air_cooled_chiller import AirCooledChillerPlant, FreeCoolingCoil
from models.cooling.plants.plant import Duty, Operation, SizedPlant
from models.weather.design_day import DesignDay

DAY = DesignDay(dry_bulb_c=38.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="a test")
HEAT_W = 2e6
SUPPLY_C = 18.0


@pytest.fixture(scope="module")
def plant() -> SizedPlant:
    return AirCooledChillerPlant(coil=FreeCoolingCoil()).sized(Duty(HEAT_W, SUPPLY_C, DAY))


def power_w(operation: Operation) -> float:
    return float((operation.compressor_w + operation.fan_w + operation.pump_w)[0])


def test_the_plant_has_machines_enough_on_the_design_day_without_the_spare_one(plant: SizedPlant) -> None:
    needed = plant.units - plant.spare
    enough, short = (plant.operate(HEAT_W, SUPPLY_C, 38.0, 25.0, 101_325.0, units=needed - less) for less in (0, 1))
    assert enough.removed_w[0] == HEAT_W
    assert short.removed_w[0] == short.capacity_w[0] < HEAT_W
    assert short.capacity_w[0] == pytest.approx(enough.capacity_w[0] * (needed - 1) / needed, rel=1e-12)


def test_without_units_nothing_is_removed_and_no_water_is_ever_used(plant: SizedPlant) -> None:
    nothing = plant.operate(HEAT_W, SUPPLY_C, 20.0, 15.0, 101_325.0, units=0)
    assert nothing.capacity_w[0] == nothing.removed_w[0] == power_w(nothing) == 0.0
    hot = plant.operate(HEAT_W, SUPPLY_C, 38.0, 25.0, 101_325.0)
    assert hot.evaporation_kg_per_s[0] == hot.blowdown_kg_per_s[0] == hot.drift_kg_per_s[0] == 0.0


def test_coils_carry_all_in_the_cold_part_in_mild_weather_and_nothing_in_the_heat(plant: SizedPlant) -> None:
    cold, mild, hot = (plant.operate(HEAT_W, SUPPLY_C, dry_bulb_c, 0.0, 101_325.0) for dry_bulb_c in (0.0, 17.0, 30.0))
    assert (cold.free_w[0], cold.compressor_w[0], cold.running[0]) == (HEAT_W, 0.0, 0.0)
    assert 0.0 < mild.free_w[0] < HEAT_W and mild.compressor_w[0] > 0.0
    assert (hot.free_w[0], hot.fan_w[0]) == (0.0, 0.0)
    off = plant.operate(HEAT_W, SUPPLY_C, 0.0, 0.0, 101_325.0, economizer=0.0)
    assert off.free_w[0] == 0.0 and power_w(off) > power_w(cold)


def test_free_cooling_of_all_units_ends_an_approach_below_the_supply() -> None:
    tight = AirCooledChillerPlant(coil=FreeCoolingCoil(), spare=0).sized(Duty(HEAT_W, SUPPLY_C, DAY))
    # The coil's own pump adds 0.65% to the heat that the approach of 5.55 K is built for.
    last_c = SUPPLY_C - 5.55 * (1.0 + 0.0065)
    below, above = (tight.operate(HEAT_W, SUPPLY_C, last_c + step, 0.0, 101_325.0) for step in (-0.01, 0.01))
    assert below.free_w[0] == HEAT_W > above.free_w[0]
    assert below.fan_w[0] == pytest.approx(0.04015 * HEAT_W * 1.0065, rel=0.01)


@pytest.mark.parametrize("staging", ["least-power", "fixed"])
@pytest.mark.parametrize("coil", [None, FreeCoolingCoil()], ids=["chillers", "coils"])
@pytest.mark.parametrize("supply_c", [7.0, 18.0, 25.0])
def test_hotter_air_or_more_load_never_takes_less_power(
    staging: str, coil: FreeCoolingCoil | None, supply_c: float
) -> None:
    plant = AirCooledChillerPlant.model_validate({"staging": staging, "coil": coil}).sized(Duty(HEAT_W, supply_c, DAY))
    for share in (0.03, 0.2, 0.55, 1.0):
        found = plant.operate(share * HEAT_W, supply_c, np.linspace(-25.0, 55.0, 1601), 0.0, 101_325.0)
        drawn = (found.compressor_w + found.fan_w + found.pump_w)[found.removed_w >= share * HEAT_W]
        assert np.diff(drawn).min() >= -1e-9 * drawn.max()
        assert np.diff(found.capacity_w).max() <= 0.0
    for dry_bulb_c in (-20.0, 5.0, 12.0, 16.0, 20.0, 30.0, 45.0):
        found = plant.operate(np.linspace(0.0, 1.5 * HEAT_W, 1501), supply_c, dry_bulb_c, 0.0, 101_325.0)
        drawn = found.compressor_w + found.fan_w + found.pump_w
        assert np.diff(drawn).min() >= -1e-9 * drawn.max()


def test_a_water_cooled_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="is cooled by water; an air-cooled-chiller plant takes one cooled by air"):
        AirCooledChillerPlant(chiller="york-yk-2771kw-6.84cop-vsd")


def test_a_machine_far_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="give a larger machine or unit_capacity"):
        AirCooledChillerPlant(unit_capacity="10 W").sized(Duty(HEAT_W, SUPPLY_C, DAY))  # type: ignore[arg-type]


def test_the_default_machine_has_no_flag() -> None:
    assert AirCooledChillerPlant().notes == ()
