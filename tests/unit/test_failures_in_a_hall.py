"""Failures as they happen: what stops, who notices, when it is back, and what is left alone."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.problems import InputError
from models.reliability.reliability import Reliability
from simulator.engine import state as layout
from simulator.facility.hall import Hall as Parts
from simulator.operations.component import Component
from simulator.operations.outage import Outage
from simulator.operations.running import Running
from simulator.reliability.starting import start_reliability
from simulator.results.kpis import Kpis
from simulator.results.result import Result
from simulator.simulation import simulate

H = 3600.0
NEVER = {"kind": "constant", "value": "1000 d"}


def hours(value: float) -> dict[str, str]:
    return {"kind": "constant", "value": f"{value} h"}


ALWAYS_SEEN = {"at_once": 1}
"""Detection in no time."""


class Ran:
    """A hall of nodes with eight accelerators, four to a rack, that failed for a while."""

    def __init__(
        self,
        *failures: dict[str, Any],
        nodes: int = 8,
        jobs: Sequence[Job] = (),
        until_s: float = 1000 * H,
        common_cause: dict[str, Any] | None = None,
        seed: int = 1,
        more: Sequence[str] = (),
    ) -> None:
        box = node(accelerators=8)
        self.fleet = fleet([box] * nodes, racks=[index // 4 for index in range(nodes)])
        self.work = workload(*(jobs or [Job(0.0, 10 * until_s, tasks=nodes)]))
        self.hall = Hall(self.fleet, self.work)
        parts = Parts.around(self.hall.timeline, self.hall.batch, self.hall.settlement, [])
        tree: dict[str, Any] = {"failures": failures}
        tree |= {} if common_cause is None else {"common_cause": common_cause}
        given = SimpleNamespace(seed=seed, reliability=Reliability.model_validate(tree), operations=None)
        self.running = Running(parts, cast(Any, given), self.fleet, self.work)
        for index, name in enumerate(self.fleet.node_names):
            self._register("node", name, (index,))
        for index, name in enumerate(self.fleet.rack_names):
            self._register("rack", name, tuple(np.flatnonzero(self.fleet.rack == index).tolist()))
        for name in more:
            self._register("storage-server", name, ())
        start_reliability(self.running)
        self.until_s = until_s

    def _register(self, kind: str, name: str, nodes: tuple[int, ...]) -> None:
        off = self.running.hall.switched_off
        self.running.components.register(
            Component(
                kind,
                name,
                functools.partial(off.switch_off, f"{kind} {name}", nodes),
                functools.partial(off.let_go, f"{kind} {name}", nodes),
                nodes,
            )
        )

    def run(self) -> Ran:
        self.hall.run(self.until_s)
        return self

    @property
    def outages(self) -> list[Outage]:
        return self.running.outages

    @property
    def kpis(self) -> Kpis:
        return self.running.parts[0].kpis(self.until_s)

    def table(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.running.parts[0].tables(self.until_s)[name].to_pylist()
        return rows

    def worked_s(self, job: int = 0) -> float:
        """Work of a job so far that it has not lost [s at full clock]."""
        row = self.hall.state.jobs[job]
        since_s = self.until_s - row["as_of_s"] if row["status"] == layout.RUNNING else 0.0
        return float(self.work.phase_work_s[0] - row["remaining_s"] + row["rate"] * since_s)


def node_mode(**fields: Any) -> dict[str, Any]:
    return {"kind": "node", "mtbf": "400 h", "permanent": 0, "reboot": hours(1), "detection": ALWAYS_SEEN} | fields


def test_a_node_goes_out_when_it_fails_and_comes_back_when_it_is_mended() -> None:
    ran = Ran(node_mode()).run()
    assert 8 < len(ran.outages) < 35  # 20 are to be expected
    for outage in ran.outages[:-1]:
        assert (outage.kind, outage.cause, outage.nodes, outage.permanent) == ("node", "node", 1, False)
        assert outage.detected_s == outage.repair_began_s == outage.failed_s
        assert outage.restored_s == outage.failed_s + H
        assert outage.jobs_interrupted in (0, 1)  # the gang waits while one of its nodes is out
    ended = [each for each in ran.outages if each.restored_s <= ran.until_s]
    assert ran.kpis["mttr_h"] == pytest.approx(1.0)
    down_s = sum(min(each.restored_s, ran.until_s) - each.failed_s for each in ran.outages)
    assert ran.kpis["availability"] == pytest.approx(1.0 - down_s / (8 * ran.until_s), rel=1e-12)
    assert len(ended) >= len(ran.outages) - 1


def test_the_job_hangs_until_the_failure_is_noticed() -> None:
    seen = {"at_once": 0, "delay": "2 h"}
    ran = Ran(node_mode(mtbf="2000 h", detection=seen), jobs=[Job(0.0, 100_000 * H, tasks=8, checkpoint_s=H)]).run()
    first = ran.outages[0]
    assert first.detected_s == first.failed_s + 2 * H
    assert first.restored_s == first.detected_s + H
    assert first.jobs_interrupted == 1
    # It works from each return to the next failure, and keeps what its last checkpoint holds.
    row = ran.hall.state.jobs[0]
    stood_s = sum(min(each.restored_s, ran.until_s) - each.failed_s for each in ran.outages)
    assert row["held_s"] == pytest.approx(ran.until_s - len(ran.outages) * H, rel=1e-9)
    assert 0.0 < row["lost_s"] < len(ran.outages) * H
    assert ran.worked_s() == pytest.approx(ran.until_s - stood_s - row["lost_s"], rel=1e-9)
    lost = ran.table("failure_modes")[0]["work_lost_task_h"]
    assert lost == pytest.approx(row["lost_s"] * 8 / H)


def test_what_monitoring_misses_is_noticed_late() -> None:
    seen = {"missed": 1, "until_noticed": "5 h"}
    for outage in Ran(node_mode(detection=seen), until_s=300 * H).run().outages[:-1]:
        assert outage.detected_s - outage.failed_s == 5 * H


def test_a_failure_of_what_is_out_already_does_nothing() -> None:
    ran = Ran(node_mode(mtbf="20 h", reboot=NEVER)).run()
    assert len(ran.outages) == 8
    row = ran.table("failure_modes")[0]
    assert row["failures"] == 8
    assert row["passed_over"] > 100
    # Expected is for the time in which each was in service.
    assert row["expected"] == pytest.approx(ran.hall.state.nodes["service_s"].sum() / (20 * H))
    assert row["down_node_h"] == pytest.approx(sum(ran.until_s - each.failed_s for each in ran.outages) / H)


def test_failures_of_accelerators_come_eight_times_as_often_as_those_of_nodes() -> None:
    ran = Ran({"kind": "gpu", "mtbf": "3200 h", "permanent": 0, "reboot": hours(0.1)}).run()
    row = ran.table("failure_modes")[0]
    assert (row["parts"], row["counts"]) == (64, "accelerator")
    assert row["expected"] == pytest.approx(20.0, rel=0.02)


def test_a_mode_leaves_the_failures_of_another_as_they_are() -> None:
    alone = Ran(node_mode(name="a")).run()
    both = Ran(node_mode(name="a"), node_mode(name="b", mtbf="100 h"), {"kind": "software"}).run()
    first = {(each.failed_s, each.name) for each in alone.outages}
    again = {(each.failed_s, each.name) for each in both.outages if each.cause == "a"}
    # Those that are missing fell on what the other mode had taken out.
    assert again <= first
    assert len(again) > 0.5 * len(first)


@pytest.mark.parametrize(
    "times",
    [
        {"kind": "weibull", "shape": 0.6, "scale": "300 h"},
        {"kind": "gamma-mixed", "mtbf": "400 h", "shape": 1},
        {"kind": "lognormal", "median": "200 h", "sigma": 1},
    ],
)
def test_parts_with_clocks_of_their_own_fail_again_after_a_repair(times: dict[str, Any]) -> None:
    mode = node_mode(times=times)
    del mode["mtbf"]
    ran = Ran(mode, until_s=4000 * H).run()
    names = [each.name for each in ran.outages]
    assert len(names) > 30
    assert max(names.count(name) for name in set(names)) > 2
    for one in ran.outages:
        assert not any(
            other is not one and other.name == one.name and one.failed_s <= other.failed_s < one.restored_s
            for other in ran.outages
        )
    assert ran.table("failure_modes")[0]["expected"] is None


def test_new_parts_fail_more_often() -> None:
    mode = node_mode(mtbf="2000 h", infant_mortality={"factor": 20, "decay": "100 h"})
    row = Ran(mode).run().table("failure_modes")[0]
    # 8 nodes x 1000 h / 2000 h, and 20 x 100 h / 2000 h for each of them.
    assert row["expected"] == pytest.approx(4.0 + 8.0, rel=0.03)
    assert 5 <= row["failures"] <= 22


def test_jobs_fail_and_leave_their_nodes_in_service() -> None:
    job = Job(0.0, 100_000 * H, tasks=8, checkpoint_s=H)
    ran = Ran({"kind": "software", "mtbf": "50 h", "detection": {"at_once": 0, "delay": "30 min"}}, jobs=[job]).run()
    assert 8 < len(ran.outages) < 35
    assert {each.kind for each in ran.outages} == {"job"}
    assert ran.kpis["availability"] == 1.0
    assert ran.kpis["mttr_h"] is None
    assert int(ran.hall.state.clock[0]["interruptions"]) == sum(each.jobs_interrupted for each in ran.outages)
    row = ran.table("failure_modes")[0]
    assert row["expected"] == pytest.approx(20.0, rel=1e-6)
    # It starts again at once: nothing but work is lost, and half an hour of each failure.
    held_s = float(ran.hall.state.jobs["held_s"][0])
    assert held_s == pytest.approx(ran.until_s)


def test_a_job_that_hangs_is_interrupted_once_by_what_is_noticed_first() -> None:
    hang = {"kind": "job", "mtbf": "50 h", "detection": {"at_once": 0, "delay": "20 h"}}
    ran = Ran(node_mode(mtbf="100 h"), hang, jobs=[Job(0.0, 100_000 * H, tasks=8, checkpoint_s=H)]).run()
    interrupted = sum(each.jobs_interrupted for each in ran.outages)
    assert int(ran.hall.state.clock[0]["interruptions"]) == interrupted
    hangs = [each for each in ran.outages if each.kind == "job"]
    assert 0 < sum(each.jobs_interrupted for each in hangs) < len(hangs)


def test_job_hazards_do_not_grow_with_the_nodes() -> None:
    few = Ran({"kind": "software", "mtbf": "50 h"}, nodes=4).run()
    many = Ran({"kind": "software", "mtbf": "50 h"}, nodes=8).run()
    assert [each.failed_s for each in few.outages] == [each.failed_s for each in many.outages]


def test_a_slow_node_holds_its_job_back_until_it_is_found() -> None:
    slow = {"share": 1, "clock": 0.5, "until_noticed": "10 h"}
    ran = Ran(node_mode(mtbf="3000 h", slowdown=slow), jobs=[Job(0.0, 100_000 * H, tasks=8, checkpoint_s=60)]).run()
    first = ran.outages[0]
    assert first.detected_s == first.failed_s + 10 * H
    assert first.restored_s == first.detected_s + H
    row = ran.hall.state.jobs[0]
    slowed_s = sum(min(each.detected_s, ran.until_s) - each.failed_s for each in ran.outages)
    out_s = sum(max(min(each.restored_s, ran.until_s) - each.detected_s, 0.0) for each in ran.outages)
    assert ran.worked_s() + row["lost_s"] == pytest.approx(ran.until_s - out_s - 0.5 * slowed_s, rel=1e-3)
    assert (ran.hall.state.nodes["clock"] == 1.0).all() or math.isnan(ran.outages[-1].detected_s)


def test_a_rack_takes_all_its_nodes_out_at_once() -> None:
    ran = Ran({"kind": "rack", "mtbf": "200 h", "permanent": 0, "reboot": hours(2), "detection": ALWAYS_SEEN}).run()
    assert {(each.kind, each.nodes) for each in ran.outages} == {("rack", 4)}
    assert 3 <= len(ran.outages) <= 22


def test_a_rack_is_gone_when_it_fails_and_its_repair_waits_until_that_is_noticed() -> None:
    seen = {"at_once": 0, "delay": "3 h"}
    rack = {"kind": "rack", "mtbf": "600 h", "permanent": 0, "reboot": hours(2), "detection": seen}
    jobs = [Job(0.0, 100_000 * H, tasks=8, checkpoint_s=H)]
    ran = Ran(rack, jobs=jobs).run()
    first = ran.outages[0]
    assert (first.detected_s, first.restored_s) == (first.failed_s + 3 * H, first.failed_s + 5 * H)
    # It holds all nodes, so it waits for the whole of each outage.
    out_s = sum(min(each.restored_s, ran.until_s) - each.failed_s for each in ran.outages)
    assert ran.hall.state.jobs["held_s"][0] <= ran.until_s - out_s + 1e-6
    assert ran.running.interrupted_by_failures[0] == ran.hall.state.jobs["interruptions"][0] > 0
    assert not ran.running.dead


def test_a_shock_strikes_each_node_below_by_chance() -> None:
    shock = {"kind": "pdu", "mtbf": "10 h", "racks": 2, "each": 0.25, "permanent": 0, "reboot": hours(0.01)}
    ran = Ran(shock | {"detection": ALWAYS_SEEN}, until_s=4000 * H).run()
    struck: dict[float, int] = {}
    for outage in ran.outages:
        assert outage.kind == "node"
        struck[outage.failed_s] = struck.get(outage.failed_s, 0) + 1
    row = ran.table("failure_modes")[0]
    assert (row["parts"], row["component"]) == (1, "pdu")
    assert sum(struck.values()) / row["failures"] == pytest.approx(8 * 0.25, rel=0.2)


def test_a_share_of_the_failures_do_not_come_alone() -> None:
    mode = node_mode(mtbf="50 h", reboot=hours(0.01))
    ran = Ran(mode, until_s=5000 * H, common_cause={"share": 0.05, "within": "rack"}).run()
    row = ran.table("failure_modes")[0]
    at_s: dict[float, list[str]] = {}
    for outage in ran.outages:
        at_s.setdefault(outage.failed_s, []).append(outage.name)
    together = [names for names in at_s.values() if len(names) > 1]
    assert row["together"] == len(together)
    assert row["failures"] == len(at_s)
    share = len(together) / len(at_s)
    assert share == pytest.approx(0.05, abs=2.5 * math.sqrt(0.05 * 0.95 / len(at_s)))
    racks = dict(zip(ran.fleet.node_names, ran.fleet.rack.tolist(), strict=True))
    assert all(len({racks[name] for name in names}) == 1 and len(names) == 2 for names in together)


def test_neighbours_of_a_common_cause_must_be_there() -> None:
    with pytest.raises(InputError) as caught:
        Ran(node_mode(), common_cause={"within": "switch"})
    (problem,) = caught.value.problems
    assert problem.path == "reliability.common_cause.within"
    assert "the hall has no switch that nodes have in common; that takes a 'fabric'" in problem.message


def test_components_of_any_kind_fail_as_stated() -> None:
    mode = {"kind": "stated", "of": "storage-server", "per_year": 50, "reboot": hours(1), "permanent": 0}
    ran = Ran(mode, more=("s0", "s1")).run()
    assert {each.name for each in ran.outages} == {"s0", "s1"}
    assert all(each.nodes == 0 for each in ran.outages)
    assert ran.kpis["availability"] == 1.0
    assert ran.kpis["mttr_h"] is not None


TRACE = """time_s,component,name,duration_s,mode,permanent
7200,node,n3,3600,hbm,1
1000,node,n1,500,gpu,0
1200,node,n1,9000,gpu,0
9000,rack,r1,100,,
"""


def trace(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, Any]:
    (folder / "failures.csv").write_text(text)
    monkeypatch.chdir(folder)
    return {"kind": "trace", "file": "failures.csv"}


def test_failures_of_a_file_happen_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Ran(trace(tmp_path, monkeypatch, TRACE)).run()
    rows = ran.table("failures")
    assert [(row["name"], row["mode"], row["failed_s"], row["restored_s"], row["permanent"]) for row in rows] == [
        ("n1", "gpu", 1000.0, 1500.0, False),
        ("n3", "hbm", 7200.0, 10800.0, True),
        ("r1", "trace", 9000.0, 9100.0, False),
    ]
    assert rows[0]["detected_s"] == 1000.0
    modes = {row["mode"]: (row["failures"], row["passed_over"]) for row in ran.table("failure_modes")}
    assert modes == {"gpu": (1, 1), "hbm": (1, 0), "trace": (1, 0)}


def test_a_trace_of_unknown_nodes_is_refused_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "time_s,name,duration_s\n1,n1,5\n2,x,5\n3,n22,5\n"
    with pytest.raises(InputError) as caught:
        Ran(trace(tmp_path, monkeypatch, text))
    assert [str(problem) for problem in caught.value.problems] == [
        "failures.csv:3: name: the hall has no node 'x'",
        "failures.csv:4: name: the hall has no node 'n22'; nearest: 'n2'",
    ]


def test_a_trace_with_bad_numbers_is_refused_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "time_s,name,duration_s,permanent\n-1,n1,5,0\n2,n1,soon,0\n3,n1,5,2\n"
    with pytest.raises(InputError) as caught:
        Ran(trace(tmp_path, monkeypatch, text))
    assert [problem.where for problem in caught.value.problems] == [f"failures.csv:{line}" for line in (2, 3, 4)]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ({"kind": "switch"}, "the hall has no switch that could fail; that takes a 'fabric'; it has: node, rack"),
        ({"kind": "cable"}, "the hall has no link that could fail"),
        ({"kind": "stated", "of": "nodes", "per_year": 1}, "the hall has no nodes that could fail"),
        ({"kind": "nic"}, "counts interfaces, and no node of the hall has any"),
        ({"kind": "node", "group": "al"}, "'al' is not a group of the fleet; allowed: all"),
    ],
)
def test_failures_of_what_is_not_there_are_refused(mode: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Ran({"kind": "node", "name": "fine"}, mode)
    (problem,) = caught.value.problems
    assert problem.path == "reliability.failures[1]"
    assert said in problem.message


SCENARIO = {
    "start": "2024-01-01T00:00:00Z",
    "until": "20 d",
    "fleet": {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 20}]},
    "fabric": {"kind": "rail-optimized"},
    "training": [
        {
            "name": "t", "accelerators": 128, "step": {"duration": "5 s"}, "duration": "90 d",
            "checkpoints": {"interval": "1 h", "write": "20 s"},
        }
    ],
    "facility": {"pue": 1.2},
}  # fmt: skip


def in_a_run(folder: Path, failures: list[dict[str, Any]], **sections: Any) -> Result:
    (folder / "hall.yaml").write_text(json.dumps(SCENARIO | {"reliability": {"failures": failures}} | sections))
    return simulate(folder / "hall.yaml")


def test_switches_and_cables_of_a_fabric_fail_without_their_nodes(tmp_path: Path) -> None:
    ran = in_a_run(tmp_path, [{"kind": "switch", "mtbf": "20 d"}, {"kind": "cable", "mtbf": "200 d"}])
    failures = ran.frame("failures")
    assert set(failures["kind"]) == {"switch", "link"}
    assert (failures["detected_s"] == failures["failed_s"]).all()
    assert ran.kpis["availability"] == 1.0
    assert (ran.kpis["mttr_h"] or 0.0) > 0.0


def test_lemons_that_crews_replace_are_new_parts(tmp_path: Path) -> None:
    lemon = {"kind": "gpu", "times": {"kind": "gamma-mixed", "mtbf": "60 d", "shape": 0.05}, "permanent": 0}
    kept = in_a_run(tmp_path, [lemon])
    crews = {"crews": [{"name": "all", "shifts": [{"technicians": 20}]}]}
    replaced = in_a_run(tmp_path, [lemon], operations=crews | {"lemons": {"failures": 2, "window": "20 d"}})
    worst = kept.frame("failures").groupby("name").size()
    assert worst.max() > 2 * replaced.frame("failures").groupby("name").size().max()
    # Everything of the first failure of each is the same: who repairs draws nothing of what fails.
    first = [each.frame("failures").iloc[0] for each in (kept, replaced)]
    assert first[0]["failed_s"] == first[1]["failed_s"]


def test_monitoring_notices_what_the_mode_would_notice_later(tmp_path: Path) -> None:
    mode = {"kind": "node", "mtbf": "30 d", "detection": {"at_once": 0, "delay": "3 h"}}
    ran = in_a_run(tmp_path, [mode], operations={"monitoring": {"interval": "10 min", "detection_probability": 1}})
    failures = ran.frame("failures")
    assert (failures["detected_s"] - failures["failed_s"]).between(0.0, 600.0).all()


def test_faults_of_modes_stand_at_their_place_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        in_a_run(tmp_path, [{"kind": "cable"}, {"kind": "switch", "group": "gpu"}], fabric=None)
    assert "'group' is about nodes" in str(caught.value)
    with pytest.raises(InputError) as caught:
        in_a_run(tmp_path, [{"kind": "cable"}], fabric=None)
    (problem,) = caught.value.problems
    assert problem.where.startswith(f"{tmp_path / 'hall.yaml'}:1:")
    assert problem.path == "reliability.failures[0]"


def test_nothing_fails_in_a_published_cluster_that_the_hall_does_not_have() -> None:
    ran = Ran({"kind": "published", "set": "llama-3", "multiplied_by": 100}, until_s=10 * 24 * H).run()
    modes = {row["mode"]: row for row in ran.table("failure_modes")}
    assert len(modes) == 16  # its nodes have neither interfaces nor drives
    assert not {"nic", "ssd"} & set(modes)
    failed = {each.cause for each in ran.outages}
    assert {"faulty-gpu", "software-bug"} <= failed <= set(modes)
    assert ran.hall.state.jobs["status"][0] in (layout.RUNNING, layout.QUEUED)
