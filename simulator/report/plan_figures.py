"""Figures of a plan: what stands where by quarter, its five groups of cost, a front, and what simulation confirmed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.problems import InputError, Problem
from optimizers.plan import GROUPS, Plan, SiteQuarter

from .picture import BLACK, SERIES, STYLE, picture

if TYPE_CHECKING:
    from optimizers.tradeoff.front import Front

    from ..proof.comparison import ComparisonRow
    from ..proof.proving import Proof

GROUP_NAMES = {"C": "compute, facility", "B": "network", "M": "maintenance", "S": "security", "O": "energy"}
"""What the five groups of cost are called in a figure."""
_SCALES_USD = ((1e9, "bn USD"), (1e6, "M USD"), (1e3, "k USD"), (1.0, "USD"))


def installed(plan: Plan) -> Figure:
    """Return what stands at each site by quarter: nodes by type, and provisioned and stranded power.

    Sites at which nothing ever stands are left out. Raises InputError where there is no plan, or it is empty.
    """
    _refuse_unfound(plan)
    counts = {(row.site, name): count for row in plan.site_quarters for name, count in row.nodes.items() if count}
    sites = list(dict.fromkeys(site for site, _ in counts))
    types = list(dict.fromkeys(name for _, name in counts))
    if not sites:
        raise InputError(Problem(plan.name, "", "has nothing to draw: no node is ever in service"))
    with mpl.rc_context(STYLE):
        figure = picture(7.2, 1.2 + 2.0 * len(sites))
        panels = np.atleast_2d(figure.subplots(len(sites), 2, sharex=True, width_ratios=(1.0, 1.0)))
        for (nodes, power), site in zip(panels, sites, strict=True):
            rows = [row for row in plan.site_quarters if row.site == site]
            _stack(nodes, rows, {name: [row.nodes.get(name, 0.0) for row in rows] for name in types}, SERIES)
            nodes.set_ylabel(f"nodes at {_plain(site)}")
            nodes.yaxis.set_major_locator(MaxNLocator(integer=True))
            used = {
                "provisioned": [sum(row.provisioned_kw.values()) / 1e3 for row in rows],
                "stranded": [sum(row.stranded_kw.values()) / 1e3 for row in rows],
            }
            _stack(power, rows, used, ("0.45", "0.85"))
            peak_mw = [row.grid_peak_kw / 1e3 for row in rows]
            power.plot(range(len(rows)), peak_mw, color=BLACK, marker="_", ls="none", ms=9, label="grid, peak")
            power.set_ylabel("power (MW)")
        panels[0, 0].set_title("nodes in service")
        panels[0, 1].set_title("IT power of modules, and the grid's")
        for axes in panels[0]:
            axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.08), ncols=3, handlelength=1.2, columnspacing=1.0)
    return figure


def five_groups(plans: Plan | Mapping[str, Plan]) -> Figure:
    """Return the five groups of cost by quarter of a plan, or of each of several plans in total, discounted.

    What stood there before the first quarter and what is left at the end have bars of their own; what sold nodes bring
    stands below zero in its quarter. Raises InputError where there is no plan.
    """
    for each in plans.values() if isinstance(plans, Mapping) else [plans]:
        _refuse_unfound(each)
    if isinstance(plans, Mapping):
        labels, columns = [_plain(name) for name in plans], [plan.groups for plan in plans.values()]
        sold_usd = [0.0] * len(labels)
    else:
        labels, columns, sold_usd = _columns_by_quarter(plans)
    size_usd, unit = _scale(abs(value) for column in columns for value in column.values())
    with mpl.rc_context(STYLE):
        figure = picture(7.2, 3.4)
        axes = figure.subplots()
        at = np.arange(len(labels))
        sold = np.array(sold_usd) / size_usd
        above, below = np.zeros(len(labels)), sold
        if sold.any():
            axes.bar(at, sold, 0.7, color="white", edgecolor=SERIES[0], hatch="////", lw=0.0, label="C  nodes sold")
        for index, group in enumerate(GROUPS):
            height = np.array([column.get(group, 0.0) for column in columns]) / size_usd
            if group == "C":
                height -= sold
            # A credit stands below zero, beside what is still paid.
            bottom = np.where(height >= 0.0, above, below)
            axes.bar(at, height, 0.7, bottom=bottom, color=SERIES[index], label=f"{group}  {GROUP_NAMES[group]}")
            above, below = above + np.maximum(height, 0.0), below + np.minimum(height, 0.0)
        axes.axhline(0.0, color="0.35", lw=0.8)
        axes.set_xticks(at, labels)
        axes.set_ylabel(f"present value ({unit})")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _columns_by_quarter(plan: Plan) -> tuple[list[str], list[Mapping[str, float]], list[float]]:
    """Return what is told below each column of a plan, its five groups, and what sold nodes bring in it [USD]."""
    quarters = list(dict.fromkeys(row.quarter for row in plan.site_quarters))
    before, after = any(plan.taken_over.values()), any(plan.left_at_end.values())
    labels = [*["there\nbefore"] * before, *_told(quarters), *["left at\nthe end"] * after]
    columns = [*[plan.taken_over] * before, *plan.groups_by_quarter, *[plan.left_at_end] * after]
    sold_usd = plan.resale_by_quarter or (0.0,) * len(quarters)
    return labels, columns, [*[0.0] * before, *sold_usd, *[0.0] * after]


def front_of(front: Front, *, units: Mapping[str, str] | None = None) -> Figure:
    """Return the points of a front by its first two objectives; a third is told beside each point.

    Lines to the left of and below a point reach as far as a better plan may still lie, by the point's gap.
    """
    if not front.points:
        raise InputError(Problem("front", "", "has no point to draw"))
    across, up = front.objectives[:2]
    units = units or {}
    with mpl.rc_context(STYLE):
        figure = picture(6.0, 4.2)
        axes = figure.subplots()
        x = np.array([point.values[across] for point in front.points])
        y = np.array([point.values[up] for point in front.points])
        order = np.argsort(x)
        axes.step(x[order], y[order], where="post", color="0.6", lw=1.0)
        gap = np.array([max(point.gap, 0.0) for point in front.points])
        axes.errorbar(
            x, y, xerr=[gap * np.abs(x), 0.0 * x], fmt="o", color=SERIES[0], ecolor="0.6", ms=5, label="plans"
        )
        for name, corner in (("ideal", front.ideal), ("nadir", front.nadir)):
            axes.plot(corner[across], corner[up], "x", color=SERIES[1], ms=6)
            axes.annotate(name, (corner[across], corner[up]), (5, 4), textcoords="offset points", fontsize=8.0)
        for third in front.objectives[2:]:
            for point in front.points:
                text = f"{point.values[third]:.3g}"
                at = (point.values[across], point.values[up])
                axes.annotate(text, at, (5, 4), textcoords="offset points", fontsize=7.5)
            axes.set_title(f"beside each point: {third}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(
                FuncFormatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 1e3 else f"{value:g}")
            )
            axis.set_major_locator(MaxNLocator(6))
        axes.set_xlabel(_with_unit(across, units))
        axes.set_ylabel(_with_unit(up, units))
        axes.margins(0.08)
    return figure


def planned_against_delivered(proof: Proof) -> Figure:
    """Return how far each figure that decides a proof was delivered from what was planned, of the best plan; of all
    sites, and of each where there are several.

    Bars are means of the replicas with one standard error. Raises InputError where nothing was simulated.
    """
    alone = len({row.site for row in proof.table if row.site}) < 2
    rows = [row for row in proof.table if row.decides and not math.isnan(row.difference) and not (alone and row.site)]
    if not rows:
        raise InputError(Problem("proof", "", "has nothing that was both planned and delivered"))
    several = len({row.future for row in rows if row.future}) > 1
    with mpl.rc_context(STYLE):
        figure = picture(7.2, 1.0 + 0.26 * len(rows))
        axes = figure.subplots()
        at = np.arange(len(rows))
        shares = np.array([100.0 * row.difference for row in rows])
        errors = np.nan_to_num(np.array([100.0 * row.standard_error for row in rows]))
        widest = 100.0 * proof.tolerance
        axes.axvspan(-widest, widest, color="0.92", label="tolerance")
        for within, color, label in ((True, SERIES[0], "within"), (False, SERIES[1], "outside")):
            chosen = np.array([row.within is within for row in rows])
            if chosen.any():
                axes.barh(at[chosen], shares[chosen], 0.6, xerr=errors[chosen], color=color, ecolor="0.35", label=label)
        axes.set_yticks(at, [_plain(" ".join(part for part in _named(row, several) if part)) for row in rows])
        axes.invert_yaxis()
        axes.axvline(0.0, color="0.35", lw=0.8)
        axes.set_xlabel("delivered, % above what was planned")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _named(row: ComparisonRow, several_futures: bool) -> tuple[str, ...]:
    future = f"({row.future})" if several_futures and row.future else ""
    return row.measure, row.work, row.site, future


def _stack(
    axes: Axes, rows: Sequence[SiteQuarter], layers: Mapping[str, Sequence[float]], colors: Sequence[str]
) -> None:
    at, above = np.arange(len(rows)), np.zeros(len(rows))
    for index, (name, heights) in enumerate(layers.items()):
        axes.bar(at, heights, 0.7, bottom=above, color=colors[index % len(colors)], label=_plain(name))
        above = above + np.asarray(heights)
    axes.set_xticks(at, _told([row.quarter for row in rows]))


def _told(quarters: Sequence[str]) -> list[str]:
    """Return labels of quarters; the year stands below the first quarter of each, and below the first of all."""
    parts = [name.partition("-") for name in quarters]
    return [
        f"{quarter or year}\n{year}" if quarter and (quarter == "Q1" or index == 0) else quarter or year
        for index, (year, _, quarter) in enumerate(parts)
    ]


def _scale(amounts_usd: Iterable[float]) -> tuple[float, str]:
    greatest = max(amounts_usd, default=0.0)
    return next((scale for scale in _SCALES_USD if greatest >= scale[0]), _SCALES_USD[-1])


def _with_unit(name: str, units: Mapping[str, str]) -> str:
    unit = units.get(name, "")
    return f"{name} ({unit})" if unit else name


def _plain(name: str) -> str:
    """Return a name as matplotlib prints it: a dollar sign begins no formula."""
    return name.replace("$", r"\$")


def _refuse_unfound(plan: Plan) -> None:
    if not plan.found:
        raise InputError(Problem(plan.name, "", f"has nothing to draw: its status is {plan.status}"))
