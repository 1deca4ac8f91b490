"""`fixed + slope * IT` against the buildings it stands for: the error stated is the true one, also between samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.facility import Facility
from models.moist_air.psychrometrics import wet_bulb_c
from models.sized_facility import SizedFacility, facility_for
from models.weather.design_day import DesignDay
from optimizers.figures.facility_power import LOADS, steady_facility
from optimizers.linearization import affine_fit

Array = NDArray[np.float64]
IT_W = 2e6
CHILLED = {"kind": "chilled-water", "economizer": {}}
HALLS: dict[str, dict[str, Any]] = {
    "chilled water": {"air": {"kind": "crah", "plant": CHILLED}},
    "80 % liquid": {"air": {"kind": "crah", "plant": CHILLED}, "liquid": {"plant": {"kind": "cooling-tower"}}},
    "air-cooled chillers": {"air": {"kind": "crah", "plant": {"kind": "air-cooled-chiller"}}},
}
# 30 weathers: ten dry bulbs, each dry, middling and humid. The hottest are held below the design day's wet bulb.
DRY_BULB_C = np.repeat(np.linspace(-10.0, 35.0, 10), 3)
RELATIVE_HUMIDITY = np.tile([0.3, 0.6, 0.9], 10) * np.where(DRY_BULB_C > 28.0, 0.6, 1.0)
PRESSURE_PA = np.full(30, 101_325.0)
FINE = np.linspace(0.05, 1.0, 191)
"""Loads over the provisioned IT power, ten to one of those that a plan's lines are fitted to."""
AS_PLANNED = 10


def facility_power_w(building: SizedFacility, it_w: Array) -> Array:
    """What a building draws in every weather at IT powers, shape (weather, load)."""
    wet_c = wet_bulb_c(DRY_BULB_C, RELATIVE_HUMIDITY, PRESSURE_PA)
    air = [np.repeat(each, it_w.size) for each in (DRY_BULB_C, RELATIVE_HUMIDITY, wet_c, PRESSURE_PA)]
    drawn_w = steady_facility(building, np.tile(it_w, DRY_BULB_C.size), *air).facility_w
    return drawn_w.reshape(DRY_BULB_C.size, it_w.size)


@pytest.fixture(scope="module", params=HALLS)
def curves(request: pytest.FixtureRequest) -> tuple[str, Array]:
    """A hall's name and its power at fine loads."""
    section = Facility.model_validate({"cooling": HALLS[request.param]})
    building = facility_for(section, IT_W, 1.2 * IT_W, DesignDay(36.0, 27.0, 101_325.0, "a test"))
    assert building is not None
    return request.param, facility_power_w(building, IT_W * FINE)


def errors(curves: Array, every: int) -> tuple[float, float]:
    """The error stated for a fit to every so many-th of the fine loads, and its true error on all of them."""
    fit = affine_fit(IT_W * FINE[::every], curves[:, ::every], least_slope=1.0)
    return fit.largest_error, float((np.abs(fit.power_w(IT_W * FINE) - curves) / curves).max())


def test_a_plan_fits_its_lines_to_every_tenth_of_these_loads() -> None:
    assert pytest.approx(LOADS) == FINE[::AS_PLANNED]


def test_the_error_that_a_plan_states_is_the_true_one(curves: tuple[str, Array]) -> None:
    # What was found: 2.79 %, 1.00 % and 2.01 %, exceeded between samples by no more than 0.03 % of the power.
    hall, power_w = curves
    stated, true = errors(power_w, AS_PLANNED)
    assert stated <= true < stated + 0.001
    assert true < {"chilled water": 0.030, "80 % liquid": 0.012, "air-cooled chillers": 0.022}[hall]


def test_the_lines_of_a_plan_are_all_but_the_best_there_are(curves: tuple[str, Array]) -> None:
    _, power_w = curves
    best, _ = errors(power_w, 1)
    stated, true = errors(power_w, AS_PLANNED)
    assert stated <= best + 1e-12
    assert best <= true < best + 0.001


def test_three_loads_state_too_small_an_error(curves: tuple[str, Array]) -> None:
    """Machines that start and stop bend the curve between them: 2.0 % stated, 3.9 % true with chilled water."""
    hall, power_w = curves
    stated, true = errors(power_w, 95)
    assert true > stated + 0.002
    if hall == "chilled water":
        assert true > stated + 0.015


def test_slopes_of_a_hall_are_above_one_and_what_is_fixed_is_not_negative(curves: tuple[str, Array]) -> None:
    _, power_w = curves
    fit = affine_fit(IT_W * FINE, power_w, least_slope=1.0)
    assert 0.0 <= fit.fixed_w < 0.05 * IT_W
    assert ((fit.slope > 1.0) & (fit.slope < 1.3)).all()
