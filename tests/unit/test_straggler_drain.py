"""A node that a failure slows: found in its gang's step times, taken out when the gang has saved, and not before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.results.result import Result
from simulator.simulation import simulate

SLOW = {
    "kind": "node",
    "mtbf": "40 h",
    "permanent": 0.0,
    "reboot": {"kind": "constant", "value": "1 min"},
    "slowdown": {"share": 1.0, "clock": 0.8, "until_noticed": "4 h"},
}


def run(folder: Path, drain: dict[str, Any] | None, *, checkpoints: bool = True) -> Result:
    """A gang of four nodes with one to spare for a day; the first node that turns slow does so at some instant."""
    parts = [{"name": "gpu", "count": 8, "follows": "accelerator", "idle_power": "70 W", "peak_power": "700 W"}]
    power = {"clock_exponent": {"value": 2, "source": "a test", "status": "assumption"}, "parts": parts}
    job: dict[str, Any] = {
        "name": "llm", "accelerators": 32, "step": {"duration": "1 s"}, "duration": "1 d", "startup": "0 s",
        "restart": "5 min",
    }  # fmt: skip
    if checkpoints:
        job["checkpoints"] = {"interval": "30 min", "write": "1 min"}
    tree: dict[str, Any] = {
        "start": "2024-01-01T00:00:00Z",
        "until": "1 d",
        "seed": 3,
        "fleet": {"groups": [{"name": "all", "node": "box", "count": 5}]},
        "nodes": {
            "box": {
                "cpu_cores": 8, "memory": "64 GiB", "accelerator": {"name": "GPU"}, "accelerators": 8, "power": power,
            }
        },
        "training": [job],
        "reliability": {"failures": [SLOW]},
        "facility": {"pue": 1.2},
    }  # fmt: skip
    if drain is not None:
        tree["operations"] = {"balancing": {"drain_stragglers": drain}}
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return simulate(path)


def found_s(result: Result) -> list[float]:
    """How long each outage took to be noticed."""
    return [row["detected_s"] - row["failed_s"] for row in result.tables["failures"].to_pylist() if row["detected_s"]]


def test_stragglers_are_found_within_a_checkpoint_and_nothing_is_lost(tmp_path: Path) -> None:
    without, drained = run(tmp_path, None), run(tmp_path, {})
    assert max(found_s(without)) == pytest.approx(4 * 3600.0)
    # A look every 5 min, then up to 30 min of work at 0.8 of full clock and a write; a restart may come between.
    gang = [seconds for seconds in found_s(drained) if seconds < 4 * 3600.0]
    assert gang
    assert max(gang) <= 300.0 + 1800.0 / 0.8 + 60.0 + 1.0
    row, row_without = (each.tables["training"].to_pylist()[0] for each in (drained, without))
    assert row["lost_work_s"] == pytest.approx(0.0, abs=1.0)
    assert row_without["lost_work_s"] > 60.0
    assert row["slowed_s"] < 0.5 * row_without["slowed_s"]
    assert drained.kpis["ettr"] > without.kpis["ettr"]  # type: ignore[operator]
    assert any("stragglers were found" in note for note in drained.notes)


def test_what_is_hardly_slower_is_left(tmp_path: Path) -> None:
    # 1 / 0.8 of the others' time is a quarter more.
    assert max(found_s(run(tmp_path, {"slower_by": 0.3}))) == pytest.approx(4 * 3600.0)


def test_a_gang_that_saves_nothing_is_left_alone(tmp_path: Path) -> None:
    result = run(tmp_path, {}, checkpoints=False)
    assert not any("stragglers were found" in note for note in result.notes)
