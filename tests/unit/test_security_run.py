"""Security in a run of a small hall: what controls slow, whom they keep apart, and what happens all the same."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from models.network.training_traffic import JobUse
from models.problems import InputError
from models.security.security import Security
from models.workload.training.machines import Machines
from simulator.results.result import Result
from simulator.security.in_force import ControlsInForce
from simulator.simulation import simulate
from simulator.training import sharing

DAY_S = 86_400.0
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "fleet": {"groups": [{"name": "all", "node": "box", "count": 20, "nodes_per_rack": 4}]},
    "nodes": {
        "box": {
            "accelerator": "h100-sxm",
            "accelerators": 8,
            "cpu_cores": 112,
            "memory": "2 TB",
            "network": {"count": 8, "bandwidth": "400 Gb/s"},
            "power": {
                "clock_exponent": {"value": 2, "source": "a test", "status": "assumption"},
                "parts": [
                    {"name": "gpu", "count": 8, "follows": "accelerator", "idle_power": "1 kW", "peak_power": "6 kW"}
                ],
            },
        }
    },
    "workload": {"kind": "list", "jobs": [{"name": "a", "duration": "10 h", "tasks": 20}]},
    "facility": {"pue": 1.1},
}
MOVED = {"moved": {"host": "2.6 GB/s"}}
CONFIDENTIAL = {"kind": "confidential-computing", "cores_per_accelerator": 2}
SLOWED = 1.0 / (1.0 + 2.6 / 5.2 - 2.6 / 128.0)


def run(folder: Path, security: dict[str, Any] | None, **changes: Any) -> Result:
    tree = copy.deepcopy(HALL) | changes
    if security is not None:
        tree["security"] = security
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return simulate(path)


def rows(result: Result, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result.tables[table].to_pylist()
    return found


def test_a_job_slows_by_what_controls_cost_it(tmp_path: Path) -> None:
    result = run(tmp_path, {"controls": [CONFIDENTIAL], "batch": MOVED})
    assert result.kpis["makespan_s"] == pytest.approx(36_000.0 / SLOWED)
    assert result.kpis["security_overhead_fraction"] == pytest.approx(1.0 - SLOWED)


def test_without_controls_nothing_is_slower(tmp_path: Path) -> None:
    assert run(tmp_path, None).kpis["security_overhead_fraction"] is None
    result = run(tmp_path, {})
    assert result.kpis["security_overhead_fraction"] == 0.0
    assert result.kpis["makespan_s"] == 36_000.0
    assert "security" not in result.tables


def test_the_table_says_of_each_control_what_it_costs_and_averts(tmp_path: Path) -> None:
    controls = [CONFIDENTIAL, {"kind": "audit-log", "per_node_day": "1 GB", "copies": 2}, {"kind": "access-control"}]
    result = run(tmp_path, {"controls": controls, "batch": MOVED})
    confidential, audit, access = rows(result, "security")
    assert confidential["throughput_factor"] == pytest.approx(SLOWED)
    assert (confidential["control"], confidential["work"], confidential["cpu_cores"]) == (
        "confidential-computing",
        "batch",
        16.0,
    )
    end_s = result.kpis["simulated_s"]
    assert end_s is not None
    assert audit["kept_b"] == pytest.approx(20 * 2e9 * end_s / DAY_S)
    assert access["people_h"] == pytest.approx(20 * 4 * 230 * 15 / 3600 * end_s / 31_557_600.0)
    assert access["cost_usd"] == pytest.approx(75.0 * access["people_h"])
    assert access["averts_basis"] == "derived"
    assert "Sophos" in access["averts_source"]


def test_columns_say_their_units(tmp_path: Path) -> None:
    found = run(tmp_path, {"level": "basic"}).tables["security"].schema
    units = {name: (found.field(name).metadata or {}).get(b"unit") for name in ("kept_b", "people_h", "cost_usd")}
    assert units == {"kept_b": b"B", "people_h": b"h", "cost_usd": b"USD"}


def test_training_costs_more_than_batch_under_the_same_control(tmp_path: Path) -> None:
    step = {"duration": "10 s", "tokens": 1e6, "flop_per_token": 1e12, "checkpoint_size": "1 TB"}
    training = [{"name": "t", "accelerators": 80, "step": step, "tokens": 1e8}]
    jobs = {"kind": "list", "jobs": [{"name": "a", "duration": "1 h", "tasks": 10}]}
    result = run(tmp_path, {"controls": [CONFIDENTIAL]}, training=training, workload=jobs)
    of = {row["work"]: row["throughput_factor"] for row in rows(result, "security")}
    assert 0.68 <= of["training"] <= 0.82
    assert 0.93 <= of["batch"] < 1.0
    done_h = {"batch": 10 * 1.0, "training": 10 * 1000.0 / 3600.0}
    without = sum(done / of[work] for work, done in done_h.items())
    assert result.kpis["security_overhead_fraction"] == pytest.approx(1.0 - sum(done_h.values()) / without)


THEFT: dict[str, Any] = {
    "kind": "credential-theft",
    "per_year": 150,
    "detection": "6 h",
    "investigation": "8 h",
    "nodes": 0.2,
}
ANEW = {"image": "50 GB", "bandwidth": "10 GB/s", "at_once": 2, "time_per_node": "15 min"}
LONG = {"kind": "list", "jobs": [{"name": "a", "duration": "100 d", "copies": 20, "checkpoint_interval": "1 h"}]}


def incidents(folder: Path, *controls: dict[str, Any], until: str = "60 d") -> Result:
    section = {"controls": controls, "incidents": [THEFT], "reimaging": ANEW}
    return run(folder, section, until=until, workload=LONG)


def test_nodes_are_held_made_anew_two_at_a_time_and_given_back(tmp_path: Path) -> None:
    result = incidents(tmp_path)
    found = [row for row in rows(result, "security_incidents") if row["restored_s"] is not None]
    assert len(found) == pytest.approx(150 * 60 / 365.25, abs=10)
    for row in found:
        assert row["begins_s"] < row["detected_s"] < row["restored_s"]
        assert row["nodes"] <= 4
    alone = next(row for row in found if row["nodes"] == 4)
    # Four nodes in two batches of 15 min and 2 x 50 GB at 10 GB/s.
    assert alone["restored_s"] - alone["detected_s"] == pytest.approx(8 * 3600 + 2 * (900 + 10))
    assert alone["jobs_interrupted"] == 4
    held_s = sum(row["nodes"] * 8.3 * 3600 for row in found)
    out_s = 20 * 60 * DAY_S - pc.sum(result.tables["nodes"]["service_s"]).as_py()
    assert out_s == pytest.approx(held_s, rel=0.1)


def test_controls_leave_fewer_of_the_same_incidents_and_they_are_noticed_sooner(tmp_path: Path) -> None:
    without = {row["begins_s"]: row for row in rows(incidents(tmp_path), "security_incidents")}
    watched = rows(incidents(tmp_path, {"kind": "audit-log"}), "security_incidents")
    assert [row["begins_s"] for row in watched] == list(without)
    for row in watched:
        if row["detected_s"] is not None and without[row["begins_s"]]["detected_s"] is not None:
            seen_s = without[row["begins_s"]]["detected_s"] - row["begins_s"]
            assert row["detected_s"] - row["begins_s"] == pytest.approx(seen_s / 11.5)
    guarded = rows(incidents(tmp_path, {"kind": "access-control"}), "security_incidents")
    assert len(guarded) < 0.2 * len(without)
    assert {row["begins_s"] for row in guarded} <= set(without)


def test_incidents_to_come_keep_no_run_going(tmp_path: Path) -> None:
    result = run(tmp_path, {"incidents": [{**THEFT, "per_year": 1}]})
    assert result.kpis["simulated_s"] == 36_000.0


def test_a_run_waits_for_nodes_that_its_jobs_need(tmp_path: Path) -> None:
    often = {"kind": "vulnerable-firmware", "per_year": 3000, "detection": "1 min", "nodes": 20}
    result = run(tmp_path, {"incidents": [often], "reimaging": ANEW}, until="3 h")
    assert rows(result, "security_incidents")[0]["nodes"] == 20
    assert result.kpis["jobs_interrupted"] == 1


def test_patches_take_each_node_out_once_a_round(tmp_path: Path) -> None:
    patches = {"kind": "patching", "interval": "10 d", "time_per_node": "1 h", "at_once": 0.25}
    result = run(tmp_path, {"controls": [patches]}, until="25 d", workload=LONG)
    out_s = 20 * 25 * DAY_S - pc.sum(result.tables["nodes"]["service_s"]).as_py()
    assert out_s == pytest.approx(2 * 20 * 3600.0)
    # Each wave waits for its jobs' next checkpoints, which are an hour apart, and looks for them every 216 s.
    assert result.kpis["jobs_interrupted"] == 2 * 20
    assert 0.0 <= (result.kpis["work_lost_s"] or 0.0) <= 2 * 20 * 216.0
    assert rows(result, "security")[0]["throughput_factor"] == pytest.approx(1.0 - 1.0 / 240.0)


STORAGE: dict[str, Any] = {
    "tiers": {"pfs": {"kind": "parallel-file-system", "servers": 4, "read": "40 GiB/s", "write": "20 GiB/s"}},
    "data_sets": {"text": {"size": "36 TB", "tier": "pfs"}},
    "sites": {"far": {"bandwidth": "10 GB/s", "immutable": True}},
    "backups": {"daily": {"of": ["text"], "site": "far", "every": "1 d", "keep": 8}},
}
RANSOMWARE: dict[str, Any] = {
    "kind": "ransomware",
    "per_year": 20,
    "detection": "6 h",
    "investigation": "0 s",
    "nodes": 0.25,
}


def test_after_ransomware_nodes_wait_for_data_from_before_it(tmp_path: Path) -> None:
    section = {"incidents": [RANSOMWARE], "reimaging": ANEW}
    result = run(tmp_path, section, until="60 d", workload=LONG, storage=STORAGE)
    restored = [row for row in rows(result, "security_incidents") if row["data_restored_s"] is not None]
    assert restored
    for row in restored:
        assert row["restored_s"] >= row["data_restored_s"]
        assert row["data_of_s"] < row["begins_s"]
        # 36 TB and what changed, at 10 GB/s: at least the hour of the whole; re-imaging takes less.
        assert row["data_restored_s"] - row["detected_s"] >= 3600.0


STEP = {"duration": "10 s", "tokens": 1e6, "flop_per_token": 1e12, "checkpoint_size": "1 TB"}
TRAINING = {
    "name": "t", "accelerators": 80, "step": STEP, "duration": "60 d",
    "checkpoints": {"interval": "1 h", "tier": "pfs"},
}  # fmt: skip


@pytest.mark.parametrize("immutable", [True, False])
def test_after_ransomware_training_goes_on_from_the_backup_or_from_its_beginning(
    tmp_path: Path, immutable: bool
) -> None:
    storage = {
        "tiers": STORAGE["tiers"],
        "checkpoints": {"keep_last": 2},
        "sites": {"far": {"bandwidth": "10 GB/s", "immutable": immutable}},
        "backups": {"often": {"of": ["checkpoints"], "site": "far", "every": "6 h", "keep": 8, "full_every": 1}},
    }
    section = {"incidents": [{**RANSOMWARE, "nodes": 1}], "reimaging": ANEW}
    result = run(tmp_path, section, until="20 d", storage=storage, training=[TRAINING], workload=None)
    struck = [row for row in rows(result, "security_incidents") if row["detected_s"] is not None]
    job = rows(result, "training")[0]
    assert struck
    if immutable:
        behind_s = sum(row["detected_s"] - row["data_of_s"] for row in struck)
        assert job["lost_work_s"] == pytest.approx(behind_s, abs=len(struck) * 2 * 3600.0 + 0.1 * behind_s)
    else:
        assert all(row["data_restored_s"] is None for row in struck)
        assert job["work_s"] < 20 * DAY_S - struck[-1]["detected_s"]


def test_after_ransomware_without_backups_the_run_says_that_nothing_was_restored(tmp_path: Path) -> None:
    result = run(tmp_path, {"incidents": [RANSOMWARE], "reimaging": ANEW}, until="60 d", workload=LONG)
    assert any("nothing was restored" in note for note in result.notes)


def test_luks_slows_the_tiers_that_it_encrypts(tmp_path: Path) -> None:
    luks = {"kind": "encryption-at-rest", "method": "luks-untuned"}
    ends_s = {}
    for controls in ([], [luks]):
        section = {"controls": controls, "incidents": [RANSOMWARE], "reimaging": ANEW}
        quick = copy.deepcopy(STORAGE)
        quick["sites"]["far"]["bandwidth"] = "1 TB/s"
        result = run(tmp_path, section, until="60 d", workload=LONG, storage=quick)
        first = next(row for row in rows(result, "security_incidents") if row["data_restored_s"] is not None)
        ends_s[len(controls)] = first["data_restored_s"] - first["detected_s"]
    assert ends_s[1] == pytest.approx(10.0 * ends_s[0], rel=1e-6)


def test_tenants_wait_for_nodes_of_their_own(tmp_path: Path) -> None:
    jobs = [
        {"name": name, "duration": "1 h", "accelerators": 1, "user": name, "tasks": 1}
        for name in ("ada", "ben", "cleo")
    ]
    shared = {"kind": "list", "jobs": jobs}
    fleet = {"groups": [{"name": "all", "node": "box", "count": 2, "nodes_per_rack": 2}]}
    ends = {}
    for mode in ("shared", "dedicated-nodes", "dedicated-pods"):
        section = {"controls": [{"kind": "tenancy", "mode": mode}]}
        ends[mode] = run(tmp_path, section, workload=shared, fleet=fleet).kpis["makespan_s"]
    assert ends == {"shared": 3600.0, "dedicated-nodes": 7200.0, "dedicated-pods": 10_800.0}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"controls": [CONFIDENTIAL], "batch": {"moved": {"network": "1 TB/s"}}}, "security.batch"),
        (
            {"controls": [{"kind": "encryption-at-rest", "tiers": ["scratch"]}]},
            "'scratch' is not a tier; allowed: none is given",
        ),
        (
            {"controls": [{"kind": "encryption-in-transit", "where": "cpu"}, CONFIDENTIAL]},
            "confidential-computing finds no free core for batch work",
        ),
    ],
)
def test_what_can_not_be_carried_out_is_refused(tmp_path: Path, section: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        run(tmp_path, section)


def test_headers_are_bytes_on_the_links_of_a_training_job(monkeypatch: pytest.MonkeyPatch) -> None:
    links = JobUse(np.arange(3), np.array([3e9, 2e9, 1e9]), np.array([False, False, True]), 0.2, 0.2, 1.0)
    fabric = SimpleNamespace(
        cut_off=lambda _: False, use=lambda *_, **__: links, resources=lambda indices: 10 + indices
    )
    plan: Any = SimpleNamespace(
        layout=SimpleNamespace(virtual_pipeline=1),
        machines=Machines(16, 8, 8, None),
        node=SimpleNamespace(accelerators=8),
        network_b={},
        step_s=2.0,
        job=SimpleNamespace(data_set=None, name="t"),
    )
    monkeypatch.setattr(sharing, "training_traffic", lambda *_: ())
    esp = Security.model_validate({"controls": [{"kind": "encryption-in-transit"}]})
    for security, factor in ((None, 1.0), (ControlsInForce(esp, [], np.ones(1)), 1.0 + 57.0 / 4096.0)):
        running: Any = SimpleNamespace(fabric=fabric, storage=None, security=security)
        use = sharing.job_use(running, plan, np.arange(2))
        assert use is not None
        assert use.b_per_s == pytest.approx(factor * np.array([1.5e9, 1e9]))
        assert use.ceiling == pytest.approx(2.0 / (2.0 + 0.2 * (factor - 1.0)))


@pytest.mark.parametrize("nodes", [1, 20])
def test_training_that_starts_on_spare_nodes_waits_for_the_restore_and_goes_on_from_it(
    tmp_path: Path, nodes: int
) -> None:
    storage = {
        "tiers": STORAGE["tiers"],
        "data_sets": STORAGE["data_sets"],
        "sites": {"far": {"bandwidth": "10 GB/s", "immutable": True}},
        "backups": {"often": {"of": ["checkpoints", "text"], "site": "far", "every": "6 h", "first": "1 h"}},
    }
    attack = {**RANSOMWARE, "nodes": nodes, "per_year": 100, "detection": "1 min", "investigation": "1 h"}
    training = [{**TRAINING, "accelerators": 40}]  # Five of twenty nodes: a quarantined one has a spare.
    section = {"incidents": [attack], "reimaging": ANEW}
    result = run(tmp_path, section, until="6 d", storage=storage, training=training, workload=None)
    struck = [row for row in rows(result, "security_incidents") if row["data_restored_s"] is not None]
    job = rows(result, "training")[0]
    assert struck
    behind_s = sum(row["detected_s"] - row["data_of_s"] for row in struck)
    assert 0.0 < job["lost_work_s"] < behind_s + len(struck) * 2 * 3600.0
    assert job["work_s"] > 2 * DAY_S
    assert job["interruptions"] == len(struck)


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_slower_checkpoints_are_part_of_what_security_costs_training(tmp_path: Path, mode: str) -> None:
    """1 TB at 10 GB/s takes 100 s in the clear; LUKS leaves 4 of 40 GiB/s of each server."""
    tier = {"kind": "parallel-file-system", "servers": 1, "tolerated": 0, "read": "40 GiB/s", "write": "10 GB/s"}
    checkpoints = {"interval": "10 min", "tier": "pfs", "mode": mode, "snapshot": "10 s"}
    training = [{**TRAINING, "startup": "0 s", "checkpoints": checkpoints}]
    hall = {"storage": {"tiers": {"pfs": tier}}, "training": training, "workload": None}
    done_s, results = {}, {}
    for method in ("self-encrypting-drives", "luks-untuned"):
        section = {"controls": [{"kind": "encryption-at-rest", "method": method}]}
        result = run(tmp_path, section, until="20 h", **hall)
        done_s[method] = rows(result, "training")[0]["work_s"]
        results[method] = result.kpis["security_overhead_fraction"]
    assert results["self-encrypting-drives"] == 0.0
    slower = 1.0 - done_s["luks-untuned"] / done_s["self-encrypting-drives"]
    assert slower > (0.5 if mode == "synchronous" else 0.3)
    assert results["luks-untuned"] == pytest.approx(slower, abs=0.02)


def test_headers_on_links_are_part_of_what_security_costs_training(tmp_path: Path) -> None:
    job = {
        "name": "t", "accelerators": 16, "model": "llama-3.1-8b", "duration": "30 d", "startup": "0 s",
        "layout": {"tensor": 8, "global_batch": 32, "sequence": 8192},
    }  # fmt: skip
    fleet = {"groups": [{"name": "n", "node": "dgx-h100", "count": 4, "nodes_per_rack": 2}]}
    hall = {"training": [job], "workload": None, "fleet": fleet, "fabric": {"kind": "rail-optimized"}}
    plain = rows(run(tmp_path, {}, until="5 h", **hall), "training")[0]["work_s"]
    result = run(tmp_path, {"controls": [{"kind": "encryption-in-transit"}]}, until="5 h", **hall)
    slower = 1.0 - rows(result, "training")[0]["work_s"] / plain
    assert slower > 0.0
    assert result.kpis["security_overhead_fraction"] == pytest.approx(slower, rel=0.01)
    assert any("headers of encrypted packets" in note for note in result.notes)
