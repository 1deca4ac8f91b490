"""Outside air in the hall, or behind an exchanger: when it cools, how much, and with which water."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.cooling.cooling import Cooling
from models.cooling.sized_cooling import CoolingOperation, SizedCooling
from models.moist_air.psychrometrics import humidity_ratio, wet_bulb_c
from models.weather.design_day import DesignDay

PRESSURE_PA = 101_325.0
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=PRESSURE_PA, source="test")
PLANT = {"kind": "stated", "power_share": 0.2}


def hall(kind: str, **given: Any) -> SizedCooling:
    return Cooling.model_validate({"air": {"kind": kind, **given}}).sized(3e6, 0.0, DESIGN_DAY)


def works(
    sized: SizedCooling, dry_bulb_c: float, relative_humidity: float = 0.5, heat_w: float = 3e6, **given: Any
) -> CoolingOperation:
    wet_c = wet_bulb_c(dry_bulb_c, relative_humidity, PRESSURE_PA)
    return sized.operate(heat_w, 0.0, dry_bulb_c, relative_humidity, np.atleast_1d(wet_c), PRESSURE_PA, **given)


def test_cool_outside_air_takes_all_heat() -> None:
    cool = works(hall("outside-air", plant=PLANT), 15.0)
    assert cool.compressor_w[0] == 0.0
    assert cool.air_removed_w[0] == 3e6
    assert cool.free_w[0] == 3e6 + cool.air_fan_w[0]


def test_air_between_supply_and_return_takes_a_part() -> None:
    # All of the hall's air is exchanged: what enters 2 K above the supply, out of 16.65 K, is left to the plant.
    sized = hall("outside-air", plant=PLANT, spare=0)
    warm = works(sized, 26.0, 0.5)
    left_w = warm.compressor_w[0] / PLANT["power_share"]
    assert left_w == pytest.approx(3e6 * 2.0 / 16.65 + warm.air_fan_w[0])


def test_air_above_the_return_stays_out() -> None:
    hot = works(hall("outside-air", plant=PLANT), 42.0, 0.1)
    assert hot.free_w[0] == 0.0
    assert hot.compressor_w[0] == pytest.approx(0.2 * (3e6 + hot.air_fan_w[0]))


@pytest.mark.parametrize(("dry_bulb_c", "relative_humidity"), [(23.0, 0.95), (15.0, 0.01)])
def test_air_too_moist_or_too_dry_stays_out_where_there_is_a_plant(dry_bulb_c: float, relative_humidity: float) -> None:
    refused = works(hall("outside-air", plant=PLANT, humidifies=False), dry_bulb_c, relative_humidity)
    assert refused.free_w[0] == refused.clamped[0] == 0.0
    taken = works(hall("outside-air", humidifies=False), dry_bulb_c, relative_humidity)
    assert taken.free_w[0] > 0.0
    assert taken.clamped[0] == 1.0


def test_dry_air_is_humidified_to_the_least_of_the_class() -> None:
    cold = works(hall("outside-air", plant=PLANT), -10.0, 0.3)
    least = max(humidity_ratio(24.0, 0.08, PRESSURE_PA), humidity_ratio(-12.0, 1.0, PRESSURE_PA))
    added = float(least) - float(humidity_ratio(-10.0, 0.3, PRESSURE_PA))
    # Exchanged air is warmed from -10 °C to the return of 24 + 16.65 °C and wetted.
    latent_j_per_kg = 2501e3 - 2326.0 * 24.0 - 1e4
    air_kg_per_s = cold.free_w[0] / (1020.9 * (34.0 + 16.65) + latent_j_per_kg * added)
    assert cold.humidification_kg_per_s[0] == pytest.approx(air_kg_per_s * added)
    assert cold.humidification_w[0] == pytest.approx(1e4 * cold.humidification_kg_per_s[0])


def test_pads_cool_dry_hot_air_down_to_the_supply() -> None:
    dry, wetted = (works(hall("outside-air", plant=PLANT, pad_effectiveness=share), 32.0, 0.2) for share in (0.0, 0.85))
    assert dry.compressor_w[0] > 0.0
    assert wetted.compressor_w[0] == 0.0
    # What evaporates takes the sensible heat that outside air and fans bring above the supply.
    latent_j_per_kg = 2501e3 - 2326.0 * 24.0 - 1e3
    excess_w = 3e6 / 16.65 * (32.0 - 24.0) + wetted.air_fan_w[0]
    assert wetted.evaporation_kg_per_s[0] == pytest.approx(excess_w / latent_j_per_kg)
    assert wetted.blowdown_kg_per_s[0] == pytest.approx(wetted.evaporation_kg_per_s[0] / 3.0)


def test_hall_without_a_plant_settles_where_outside_air_suffices() -> None:
    sized = hall("outside-air", spare=0)
    fans_k = sized.air.sizes["unit_fan_w"] / (sized.air.sizes["unit_capacity_w"] / 16.65)
    short, enough = sized.operate(
        3e6, 0.0, 35.0, 0.2, 18.0, PRESSURE_PA, np.array([35.0, 35.1 + fans_k])
    ).air_removed_w  # fmt: skip
    assert short == pytest.approx(3e6 - sized.air.units * sized.air.sizes["unit_fan_w"])
    assert enough == 3e6


def test_economizer_switched_off_leaves_all_to_the_plant() -> None:
    for kind in ("outside-air", "indirect-air"):
        off = works(hall(kind, plant=PLANT), 10.0, economizer=0.0)
        assert off.free_w[0] == off.rejection_fan_w[0] == 0.0


def test_plant_without_power_leaves_what_outside_air_can_do() -> None:
    dark = works(hall("outside-air", plant=PLANT), 30.0, air_plant_units=0)
    assert dark.air_removed_w[0] == dark.air_capacity_w[0] == pytest.approx(dark.free_w[0] - dark.air_fan_w[0])
    assert 0.0 < dark.air_removed_w[0] < 3e6


def test_exchanger_takes_its_share_of_the_difference() -> None:
    sized = hall("indirect-air", spare=0, fan_pressure="0 Pa")
    warm = works(sized, 30.0)
    assert warm.free_w[0] == pytest.approx(0.65 * 3e6 / 16.65 * (24.0 + 16.65 - 30.0))
    assert warm.air_removed_w[0] == pytest.approx(warm.free_w[0])


def test_outdoor_fans_slow_down_with_the_cube_of_flow() -> None:
    sized = hall("indirect-air", plant=PLANT)
    colder, cold = (works(sized, outside_c) for outside_c in (-15.0, 0.0))
    flow = (24.0 + 16.65 - 0.0) / (24.0 + 16.65 + 15.0)
    assert colder.rejection_fan_w[0] == pytest.approx(cold.rejection_fan_w[0] * flow**3)


def test_wetted_exchanger_takes_more_and_uses_water() -> None:
    dry, wetted = (
        works(hall("indirect-air", plant=PLANT, pad_effectiveness=share), 30.0, 0.2) for share in (0.0, 0.85)
    )
    assert wetted.compressor_w[0] < dry.compressor_w[0]
    assert wetted.evaporation_kg_per_s[0] > dry.evaporation_kg_per_s[0] == 0.0
