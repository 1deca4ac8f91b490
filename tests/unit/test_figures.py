"""Figures say what they show, in which unit, and show what the tables hold."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import num2date
from matplotlib.patches import StepPatch

from models.problems import InputError
from simulator import Result, simulate
from simulator.report.figures import power_and_queue, waits

HALL = """
start: 2023-03-01T22:30:00+01:00
fleet:
  groups: [{name: gpu, node: dgx-h100, count: 2}]
facility: {pue: 1.5}
workload:
  kind: list
  jobs:
    - {duration: 3 h, copies: 2, tasks: 2, estimate: 3 h}
    - {duration: 30 min, submit: 1 h, activity: 0.5, estimate: 30 min}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return _run(tmp_path_factory.mktemp("hall"), HALL)


def _run(folder: Path, text: str, sets: tuple[str, ...] = ()) -> Result:
    path = folder / "hall.yaml"
    path.write_text(text, encoding="utf-8")
    return simulate(path, sets=sets)


def _steps(axes: Axes, label: str) -> StepPatch:
    return next(patch for patch in axes.patches if isinstance(patch, StepPatch) and patch.get_label() == label)


def test_axes_name_what_they_show_and_its_unit(result: Result) -> None:
    axes = power_and_queue(result).axes
    assert [each.get_ylabel() for each in axes] == ["power (kW)", "queued jobs", "nodes holding jobs"]
    assert axes[-1].get_xlabel() == "time (UTC)"
    assert axes[0].get_title(loc="left") == "hall, seed 0"


def test_power_is_drawn_as_the_table_has_it(result: Result) -> None:
    axes = power_and_queue(result).axes[0]
    power = result.power
    drawn, _, _ = _steps(axes, "IT, mean").get_data()
    assert drawn == pytest.approx(power["it_power_mean_w"].to_numpy() / 1e3)
    drawn, _, _ = _steps(axes, "facility, mean").get_data()
    assert drawn == pytest.approx(1.5 * power["it_power_mean_w"].to_numpy() / 1e3)
    upper, _, lower = _steps(axes, "IT, least to greatest").get_data()
    assert upper == pytest.approx(power["it_power_greatest_w"].to_numpy() / 1e3)
    assert lower == pytest.approx(power["it_power_least_w"].to_numpy() / 1e3)


def test_intervals_stand_at_their_instants_in_utc(result: Result) -> None:
    _, edges, _ = _steps(power_and_queue(result).axes[0], "IT, mean").get_data()
    drawn: list[datetime] = num2date([edges[0], edges[1], edges[-1]])  # type: ignore[no-untyped-call]
    texts = [f"{instant:%m-%d %H:%M}" for instant in drawn]
    # Six hours of two jobs, then half an hour of the third.
    assert texts == ["03-01 21:30", "03-01 22:00", "03-02 04:00"]


def test_large_halls_are_drawn_in_megawatts(tmp_path: Path) -> None:
    large = _run(tmp_path, HALL, sets=("fleet.groups[0].count=2000",))
    assert power_and_queue(large).axes[0].get_ylabel() == "power (MW)"


def test_waits_are_shares_of_the_jobs_that_started(result: Result) -> None:
    axes = waits({"one": result, "other": result}).axes[0]
    assert axes.get_xlabel() == "wait from submission to first start (h)"
    assert axes.get_ylabel() == "jobs that waited no longer"
    line = axes.lines[0]
    longest_h = float(np.nanmax(result.jobs["wait_s"])) / 3600.0
    assert np.max(line.get_xdata()) == pytest.approx(longest_h)
    assert np.max(line.get_ydata()) == 1.0
    mean_h = result.kpis["wait_mean_s"] or 0.0
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [  # type: ignore[union-attr]
        f"one: mean {mean_h / 3600.0:,.1f} h",
        f"other: mean {mean_h / 3600.0:,.1f} h",
    ]
    assert axes.lines[0].get_color() != axes.lines[1].get_color()
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()


def test_a_run_in_which_no_job_started_is_said_so(result: Result, tmp_path: Path) -> None:
    idle = _run(tmp_path, HALL.replace("tasks: 2", "tasks: 3, submit: 10 h"), sets=("until=30 min",))
    axes = waits({"idle": idle, "busy": result}).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[union-attr]
    assert texts[0] == "idle: no job started"
    assert waits({"idle": idle}).axes[0].get_xlim() == (0.0, 1.0)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InputError, match="there is nothing to draw"):
        waits({})


def test_a_picture_has_the_same_bytes_twice(result: Result) -> None:
    pictures = []
    for _ in range(2):
        written = io.BytesIO()
        power_and_queue(result).savefig(written, format="png")
        pictures.append(written.getvalue())
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")


def test_jupyter_shows_a_picture_without_pyplot() -> None:
    code = """
import sys
from simulator.report.picture import Picture
print(Picture()._repr_png_()[1:4].decode(), "matplotlib.pyplot" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["PNG", "False"]
