"""Maintenance and false alarms in a small hall: who takes no new jobs, what is waited for, and when nodes are back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.problems import InputError
from simulator.engine.cordoned import Cordoned
from simulator.engine.state import CORDONED, IN_SERVICE
from simulator.results.result import Result
from simulator.simulation import simulate

H = 3600.0


def run(folder: Path, *jobs: dict[str, Any], nodes: int = 4, until: str = "10 d", **operations: Any) -> Result:
    """A hall of nodes that draw 1 kW, from a Monday's midnight on."""
    part = {"name": "cpu", "follows": "processor", "idle_power": "500 W", "peak_power": "1000 W"}
    exponent = {"value": 2, "source": "a test", "status": "assumption"}
    box = {"cpu_cores": 4, "memory": "64 GiB", "power": {"clock_exponent": exponent, "parts": [part]}}
    tree = {
        "start": "2023-07-10T00:00:00Z",
        "until": until,
        "fleet": {"groups": [{"name": "all", "node": "box", "count": nodes}]},
        "nodes": {"box": box},
        "workload": {"kind": "list", "jobs": list(jobs)},
        "facility": {"pue": 1.2},
        "operations": operations,
    }
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return simulate(path)


def firmware(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "firmware", "every": "30 d", "first": "1 h", "duration": "2 h"} | more]


def job(name: str, duration: str, tasks: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "duration": duration, "tasks": tasks} | more


def service_h(result: Result) -> list[float]:
    return [seconds / H for seconds in result.frame("nodes")["service_s"]]


def test_a_round_takes_each_node_out_once_and_no_more_than_its_share_at_once(tmp_path: Path) -> None:
    result = run(tmp_path, job("a", "1 h", submit="9 d"), maintenance=firmware(at_once=0.5))
    assert service_h(result) == [238.0] * 4
    power = result.frame("power")
    out = power[power["nodes_in_service_mean"] < 4.0]
    assert out["nodes_in_service_mean"].min() == 2.0
    assert (out["from_s"].min(), out["to_s"].max()) == (1 * H, 5 * H)


def test_rounds_come_again_and_wait_for_their_window(tmp_path: Path) -> None:
    at_night = firmware(every="2 d", at_once=1.0, window={"hours": "22:00-06:00"}, first="12 h")
    result = run(tmp_path, job("a", "1 h", submit="9 d"), maintenance=at_night)
    power = result.frame("power")
    out = power[power["nodes_in_service_mean"] == 0.0]["from_s"] / H
    # Rounds are due at noon of every second day: days 0, 2, 4, 6 and 8, and leave at ten in the evening.
    assert sorted({int(hour // 24) for hour in out}) == [0, 2, 4, 6, 8]
    assert {hour % 24 for hour in out} == {22.0, 23.0}


def test_jobs_are_waited_for_and_nodes_take_nothing_new(tmp_path: Path) -> None:
    waits = firmware(at_once=1.0, wait_for="job-end", wait_limit="24 h")
    result = run(tmp_path, job("long", "10 h", 2), job("next", "1 h", 3, submit="2 h"), maintenance=waits)
    jobs = result.frame("jobs").set_index("job")
    assert jobs.loc["long", "interruptions"] == 0
    # Two nodes are out from 1 h to 3 h. Three are there only once the others have been, after 10 h.
    assert jobs.loc["next", "start_s"] == 12 * H
    assert result.kpis["work_lost_s"] == 0.0


def test_a_job_that_does_not_end_in_time_is_interrupted_at_the_limit(tmp_path: Path) -> None:
    waits = firmware(at_once=1.0, wait_for="job-end", wait_limit="3 h")
    result = run(tmp_path, job("long", "20 h", 4), maintenance=waits)
    jobs = result.frame("jobs").set_index("job")
    assert jobs.loc["long", "interruptions"] == 1
    assert jobs.loc["long", "lost_s"] == 4 * H
    assert jobs.loc["long", "end_s"] == (4 + 2 + 20) * H


def test_a_job_that_saves_its_state_leaves_as_soon_as_it_has(tmp_path: Path) -> None:
    saves = firmware(at_once=1.0, first="90 min", wait_for="checkpoint", wait_limit="5 h")
    result = run(tmp_path, job("long", "20 h", 4, checkpoint_interval="1 h"), maintenance=saves)
    jobs = result.frame("jobs").set_index("job")
    assert jobs.loc["long", "interruptions"] == 1
    # The next checkpoint is at 2 h.
    assert jobs.loc["long", "lost_s"] == pytest.approx(0.0, abs=1e-6)
    assert jobs.loc["long", "end_s"] == pytest.approx((2 + 2 + 18) * H)


def test_work_by_hand_waits_for_technicians_and_takes_their_time(tmp_path: Path) -> None:
    crew = {"shifts": [{"technicians": 2, "hours": "08:00-18:00"}], "travel": "0 s"}
    by_hand = firmware(at_once=1.0, skill="hardware")
    result = run(tmp_path, job("a", "1 h", submit="9 d"), maintenance=by_hand, crews=[crew])
    # All four are out from 1 h on; two are done from 8 h to 10 h, two until 12 h.
    assert sorted(service_h(result)) == [229.0, 229.0, 231.0, 231.0]
    assert result.frame("crews")["busy_s"].tolist() == [8 * H]
    orders = result.frame("work_orders")
    assert sorted(orders["technician_wait_s"] / H) == [7.0, 7.0, 9.0, 9.0]
    assert set(orders["cause"]) == {"maintenance: firmware"}
    with pytest.raises(InputError, match=r"maintenance\[0\].skill: no crew with a technician has the skill 'hardware'"):
        run(tmp_path, job("a", "1 h"), maintenance=by_hand, crews=[crew | {"skills": ["network"]}])


def test_a_component_that_the_hall_does_not_have_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"maintenance\[0\].*no chiller that can be taken out; it has: .*node"):
        run(tmp_path, job("a", "1 h"), maintenance=firmware(component="chiller"))


def test_false_alarms_take_nodes_out_for_a_check_as_often_as_stated(tmp_path: Path) -> None:
    rate, nodes, days = 0.5, 20, 30
    alarms = {"false_alarms_per_node_day": rate, "check": "1 h"}
    result = run(tmp_path, job("a", "1 h"), nodes=nodes, until=f"{days} d", monitoring=alarms)
    checks = sum(24.0 * days - hours for hours in service_h(result))
    # A node that is out rings no alarm: a share of 1 / (1 + rate x 1 h).
    expected = rate * nodes * days / (1.0 + rate / 24.0)
    assert checks == pytest.approx(expected, abs=3.0 * np.sqrt(expected))


def test_nodes_that_are_cordoned_off_at_the_end_are_told_so(tmp_path: Path) -> None:
    waits = firmware(at_once=1.0, wait_for="job-end", wait_limit="20 h")
    result = run(tmp_path, job("a", "30 h", 2), until="10 h", maintenance=waits)
    assert result.frame("nodes")["status"].tolist() == ["cordoned"] * 2 + ["in service"] * 2


def test_a_run_without_an_end_is_not_kept_going_by_what_is_planned(tmp_path: Path) -> None:
    tree_until = run(tmp_path, job("a", "5 h"), until="1 d").kpis["simulated_s"]
    assert tree_until == 24 * H
    text = json.loads((tmp_path / "hall.yaml").read_text())
    del text["until"]
    text["operations"] = {"maintenance": firmware(first="10 d"), "monitoring": {"false_alarms_per_node_day": 0.01}}
    (tmp_path / "hall.yaml").write_text(json.dumps(text))
    assert simulate(tmp_path / "hall.yaml").kpis["simulated_s"] == 5 * H


def test_a_node_takes_jobs_once_the_last_who_cordons_it_off_lets_go() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0.0, 10.0)))
    cordoned = Cordoned(hall.batch)
    status = hall.state.nodes["status"]
    for who in ("a", "b"):
        hall.at(1.0, lambda batch, who=who: cordoned.cordon(who, [1]))  # type: ignore[misc]
    seen: list[int] = []
    hall.at(2.0, lambda batch: cordoned.let_go("a", [1]))
    hall.at(3.0, lambda batch: seen.append(int(status[1])))
    hall.at(4.0, lambda batch: cordoned.let_go("b", [1]))
    hall.at(5.0, lambda batch: seen.append(int(status[1])))
    hall.run(6.0)
    assert seen == [CORDONED, IN_SERVICE]


def test_what_crews_cost_is_in_the_cost_of_an_accelerators_hour_and_told(tmp_path: Path) -> None:
    result = run(tmp_path, job("a", "1 h"), until="1 d", crews=[{"shifts": [{"technicians": 1}], "relief": 1}])
    assert any("1,800 USD for technicians" in note for note in result.notes)
    assert result.frame("crews")["cost_usd"].tolist() == [24 * 75.0]


def test_a_training_job_saves_its_state_before_its_nodes_go_and_loses_nothing(tmp_path: Path) -> None:
    saves = firmware(at_once=1.0, first="90 min", wait_for="checkpoint", wait_limit="5 h")
    run(tmp_path, job("a", "1 h"), until="1 h")
    tree = json.loads((tmp_path / "hall.yaml").read_text())
    tree["fleet"]["groups"][0] = {"name": "gpu", "node": "dgx-h100", "count": 4}
    steps = {"duration": "1 s", "tokens": 1000}
    checkpoints = {"interval": "1 h", "write": "2 min"}
    training = {"name": "t", "accelerators": 32, "step": steps, "duration": "8 h", "checkpoints": checkpoints}
    tree |= {"until": "20 h", "training": [training], "operations": {"maintenance": saves}}
    del tree["workload"]
    (tmp_path / "hall.yaml").write_text(json.dumps(tree))
    result = simulate(tmp_path / "hall.yaml")
    assert result.kpis["interruptions"] == 1
    assert result.kpis["lost_work_accelerator_h"] == pytest.approx(0.0, abs=1e-3)
    jobs = result.frame("jobs").set_index("job")
    assert jobs.loc["t", "interruptions"] == 1
    # Eight hours of work, seven checkpoints, two hours out; starting up and again takes what it takes.
    assert jobs.loc["t", "end_s"] > (8 + 2) * H + 7 * 120.0


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_a_training_job_that_saves_to_a_tier_goes_as_soon_as_its_state_is_written(tmp_path: Path, mode: str) -> None:
    """100 GB at 1 GB/s: the checkpoint is through 100 s after it begins, which no one states."""
    saves = firmware(at_once=0.25, first="90 min", wait_for="checkpoint", wait_limit="12 h")
    run(tmp_path, job("a", "1 h"), until="1 h")
    tree = json.loads((tmp_path / "hall.yaml").read_text())
    tree["fleet"]["groups"][0] = {"name": "gpu", "node": "dgx-h100", "count": 4}
    steps = {"duration": "1 s", "tokens": 1000, "checkpoint_size": "100 GB"}
    checkpoints = {"interval": "1 h", "tier": "pfs", "mode": mode}
    training = {"name": "t", "accelerators": 16, "step": steps, "duration": "8 h", "checkpoints": checkpoints}
    tier = {"kind": "parallel-file-system", "servers": 4, "read": "10 GB/s", "write": "1 GB/s"}
    tree |= {"until": "20 h", "training": [training], "operations": {"maintenance": saves}}
    tree |= {"storage": {"tiers": {"pfs": tier}}}
    del tree["workload"]
    (tmp_path / "hall.yaml").write_text(json.dumps(tree))
    result = simulate(tmp_path / "hall.yaml")
    interruptions = result.kpis["interruptions"] or 0
    assert interruptions >= 1
    # Beside its steps it works on while its state is written; that work alone is lost.
    beside_s = 0.0 if mode == "synchronous" else 100.0
    assert (result.kpis["lost_work_accelerator_h"] or 0.0) / 16 * H <= interruptions * (beside_s + 0.1)
