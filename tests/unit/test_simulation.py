"""From a scenario file to figures, through everything in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator.results.result import Result
from simulator.simulation import simulate

SCENARIO = """\
start: 2023-01-01T00:00:00Z
fleet:
  groups:
    - {name: old, node: box, count: 2}
    - {name: new, node: box, count: 1, in_service: 2 h}
nodes:
  box:
    cpu_cores: 4
    memory: 64 GiB
    power:
      clock_exponent: {value: 2, source: a test, status: assumption}
      parts:
        - {name: cpu, follows: processor, idle_power: 100 W, peak_power: 200 W}
workload:
  kind: list
  jobs:
    - {name: a, duration: 1 h, tasks: 2, checkpoint_interval: 10 min}
    - {name: b, duration: 1 h}
    - {name: wide, duration: 1 h, tasks: 4, submit: 90 min}
facility: {pue: 1.5}
"""


def run(folder: Path, more: str = "", **options: Any) -> Result:
    """The result of the scenario with further sections."""
    path = folder / "hall.yaml"
    path.write_text(SCENARIO + more)
    return simulate(path, **options)


def ends_s(result: Result) -> dict[str, float]:
    frame = result.jobs.dropna(subset=["end_s"])
    return dict(zip(frame["job"], frame["end_s"], strict=True))


def test_the_figures_of_a_run_by_hand(tmp_path: Path) -> None:
    # a holds both nodes for an hour, then b one of them; the third node comes as b ends.
    result = run(tmp_path)
    assert ends_s(result) == {"a": 3600.0, "b": 7200.0}
    assert result.status == "complete"
    expected = {
        "jobs_submitted": 3,
        "jobs_completed": 2,
        "jobs_rejected": 1,
        "jobs_unfinished": 0,
        "makespan_s": 7200.0,
        "wait_mean_s": 1800.0,
        "node_utilization": 0.75,
        "it_energy_kwh": 0.7,
        "facility_energy_kwh": 1.05,
        "peak_it_power_kw": 0.4,
        "peak_facility_power_kw": 0.6,
        "simulated_s": 7200.0,
    }
    assert {name: result.kpis[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    for name in ("accelerator_utilization", "energy_cost_usd", "carbon_operational_kg"):
        assert result.kpis[name] is None  # no accelerators, no tariff, no intensity


@pytest.mark.parametrize("until", ["30 min", "1 h", "90 min", "3 h"])
def test_every_job_submitted_is_completed_rejected_killed_or_unfinished(tmp_path: Path, until: str) -> None:
    kpis = run(tmp_path, f"until: {until}\n").kpis
    counts = [kpis[f"jobs_{name}"] for name in ("completed", "rejected", "killed", "unfinished")]
    assert kpis["jobs_submitted"] == sum(count or 0 for count in counts)


def test_a_clock_event_finds_its_job_by_name(tmp_path: Path) -> None:
    result = run(tmp_path, "events:\n  - {kind: clock, job: b, fraction: 0.5, at: 90 min}\n")
    assert ends_s(result) == {"a": 3600.0, "b": 9000.0}


def test_a_clock_event_without_a_target_slows_the_whole_hall(tmp_path: Path) -> None:
    result = run(tmp_path, "events:\n  - {kind: clock, fraction: 0.5, at: 0 s, until: 1 h}\n")
    assert ends_s(result) == {"a": 5400.0, "b": 9000.0}


def test_nodes_retired_by_an_event_interrupt_their_jobs(tmp_path: Path) -> None:
    # a is interrupted at 25 min with 20 kept, and needs two nodes, which are there from 2 h on.
    result = run(tmp_path, "events:\n  - {kind: retire, nodes: [old-0], retire: at-once, at: 25 min}\n")
    assert ends_s(result)["a"] == 7200.0 + 2400.0
    assert result.kpis["jobs_interrupted"] == 1
    assert result.kpis["work_lost_s"] == 300.0


def test_a_commissioned_node_is_absent_before_whatever_its_group_says(tmp_path: Path) -> None:
    result = run(tmp_path, "events:\n  - {kind: commission, group: old, at: 3 h}\n")
    assert ends_s(result) == {"a": 4 * 3600.0, "b": 4 * 3600.0}
    assert result.nodes["service_s"].tolist() == [3600.0, 3600.0, 7200.0]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("{kind: clock, job: bb, fraction: 0.5, at: 0 s}", "the workload has no job 'bb'"),
        ("{kind: retire, nodes: [old-7], at: 1 h}", "the hall has no node 'old-7'; nearest: 'old-"),
        ("{kind: retire, group: new, at: 1 h}", "node 'new-0' retires at 3600 s, before it is in service"),
    ],
)
def test_an_event_on_what_is_not_there_is_refused(tmp_path: Path, event: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(tmp_path, f"events:\n  - {event}\n")


def test_a_run_ends_where_nothing_can_happen_any_more(tmp_path: Path) -> None:
    result = run(tmp_path, "events:\n  - {kind: retire, group: old, at: 30 min}\n")
    assert result.status == "complete"
    assert result.kpis["jobs_completed"] == 2
    alone = run(tmp_path, "events:\n  - {kind: retire, group: old, retire: at-once, at: 30 min}\n")
    assert alone.kpis["jobs_unfinished"] == 2
    assert alone.kpis["simulated_s"] == 7200.0
    assert "2 of 3 jobs still waited at the end" in alone.notes


def test_a_run_that_is_stopped_keeps_what_it_has(tmp_path: Path) -> None:
    asked = iter([False, True])
    result = run(
        tmp_path,
        "events:\n  - {kind: clock, fraction: 0.5, at: 75 min}\n",
        should_stop=lambda: next(asked, True),
    )
    assert result.status == "interrupted"
    assert result.kpis["jobs_completed"] == 1
    assert ends_s(result) == {"a": 3600.0}
    assert result.kpis["simulated_s"] == 4500.0
    assert result.kpis["it_energy_kwh"] == pytest.approx(0.4 + 0.25 * 0.3, rel=1e-12)


def test_progress_is_told_how_far_the_run_has_come(tmp_path: Path) -> None:
    told: list[tuple[float, int, int]] = []
    run(tmp_path, progress=lambda now_s, ended, jobs: told.append((now_s, ended, jobs)))
    assert told == sorted(told)
    assert {jobs for _, _, jobs in told} == {3}


def test_the_rows_of_the_power_table_add_up(tmp_path: Path) -> None:
    result = run(tmp_path, "results: {interval: 30 min, change_points: true}\n")
    power = result.power
    assert power["it_energy_j"].sum() == pytest.approx(0.7 * 3.6e6, rel=1e-12)
    assert power["from_s"].tolist() == [0.0, 1800.0, 3600.0, 5400.0]
    assert power["it_power_greatest_w"].tolist() == [400.0, 400.0, 300.0, 300.0]
    points = result.frame("change_points")
    assert list(zip(points["from_s"], points["it_power_w"], strict=True))[:2] == [(0.0, 400.0), (3600.0, 300.0)]
