"""Services in whole runs: what nodes at work answer, what that draws, and what happens when nodes go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator import simulate
from simulator.results.result import Result

HOUR_S = 3600.0
HALL = """
start: 2024-01-01T00:00:00Z
until: {until}
nodes:
  plain:
    cpu_cores: 4
    memory: 64 GiB
    power: {{parts: [{{name: all, follows: processor, idle_power: 100 W, peak_power: 500 W}}],
             clock_exponent: {{value: 2, source: a test, status: assumption}}}}
fleet: {{groups: [{{name: n, node: plain, count: {count}, nodes_per_rack: 2}}]}}
facility: {{pue: 1.0}}
services:
  - name: chat
    nodes: {nodes}
    requests_per_s: 10
    {service}
{more}
"""


MIXED = """
start: 2024-01-01T00:00:00Z
until: 3 d
seed: 2
fleet: {groups: [{name: n, node: dgx-h100, count: 7, nodes_per_rack: 2}]}
facility: {pue: 1.0}
scheduling: {kind: priority}
workload: {kind: list, jobs: [{name: a, submit: 90 min, duration: 3 h, priority: 9}, {name: b, duration: 40 min}]}
training:
  - {name: t, accelerators: 16, step: {duration: 10 s}, duration: 30 d, checkpoints: {interval: 1 h, write: 10 s}}
services:
  - {name: chat, nodes: 4, requests_per_s: 10, patience: 30 min, startup: 3 min, demand: 37}
reliability: {failures: [{kind: node, mtbf: 40 h}]}
"""


def run(
    folder: Path,
    service: str,
    *,
    until: str = "4 h",
    count: int = 4,
    nodes: int = 4,
    more: str = "",
    name: str = "hall",
) -> Result:
    """Simulate a service on plain nodes of 100 W to 500 W that each answer 10 requests a second."""
    path = folder / f"{name}.yaml"
    path.write_text(HALL.format(until=until, count=count, nodes=nodes, service=service, more=more), encoding="utf-8")
    return simulate(path)


def listed(*requests_per_s: float) -> str:
    """A demand by the hour."""
    return f"demand: {{kind: hourly, requests_per_s: {list(requests_per_s)}}}"


def failing(folder: Path, *lines: str) -> str:
    """The section of failures that happen as listed."""
    (folder / "failures.csv").write_text("\n".join(["time_s,name,duration_s,component,permanent", *lines, ""]))
    return "reliability: {failures: [{kind: trace, file: failures.csv}]}"


def columns(result: Result, *names: str) -> list[Any]:
    """Columns of the table of services, a tuple a row."""
    rows = result.tables["services"].to_pylist()
    return [tuple(row[name] for name in names) for row in rows]


def test_a_node_draws_idle_power_and_its_share_of_the_load(tmp_path: Path) -> None:
    result = run(tmp_path, listed(0, 10, 20, 40))
    # Four nodes: idle 400 W; at 10 of 40 requests/s a quarter of 4 x 400 W more.
    assert result.kpis["it_energy_kwh"] == pytest.approx((400 + 800 + 1200 + 2000) / 1000, rel=1e-12)
    assert result.kpis["requests_served"] == pytest.approx(70 * HOUR_S)
    assert result.kpis["service_availability"] == 1.0
    power = result.tables["power"].to_pylist()
    assert [row["it_power_mean_w"] for row in power] == pytest.approx([400.0, 800.0, 1200.0, 2000.0], rel=1e-12)


def test_activity_says_how_busy_a_full_load_makes_a_node(tmp_path: Path) -> None:
    result = run(tmp_path, "activity: 0.5\n    demand: 40", until="1 h")
    assert result.kpis["it_energy_kwh"] == pytest.approx(4 * 0.3, rel=1e-12)


def test_what_exceeds_the_capacity_is_lost_at_once_without_patience(tmp_path: Path) -> None:
    result = run(tmp_path, listed(20, 60), until="2 h")
    assert columns(result, "offered", "served", "lost") == [
        (pytest.approx(20 * HOUR_S), pytest.approx(20 * HOUR_S), 0.0),
        (pytest.approx(60 * HOUR_S), pytest.approx(40 * HOUR_S), pytest.approx(20 * HOUR_S)),
    ]
    assert result.kpis["service_availability"] == pytest.approx(60 / 80)


def test_a_backlog_keeps_nodes_busy_until_it_is_gone(tmp_path: Path) -> None:
    result = run(tmp_path, f"patience: 1 d\n    {listed(50, 20, 20)}", until="3 h")
    # 10 requests/s too many for an hour, then 20 to spare: half an hour at full load.
    assert columns(result, "served", "backlog_greatest") == [
        (pytest.approx(40 * HOUR_S), pytest.approx(36_000.0)),
        (pytest.approx(30 * HOUR_S), pytest.approx(36_000.0)),
        (pytest.approx(20 * HOUR_S), 0.0),
    ]
    assert result.kpis["requests_lost"] == 0.0
    assert result.kpis["it_energy_kwh"] == pytest.approx(2.0 + 0.5 * 2.0 + 0.5 * 1.2 + 1.2, rel=1e-12)


def test_a_failed_node_takes_its_capacity_along_and_brings_it_back(tmp_path: Path) -> None:
    more = failing(tmp_path, "3600,n-0,1800,node,0")
    result = run(tmp_path, "demand: 40", until="3 h", more=more)
    served = [row[0] for row in columns(result, "served")]
    assert served == pytest.approx([40 * HOUR_S, 35 * HOUR_S, 40 * HOUR_S])
    assert columns(result, "nodes_mean") == [(4.0,), (pytest.approx(3.5),), (4.0,)]
    assert result.kpis["work_lost_s"] == 0.0
    # For half an hour three nodes are at full load and one draws nothing.
    assert result.kpis["it_energy_kwh"] == pytest.approx(2.5 * 2.0 + 0.5 * 1.5, rel=1e-12)


def test_a_spare_node_takes_over_after_the_time_to_start(tmp_path: Path) -> None:
    more = failing(tmp_path, "3600,n-0,36000,node,0")
    result = run(tmp_path, "startup: 6 min\n    demand: 40", until="3 h", count=5, more=more)
    served = [row[0] for row in columns(result, "served")]
    assert served == pytest.approx([40 * HOUR_S, (40 - 1) * HOUR_S, 40 * HOUR_S])


def test_a_failure_that_nobody_has_noticed_yet_answers_nothing(tmp_path: Path) -> None:
    times = "mtbf: 20 h, permanent: 0, reboot: {kind: constant, value: 1 h}"
    more = f"reliability: {{failures: [{{kind: node, {times}, detection: {{at_once: 0, delay: 30 min}}}}]}}"
    result = run(tmp_path, "demand: 10", until="4 d", count=1, nodes=1, more=more)
    outages = result.tables["failures"].to_pylist()
    down_s = sum((each["restored_s"] or 96 * HOUR_S) - each["failed_s"] for each in outages)
    assert all((each["detected_s"] or 0.0) - each["failed_s"] == pytest.approx(0.5 * HOUR_S) for each in outages)
    assert len(outages) > 1
    assert result.kpis["requests_served"] == pytest.approx(10.0 * (96 * HOUR_S - down_s))


def test_lower_clocks_answer_less_and_draw_less(tmp_path: Path) -> None:
    more = "events: [{kind: clock, at: 1 h, until: 2 h, group: n, fraction: 0.5}]"
    result = run(tmp_path, "demand: 30", until="3 h", more=more)
    assert [row[0] for row in columns(result, "served")] == pytest.approx([30 * HOUR_S, 20 * HOUR_S, 30 * HOUR_S])
    power = [row["it_power_mean_w"] for row in result.tables["power"].to_pylist()]
    assert power == pytest.approx([4 * 400.0, 4 * (100.0 + 0.25 * 400.0), 4 * 400.0], rel=1e-12)


def test_a_power_cap_and_the_load_that_it_leaves_come_to_rest(tmp_path: Path) -> None:
    # 30 of 40 requests/s: at a clock f each node is busy to 0.75 / f and draws 100 + 400 f^2 0.75 / f = 100 + 300 f.
    more = "events: [{kind: power-cap, at: 1 h, until: 2 h, group: n, power: 1480 W}]"
    result = run(tmp_path, "demand: 30", until="2 h", more=more)
    power = [row["it_power_mean_w"] for row in result.tables["power"].to_pylist()]
    assert power == pytest.approx([1600.0, 1480.0], rel=1e-8)
    assert columns(result, "served", "capacity")[1] == pytest.approx((30 * HOUR_S, 0.9 * 40 * HOUR_S), rel=1e-6)


def test_a_service_that_ends_gives_its_nodes_back(tmp_path: Path) -> None:
    result = run(tmp_path, "submit: 30 min\n    until: 90 min\n    demand: 40", until="3 h")
    assert result.kpis["requests_offered"] == pytest.approx(40 * HOUR_S)
    assert result.kpis["requests_served"] == pytest.approx(40 * HOUR_S)
    assert result.kpis["jobs_completed"] == 4
    assert result.kpis["it_energy_kwh"] == pytest.approx(3 * 0.4 + 1.6, rel=1e-12)
    assert result.kpis["work_done_task_hours"] == pytest.approx(4.0)


def test_a_node_that_a_job_frees_between_events_answers_at_once(tmp_path: Path) -> None:
    jobs = "workload: {kind: list, jobs: [{name: first, submit: 0 s, duration: 1000 s}]}\nscheduling: {kind: priority}"
    more = jobs.replace("duration: 1000 s}", "duration: 1000 s, priority: 5}")
    result = run(tmp_path, "demand: 40", until="1 h", more=more)
    assert result.kpis["requests_served"] == pytest.approx(40 * HOUR_S - 10 * 1000.0)
    assert result.kpis["it_energy_kwh"] == pytest.approx(2.0, rel=1e-12)


def test_nodes_of_a_service_that_comes_later_load_before_they_answer(tmp_path: Path) -> None:
    result = run(tmp_path, "startup: 6 min\n    submit: 1 h\n    demand: 40", until="2 h")
    assert [row[0] for row in columns(result, "served")] == pytest.approx([0.0, 0.9 * 40 * HOUR_S])
    # Idle before, idle while they load, at full load then.
    assert result.kpis["it_energy_kwh"] == pytest.approx(0.4 + 0.1 * 0.4 + 0.9 * 2.0, rel=1e-12)


def test_maintenance_takes_nodes_of_a_service_without_waiting(tmp_path: Path) -> None:
    crews = "operations: {maintenance: [{name: m, every: 30 d, first: 1 h, duration: 30 min, at_once: 0.25}]}"
    result = run(tmp_path, "demand: 40", until="4 h", more=crews)
    assert columns(result, "nodes_mean") == [(4.0,), (pytest.approx(3.0),), (pytest.approx(3.0),), (4.0,)]
    assert result.kpis["work_lost_s"] == 0.0


def test_software_that_fails_stops_one_node_of_a_service_after_the_other(tmp_path: Path) -> None:
    more = "reliability: {failures: [{kind: software, mtbf: 6 h, detection: {at_once: 1}}]}"
    result = run(tmp_path, "startup: 10 min\n    demand: 40", until="10 d", more=more)
    struck = [row["name"] for row in result.tables["failures"].to_pylist()]
    assert struck[:5] == ["chat/0", "chat/1", "chat/2", "chat/3", "chat/0"]
    lost = 10 * 600.0 * len(struck)
    assert result.kpis["requests_lost"] == pytest.approx(lost, rel=0.05)


def test_requests_and_energy_add_up_beside_training_and_batch_jobs(tmp_path: Path) -> None:
    path = tmp_path / "mixed.yaml"
    path.write_text(MIXED, encoding="utf-8")
    result = simulate(path)
    rows, kpis = result.tables["services"].to_pylist(), result.kpis
    for name in ("offered", "served", "lost"):
        assert sum(row[name] for row in rows) == pytest.approx(kpis[f"requests_{name}"], rel=1e-9)
    waits = (kpis["requests_offered"] or 0) - (kpis["requests_served"] or 0) - (kpis["requests_lost"] or 0)
    assert -1e-6 < waits <= 30 * 60.0 * 37
    assert kpis["requests_lost"]
    jobs, nodes = result.jobs, result.tables["nodes"].to_pandas()
    assert jobs["energy_j"].sum() + nodes["unheld_energy_j"].sum() == pytest.approx(nodes["energy_j"].sum(), rel=1e-9)
    chat = jobs[jobs["job"].str.startswith("chat/")]
    assert chat["interruptions"].sum() > 0
    assert chat["lost_s"].sum() == 0.0
    training = result.tables["training"].to_pylist()[0]
    assert training["interruptions"] > 0
    assert training["lost_work_s"] > 0.0


def test_tokens_are_those_of_requests_served(tmp_path: Path) -> None:
    result = run(tmp_path, "input_tokens: 1000\n    output_tokens: 200\n    demand: 60", until="1 h")
    assert result.kpis["tokens_served"] == pytest.approx(40 * HOUR_S * 1200)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    more = "reliability: {failures: [{kind: node, mtbf: 20 h, repair: {kind: constant, value: 1 h}}]}"
    service = (
        "patience: 5 min\n    demand: {kind: daily, requests_per_s: [" + ",".join(["30"] * 12 + ["39"] * 12) + "]}"
    )
    results = [run(tmp_path, service, until="2 d", more=more) for _ in range(2)]
    assert results[0].kpis == results[1].kpis
    assert results[0].tables["services"].equals(results[1].tables["services"])
    assert results[0].kpis["requests_lost"]


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("demand: {kind: daily, requests_per_s: [1, 2, 3]}", "3 values are given; a day has 24 hours"),
        ("demand: {kind: hourly, requests_per_s: [1, 2, 3]}", "3 hourly values end before the run does: it needs 4"),
        ("demand: {kind: hourly, repeat: week, requests_per_s: [1]}", "'repeat: week' needs 168"),
        ("demand: -5", "-5"),
        ("demand: {kind: hourly, requests_per_s: [1, 2, 3, -4]}", "requests_per_s"),
        ("demand: 5\n    tokens_per_s: 1000", "give 'demand' and 'requests_per_s' in requests"),
        ("demand: 5\n    input_tokens: 1000", "belong together"),
        ("demand: 5\n    node_type: plane", "the hall has no nodes of type 'plane'"),
        ("demand: 5\n    submit: 2 h\n    until: 1 h", "no later than it begins"),
        ("patience: 5 s", "demand"),
    ],
)
def test_what_can_not_be_is_refused_where_it_stands(tmp_path: Path, service: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        run(tmp_path, service)
    problem = refused.value.problems[0]
    assert message in str(problem)
    assert "hall.yaml:" in problem.where


def test_a_service_that_never_fits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hall.yaml:.*it holds 5 nodes of type 'plain'; the hall has 4"):
        run(tmp_path, "demand: 5", nodes=5)


def test_a_recorded_demand_is_read_and_must_reach_the_end(tmp_path: Path) -> None:
    lines = ["time_utc,requests_per_s", *(f"2024-01-01T0{hour}:00Z,{10 * hour}" for hour in range(4))]
    (tmp_path / "demand.csv").write_text("\n".join(lines), encoding="utf-8")
    service = "demand: {kind: recorded, file: demand.csv}"
    assert [row[0] for row in columns(run(tmp_path, service), "offered")] == pytest.approx([0, 36e3, 72e3, 108e3])
    with pytest.raises(InputError, match="demand.csv.*ends at 2024-01-01T04:00Z, before the run ends"):
        run(tmp_path, service, until="5 h")


def test_a_day_follows_the_clock_of_its_place(tmp_path: Path) -> None:
    values = [0.0] * 24
    values[19] = 10.0
    service = f"demand: {{kind: daily, time_zone: America/New_York, requests_per_s: {values}}}"
    offered = [row[0] for row in columns(run(tmp_path, service), "offered")]
    assert offered == [pytest.approx(10 * HOUR_S), 0.0, 0.0, 0.0]  # Midnight UTC is seven in the evening there.
