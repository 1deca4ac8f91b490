"""What has failed and nobody has noticed: it does no work, and what is counted as down is what stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.results.result import Result
from simulator.simulation import simulate

H = 3600.0
STARTUP_S = 300.0
STEP = {"duration": "10 s", "tokens": 1e6, "flop_per_token": 1e9, "checkpoint_size": "100 GB"}
CHECKPOINTS = {"interval": "10 min", "write": "10 s"}


def run(folder: Path, accelerators: int = 16, until: str = "4 h", **sections: Any) -> Result:
    """A gang on a hall of four nodes of eight accelerators each."""
    job = {"name": "t", "accelerators": accelerators, "step": STEP, "duration": "30 d", "startup": "5 min"}
    tree = {
        "start": "2024-01-01T00:00:00Z",
        "until": until,
        "fleet": {"groups": [{"name": "n", "node": "dgx-h100", "count": 4, "nodes_per_rack": 2}]},
        "facility": {"pue": 1.2},
        "training": [job | {"checkpoints": CHECKPOINTS}],
    }
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree | sections))
    return simulate(path)


def dies(name: str, detection: str, duration: str) -> dict[str, Any]:
    """A drill: a node that dies after an hour."""
    lose = {"kind": "node", "name": name}
    drill = {"kind": "lose-component", "name": "d", "at": "1 h", "lose": lose}
    return {"drills": [drill | {"detection": detection, "duration": duration}]}


def fails(folder: Path, *rows: str) -> dict[str, Any]:
    """Failures as listed: time, name, duration, component."""
    path = folder / "failures.csv"
    path.write_text("\n".join(["time_s,name,duration_s,component", *rows]) + "\n")
    return {"failures": [{"kind": "trace", "file": str(path)}]}


def training(result: Result) -> dict[str, Any]:
    row: dict[str, Any] = result.tables["training"].to_pylist()[0]
    return row


def test_a_gang_that_starts_on_a_dead_node_stands_still_until_that_is_noticed(tmp_path: Path) -> None:
    # n-3 is idle and dies at 1 h; at 70 min the gang loses n-0 and takes n-3; that is noticed at 3 h.
    failures = fails(tmp_path, "4200,n-0,36000,node")
    row = training(run(tmp_path, 24, "4 h", reliability=failures, operations=dies("n-3", "2 h", "10 h")))
    assert row["hung_s"] == pytest.approx(3 * H - 4200.0)
    assert row["waiting_s"] == pytest.approx(H)
    assert row["starting_s"] == pytest.approx(STARTUP_S)
    assert row["work_s"] < 4200.0 - STARTUP_S
    assert (row["interruptions"], row["interruptions_by_failures"]) == (2, 1)  # the drill's is no failure


def test_a_gang_that_leaves_one_dead_node_and_keeps_another_goes_on_hanging(tmp_path: Path) -> None:
    # n-0 is dead from 1 h and noticed at 2 h; n-1's failure at 4,000 s is noticed at once and takes the gang off both.
    failures = fails(tmp_path, "4000,n-1,600,node")
    row = training(run(tmp_path, until="3 h", reliability=failures, operations=dies("n-0", "1 h", "90 min")))
    assert row["hung_s"] == pytest.approx(H)
    assert row["work_s"] + row["lost_work_s"] <= 3 * H - H - 2 * STARTUP_S + 1e-6


def test_a_node_that_is_mended_is_not_dead_any_more(tmp_path: Path) -> None:
    result = run(tmp_path, 32, operations=dies("n-3", "10 min", "20 min"))
    row = training(result)
    assert row["hung_s"] == pytest.approx(600.0)
    assert row["waiting_s"] == pytest.approx(600.0)
    assert row["state"] in {"working", "saving"}


def test_false_alarms_are_no_failures_that_take_time_to_mend(tmp_path: Path) -> None:
    monitoring = {"false_alarms_per_node_day": 4}
    result = run(tmp_path, until="3 d", operations={"monitoring": monitoring})
    failures = result.frame("failures")
    assert len(failures) > 10
    assert set(failures["mode"]) == {"false alarm"}
    assert (failures["detected_s"] >= failures["failed_s"]).all()
    assert result.kpis["mttr_h"] is None
    assert result.kpis["availability"] is not None and result.kpis["availability"] < 1.0
    row = training(result)
    assert row["interruptions"] > 0 == row["interruptions_by_failures"]


def test_a_straggler_is_down_from_when_it_is_taken_out(tmp_path: Path) -> None:
    slow = {
        "kind": "host", "per_year": 100, "reboot": {"kind": "constant", "value": "10 min"}, "permanent": 0,
        "slowdown": {"share": 1.0, "clock": 0.9, "until_noticed": "12 h"},
    }  # fmt: skip
    result = run(tmp_path, until="6 d", reliability={"failures": [slow]}, seed=5)
    failures = result.frame("failures")
    taken_out = failures["stopped_s"].notna()
    assert taken_out.sum() > 1
    assert (failures["stopped_s"] == failures["failed_s"] + 12 * H)[taken_out].all()
    assert result.kpis["mttr_h"] == pytest.approx(1 / 6)
    (mode,) = result.tables["failure_modes"].to_pylist()
    assert mode["down_node_h"] == pytest.approx(failures["restored_s"][taken_out].notna().sum() / 6)


def test_a_dead_switch_carries_nothing_and_its_repair_waits_until_it_is_noticed(tmp_path: Path) -> None:
    late = {"detection": {"at_once": 0, "delay": "30 min"}, "reboot": {"kind": "constant", "value": "1 h"}}
    switches = {"kind": "switch", "per_year": 400, "permanent": 0, **late}
    fabric = {"kind": "fat-tree", "ports": 32, "nodes_per_block": 2}
    result = run(tmp_path, 32, "40 h", fabric=fabric, reliability={"failures": [switches]})
    first = result.frame("failures").iloc[0]
    assert first["detected_s"] == first["failed_s"] + 0.5 * H
    assert first["restored_s"] == first["failed_s"] + 1.5 * H
    # The gang spans both leaves and their one spine: it stands still from the failure on, noticed or not.
    until = f"{first['detected_s']} s"
    row = training(run(tmp_path, 32, until, fabric=fabric, reliability={"failures": [switches]}))
    stood_s = row["hung_s"] + row["waiting_s"] + max(row["starting_s"] - STARTUP_S, 0.0)
    assert stood_s == pytest.approx(0.5 * H, abs=1.0)
