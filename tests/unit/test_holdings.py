"""Who holds what: what is granted is taken, what is taken back is as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.compiled import compiled_as
from simulator.engine import state as layout
from simulator.engine.control_kernel import commission, drain
from simulator.engine.holding_kernel import fits, grant, take_back_first

GRANT, TAKE_BACK, COMMISSION, FITS, DRAIN = range(5)

NODE_COLUMNS = ("residents", "exclusive", "free_cpu_milli", "free_memory_b", "free_accelerators_milli", "first_holding")
MODEL_COLUMNS = ("idle_nodes", "free_accelerators_milli", "free_cpu_milli")


@compiled_as(layout.CONTROL_SIGNATURE)
def operate(state: Any, action: int, job: int, where: float) -> None:
    """Act; the answer of FITS is left in `clock.random`."""
    if action == GRANT:
        grant(state, job, int(where))
    elif action == TAKE_BACK:
        take_back_first(state, job)
    elif action == COMMISSION:
        commission(state, int(where))
    elif action == DRAIN:
        drain(state, int(where))
    else:
        state.clock[0]["random"] = fits(state, job, int(where))


class Pieces:
    """Grants and takes back by hand, without a clock."""

    def __init__(self, *jobs: Job, nodes: int = 1) -> None:
        kind = node(cores=8, memory_gib=64, accelerators=4)
        self.state = Hall(fleet([kind] * nodes), workload(*jobs)).state
        self._handle = layout.handle(self.state)
        for index in range(nodes):
            operate(self._handle, COMMISSION, 0, float(index))

    def grant(self, job: int, where: int = 0) -> None:
        assert self.fits(job, where)
        operate(self._handle, GRANT, job, float(where))

    def take_back(self, job: int) -> None:
        operate(self._handle, TAKE_BACK, job, 0.0)

    def drain(self, where: int) -> None:
        operate(self._handle, DRAIN, 0, float(where))

    def fits(self, job: int, where: int = 0) -> bool:
        operate(self._handle, FITS, job, float(where))
        return bool(self.state.clock[0]["random"])

    def free_slots(self) -> list[int]:
        return [int(free) for free in self.state.slots[:, 0]]

    def snapshot(self) -> dict[str, Any]:
        state, clock = self.state, self.state.clock[0]
        return {
            **{column: state.nodes[column].tolist() for column in NODE_COLUMNS},
            **{f"model_{column}": state.models[column].tolist() for column in MODEL_COLUMNS},
            "slots": self.free_slots(),
            "idle": state.idle.tolist(),
            "held": int(clock["held_nodes"]),
            "granted": int(clock["granted_milli"]),
            "jobs": state.jobs["first_holding"].tolist(),
        }


SHARE = Job(submit_s=0, work=1, tasks=3, gpus=0.4, cores=1, memory_gib=2)
PAIR = Job(submit_s=0, work=1, gpus=2, cores=2, memory_gib=8)
CORES = Job(submit_s=0, work=1, cores=3)
WHOLE = Job(submit_s=0, work=1)


def test_a_share_goes_to_the_tightest_accelerator_that_fits() -> None:
    pieces = Pieces(SHARE, SHARE, SHARE, Job(submit_s=0, work=1, gpus=0.2))
    for job, left in ((0, [600, 1000, 1000, 1000]), (1, [200, 1000, 1000, 1000]), (2, [200, 600, 1000, 1000])):
        pieces.grant(job)
        assert pieces.free_slots() == left
    pieces.grant(3)
    assert pieces.free_slots() == [0, 600, 1000, 1000]


def test_whole_accelerators_are_those_that_nobody_shares() -> None:
    pieces = Pieces(SHARE, PAIR, PAIR)
    pieces.grant(0)
    pieces.grant(1)
    assert pieces.free_slots() == [600, 0, 0, 1000]
    assert not pieces.fits(2)  # 1.6 accelerators are free, one of them whole


def test_an_exclusive_task_takes_the_whole_node_and_only_an_empty_one() -> None:
    pieces = Pieces(WHOLE, WHOLE, SHARE)
    pieces.grant(0)
    assert pieces.free_slots() == [0, 0, 0, 0]
    assert not pieces.fits(1)
    assert not pieces.fits(2)
    pieces.take_back(0)
    pieces.grant(2)
    assert not pieces.fits(0)


def test_a_task_without_accelerators_keeps_off_an_exclusive_node() -> None:
    pieces = Pieces(WHOLE, CORES)
    pieces.grant(0)
    assert not pieces.fits(1)


def test_cores_and_memory_run_out() -> None:
    pieces = Pieces(CORES, CORES, CORES, Job(submit_s=0, work=1, memory_gib=64), Job(submit_s=0, work=1, memory_gib=1))
    pieces.grant(0)
    pieces.grant(1)
    assert not pieces.fits(2)  # 2 of 8 cores are left
    pieces.grant(3)
    assert not pieces.fits(4)


def test_nothing_fits_on_a_node_that_drains() -> None:
    pieces = Pieces(SHARE)
    pieces.drain(0)
    assert not pieces.fits(0)


def test_several_tasks_of_a_job_on_one_node_are_several_holdings() -> None:
    pieces = Pieces(SHARE)
    for _ in range(3):
        pieces.grant(0)
    assert pieces.state.nodes[0]["residents"] == 3
    assert pieces.state.clock[0]["granted_milli"] == 1200
    pieces.take_back(0)
    assert pieces.state.nodes[0]["residents"] == 2
    assert pieces.free_slots() == [200, 1000, 1000, 1000]


@pytest.mark.parametrize("seed", range(4))
def test_taking_back_in_any_order_restores_everything(seed: int) -> None:
    draws = np.random.default_rng(seed)
    kinds = [SHARE, PAIR, CORES, WHOLE, Job(submit_s=0, work=1, gpus=0.25), Job(submit_s=0, work=1, gpus=3)]
    pieces = Pieces(*[kinds[int(draws.integers(len(kinds)))] for _ in range(12)], nodes=3)
    empty = pieces.snapshot()
    held: dict[int, int] = {}
    for _ in range(400):
        job = int(draws.integers(12))
        where = int(draws.integers(3))
        if held.get(job, 0):
            pieces.take_back(job)
            held[job] = 0
        elif not held.get(job, 0) and pieces.fits(job, where):
            pieces.grant(job, where)
            held[job] = 1
        state = pieces.state
        assert (state.slots[:, 0] >= 0).all()
        assert (state.slots[:, 0] <= 1000).all()
        assert (state.nodes["free_cpu_milli"] >= 0).all()
        assert (state.nodes["free_memory_b"] >= 0).all()
        assert state.nodes["residents"].sum() == sum(held.values())
        assert state.models["free_accelerators_milli"][0] == state.nodes["free_accelerators_milli"].sum()
        assert state.models["free_cpu_milli"][0] == state.nodes["free_cpu_milli"].sum()
        assert state.models["idle_nodes"][0] == state.idle.sum() == (state.nodes["residents"] == 0).sum()
        assert state.nodes["free_accelerators_milli"].sum() == state.slots[:, 0].sum()
    for job, count in held.items():
        for _ in range(count):
            pieces.take_back(job)
    assert pieces.snapshot() == empty


def test_the_last_task_off_a_draining_node_switches_it_off() -> None:
    pieces = Pieces(SHARE, nodes=2)
    pieces.grant(0, 1)
    pieces.drain(1)
    assert pieces.state.nodes["status"].tolist() == [layout.IN_SERVICE, layout.DRAINING]
    assert pieces.state.models["free_accelerators_milli"][0] == 4000  # those of the other node
    pieces.take_back(0)
    assert pieces.state.nodes["status"].tolist() == [layout.IN_SERVICE, layout.RETIRED]
    assert pieces.state.models["free_accelerators_milli"][0] == 4000
    assert pieces.state.idle.tolist() == [1, 0]
