"""Training jobs in whole runs: storage that they wait for, links that go and come, gangs that shrink and grow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator import simulate

HALL = """
start: 2024-01-01T00:00:00Z
fleet: {{groups: [{{name: n, node: dgx-h100, count: {nodes}, nodes_per_rack: 2}}]}}
facility: {{pue: 1.1}}
training:
  - name: t
    accelerators: 16
    step: {{duration: 10 s, tokens: 1e6, checkpoint_size: 100 GB}}
    duration: {duration}
    startup: 5 min
    {job}
{more}
"""
TIER = "storage: {tiers: {pfs: {kind: parallel-file-system, servers: 2, read: 1 GB/s, write: 1 GB/s}}}"
LEAVES = "fabric: {kind: fat-tree, ports: 32, nodes_per_block: 2}"


def row(folder: Path, *, nodes: int = 4, duration: str = "30 d", job: str = "", more: str = "") -> dict[str, Any]:
    """The training job's row of a run."""
    path = folder / "hall.yaml"
    path.write_text(HALL.format(nodes=nodes, duration=duration, job=job, more=more), encoding="utf-8")
    rows: list[dict[str, Any]] = simulate(path).tables["training"].to_pylist()
    return rows[0]


def failing(folder: Path, *lines: str) -> str:
    """The section of failures that happen as listed."""
    (folder / "failures.csv").write_text("\n".join(["time_s,name,duration_s,component,permanent", *lines, ""]))
    return "reliability: {failures: [{kind: trace, file: failures.csv}]}"


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_a_run_without_an_end_waits_for_checkpoints_that_are_being_written(tmp_path: Path, mode: str) -> None:
    job = f"checkpoints: {{interval: 10 min, tier: pfs, mode: {mode}}}"
    told = row(tmp_path, duration="1 h", job=job, more=TIER)
    assert told["state"] == "ended"
    assert told["checkpoints"] == 5


def test_its_own_reading_does_not_slow_its_checkpoints(tmp_path: Path) -> None:
    more = (
        TIER.replace("}}}", "}}, data_sets: {text: {size: 1 TB, tier: pfs, bytes_per_token: 20 kB}}}") + "\nuntil: 2 h"
    )
    job = "checkpoints: {interval: 10 min, tier: pfs}\n    data_set: text"
    told = row(tmp_path, job=job, more=more)
    assert told["saving_s"] / told["checkpoints"] == pytest.approx(50.0)


def test_a_gang_that_is_cut_off_gives_up_and_starts_where_nodes_hang_together(tmp_path: Path) -> None:
    more = f"{LEAVES}\nuntil: 6 h\n" + failing(tmp_path, "3600,leaf-0,10800,switch,0")
    told = row(tmp_path, job="checkpoints: {interval: 10 min, write: 0 s}", more=more)
    assert told["interruptions"] == 1
    assert told["hung_s"] == pytest.approx(600.0)
    assert told["waiting_s"] == pytest.approx(0.0)


def test_a_start_that_is_broken_off_begins_anew(tmp_path: Path) -> None:
    more = f"{LEAVES}\nuntil: 1 h\n" + failing(tmp_path, "60,leaf-0,60,switch,0")
    told = row(tmp_path, job="checkpoints: {interval: 10 min, write: 0 s}", more=more)
    assert told["hung_s"] == pytest.approx(60.0)
    assert told["starting_s"] == pytest.approx(60.0 + 300.0)


def test_a_checkpoint_under_way_is_lost_with_the_node_that_sent_it(tmp_path: Path) -> None:
    job = "checkpoints: {interval: 1 h, write: 20 min, mode: asynchronous, snapshot: 0 s}"
    drill = "{kind: lose-component, name: node, at: 4200 s, lose: {kind: node, name: n-0}, duration: 1 h"
    drill += ", detection: 30 min}"
    told = row(tmp_path, job=job, more=f"operations: {{drills: [{drill}]}}\nuntil: 3 h")
    assert told["lost_work_s"] == pytest.approx(3900.0)


def test_an_elastic_gang_starts_with_what_its_placement_lets_it_have(tmp_path: Path) -> None:
    more = """
workload:
  kind: list
  jobs: [{name: other, user: somebody, duration: 9 h}]
security: {controls: [{kind: tenancy, mode: dedicated-pods}]}
until: 4 h
"""
    job = "elastic: {least_accelerators: 8}\n    submit: 1 min\n    checkpoints: {interval: 30 min, write: 1 min}"
    told = row(tmp_path, nodes=3, job=job, more=more)
    assert told["state"] == "working"
    assert told["interruptions"] == 0
    assert told["starting_s"] == pytest.approx(300.0)
