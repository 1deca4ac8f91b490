"""Planned against delivered: what is simulated is compared, and what is not is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from optimizers.derates import Derates
from proven_plan import NODES, instance, outcome_of, plan, problem
from simulator.proof.accounts import Account, delivered_account, planned_account, total
from simulator.proof.bases import bases_of
from simulator.proof.comparison import ComparisonRow, compared
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.observed import Observed
from simulator.proof.scenarios import ProofCase, hall_scenario
from simulator.proof.site_accounts import hall_accounts, site_accounts

BUSY_W = 3000.0
"""More than in other hours, in one counted hour."""
WATER_M3 = 0.25
"""In each hour."""


def rows() -> dict[str, ComparisonRow]:
    """Figures of all sites of the plan made by hand, as its simulation might have them."""
    made = instance()
    hall = hall_quarters(made, plan(made))[0]
    scenario = hall_scenario(ProofCase("small", problem(), NODES, made, Derates(), 7), hall)
    outcome = outcome_of(made, scenario)
    facility_w = outcome.facility_w.copy()
    facility_w[-3] += BUSY_W
    facility_w[0] += 10.0 * BUSY_W  # In the warm-up, which is not counted.
    water_m3 = np.full(len(facility_w), WATER_M3)
    outcome = dataclasses.replace(outcome, facility_w=facility_w, water_m3=water_m3)
    planned, delivered = planned_account(made, hall), delivered_account(made, hall, scenario, outcome)
    seen = [Observed(hall, scenario, (outcome,), planned, (delivered,))]
    accounts = [*hall_accounts(seen), *site_accounts(made, plan(made), seen)]
    found = compared(made, plan(made), accounts, tolerance=0.01, bases=bases_of(problem()))
    return {row.measure: row for row in found if not row.site}


def test_the_highest_power_and_water_are_compared_and_decide_nothing() -> None:
    found = rows()
    peak, water = found["peak power"], found["water"]
    assert peak.delivered - peak.planned == pytest.approx(BUSY_W / 1e3, rel=1e-6)
    assert water.delivered == pytest.approx(WATER_M3 * instance().quarters[0].hours_h)
    assert water.planned == 0.0  # A stated PUE says nothing of water.
    assert not peak.decides
    assert not water.decides


def test_figures_say_what_they_leave_out_and_what_is_the_same_on_both_sides() -> None:
    found = rows()
    assert "stated in the file, the same on both sides" in found["served"].basis
    assert found["pue"].basis == "the PUE of hall is stated in the file, the same on both sides"
    assert "prices, rents and the contract are the plan's on both sides" in found["energy bill"].basis
    assert "but for the energy bill" in found["cost"].basis
    assert found["availability"].basis == ""
    assert found["availability"].as_dict()["basis"] == ""


def test_the_highest_power_of_a_site_is_that_of_its_worst_quarter_and_sites_add() -> None:
    first, later, elsewhere = (
        Account(peaks_kw={place: peak_kw}) for place, peak_kw in (((0, 0), 10.0), ((0, 1), 9.0), ((1, 0), 3.0))
    )
    assert total([first, later]).peak_kw == pytest.approx(10.0)
    assert total([first, later, elsewhere]).peak_kw == pytest.approx(13.0)
