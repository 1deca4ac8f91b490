"""Failures, crews and spares together, in a small hall of which everything fails often."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator.results.result import Result
from simulator.simulation import simulate

CREW = {"shifts": [{"technicians": 1}], "travel": "0 s"}
OFTEN = {"kind": "node", "mtbf": "10 d", "permanent": 1, "detection": {"at_once": 1}}


def run(folder: Path, failures: list[dict[str, Any]], nodes: int = 20, **operations: Any) -> Result:
    part = {"name": "cpu", "follows": "processor", "idle_power": "500 W", "peak_power": "1000 W"}
    exponent = {"value": 2, "source": "a test", "status": "assumption"}
    box = {"cpu_cores": 4, "memory": "64 GiB", "power": {"clock_exponent": exponent, "parts": [part]}}
    tree = {
        "start": "2023-07-10T00:00:00Z",
        "until": "60 d",
        "fleet": {"groups": [{"name": "all", "node": "box", "count": nodes}]},
        "nodes": {"box": box},
        "workload": {"kind": "list", "jobs": [{"name": "a", "duration": "50 d", "checkpoint_interval": "1 h"}]},
        "facility": {"pue": 1.2},
        "reliability": {"failures": failures},
        "operations": operations,
    }
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return simulate(path)


def kpi(result: Result, name: str) -> float:
    value = result.kpis[name]
    assert value is not None
    return float(value)


def test_every_failure_of_a_component_is_an_order_and_every_order_brings_it_back(tmp_path: Path) -> None:
    result = run(tmp_path, [OFTEN], crews=[CREW])
    orders, failures = result.frame("work_orders"), result.frame("failures")
    assert len(orders) == len(failures) > 50
    assert (orders["requested_s"] == failures["detected_s"]).all()
    done = orders["restored_s"].notna()
    assert (orders["restored_s"][done] == failures["restored_s"][done]).all()
    assert set(orders["part"]) == {"node"} and set(orders["skill"]) == {"hardware"}


def test_fewer_technicians_and_fewer_spares_keep_nodes_out_for_longer(tmp_path: Path) -> None:
    slow: dict[str, Any] = {"repair_time": {"kind": "constant", "value": "10 h"}, "triage": None}
    plenty: dict[str, Any] = {"other_parts": {"stock": 100}}
    many = run(tmp_path, [OFTEN], crews=[CREW | {"shifts": [{"technicians": 9}]}], **slow, **plenty)
    one = run(tmp_path, [OFTEN], crews=[CREW], **slow, **plenty)
    none = run(tmp_path, [OFTEN], crews=[CREW], **slow, other_parts={"stock": 1})
    assert kpi(many, "mttr_h") == pytest.approx(10.0)
    assert kpi(many, "mttr_h") < kpi(one, "mttr_h") < kpi(none, "mttr_h")
    assert kpi(many, "availability") > kpi(one, "availability") > kpi(none, "availability")
    assert kpi(many, "technician_utilization") < kpi(one, "technician_utilization")
    assert kpi(many, "spare_stockouts") == 0 < kpi(none, "spare_stockouts")
    assert any("found none on the shelf of 1; by Palm's theorem a stock of" in note for note in none.notes)
    assert not any("Palm" in note for note in many.notes)


def test_a_crew_of_zero_is_refused_where_components_fail_and_not_where_only_jobs_do(tmp_path: Path) -> None:
    nobody: dict[str, Any] = {"crews": [{"shifts": [{"technicians": 0}]}]}
    with pytest.raises(InputError, match="no crew has a technician in any shift, and there are no remote hands"):
        run(tmp_path, [OFTEN], **nobody)
    run(tmp_path, [{"kind": "software", "mtbf": "10 d"}], **nobody)
    run(tmp_path, [OFTEN], crews=[], remote_hands={})


def test_a_skill_that_a_failure_mode_asks_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no crew with a technician has the skill 'hardware'; they have: network"):
        run(tmp_path, [OFTEN], crews=[CREW | {"skills": ["network"]}])


def test_nodes_that_fail_again_and_again_are_replaced(tmp_path: Path) -> None:
    bad = {"kind": "node", "mtbf": "2 d", "permanent": 0, "detection": {"at_once": 1}}
    lemons: dict[str, Any] = {"failures": 3, "window": "30 d"}
    result = run(tmp_path, [bad], nodes=4, crews=[CREW], lemons=lemons)
    orders = result.frame("work_orders")
    counts = orders.groupby("component")["lemon"].agg(["sum", "size"])
    assert (counts["sum"] >= counts["size"] // 3 - 1).all() and orders["lemon"].sum() > 5
    assert set(orders.loc[orders["lemon"], "part"]) == {"node"}


def test_a_spare_that_no_failure_takes_is_told_with_those_that_they_take(tmp_path: Path) -> None:
    result = run(tmp_path, [OFTEN], crews=[CREW], spares={"nodes": {"stock": 3}, "node": {"stock": 3}})
    assert "operations.spares: no failure takes the part 'nodes'; they take: node; nearest: 'node'" in result.notes
    assert not any("'node';" in note for note in result.notes)
