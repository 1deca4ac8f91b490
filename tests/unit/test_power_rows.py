"""Rows of racks: places, breakers, stranded capacity, and what is said when something does not fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from models.catalog import entry
from models.power.distribution.checks import row_problems, safety_notes
from models.power.distribution.rack_powers import RackPowers
from models.power.distribution.rows import Rows
from models.power.power_budget import nested_caps_w


def rows(**given: Any) -> Rows:
    return Rows.model_validate({"row_capacity": "500 kW", "continuous_load": 0.8, **given})  # 400 kW for hours


def racks(count: int, provisioned_kw: float = 90.0, rated_kw: float = 120.0) -> RackPowers:
    return RackPowers(
        tuple(f"rack-{index}" for index in range(count)),
        np.full(count, provisioned_kw * 1e3),
        np.full(count, rated_kw * 1e3),
    )


def test_racks_fill_rows_in_order_by_provisioned_power() -> None:
    plan = rows().assigned(racks(10))
    assert [row.racks for row in plan.rows] == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9)]
    assert plan.row_of_rack.tolist() == [0] * 4 + [1] * 4 + [2] * 2


def test_capacity_that_no_rack_can_use_is_stranded() -> None:
    full, _, last = rows().assigned(racks(10)).rows
    assert (full.free_w, full.stranded_w) == pytest.approx((0.0, 40e3))
    assert (last.free_w, last.stranded_w) == pytest.approx((180e3, 40e3))  # two more racks, then 40 kW again


def test_nameplates_fill_a_row_with_fewer_racks_and_strand_what_they_never_draw() -> None:
    plan = rows(planned_by="nameplate").assigned(racks(10))
    assert [len(row.racks) for row in plan.rows] == [3, 3, 3, 1]
    assert plan.rows[0].stranded_w == pytest.approx(40e3 + 3 * 30e3)
    assert plan.rows[0].stranded_by_nameplate_w == pytest.approx(90e3)


def test_a_row_without_free_places_strands_all_that_is_left() -> None:
    row = rows(racks_per_row=2).assigned(racks(2)).rows[0]
    assert (row.free_w, row.stranded_w) == pytest.approx((0.0, 220e3))


def test_every_watt_of_a_row_is_planned_free_or_stranded() -> None:
    for limits in (rows(), rows(racks_per_row=3), rows(row_capacity="5 MW")):
        for row in limits.assigned(racks(11)).rows:
            assert row.provisioned_w + row.free_w + row.stranded_w == pytest.approx(row.capacity_w)


def test_totals_of_the_hall_are_sums_of_its_rows() -> None:
    plan = rows().assigned(racks(10))
    assert plan.total.provisioned_w == pytest.approx(900e3)
    assert plan.total.stranded_w == pytest.approx(120e3)
    assert plan.total.oversubscription == pytest.approx(0.75)


def test_planning_by_measured_peaks_places_21_percent_more_dgx_h100() -> None:
    node = entry("nodes", "dgx-h100")
    every = racks(4000, node.provisioned_power_w / 1e3, node.rated_power_w / 1e3)
    by_peak, by_nameplate = (
        rows(row_capacity="10 MW", continuous_load=1.0, planned_by=basis, rows=1).assigned(every)
        for basis in ("provisioned", "nameplate")
    )
    placed = len(by_peak.total.racks) / len(by_nameplate.total.racks)
    assert placed == pytest.approx(1.21, abs=0.005)
    # Of the hall's capacity that is 17.6%: 1 - 8.4/10.2.
    assert by_nameplate.total.stranded_w / by_nameplate.total.capacity_w == pytest.approx(0.176, abs=0.001)


def test_oversubscription_takes_more_racks_and_says_how_it_is_safe() -> None:
    limits = rows(oversubscription=1.2)
    plan = limits.assigned(racks(10))
    assert [len(row.racks) for row in plan.rows] == [5, 5]
    assert plan.rows[0].oversubscription == pytest.approx(1.125)
    assert row_problems(limits, plan, racks(10)) == ()
    (note,) = safety_notes(limits, plan)
    assert "2 of 2 rows are oversubscribed, 'row-0' most: 1.50 times its capacity by nameplate, 1.12 times" in note
    assert "capped together, here at 400 kW" in note


def test_rows_that_bear_their_nameplates_need_no_note() -> None:
    limits = rows(planned_by="nameplate", capped=False)
    plan = limits.assigned(racks(6))
    assert safety_notes(limits, plan) == ()
    assert row_problems(limits, plan, racks(6)) == ()


def test_a_row_that_is_not_capped_must_bear_its_nameplates() -> None:
    limits = rows(capped=False)
    (problem,) = row_problems(limits, limits.assigned(racks(4)), racks(4))
    assert str(problem) == (
        "facility.power.rows.row_capacity: 'row-0' may draw 480 kW by its nameplates; its breaker bears 400 kW for "
        "hours, and it is not capped"
    )


def test_a_rack_whose_breaker_does_not_bear_its_nameplate_is_named() -> None:
    limits = rows(rack_limit="140 kW")
    (problem,) = row_problems(limits, limits.assigned(racks(4)), racks(4))
    assert str(problem) == (
        "facility.power.rows.rack_limit: a breaker of 140 kW bears 112 kW for hours; 4 racks need more, the most "
        "120 kW on the nameplates of 'rack-0'"
    )
    assert row_problems(rows(rack_limit="150 kW"), rows().assigned(racks(4)), racks(4)) == ()


def test_a_rack_that_is_too_large_for_a_row_stands_alone_and_is_reported() -> None:
    large = racks(2, 450.0, 450.0)
    plan = rows().assigned(large)
    assert [row.racks for row in plan.rows] == [(0,), (1,)]
    first, _ = row_problems(rows(), plan, large)
    assert first.message == "'row-0' is planned for 450 kW; its breaker bears 400 kW for hours"


def test_racks_beyond_the_last_row_are_reported() -> None:
    limits = rows(rows=2)
    plan = limits.assigned(racks(10))
    assert plan.unplaced == (8, 9)
    (problem,) = row_problems(limits, plan, racks(10))
    assert problem.message == "2 racks, from 'rack-8' on, find no place in 2 rows"
    with pytest.raises(ValueError, match="2 racks have no place"):
        plan.level()


def test_rows_that_stay_empty_keep_their_capacity_free() -> None:
    empty = rows(rows=3).assigned(racks(4)).rows[2]
    assert not empty.racks
    assert (empty.free_w, empty.stranded_w) == pytest.approx((360e3, 40e3))


def test_caps_keep_every_row_within_its_breaker() -> None:
    plan = rows(oversubscription=1.2).assigned(racks(10))
    caps = nested_caps_w([plan.level()], np.full(10, 20e3), np.full(10, 110e3), np.full(10, 120e3))
    assert np.all(np.bincount(plan.row_of_rack, caps) <= 400e3 * (1 + 1e-12))
    assert math.fsum(caps) == pytest.approx(800e3)
