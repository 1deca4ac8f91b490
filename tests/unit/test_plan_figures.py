"""Figures of plans: they show what the plan says, and refuse what says nothing."""

from __future__ import annotations

import dataclasses
import math

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from models.problems import InputError
from optimizers.plan import Plan, SiteQuarter
from optimizers.solution import Solution
from optimizers.tradeoff.front import Front, FrontPoint
from simulator.proof.comparison import ComparisonRow
from simulator.proof.proving import Proof, Round
from simulator.report.plan_figures import five_groups, front_of, installed, planned_against_delivered


def site_quarter(site: str, quarter: str, nodes: float) -> SiteQuarter:
    used = {"block": 8.4 * nodes}
    return SiteQuarter(
        site, quarter, {"h100": nodes}, {"block": 1.0}, {}, {}, "lean, none", 1e5, 1.2e5, 1.2e5, 60.0, 1.2, used,
        {"block": 500.0 - used["block"]}, 1e4, 4e4, 0.0,
    )  # fmt: skip


PLAN = Plan(
    "two $ sites", "optimal", "cost", 15.0, 15.0, 0.0, {"C": 10.0, "B": 1.0, "M": 2.0, "S": 1.0, "O": 1.0}, {}, (),
    tuple(site_quarter(site, f"2027-Q{n}", n * each) for site, each in (("full", 8.0), ("empty", 0.0)) for n in (3, 4)),
    (), ({"C": 12.0, "B": 1.0, "M": 1.0, "S": 0.5, "O": 0.5}, {"C": -2.0, "B": 0.0, "M": 1.0, "S": 0.5, "O": 0.5}),
)  # fmt: skip


def bars_of(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_sites_at_which_nothing_stands_are_left_out() -> None:
    axes = installed(PLAN).axes
    assert len(axes) == 2
    assert [bar.get_height() for bar in bars_of(axes[0])] == [24.0, 32.0]
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["Q3\n2027", "Q4"]


def test_a_credit_stands_below_zero_beside_what_is_paid() -> None:
    bars = [bar for bar in bars_of(five_groups(PLAN).axes[0]) if bar.get_height() != 0.0]
    second = sorted((bar.get_y(), bar.get_height()) for bar in bars if bar.get_x() > 0.0)
    assert second == [(0.0, -2.0), (0.0, 1.0), (1.0, 0.5), (1.5, 0.5)]


def test_what_is_left_and_what_is_sold_are_drawn_apart() -> None:
    # The second quarter's credit of two is what sold nodes bring.
    sold = dataclasses.replace(
        PLAN, resale_by_quarter=(0.0, -2.0), left_at_end={"C": -5.0, "B": -1.0}, taken_over={"C": 4.0}
    )
    axes = five_groups(sold).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "there\nbefore", "Q3\n2027", "Q4", "left at\nthe end",
    ]  # fmt: skip
    bars = [(bar.get_x() + 0.35, bar.get_y(), bar.get_height()) for bar in bars_of(axes) if bar.get_height() != 0.0]
    assert [bar[1:] for bar in bars if bar[0] == pytest.approx(2.0)][:2] == [(0.0, -2.0), (0.0, 1.0)]
    assert [bar[1:] for bar in bars if bar[0] == pytest.approx(3.0)] == [(0.0, -5.0), (-5.0, -1.0)]
    legend = axes.get_legend()
    assert legend is not None
    assert "C  nodes sold" in [text.get_text() for text in legend.get_texts()]


def test_groups_of_several_plans_stand_side_by_side() -> None:
    axes = five_groups({"a": PLAN, "b": PLAN}).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b"]
    assert max(bar.get_y() + bar.get_height() for bar in bars_of(axes)) == pytest.approx(15.0)


def test_a_front_shows_every_point_and_its_third_objective() -> None:
    solution = Solution("optimal", 0.0, 0.0, 0.0, {}, 0, 0.0)
    points = tuple(FrontPoint({"cost": 1.0 + n, "carbon": 5.0 - n, "risk": 0.1 * n}, 0.01, solution) for n in range(3))
    front = Front(("cost", "carbon", "risk"), points, points[0].values, points[-1].values, 0.0, 9)
    axes = front_of(front, units={"cost": "USD"}).axes[0]
    assert axes.get_xlabel() == "cost (USD)"
    assert {"0", "0.1", "0.2"} <= {text.get_text() for text in axes.texts}


def test_a_proof_shows_the_figures_that_decide() -> None:
    row = ComparisonRow("served", "chat", "requests", "", "", "", 100.0, 98.0, -0.02, 0.001, 0.01)
    rows = (row, dataclasses.replace(row, quarter="2027-Q3"), dataclasses.replace(row, difference=math.nan))
    proof = Proof(False, (Round(PLAN, None, rows, (), 2),), 0, 0.01)  # type: ignore[arg-type]
    axes = planned_against_delivered(proof).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["served chat"]


def test_what_holds_nothing_is_refused() -> None:
    infeasible = dataclasses.replace(PLAN, status="infeasible", objective=math.nan)
    with pytest.raises(InputError, match="its status is infeasible"):
        installed(infeasible)
    with pytest.raises(InputError, match="no node is ever in service"):
        installed(dataclasses.replace(PLAN, site_quarters=(site_quarter("empty", "2027-Q1", 0.0),)))
    with pytest.raises(InputError, match="has no point"):
        front_of(Front(("cost", "carbon"), (), {}, {}, 1.0, 0))
    with pytest.raises(InputError, match="nothing that was both"):
        planned_against_delivered(Proof(False, (), None, 0.01))
