"""Drills: what recovery takes is measured, and equals what can be worked out by hand.

Twelve nodes of eight accelerators stand in three racks. A job trains on eight of them: 5 min until its first step, then
30 min of work and 1 min of saving, over and over.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator.results.result import Result
from simulator.simulation import simulate

HOUR_S = 3600.0
START_S, WORK_S, SAVE_S = 300.0, 1800.0, 60.0
DETECTION_S = 600.0
ACCELERATORS = 64
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "until": "16 h",
    "fleet": {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 12, "nodes_per_rack": 4}]},
    "training": [
        {
            "name": "big",
            "accelerators": ACCELERATORS,
            "step": {"duration": "10 s"},
            "duration": "60 h",
            "startup": "5 min",
            "checkpoints": {"interval": "30 min", "write": "1 min"},
        }
    ],
    "facility": {"pue": 1.2},
}
COOLED = {
    "facility": {
        "cooling": {
            "air": {"kind": "crah", "plant": {"kind": "stated", "power_share": 0.2, "margin": 2}},
            "restart": "6 min",
        },
        "power": dict.fromkeys(("busway", "pdu", "ups", "transformer"), "none"),
    },
    "site": {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}},
    "results": {"interval": "5 min"},
}
RACK = {"kind": "lose-component", "name": "rack", "at": "10 h", "lose": {"kind": "rack", "name": "gpu-rack-0"}}


def scenario(folder: Path, *drills: dict[str, Any], **changed: Any) -> Path:
    tree = copy.deepcopy(HALL) | changed
    tree["operations"] = {"drills": list(drills)} | changed.get("operations", {})
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree, indent=1))
    return path


def drilled(folder: Path, *drills: dict[str, Any], **changed: Any) -> list[dict[str, Any]]:
    return rows(simulate(scenario(folder, *drills, **changed)))


def rows(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result.tables["drills"].to_pylist()
    return found


def work_since_checkpoint_s(at_s: float) -> float:
    """What the job has done at an instant since it last began to save."""
    return (at_s - START_S) % (WORK_S + SAVE_S)


def test_a_job_that_loses_a_rack_is_back_on_spares_after_detection_and_restart(tmp_path: Path) -> None:
    (found,) = drilled(tmp_path, RACK | {"duration": "2 h", "rto": "20 min", "rpo": "5 min"})
    assert found["rto_s"] == pytest.approx(DETECTION_S + START_S)
    assert found["rpo_s"] == pytest.approx(work_since_checkpoint_s(10 * HOUR_S))
    assert found["lost_accelerator_h"] == pytest.approx(found["rpo_s"] * ACCELERATORS / HOUR_S)
    assert (found["jobs_hit"], found["interruptions"], found["nodes_out"]) == (1, 1, 4)
    assert (found["detected_s"], found["restored_s"]) == (10 * HOUR_S + DETECTION_S, 12 * HOUR_S)
    assert found["work_least_share"] == 0.0
    assert found["broken"] == "rpo"  # 6 min of work, against an objective of 5 min


def test_without_spares_the_job_is_back_once_the_rack_is(tmp_path: Path) -> None:
    fleet = {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 8, "nodes_per_rack": 4}]}
    (found,) = drilled(tmp_path, RACK | {"duration": "2 h", "rto": "20 min"}, fleet=fleet)
    assert found["rto_s"] == pytest.approx(2 * HOUR_S + START_S)
    assert found["broken"] == "rto"


def test_a_rack_that_nobody_uses_is_not_missed(tmp_path: Path) -> None:
    (found,) = drilled(
        tmp_path, RACK | {"lose": {"kind": "rack", "name": "gpu-rack-2"}, "duration": "2 h", "rto": "1 s"}
    )
    assert (found["rto_s"], found["rpo_s"], found["jobs_hit"], found["broken"]) == (0.0, 0.0, 0, "")
    assert found["work_least_share"] == 1.0


def test_a_batch_job_is_back_the_instant_that_another_makes_room(tmp_path: Path) -> None:
    fleet = {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 8, "nodes_per_rack": 4}]}
    jobs = [
        {"name": "a", "duration": "30 h", "tasks": 4, "exclusive": True},
        {"name": "b", "duration": "11 h", "tasks": 4, "exclusive": True},
    ]
    batch = {"training": [], "workload": {"kind": "list", "jobs": jobs}}
    (found,) = drilled(tmp_path, RACK | {"duration": "5 h"}, fleet=fleet, **batch)
    assert found["rto_s"] == pytest.approx(HOUR_S)  # b ends at 11 h; the rack is back at 15 h
    assert found["rpo_s"] == pytest.approx(10 * HOUR_S)  # without a checkpoint all of its work is done anew
    assert found["lost_accelerator_h"] == pytest.approx(10 * 32)
    assert found["work_least_share"] == pytest.approx(0.5)


def test_detection_that_takes_longer_lengthens_recovery_by_as_much(tmp_path: Path) -> None:
    (found,) = drilled(tmp_path, RACK | {"duration": "2 h", "detection": "25 min"})
    assert found["rto_s"] == pytest.approx(25 * 60.0 + START_S)


def test_without_a_duration_crews_bring_it_back(tmp_path: Path) -> None:
    crews = {
        "triage": None,
        "crews": [{"travel": "15 min"}],
        "repair_time": {"kind": "constant", "value": "1 h"},
    }
    result = simulate(scenario(tmp_path, RACK, operations={"drills": [RACK]} | crews))
    (found,) = rows(result)
    assert found["restored_s"] == pytest.approx(10 * HOUR_S + DETECTION_S + 15 * 60.0 + HOUR_S)
    assert result.tables["work_orders"].num_rows == 1


def test_what_is_not_back_by_the_end_has_not_met_its_objective(tmp_path: Path) -> None:
    fleet = {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 8, "nodes_per_rack": 4}]}
    (found,) = drilled(tmp_path, RACK | {"duration": "9 h", "rto": "20 h"}, fleet=fleet)
    assert (found["back_s"], found["rto_s"], found["restored_s"]) == (None, None, None)
    assert found["broken"] == "rto"


def test_two_racks_can_go_together(tmp_path: Path) -> None:
    lose = {"kind": "rack", "names": ["gpu-rack-0", "gpu-rack-1"]}
    (found,) = drilled(tmp_path, RACK | {"lose": lose, "duration": "2 h"})
    assert (found["nodes_out"], found["interruptions"]) == (8, 1)
    assert found["rto_s"] == pytest.approx(2 * HOUR_S + START_S)


def test_a_hall_that_loses_all_its_chilling_stops_and_comes_back(tmp_path: Path) -> None:
    chiller = {"name": "chiller", "lose": {"kind": "cooling-unit", "name": "air-plant-1"}, "duration": "1 h"}
    (found,) = drilled(tmp_path, RACK | chiller, **COOLED)
    assert found["inlet_greatest_c"] == pytest.approx(45.0, abs=0.01)  # where nodes shut down
    assert found["nodes_out"] == 12
    assert found["restored_s"] == 11 * HOUR_S
    # The plant restarts for 6 min, the air cools off, and then the job starts.
    assert found["rto_s"] > HOUR_S + 6 * 60.0 + START_S


def test_a_cooling_unit_without_which_the_hall_is_cool_is_not_missed(tmp_path: Path) -> None:
    unit = {"name": "unit", "lose": {"kind": "cooling-unit", "name": "air-units-1"}, "duration": "1 h"}
    (found,) = drilled(tmp_path, RACK | unit, **COOLED)
    assert (found["jobs_hit"], found["nodes_out"]) == (0, 0)
    assert found["inlet_greatest_c"] < 30.0


def test_a_drill_is_told_in_a_sentence(tmp_path: Path) -> None:
    result = simulate(
        scenario(tmp_path, RACK | {"duration": "2 h", "rto": "20 min"}, RACK | {"name": "b", "at": "17 h"})
    )
    (told,) = [note for note in result.notes if note.startswith("drill 'rack'")]
    assert "back as before after 15.0 min" in told
    assert "RTO of 20.0 min kept" in told
    assert "drills that the run ended before: b" in result.notes


@pytest.mark.parametrize(
    ("changed", "place", "message"),
    [
        ({"lose": {"kind": "rack", "name": "gpu-rack-9"}}, "operations.drills[0].lose.name", "nearest: 'gpu-rack-"),
        ({"lose": {"kind": "racks", "name": "gpu-rack-0"}}, "operations.drills[0].lose.kind", "nearest: 'rack'"),
        ({"lose": {"kind": "rack", "names": ["gpu-rack-0", "no"]}}, "operations.drills[0].lose.names", "no rack 'no'"),
        ({"lose": {"kind": "feed", "name": "grid"}}, "operations.drills[0].lose.kind", "it takes 'facility.supply'"),
        ({"lose": {"kind": "rack"}}, "operations.drills[0].lose", "give 'name' or 'names'"),
        ({"lose": {"kind": "rack", "names": ["a", "a"]}}, "operations.drills[0].lose", "one name twice"),
        ({"skill": "welding", "duration": "1 h"}, "operations.drills[0]", "with a 'duration' nobody repairs"),
        ({"kind": "lose-rack"}, "operations.drills[0]", "lose-component"),
    ],
)
def test_a_drill_on_what_is_not_there_is_refused_at_its_place(
    tmp_path: Path, changed: dict[str, Any], place: str, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        simulate(scenario(tmp_path, RACK | changed))
    (problem,) = refused.value.problems
    assert problem.path.startswith(place)
    assert message in problem.message
    assert "hall.yaml:" in problem.where


def test_a_drill_that_nobody_could_repair_is_refused(tmp_path: Path) -> None:
    operations = {"drills": [RACK | {"skill": "welding"}], "crews": [{"skills": ["network"]}]}
    with pytest.raises(InputError, match="welding"):
        simulate(scenario(tmp_path, operations=operations))


def test_two_drills_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'rack' is given twice"):
        simulate(scenario(tmp_path, RACK, RACK))


STORED: dict[str, Any] = {
    "storage": {
        "tiers": {"shelf": {"kind": "parallel-file-system", "servers": 10, "read": "1 GB/s", "write": "1 GB/s"}},
        "checkpoints": {},
        "data_sets": {"texts": {"tier": "shelf", "size": "7.2 TB"}},
        "sites": {"away": {"bandwidth": "4 GB/s", "restore_bandwidth": "2 GB/s", "immutable": True}},
        "backups": {"daily": {"of": ["texts", "checkpoints"], "site": "away", "every": "6 h", "first": "2 h"}},
    },
    "training": [
        {
            "name": "big",
            "accelerators": ACCELERATORS,
            "step": {"duration": "10 s", "checkpoint_size": "600 GB"},
            "duration": "60 h",
            "startup": "5 min",
            "checkpoints": {"interval": "30 min", "tier": "shelf"},
        }
    ],
}
RESTORE = {"kind": "restore-backup", "name": "ransom", "at": "7 h", "plan": "daily", "detection": "30 min"}
RESTORED_B, SAVED_B = 7.8e12, 6e11


def restored(folder: Path, restore_bandwidth: str, **changed: Any) -> dict[str, Any]:
    tree = copy.deepcopy(STORED)
    tree["storage"]["sites"]["away"]["restore_bandwidth"] = restore_bandwidth
    (found,) = drilled(folder, RESTORE | changed, **tree)
    return found


def test_restoring_takes_detection_the_bytes_over_their_bandwidth_and_a_restart(tmp_path: Path) -> None:
    found = restored(tmp_path, "2 GB/s")
    # The backup of 2 h holds the data set and a checkpoint. The job reads that at the tier's 10 GB/s.
    expected_s = 1800.0 + RESTORED_B / 2e9 + START_S + SAVED_B / 10e9
    assert found["rto_s"] == pytest.approx(expected_s)
    assert found["restored_s"] == pytest.approx(7 * HOUR_S + 1800.0 + RESTORED_B / 2e9)
    assert (found["jobs_hit"], found["interruptions"]) == (1, 1)


def test_half_the_restore_bandwidth_lengthens_recovery_by_the_time_of_the_bytes(tmp_path: Path) -> None:
    longer_s = restored(tmp_path, "1 GB/s")["rto_s"] - restored(tmp_path, "2 GB/s")["rto_s"]
    assert longer_s == pytest.approx(RESTORED_B / 1e9 - RESTORED_B / 2e9)


def test_the_work_since_the_backup_is_lost(tmp_path: Path) -> None:
    found = restored(tmp_path, "2 GB/s", rpo="1 h")
    # The backup of 2 h held the checkpoint before it. A cycle is 30 min of work and 1 min of saving; one saving had to
    # share the tier with the backup, which reads 4 GB/s of its 10.
    cycle_s = WORK_S + SAVED_B / 10e9
    run_s = 7 * HOUR_S - START_S - (SAVED_B / 6e9 - SAVED_B / 10e9)
    worked_s = run_s // cycle_s * WORK_S + run_s % cycle_s
    held_s = (2 * HOUR_S - START_S) // cycle_s * WORK_S
    assert found["rpo_s"] == pytest.approx(worked_s - held_s)  # more than the 5 h since the backup
    assert found["lost_accelerator_h"] == pytest.approx((worked_s - held_s) * ACCELERATORS / HOUR_S)
    assert found["broken"] == "rpo"


def test_what_a_restore_measured_takes_the_place_of_estimates(tmp_path: Path) -> None:
    result = simulate(scenario(tmp_path, RESTORE, **STORED))
    (found,) = rows(result)
    assert result.kpis["backup_rto_s"] == found["rto_s"]
    assert result.kpis["backup_rpo_s"] == pytest.approx(5 * HOUR_S)


def test_an_attacker_leaves_only_what_nobody_can_change(tmp_path: Path) -> None:
    tree = copy.deepcopy(STORED)
    tree["storage"]["sites"]["away"]["immutable"] = False
    (found,) = drilled(tmp_path, RESTORE | {"after_attack": True}, **tree)
    assert found["rpo_s"] == pytest.approx(7 * HOUR_S)  # nothing is left: everything since the start
    assert found["rto_s"] == pytest.approx(1800.0 + START_S)


def test_writing_that_stands_still_is_felt_and_over_once_a_server_is_back(tmp_path: Path) -> None:
    lose = {"kind": "storage-server", "names": ["shelf-0", "shelf-1"]}
    (found,) = drilled(tmp_path, RACK | {"at": "5 h", "lose": lose, "duration": "1 h"}, **STORED)
    assert found["jobs_hit"] == 1
    assert found["interruptions"] == 0
    assert HOUR_S < found["rto_s"] < HOUR_S + SAVED_B / 10e9 + 1.0


def test_a_storage_server_that_the_tier_tolerates_is_not_missed(tmp_path: Path) -> None:
    lose = {"kind": "storage-server", "name": "shelf-3"}
    (found,) = drilled(tmp_path, RACK | {"at": "5 h", "lose": lose, "duration": "1 h"}, **STORED)
    assert (found["jobs_hit"], found["rto_s"]) == (0, 0.0)


@pytest.mark.parametrize(
    ("plan", "changed", "message"),
    [("dayly", STORED, "nearest: 'daily'"), ("daily", {}, "it takes 'storage.backups'")],
)
def test_a_restore_of_what_nobody_backs_up_is_refused(
    tmp_path: Path, plan: str, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        simulate(scenario(tmp_path, RESTORE | {"plan": plan}, **changed))
    assert refused.value.problems[0].path == "operations.drills[0].plan"
