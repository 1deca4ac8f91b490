"""Levers are ranked by what a unit of work costs, whatever PUE says."""

from __future__ import annotations

import pytest

from models.accounting.energy_bottleneck import EnergyBottlenecks, Lever, energy_bottlenecks

KWH = 3.6e6
WORK = 100.0
ENDS = {"nodes busy": 800 * KWH, "nodes idle": 100 * KWH, "server fans": 50 * KWH, "chillers": 50 * KWH}
# The run: 950 kWh of IT (server fans are IT) in 1,000 kWh, PUE 1.053.
FASTER_FANS = Lever("faster server fans", 1090 * KWH, WORK, it_j=1050 * KWH, fixes=("chillers",))
SLEEP = Lever("idle nodes sleep", 905 * KWH, WORK, it_j=855 * KWH, fixes=("nodes idle",))
WARMER = Lever("warmer water", 970 * KWH, WORK, it_j=950 * KWH, fixes=("chillers",))
CAP = Lever("power cap", 900 * KWH, 95.0, it_j=855 * KWH, fixes=("nodes busy", "server fans"))


def found(*levers: Lever) -> EnergyBottlenecks:
    return energy_bottlenecks(ENDS, facility_j=1000 * KWH, work=WORK, work_unit="node-hour", levers=levers)


def test_a_lever_that_lowers_pue_and_wastes_energy_ranks_last() -> None:
    rows = found(FASTER_FANS, SLEEP, WARMER, CAP).levers
    assert [row.lever for row in rows] == ["idle nodes sleep", "power cap", "warmer water", "faster server fans"]
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    pues = {row.lever: row.pue or 0.0 for row in rows}
    base = 1000 / 950
    assert pues["faster server fans"] < base  # it looks better
    assert pues["idle nodes sleep"] > base  # it looks worse
    saves = {row.lever: round(row.saves_kwh, 6) for row in rows}
    assert saves["faster server fans"] == -90.0
    assert saves["idle nodes sleep"] == 95.0


def test_a_lever_that_does_less_work_is_judged_by_the_same_work() -> None:
    (row,) = found(CAP).levers
    assert row.kwh_per_work == pytest.approx(900 / 95, rel=1e-12)
    assert row.saves_kwh == pytest.approx(1000 - 900 / 95 * 100, rel=1e-12)
    assert row.saves_share == pytest.approx(row.saves_kwh / 1000, rel=1e-12)
    (stopped,) = found(Lever("off", 0.0, 0.0)).levers
    assert stopped.kwh_per_work == float("inf")
    assert stopped.pue is None


def test_destinations_come_greatest_first_with_their_best_lever() -> None:
    table = found(FASTER_FANS, SLEEP, WARMER)
    assert [(row.destination, row.energy_kwh, row.share, row.best_lever) for row in table.destinations] == [
        ("nodes busy", 800.0, 0.8, ""),
        ("nodes idle", 100.0, 0.1, "idle nodes sleep"),
        ("server fans", 50.0, 0.05, ""),
        ("chillers", 50.0, 0.05, "warmer water"),
    ]
    assert sum(row.kwh_per_work for row in table.destinations) == pytest.approx(table.kwh_per_work, rel=1e-12)
    assert (table.facility_kwh, table.kwh_per_work, table.work_unit) == (1000.0, 10.0, "node-hour")


def test_a_lever_that_only_costs_is_nobodys_best() -> None:
    assert found(FASTER_FANS).destinations[-1].best_lever == ""


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="destinations add up to"):
        energy_bottlenecks(ENDS, facility_j=1001 * KWH, work=1.0, work_unit="token")
    with pytest.raises(ValueError, match="did 0 token"):
        energy_bottlenecks(ENDS, facility_j=1000 * KWH, work=0.0, work_unit="token")
    with pytest.raises(ValueError, match="no energy went to lights"):
        found(Lever("dark", 1.0, 1.0, fixes=("lights",)))
