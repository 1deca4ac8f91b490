"""Cooling towers: correlations, sizing, and what a cell does hour by hour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numba import types
from scipy.integrate import quad

from models.compiled import compiled_as
from models.cooling import tower_kernel as kernel
from models.cooling.evaporation_kernel import evaporated_kg_per_s
from models.cooling.merkel_kernel import duty_transfer_units
from models.cooling.tower import Tower
from models.cooling.yorkcalc_kernel import approaches_k
from models.moist_air import psychrometrics as air

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STANDARD_PA = 101_325.0


def sized(leaving_c: float = 30.0, wet_bulb_c: float = 25.0, cells: int = 1, **given: Any) -> NDArray[np.float64]:
    return np.array(Tower(**given).parameters(2.0e6 * cells, leaving_c, wet_bulb_c, cells))


@compiled_as(types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1]))
def work_towers(parameters: Any, asked: Any, answered: Any) -> None:
    for row in range(len(asked)):
        heat_w, wanted_c, dry_bulb_c, wet_bulb_c, cells = asked[row]
        kernel.work_tower(
            parameters, 0, heat_w, wanted_c, dry_bulb_c, wet_bulb_c, STANDARD_PA, cells, answered[row]
        )  # fmt: skip


@compiled_as(types.float64(types.float64, types.float64, types.float64, types.float64))
def evaporated(heat_w: float, air_kg_per_s: float, dry_bulb_c: float, wet_bulb_c: float) -> float:
    return evaporated_kg_per_s(heat_w, air_kg_per_s, dry_bulb_c, wet_bulb_c, STANDARD_PA)


def worked(parameters: NDArray[np.float64], *rows: Sequence[float]) -> NDArray[np.float64]:
    """Return answers to rows of heat, wanted leaving water, dry bulb, wet bulb and, where given, cells."""
    asked = np.array([row if len(row) > 4 else (*row, 1.0) for row in rows], dtype=np.float64)
    answered = np.zeros((len(rows), kernel.TOWER_ANSWERED))
    work_towers(parameters, asked, answered)
    return answered


def saturated_j_per_kg(temperature_c: float) -> float:
    """Return the enthalpy of saturated air with Buck's vapour pressure (1981), 0.1% from ASHRAE's at 0 to 50 °C."""
    vapour_pa = 611.21 * math.exp((18.678 - temperature_c / 234.5) * temperature_c / (257.14 + temperature_c))
    ratio = 0.621945 * vapour_pa / (STANDARD_PA - vapour_pa)
    return 1e3 * (1.006 * temperature_c + ratio * (2501.0 + 1.86 * temperature_c))


@pytest.mark.parametrize(("wet_bulb_c", "approach_k"), [(25.56, 3.84), (10.0, 7.77), (0.0, 11.16)])
def test_yorkcalc_gives_its_check_values(wet_bulb_c: float, approach_k: float) -> None:
    assert approaches_k(wet_bulb_c, 5.56, 1.0) == pytest.approx(approach_k, abs=0.005)


def test_yorkcalcs_leaving_water_rises_with_wet_bulb_range_and_ratio_everywhere() -> None:
    wet_bulbs_c, ranges_k, ratios = np.linspace(-40.0, 32.0, 37), np.linspace(0.1, 30.0, 24), np.linspace(0.3, 12.0, 40)
    leaving_c = np.array([[[w + approaches_k(w, r, x) for x in ratios] for r in ranges_k] for w in wet_bulbs_c])
    assert all((np.diff(leaving_c, axis=axis) >= -1e-12).all() for axis in range(3))


def test_yorkcalcs_approach_goes_to_nothing_with_the_load() -> None:
    at_bound_k = approaches_k(20.0, 1.1, 1.0)
    assert [approaches_k(20.0, range_k, 1.0) for range_k in (0.55, 1e-9)] == pytest.approx(
        [at_bound_k / 2, 0.0], abs=1e-8
    )


@pytest.mark.parametrize("correlation", ["merkel", "yorkcalc"])
def test_more_wet_bulb_or_heat_never_gives_colder_water_or_less_fan_power(correlation: str) -> None:
    heats_w, wet_bulbs_c = np.linspace(1e3, 5e6, 60), np.linspace(-35.0, 34.0, 70)
    rows = [(heat_w, 22.0, 36.0, wet_c) for heat_w in heats_w for wet_c in wet_bulbs_c]
    answers = worked(sized(29.5, correlation=correlation), *rows).reshape(60, 70, kernel.TOWER_ANSWERED)
    for column, scale in ((kernel.LEAVING_C, 100.0), (kernel.FAN_W, 2e4)):
        for axis in (0, 1):
            assert (np.diff(answers[:, :, column], axis=axis) >= -1e-10 * scale).all()


@pytest.mark.parametrize(
    ("leaving_c", "range_k", "wet_bulb_c", "water_to_air"),
    [(29.44, 11.11, 25.56, 0.97), (30.0, 5.0, 25.0, 1.2), (28.0, 20.0, 22.0, 0.8), (32.0, 10.0, 0.0, 3.0)],
)
def test_transfer_units_are_merkels_integral(
    leaving_c: float, range_k: float, wet_bulb_c: float, water_to_air: float
) -> None:
    entering = saturated_j_per_kg(wet_bulb_c)

    def integrand(water_c: float) -> float:
        air = entering + water_to_air * 4186.0 * (water_c - leaving_c)
        return 4186.0 / (saturated_j_per_kg(water_c) - air)

    expected, _ = quad(integrand, leaving_c, leaving_c + range_k)
    units = duty_transfer_units(leaving_c, range_k, wet_bulb_c, STANDARD_PA, water_to_air)
    assert units == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("correlation", ["merkel", "yorkcalc"])
def test_design_duty_takes_full_speed_and_just_holds_the_water(correlation: str) -> None:
    parameters = sized(29.5, 25.0, correlation=correlation)
    (answer,) = worked(parameters, (2.0e6, 29.5, 35.0, 25.0))
    assert answer[kernel.LEAVING_C] == pytest.approx(29.5, abs=1e-9)
    assert answer[kernel.FAN_W] == pytest.approx(parameters[kernel.FULL_FAN_W], rel=1e-9)


def test_the_two_correlations_agree_off_design() -> None:
    rows = [(2.4e6, 10.0, 35.0, 25.0), (1.0e6, 10.0, 35.0, 25.0), (2.0e6, 10.0, 25.0, 15.0)]
    merkel, york = (worked(sized(29.5, 25.0, correlation=name), *rows) for name in ("merkel", "yorkcalc"))
    assert merkel[:, kernel.LEAVING_C] == pytest.approx(york[:, kernel.LEAVING_C], abs=1.1)


def test_fans_slow_with_the_cube_until_the_water_is_just_cold_enough() -> None:
    parameters = sized()
    full, slow = worked(parameters, (2.0e6, 30.0, 35.0, 25.0), (1.0e6, 30.0, 35.0, 25.0))
    assert slow[kernel.LEAVING_C] == 30.0
    share = (slow[kernel.FAN_W] / full[kernel.FAN_W]) ** (1 / 3)
    parameters[kernel.AIR_KG_PER_S] *= share
    parameters[kernel.TRANSFER_UNITS] *= share * (1.3 - 0.3 * share)
    (again,) = worked(parameters, (1.0e6, 20.0, 35.0, 25.0))  # the same air, now at full speed
    assert again[kernel.LEAVING_C] == pytest.approx(30.0, abs=1e-8)


def test_fans_stand_still_in_cold_air_at_little_load() -> None:
    (answer,) = worked(sized(), (1.0e5, 30.0, -5.0, -6.0))
    assert answer[kernel.FAN_W] == 0.0 and answer[kernel.LEAVING_C] == 30.0
    assert answer[kernel.EVAPORATION_KG_PER_S] > 0.0


def test_without_heat_nothing_runs() -> None:
    (answer,) = worked(sized(), (0.0, 30.0, 30.0, 20.0))
    assert answer.tolist() == [30.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_water_never_leaves_colder_than_the_wet_bulb() -> None:
    answers = worked(sized(), (1.0, 10.0, 35.0, 28.0), (2.0e6, 10.0, 35.0, 28.0))
    assert (answers[:, kernel.LEAVING_C] >= 28.0).all()
    assert answers[0, kernel.LEAVING_C] == pytest.approx(28.0, abs=1e-3)


def test_cells_share_heat_equally() -> None:
    one, four = worked(sized(), (1.7e6, 30.0, 30.0, 24.0), (6.8e6, 30.0, 30.0, 24.0, 4.0))
    assert four[kernel.LEAVING_C] == one[kernel.LEAVING_C]
    assert four[1:] == pytest.approx([*(4.0 * one[1:5]), one[5]], rel=1e-12)


def test_beyond_the_bounds_of_a_correlation_the_clamp_is_reported() -> None:
    york = worked(sized(29.5, 25.0, correlation="yorkcalc"), (2e6, 20.0, 35.0, 26.0), (2e6, 20.0, 35.0, 28.0))
    assert york[:, kernel.CLAMPED].tolist() == [0.0, 1.0]
    assert york[1, kernel.LEAVING_C] > york[0, kernel.LEAVING_C]
    merkel = worked(sized(), (2e6, 20.0, 35.0, 28.0), (2e6, 20.0, 5.0, -1.0))
    assert merkel[:, kernel.CLAMPED].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("given", "leaving_c", "said"),
    [
        ({}, 26.0, "the least approach is 1.1 K; ask for warmer water"),
        ({"liquid_to_gas": 4.0, "range_k": 12.0}, 27.0, "air would leave the tower hotter"),
        ({"correlation": "yorkcalc"}, 26.5, "YorkCalc's least approach at 25 °C wet bulb and range_k 5 is 2.49"),
    ],
)
def test_a_tower_that_can_not_be_is_refused(given: dict[str, Any], leaving_c: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sized(leaving_c, 25.0, **given)


@pytest.mark.parametrize(("dry_bulb_c", "share"), [(30.0, 0.98), (20.0, 0.81), (10.0, 0.68), (0.0, 0.56)])
def test_share_of_heat_that_evaporates_falls_with_the_dry_bulb(dry_bulb_c: float, share: float) -> None:
    # 25 kJ per kg of air of 60% relative humidity; over latent heat at the dry bulb.
    latent_j_per_kg = 1e3 * (2500.5 - 2.3097 * dry_bulb_c - 0.0013 * dry_bulb_c**2)
    wet_bulb_c = float(air.wet_bulb_c(dry_bulb_c, 0.6, STANDARD_PA))
    found = evaporated(1e6, 40.0, dry_bulb_c, wet_bulb_c) * latent_j_per_kg / 1e6
    assert found == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(("dry_bulb_c", "wet_bulb_c"), [(35.0, 25.0), (15.0, 14.0), (2.0, 1.0)])
def test_energy_and_water_of_the_air_balance(dry_bulb_c: float, wet_bulb_c: float) -> None:
    entering = float(air.humidity_ratio_from_wet_bulb(dry_bulb_c, wet_bulb_c, STANDARD_PA))
    leaving = entering + evaporated(1e6, 50.0, dry_bulb_c, wet_bulb_c) / 50.0
    enthalpy = float(air.enthalpy_j_per_kg(dry_bulb_c, entering)) + 1e6 / 50.0
    leaving_c = float(air.saturated_temperature_c(enthalpy, STANDARD_PA))
    assert float(air.humidity_ratio(leaving_c, 1.0, STANDARD_PA)) == pytest.approx(leaving, rel=1e-9)
    assert 50.0 * float(air.enthalpy_j_per_kg(leaving_c, leaving)) == pytest.approx(50.0 * enthalpy, rel=1e-9)
