"""Towers on a warm-water loop: sizing, staging, capacity, and what they draw and drink."""

from __future__ import annotations

from typing import Any

import pytest

from models.cooling.plants.cooling_tower import CoolingTowerPlant
from models.cooling.plants.plant import Duty, Operation, SizedPlant
from models.cooling.pump import Pump
from models.weather.design_day import DesignDay

STANDARD_PA = 101_325.0
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=STANDARD_PA, source="a test")
SUPPLY_C = 32.0


def sized(heat_w: float = 10e6, **given: Any) -> SizedPlant:
    return CoolingTowerPlant.model_validate(given).sized(Duty(heat_w, SUPPLY_C, DESIGN_DAY))


def at(plant: SizedPlant, heat_w: float, dry_bulb_c: float, wet_bulb_c: float, **given: Any) -> Operation:
    return plant.operate(heat_w, SUPPLY_C, dry_bulb_c, wet_bulb_c, STANDARD_PA, **given)


@pytest.mark.parametrize("correlation", ["merkel", "yorkcalc"])
def test_cells_that_the_design_day_needs_hold_the_supply_with_fans_at_full_speed(correlation: str) -> None:
    plant = sized(tower={"correlation": correlation, "range_k": 5.56}, exchanger_approach_k=2.8)
    needed = plant.units - plant.spare
    day = at(plant, 10e6, 35.0, 25.0, units=needed)
    assert needed == 4
    assert day.capacity_w[0] == pytest.approx(10e6, rel=1e-8) and day.capacity_w[0] >= 10e6
    assert day.removed_w[0] == 10e6
    assert day.fan_w[0] == pytest.approx(needed * plant.sizes["cell_fan_w"], rel=1e-6)


def test_asked_for_its_capacity_it_runs_fans_at_full_speed() -> None:
    plant = sized()
    capacity_w = float(at(plant, 1e6, 30.0, 27.0).capacity_w[0])
    assert 5e6 < capacity_w < 10e6
    there = at(plant, capacity_w, 30.0, 27.0)
    assert there.removed_w[0] == capacity_w
    assert there.fan_w[0] == pytest.approx(plant.units * plant.sizes["cell_fan_w"], rel=1e-6)
    beyond = at(plant, 1.5 * capacity_w, 30.0, 27.0)
    assert beyond.removed_w[0] == beyond.capacity_w[0] == capacity_w
    assert beyond.fan_w[0] == pytest.approx(there.fan_w[0], rel=1e-6)


def test_all_heat_goes_without_compressor() -> None:
    operation = at(sized(), 8e6, 20.0, 15.0)
    assert operation.free_w[0] == operation.removed_w[0] == 8e6
    assert operation.compressor_w[0] == operation.extrapolated[0] == 0.0


def test_spare_cells_run_where_that_saves_power() -> None:
    plant = sized(16e6)
    warm, cold = at(plant, 9.1e6, 35.0, 25.0), at(plant, 9.1e6, 5.0, 2.0)
    assert cold.running[0] == 4.0 and warm.running[0] > 4.0
    for cells in range(4, plant.units + 1):
        forced = at(plant, 9.1e6, 35.0, 25.0, units=cells)
        assert warm.fan_w[0] + warm.pump_w[0] <= forced.fan_w[0] + forced.pump_w[0] + 1e-6


def test_without_cells_or_above_its_supply_it_removes_nothing() -> None:
    plant = sized()
    assert [float(column[0]) for column in at(plant, 5e6, 30.0, 20.0, units=0)] == [0.0] * 13
    hot = at(plant, 5e6, 36.0, 33.0)
    assert hot.capacity_w[0] == hot.removed_w[0] == 0.0
    assert hot.fan_w[0] == pytest.approx(plant.units * plant.sizes["cell_fan_w"])


def test_pumps_draw_pressure_times_flow_over_efficiency() -> None:
    # 10 MW over 7.5 K is 0.3185 m3/s, at 143.65 kPa and 0.7; tower water from ranges of 5 K at 208.65 kPa.
    plant = sized()
    assert Pump().power_share(7.5) == pytest.approx(143.65e3 / 0.7 / (4.186e6 * 7.5))
    operation = at(plant, 10e6, 35.0, 25.0, units=4)
    loop_w = 10e6 / (4.186e6 * 7.5) * 143.65e3 / 0.7
    tower_w = (10e6 + loop_w) / (4.186e6 * 5.0) * 208.65e3 / 0.7
    assert operation.pump_w[0] == pytest.approx(loop_w + tower_w, rel=0.02)


def test_evaporation_in_winter_is_little_over_half_of_the_summers() -> None:
    summer, winter = (at(sized(), 10e6, *air, units=4) for air in ((35.0, 25.0), (0.0, -1.0)))
    latent_j_per_kg = 2.43e6
    shares = [float(day.evaporation_kg_per_s[0]) * latent_j_per_kg / 10e6 for day in (summer, winter)]
    assert shares[0] == pytest.approx(1.1, abs=0.1) and shares[1] == pytest.approx(0.68, abs=0.06)


def test_salts_that_come_with_the_supply_leave_with_blowdown_and_drift() -> None:
    operation = at(sized(tower={"cycles": 4.0}), 10e6, 25.0, 20.0)
    leaving = operation.blowdown_kg_per_s[0] + operation.drift_kg_per_s[0]
    assert operation.evaporation_kg_per_s[0] + leaving == pytest.approx(4.0 * leaving)


def test_the_clamp_of_a_correlation_is_reported() -> None:
    plant = sized(tower={"correlation": "yorkcalc"})
    assert at(plant, 10e6, 35.0, 26.0).clamped[0] == 0.0
    assert at(plant, 10e6, 35.0, 27.5).clamped[0] == 1.0


@pytest.mark.parametrize(
    ("supply_c", "given", "said"),
    [
        (28.0, {}, "a supply of 28 °C with an exchanger_approach_k of 2.25: a tower can not give water"),
        (40.0, {"tower": {"range_k": 12.0}}, "give a smaller range_k"),
    ],
)
def test_a_plant_that_can_not_be_is_refused(supply_c: float, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CoolingTowerPlant.model_validate(given).sized(Duty(10e6, supply_c, DESIGN_DAY))
