"""Figures of a run. Nothing else in datahall draws.

Each function returns a figure of its own, whose colours can be told apart by people who see colours differently. It is
shown by Jupyter as it stands and saved with `figure.savefig("hall.png")`; no window is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from models.problems import InputError, Problem

from .picture import BLACK, BLUE, DASHES, GREEN, SERIES, STYLE, VERMILION, picture

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ..results.result import Result

_SCALES_W = ((1e9, "GW"), (1e6, "MW"), (1e3, "kW"), (1.0, "W"))
_SCALES_S = ((86_400.0 * 2, 86_400.0, "d"), (3_600.0 * 2, 3_600.0, "h"), (120.0, 60.0, "min"), (0.0, 1.0, "s"))


def power_and_queue(result: Result) -> Figure:
    """Return the hall over time (UTC): its power, the jobs that wait, and the nodes that hold jobs.

    Lines are means over the run's intervals; the bands reach from the least to the greatest value at any instant.
    """
    power = result.power
    _refuse_empty(len(power), result.name, "ran for no time")
    edges = _edges(power)
    with mpl.rc_context(STYLE):
        figure = picture(7.2, 5.6)
        above, middle, below = figure.subplots(3, sharex=True, height_ratios=(2.2, 1.2, 1.0))
        _draw_power(above, power, edges)
        _draw_level(middle, power, "queued_jobs", edges, VERMILION)
        middle.set_ylabel("queued jobs")
        _draw_level(below, power, "held_nodes", edges, GREEN)
        in_service = power["nodes_in_service_mean"]
        below.stairs(in_service, edges, baseline=None, color="0.35", ls=":", label="in service")
        below.annotate(
            "in service", (edges[0], in_service.iloc[0]), (4, 2), textcoords="offset points", color="0.35", fontsize=8.0
        )
        below.set_ylabel("nodes holding jobs")
        below.set_ylim(0.0, 1.3 * max(1.0, float(power["nodes_in_service_greatest"].max())))
        _tell_time(below, edges)
        above.set_title(f"{result.name}, seed {result.seed}")
        figure.align_ylabels([above, middle, below])
    return figure


def waits(results: Mapping[str, Result]) -> Figure:
    """Return how long jobs waited in each run: the share of started jobs over the longest that they waited."""
    waited_s = {label: _waits_s(result) for label, result in results.items()}
    _refuse_empty(len(waited_s), "results", "holds no run")
    longest_s = max((float(each[-1]) for each in waited_s.values() if len(each)), default=0.0)
    unit_s, unit = next((size, unit) for least, size, unit in _SCALES_S if longest_s >= least)
    with mpl.rc_context(STYLE):
        figure = picture(7.2, 3.6)
        axes = figure.subplots()
        for index, (label, each_s) in enumerate(waited_s.items()):
            if not len(each_s):
                axes.plot([], [], color="none", label=f"{label}: no job started")
                continue
            axes.ecdf(
                each_s / unit_s,
                color=SERIES[index % len(SERIES)],
                ls=DASHES[index % len(DASHES)],
                label=f"{label}: mean {each_s.mean() / unit_s:,.1f} {unit}",
            )
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_ylabel("jobs that waited no longer")
        axes.set_xlabel(f"wait from submission to first start ({unit})")
        axes.set_xlim(0.0, 1.02 * longest_s / unit_s if longest_s > 0.0 else 1.0)
        axes.set_ylim(0.0, 1.03)
        axes.legend(loc="lower right")
    return figure


def _draw_power(axes: Axes, power: pd.DataFrame, edges: NDArray[np.float64]) -> None:
    greatest_w = max(float(power["facility_power_mean_w"].max()), float(power["it_power_greatest_w"].max()))
    unit_w, unit = next((scale for scale in _SCALES_W if greatest_w >= scale[0]), _SCALES_W[-1])
    axes.stairs(
        power["it_power_greatest_w"] / unit_w,
        edges,
        baseline=power["it_power_least_w"] / unit_w,
        fill=True,
        color=BLUE,
        alpha=0.2,
        lw=0.0,
        label="IT, least to greatest",
    )
    axes.stairs(power["it_power_mean_w"] / unit_w, edges, baseline=None, color=BLUE, label="IT, mean")
    axes.stairs(power["facility_power_mean_w"] / unit_w, edges, baseline=None, color=BLACK, label="facility, mean")
    axes.set_ylim(0.0, 1.22 * greatest_w / unit_w if greatest_w > 0.0 else 1.0)
    axes.set_ylabel(f"power ({unit})")
    axes.legend(*_reversed(axes), loc="upper right", ncols=3, handlelength=1.5, columnspacing=1.2)


def _draw_level(axes: Axes, power: pd.DataFrame, quantity: str, edges: NDArray[np.float64], color: str) -> None:
    least, greatest = power[f"{quantity}_least"], power[f"{quantity}_greatest"]
    axes.stairs(greatest, edges, baseline=least, fill=True, color=color, alpha=0.2, lw=0.0)
    axes.stairs(power[f"{quantity}_mean"], edges, baseline=None, color=color, label="mean")
    axes.set_ylim(0.0, 1.08 * max(1.0, float(greatest.max())))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _tell_time(axes: Axes, edges: NDArray[np.float64]) -> None:
    """Write days and hours below the axis, and only once what they share."""
    locator = AutoDateLocator(tz=UTC, minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
    formatter.formats[2] = formatter.zero_formats[3] = "%d %b"
    formatter.zero_formats[2] = "%d %b"
    formatter.offset_formats[2] = "%Y"
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("time (UTC)")


def _reversed(axes: Axes) -> tuple[list[Any], list[str]]:
    handles, labels = axes.get_legend_handles_labels()
    return handles[::-1], labels[::-1]


def _edges(power: pd.DataFrame) -> NDArray[np.float64]:
    """Return the borders of the intervals as matplotlib's dates, shape (intervals + 1,)."""
    end_utc = power.index[0] + (power["to_s"].iloc[-1] - power["from_s"].iloc[0]) * np.timedelta64(10**9, "ns")
    return np.asarray(date2num([*power.index, end_utc]), np.float64)  # type: ignore[no-untyped-call]


def _waits_s(result: Result) -> NDArray[np.float64]:
    """Return the waits of the jobs that started, rising."""
    return np.sort(result.jobs["wait_s"].dropna().to_numpy(np.float64))


def _refuse_empty(count: int, what: str, why: str) -> None:
    if not count:
        raise InputError(Problem(what, "", f"there is nothing to draw: it {why}"))
