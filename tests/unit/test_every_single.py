"""Each component in turn: what drops without it, for how long, and what a second failure would do.

Twelve nodes of eight accelerators stand in three racks, eight of them train. Of the machines that cool them one is
spare.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from models.problems import InputError
from simulator import cli
from simulator.drills.branches import in_a_branch
from simulator.engine.batch import Stopped
from simulator.results.result import Result
from simulator.simulation import simulate

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="branches of a run need a system that can fork")

START_S, DETECTION_S = 300.0, 600.0
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "until": "3.1 h",
    "fleet": {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 12, "nodes_per_rack": 4}]},
    "training": [
        {
            "name": "big",
            "accelerators": 64,
            "step": {"duration": "10 s"},
            "duration": "60 h",
            "startup": "5 min",
            "checkpoints": {"interval": "30 min", "write": "1 min"},
        }
    ],
    "facility": {
        "cooling": {"air": {"kind": "crah", "plant": {"kind": "chilled-water", "economizer": {}}}},
        "power": {"ups": {"redundancy": "N+1"}},
    },
    "site": {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}},
    "results": {"interval": "5 min"},
}
SINGLE = {"at": "3 h", "settle": "30 min", "duration": "2 h", "watch": "1 h"}


def scenario(folder: Path, single: dict[str, Any], **changed: Any) -> Path:
    tree = copy.deepcopy(HALL) | {"operations": {"every_single": single}} | changed
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree, indent=1))
    return path


def losses(result: Result) -> dict[str, dict[str, Any]]:
    return {row["class"]: row for row in result.tables["every_single"].to_pylist()}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return simulate(scenario(tmp_path_factory.mktemp("single"), SINGLE))


def test_equal_components_are_looked_at_once(result: Result) -> None:
    counts = {name: row["count"] for name, row in losses(result).items()}
    assert counts["gpu-#"] == 12
    assert counts["gpu-rack-#"] == 3
    assert {"air-units-#", "air-plant-#"} <= set(counts)


def test_a_rack_costs_detection_and_restart_and_a_second_one_the_whole_outage(result: Result) -> None:
    rack = losses(result)["gpu-rack-#"]
    assert (rack["lost"], rack["nodes_out"], rack["jobs_hit"]) == ("gpu-rack-0", 4.0, 1.0)
    assert rack["down_s"] == pytest.approx(DETECTION_S + START_S)
    assert (rack["second"], rack["second_nodes_out"]) == ("gpu-rack-1", 8.0)
    assert rack["second_down_s"] == pytest.approx(2 * 3600.0 + START_S)
    assert rack["second_work_missed_share"] > rack["work_missed_share"] > 0.0


def test_a_spare_machine_of_the_cooling_is_not_missed_and_the_next_one_stops_the_hall(result: Result) -> None:
    plant = losses(result)["air-plant-#"]
    assert plant["count"] == 2
    assert (plant["jobs_hit"], plant["nodes_out"], plant["down_s"]) == (0.0, 0.0, 0.0)
    assert plant["cooling_drop_w"] > 0.0
    assert (plant["second_jobs_hit"], plant["second_nodes_out"]) == (1.0, 12.0)
    assert plant["second_inlet_greatest_c"] == pytest.approx(45.0, abs=0.01)
    assert plant["second_down_s"] > 2 * 3600.0


def test_the_run_itself_loses_nothing(result: Result) -> None:
    assert result.kpis["interruptions"] == 0
    assert result.kpis["simulated_s"] == pytest.approx(3.1 * 3600.0)


def test_notes_say_what_jobs_feel(result: Result) -> None:
    told = "\n".join(result.notes)
    assert "one rack of 3 (gpu-rack-#): 1 job hit, as before after 15.0 min; two: 1 job hit" in told
    assert "no job feels the loss of one cooling-unit" in told


def test_classes_beyond_the_most_are_told(tmp_path: Path) -> None:
    few = simulate(scenario(tmp_path, SINGLE | {"most_classes": 1}))
    assert few.tables["every_single"].num_rows == 1
    assert any("classes of components were not looked at" in note for note in few.notes)


def test_only_the_kinds_that_are_named_are_looked_at(tmp_path: Path) -> None:
    racks = simulate(scenario(tmp_path, SINGLE | {"kinds": ["rack"]}))
    assert list(losses(racks)) == ["gpu-rack-#"]


def test_a_kind_that_is_not_there_is_refused_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nearest: 'rack'") as refused:
        simulate(scenario(tmp_path, SINGLE | {"kinds": ["node", "racks"]}))
    (problem,) = refused.value.problems
    assert problem.path == "operations.every_single.kinds[1]"
    assert "hall.yaml:" in problem.where


def test_without_an_hour_a_run_says_who_finds_one(tmp_path: Path) -> None:
    result = simulate(scenario(tmp_path, {}))
    assert "every_single" not in result.tables
    assert any("`datahall drills` finds the hour" in note for note in result.notes)


def test_the_command_finds_the_hour_and_prints_a_row_a_class(tmp_path: Path) -> None:
    drill = {"kind": "lose-component", "name": "node", "at": "1 h", "duration": "1 h"}
    drill["lose"] = {"kind": "node", "name": "gpu-0"}  # type: ignore[assignment]
    single = SINGLE | {"at": None, "kinds": ["rack"]}
    path = scenario(tmp_path, {}, operations={"drills": [drill], "every_single": single})
    printed = CliRunner().invoke(cli.group, ["drills", str(path)])
    assert printed.exit_code == 0, printed.output
    assert "drill 'node' (node gpu-0): 1 job hit" in printed.stdout
    assert "rack gpu-rack-# (3)" in printed.stdout
    answer = json.loads(CliRunner().invoke(cli.group, ["drills", str(path), "--json"]).stdout)
    assert [row["class"] for row in answer["every_single"]] == ["gpu-rack-#"]
    assert answer["drills"][0]["rto_s"] == pytest.approx(DETECTION_S + START_S)


def test_a_branch_leaves_the_run_as_it_is() -> None:
    kept = {"value": 1.0}

    def go_on() -> dict[str, float]:
        kept["value"] = 2.0
        return dict(kept)

    assert in_a_branch(go_on) == {"value": 2.0}
    assert kept == {"value": 1.0}


def test_a_branch_that_is_stopped_stops_the_run() -> None:
    def go_on() -> dict[str, float]:
        raise Stopped

    with pytest.raises(Stopped):
        in_a_branch(go_on)


def test_a_branch_that_fails_says_where() -> None:
    def go_on() -> dict[str, float]:
        raise ValueError("nothing left")

    with pytest.raises(RuntimeError, match="nothing left"):
        in_a_branch(go_on)
