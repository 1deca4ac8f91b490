"""Chillers and towers as one plant: what it is built of, what it draws, and what fails."""

from __future__ import annotations

import numpy as np
import pytest

from models.cooling.plants.chilled_water import ChilledWaterPlant, Economizer
from models.cooling.plants.plant import Duty, Operation, SizedPlant
from models.weather.design_day import DesignDay

DAY = DesignDay(dry_bulb_c=36.0, wet_bulb_c=25.6, pressure_pa=101_325.0, source="a test")
HEAT_W = 10e6
SUPPLY_C = 18.0


@pytest.fixture(scope="module")
def plant() -> SizedPlant:
    return ChilledWaterPlant(economizer=Economizer()).sized(Duty(HEAT_W, SUPPLY_C, DAY))


def power_w(operation: Operation) -> float:
    return float((operation.compressor_w + operation.fan_w + operation.pump_w)[0])


def test_the_plant_has_machines_enough_on_the_design_day_without_the_spare_one(plant: SizedPlant) -> None:
    weather = (DAY.dry_bulb_c, DAY.wet_bulb_c, DAY.pressure_pa)
    assert (plant.units, plant.spare, plant.towers) == (5, 1, 5)
    enough = plant.operate(HEAT_W, SUPPLY_C, *weather, units=4, towers=4)
    short = plant.operate(HEAT_W, SUPPLY_C, *weather, units=3, towers=3)
    assert enough.removed_w[0] == HEAT_W
    assert short.removed_w[0] == short.capacity_w[0] < HEAT_W


def test_without_units_or_towers_nothing_is_removed(plant: SizedPlant) -> None:
    for working in ({"units": 0}, {"towers": 0}):
        nothing = plant.operate(HEAT_W, SUPPLY_C, 20.0, 15.0, 101_325.0, **working)
        assert nothing.capacity_w[0] == nothing.removed_w[0] == power_w(nothing) == 0.0


def test_towers_out_of_service_cost_capacity_or_power(plant: SizedPlant) -> None:
    whole = plant.operate(HEAT_W, SUPPLY_C, 36.0, 25.6, 101_325.0)
    four, one = (plant.operate(HEAT_W, SUPPLY_C, 36.0, 25.6, 101_325.0, towers=towers) for towers in (4, 1))
    assert power_w(four) > power_w(whole)
    assert 0.0 < one.capacity_w[0] < 0.6 * HEAT_W < four.capacity_w[0] <= whole.capacity_w[0]


def test_without_heat_nothing_runs(plant: SizedPlant) -> None:
    idle = plant.operate(0.0, SUPPLY_C, 20.0, 15.0, 101_325.0)
    assert power_w(idle) == idle.running[0] == 0.0
    assert idle.capacity_w[0] > HEAT_W


def test_in_cold_weather_no_compressor_runs_and_in_mild_weather_part_of_the_heat_is_free(plant: SizedPlant) -> None:
    cold, mild, warm = (plant.operate(HEAT_W, SUPPLY_C, wet + 4.0, wet, 101_325.0) for wet in (0.0, 13.0, 24.0))
    assert (cold.free_w[0], cold.compressor_w[0], cold.running[0], cold.extrapolated[0]) == (HEAT_W, 0.0, 0.0, 0.0)
    assert 0.0 < mild.free_w[0] < HEAT_W and mild.compressor_w[0] > 0.0 and mild.extrapolated[0] == 1.0
    assert warm.free_w[0] == 0.0 and warm.running[0] > 0.0
    off = plant.operate(HEAT_W, SUPPLY_C, 4.0, 0.0, 101_325.0, economizer=0.0)
    assert off.free_w[0] == 0.0 and power_w(off) > power_w(cold)


def test_free_cooling_ends_where_the_tower_can_not_go_on_at_full_speed() -> None:
    # The design approach is 4.75 K at 25.6 °C wet bulb; it is far more when it is cold, so that free cooling ends far
    # below 18 - 2.25 - 4.75 = 11 °C wet bulb with the towers that a design day asks for.
    tight = ChilledWaterPlant(economizer=Economizer(), spare=0).sized(Duty(HEAT_W, SUPPLY_C, DAY))
    wet_bulb_c = np.arange(0.0, 20.0, 0.1)
    free_w = tight.operate(HEAT_W, SUPPLY_C, wet_bulb_c + 4.0, wet_bulb_c, 101_325.0).free_w
    last_full_c = wet_bulb_c[free_w == HEAT_W].max()
    assert 4.0 < last_full_c < 9.0
    assert free_w[wet_bulb_c > last_full_c].max() < HEAT_W


def test_chilled_water_within_the_curves_is_not_reported_as_extrapolated() -> None:
    cold = ChilledWaterPlant().sized(Duty(HEAT_W, 7.0, DAY))
    assert cold.operate(HEAT_W, 7.0, 20.0, 15.0, 101_325.0).extrapolated[0] == 0.0
    assert cold.operate(HEAT_W, 7.0, 36.0, 25.6, 101_325.0, units=5, towers=5).extrapolated[0] == 1.0  # above 29.44 °C


def test_pumps_draw_pressure_times_flow_over_efficiency() -> None:
    plant = ChilledWaterPlant(staging="fixed", spare=0).sized(Duty(HEAT_W, SUPPLY_C, DAY))
    operation = plant.operate(HEAT_W, SUPPLY_C, 36.0, 25.6, 101_325.0)
    loop_w = 143_650.0 / 0.7 * HEAT_W / 7.5 / 4.186e6
    rejected_w = plant.units * plant.sizes["tower_cell_heat_w"]
    assert operation.pump_w[0] == pytest.approx(loop_w + 208_650.0 / 0.7 * rejected_w / 5.0 / 4.186e6, rel=1e-9)
    assert rejected_w == pytest.approx(HEAT_W + float((operation.compressor_w + operation.pump_w)[0]), rel=1e-3)


def test_least_power_draws_no_more_than_the_other_stagings() -> None:
    plants = {
        staging: ChilledWaterPlant(staging=staging, economizer=Economizer()).sized(Duty(HEAT_W, SUPPLY_C, DAY))
        for staging in ("least-power", "fixed", "sequential")
    }
    for heat_w in (0.5e6, 3e6, 7e6, 10e6):
        for wet_bulb_c in (-5.0, 8.0, 14.0, 21.0, 28.0):
            drawn = {
                staging: power_w(plant.operate(heat_w, SUPPLY_C, wet_bulb_c + 5.0, wet_bulb_c, 101_325.0))
                for staging, plant in plants.items()
            }
            assert drawn["least-power"] <= min(drawn.values()) * (1.0 + 1e-9)


def test_a_stated_unit_capacity_scales_the_machine() -> None:
    plant = ChilledWaterPlant(unit_capacity="1 MW").sized(Duty(HEAT_W, SUPPLY_C, DAY))  # type: ignore[arg-type]
    whole = ChilledWaterPlant().sized(Duty(HEAT_W, SUPPLY_C, DAY))
    assert plant.units - 1 == 11
    share = whole.operate(8e6, SUPPLY_C, 30.0, 22.0, 101_325.0, units=4, towers=4)
    assert plant.operate(8e6, SUPPLY_C, 30.0, 22.0, 101_325.0).compressor_w[0] == pytest.approx(
        share.compressor_w[0], rel=0.1
    )


def test_a_warmer_supply_takes_less_power() -> None:
    drawn = [
        power_w(ChilledWaterPlant().sized(Duty(HEAT_W, supply_c, DAY)).operate(HEAT_W, supply_c, 30.0, 22.0, 101_325.0))
        for supply_c in (7.0, 12.0, 18.0, 24.0)
    ]
    assert drawn == sorted(drawn, reverse=True)


def test_a_year_is_the_same_hour_by_hour(plant: SizedPlant) -> None:
    wet_bulb_c = np.linspace(-5.0, 28.0, 40)
    heat_w = np.linspace(1e6, 11e6, 40)[::-1]
    whole = plant.operate(heat_w, SUPPLY_C, wet_bulb_c + 3.0, wet_bulb_c, 101_325.0)
    for hour in range(0, 40, 7):
        alone = plant.operate(heat_w[hour], SUPPLY_C, wet_bulb_c[hour] + 3.0, wet_bulb_c[hour], 101_325.0)
        assert [float(column[0]) for column in alone] == [float(column[hour]) for column in whole]


def test_an_air_cooled_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="is cooled by air; a chilled-water plant takes one cooled by water"):
        ChilledWaterPlant(chiller="copper-169-air-screw-575kw-3.49cop")
    with pytest.raises(ValueError, match="'york' is not in the catalogue of chillers"):
        ChilledWaterPlant(chiller="york")


def test_a_site_too_hot_for_its_towers_is_refused() -> None:
    hot = DesignDay(45.0, 36.0, 101_325.0, "a test")
    with pytest.raises(
        ValueError, match=r"towers give water of 40\.75 °C, which leaves the condensers 5 K warmer: above .*, 45 °C"
    ):
        ChilledWaterPlant().sized(Duty(HEAT_W, SUPPLY_C, hot))


def test_a_default_machine_has_no_flag_and_a_flagged_one_has_a_note() -> None:
    assert ChilledWaterPlant().notes == ()
    assert len(ChilledWaterPlant(chiller="york-yt-563kw-10.61cop-vanes").notes) == 3
