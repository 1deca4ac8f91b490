"""Panels, batteries and rented units over what halls draw: the plan's schedule, and what gives way where it can not be
kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.power.supply.battery_storage import BatteryStorage
from simulator.proof.own_supply import OwnSupply, Schedule
from simulator.proof.week import ProofWeek

HOURS = 4
WEEK = ProofWeek(0.0, 0, HOURS, np.arange(HOURS), np.ones(HOURS))


def storage(energy: str = "100 kWh") -> BatteryStorage:
    return BatteryStorage.model_validate(
        {"energy": energy, "charge_power": "50 kW", "charge_efficiency": 0.8, "discharge_efficiency": 1.0,
         "least_state_of_charge": 0.0}
    )  # fmt: skip


def supply(
    *,
    grid_w: float = math.inf,
    battery_kw: tuple[float, ...] = (0.0,) * HOURS,
    stored_kwh: tuple[float, ...] = (0.0,) * HOURS,
    output_kw: float = 0.0,
    panels_kw: float | None = None,
    bridging_kw: float = 0.0,
    most_bridging_kw: float = 0.0,
    units: BatteryStorage | None = None,
) -> OwnSupply:
    taken_kw = output_kw if panels_kw is None else panels_kw
    schedule = Schedule(
        np.full(HOURS, 1e3 * taken_kw), 1e3 * np.array(battery_kw), np.full(HOURS, 1e3 * bridging_kw),
        3.6e6 * np.array(stored_kwh),
    )  # fmt: skip
    return OwnSupply(grid_w, units, np.full(HOURS, 1e3 * output_kw), 1e3 * most_bridging_kw, schedule)


def load(kw: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(HOURS, 1e3 * kw)


def test_a_schedule_that_can_be_kept_is_kept() -> None:
    given = supply(
        battery_kw=(50.0, 0.0, -40.0, 0.0), stored_kwh=(0.0, 40.0, 40.0, 0.0), output_kw=10.0, units=storage()
    )
    planned, delivered = given.planned(load(100.0)), given.delivered(load(100.0), WEEK)
    for name, values in vars(planned).items():
        np.testing.assert_allclose(getattr(delivered, name), values, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(delivered.grid_w, [140e3, 90e3, 50e3, 90e3])


def test_what_comes_in_is_what_is_drawn_and_stored() -> None:
    given = supply(
        grid_w=70e3, battery_kw=(50.0, -20.0, -40.0, 10.0), stored_kwh=(0.0, 40.0, 20.0, 0.0), output_kw=30.0,
        panels_kw=5.0, most_bridging_kw=15.0, units=storage(),
    )  # fmt: skip
    for kw in (10.0, 60.0, 90.0, 130.0, 200.0):
        found = given.delivered(load(kw), WEEK)
        given_w = found.grid_w + found.panels_w + found.bridging_w + found.withheld_w - found.battery_w
        np.testing.assert_allclose(given_w, load(kw), rtol=1e-12)
        assert (found.grid_w <= 70e3 + 1e-6).all()
        assert (found.grid_w >= -1e-6).all()
        assert (found.panels_w <= 30e3 + 1e-6).all()
        assert (found.bridging_w <= 15e3 + 1e-6).all()


def test_a_battery_gives_no_more_than_it_holds_and_the_grid_takes_the_rest() -> None:
    given = supply(battery_kw=(-50.0, -50.0, -50.0, 0.0), stored_kwh=(80.0, 30.0, 0.0, 0.0), units=storage())
    found = given.delivered(load(100.0), WEEK)
    np.testing.assert_allclose(found.battery_w, [-50e3, -30e3, 0.0, 0.0])


def test_at_the_grids_limit_panels_then_batteries_then_rented_units_give_more_and_the_rest_is_withheld() -> None:
    given = supply(
        grid_w=60e3, battery_kw=(10.0, 0.0, 0.0, 0.0), stored_kwh=(20.0,) * HOURS, output_kw=10.0, panels_kw=0.0,
        most_bridging_kw=5.0, units=storage(),
    )  # fmt: skip
    found = given.delivered(np.array([65e3, 65e3, 100e3, 100e3]), WEEK)
    np.testing.assert_allclose(found.grid_w, 60e3)
    np.testing.assert_allclose(found.panels_w, [10e3, 5e3, 10e3, 10e3])
    np.testing.assert_allclose(found.battery_w[:2], [5e3, 0.0])  # It charges less, and then not at all.
    np.testing.assert_allclose(found.battery_w[2:], [-24e3, 0.0], atol=1e-6)  # 20 kWh and 0.8 of 5 that were charged.
    np.testing.assert_allclose(found.bridging_w, [0.0, 0.0, 5e3, 5e3])
    np.testing.assert_allclose(found.withheld_w, [0.0, 0.0, 1e3, 25e3], atol=1e-6)


def test_where_too_much_would_be_given_units_run_lower_batteries_take_it_in_and_panels_spill_the_rest() -> None:
    given = supply(bridging_kw=20.0, most_bridging_kw=20.0, output_kw=80.0, units=storage("16 kWh"))
    found = given.delivered(np.array([90e3, 70e3, 70e3, 70e3]), WEEK)
    np.testing.assert_allclose(found.bridging_w, [10e3, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(found.battery_w, [0.0, 10e3, 10e3, 0.0], atol=1e-6)  # 16 kWh at 0.8 are 20 kWh.
    np.testing.assert_allclose(found.panels_w, [80e3, 80e3, 80e3, 70e3])
    np.testing.assert_allclose(found.grid_w, 0.0, atol=1e-6)


def test_what_was_taken_in_beyond_the_plan_is_given_with_what_the_plan_has_given() -> None:
    given = supply(
        battery_kw=(0.0, 0.0, -10.0, 0.0), stored_kwh=(10.0, 10.0, 10.0, 0.0), output_kw=40.0, units=storage()
    )
    found = given.delivered(np.array([30e3, 100e3, 100e3, 100e3]), WEEK)
    np.testing.assert_allclose(found.battery_w, [10e3, 0.0, -18e3, 0.0])


def test_at_the_busiest_moment_what_charges_and_what_stands_still_gives_way_at_the_grids_limit() -> None:
    given = supply(
        grid_w=100e3, battery_kw=(20.0, 3.0, 0.0, 0.0), output_kw=0.0, bridging_kw=0.0, most_bridging_kw=2.0,
        units=storage(),
    )  # fmt: skip
    planned = given.planned(np.array([80e3, 97e3, 100e3, 50e3]))
    np.testing.assert_allclose(given.busiest_w(planned, np.full(HOURS, 8e3)), [100e3, 103e3, 106e3, 58e3])


@pytest.mark.parametrize("there", [True, False])
def test_a_site_without_units_takes_all_from_the_grid(there: bool) -> None:
    given = supply(grid_w=90e3 if there else math.inf)
    found = given.delivered(load(100.0), WEEK)
    np.testing.assert_allclose(found.grid_w, 90e3 if there else 100e3)
    np.testing.assert_allclose(found.withheld_w, 10e3 if there else 0.0)


STEPS = ProofWeek(0.0, 0, HOURS, np.array([0, 0, 1, 1]), np.array([2.0, 2.0, 0.0, 0.0]))
"""Two steps of two hours each."""


def test_what_an_hour_of_a_step_did_not_need_is_given_in_the_next_hour_of_the_step() -> None:
    given = supply(battery_kw=(-40.0, 0.0, 0.0, 0.0), stored_kwh=(80.0, 0.0, 0.0, 0.0), units=storage())
    found = given.delivered(np.array([30e3, 50e3, 40e3, 40e3]), STEPS)
    np.testing.assert_allclose(found.battery_w, [-30e3, -50e3, 0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(found.grid_w, [0.0, 0.0, 40e3, 40e3], atol=1e-6)


def test_what_the_grid_did_not_let_in_is_charged_in_the_next_hour_that_charges() -> None:
    given = supply(
        grid_w=60e3, battery_kw=(20.0, -16.0, 0.0, 0.0), stored_kwh=(0.0, 32.0, 0.0, 0.0), units=storage()
    )  # fmt: skip
    found = given.delivered(np.array([50e3, 30e3, 40e3, 40e3]), STEPS)
    np.testing.assert_allclose(found.battery_w, [10e3, 30e3, -16e3, -16e3], atol=1e-6)
    np.testing.assert_allclose(found.grid_w, [60e3, 60e3, 24e3, 24e3], atol=1e-6)
