"""EASY backfill: whole traces by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.units import quantity
from simulator.engine import state as layout
from simulator.scheduling.easy_backfill import EasyBackfill

BOX = node(cores=4)


def easy(nodes: int, *jobs: Job, policy: EasyBackfill | None = None) -> Hall:
    return Hall(fleet([BOX] * nodes), workload(*jobs), policy or EasyBackfill()).run()


def exact(submit_s: float, work_s: float, tasks: int = 1, **given: float) -> Job:
    """A job that knows how long it takes."""
    return Job(submit_s, work_s, tasks=tasks, estimate_s=work_s, **given)  # type: ignore[arg-type]


def test_a_job_that_ends_in_time_passes_the_head() -> None:
    hall = easy(2, exact(0, 10), exact(1, 5, tasks=2), exact(2, 8))
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 2.0}  # c ends at 10, when b starts


def test_a_job_that_would_delay_the_head_waits() -> None:
    hall = easy(2, exact(0, 10), exact(1, 5, tasks=2), exact(2, 9))
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 15.0}


def test_a_long_job_takes_nodes_that_the_head_does_not_need() -> None:
    # At 10 three nodes are free and b needs two: one is spare.
    hall = easy(3, exact(0, 10, tasks=2), exact(1, 5, tasks=2), exact(2, 100))
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 2.0}


def test_spare_nodes_are_spent_once() -> None:
    # At 10 four nodes are free and b needs three: one is spare, and c takes it.
    hall = easy(4, exact(0, 10, tasks=2), exact(1, 5, tasks=3), exact(2, 100), exact(3, 100))
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 2.0, "d": 15.0}


def test_nodes_of_all_jobs_that_end_with_the_reservation_are_counted() -> None:
    # a and b both end at 10, so that one of three nodes stays spare for c beside the head's two.
    hall = easy(3, exact(0, 10), exact(0, 10), exact(1, 5, tasks=2), exact(2, 100))
    assert hall.starts_s == {"a": 0.0, "b": 0.0, "c": 10.0, "d": 2.0}


def test_depth_limits_how_far_behind_the_head_is_looked() -> None:
    jobs = exact(0, 10), exact(1, 5, tasks=2), exact(2, 50), exact(3, 4)
    assert easy(2, *jobs, policy=EasyBackfill(depth=2)).starts_s["d"] == 3.0
    assert easy(2, *jobs, policy=EasyBackfill(depth=1)).starts_s["d"] == 15.0


def test_a_job_beyond_its_estimate_may_end_at_any_moment() -> None:
    # At 6 job a should have ended, so nothing is started that the head would have to wait for.
    hall = easy(2, Job(0, 10, estimate_s=5), exact(1, 5, tasks=2), exact(6, 3))
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 15.0}


def test_a_killed_job_hands_its_node_to_the_head() -> None:
    policy = EasyBackfill(overrun="kill")
    hall = easy(2, Job(0, 10, estimate_s=5), exact(1, 5, tasks=2), policy=policy)
    assert hall.starts_s == {"a": 0.0, "b": 5.0}
    assert hall.of_jobs("status")["a"] == layout.KILLED


def test_a_missing_estimate_is_the_policys() -> None:
    jobs = Job(0, 10), exact(1, 5, tasks=2), exact(2, 60)
    assert easy(2, *jobs).starts_s == {"a": 0.0, "b": 62.0, "c": 2.0}  # a is thought to run for a day
    told = EasyBackfill(missing_estimate=quantity("10 s"))
    assert easy(2, *jobs, policy=told).starts_s == {"a": 0.0, "b": 10.0, "c": 15.0}


def test_a_missing_estimate_kills_nobody() -> None:
    policy = EasyBackfill(overrun="kill", missing_estimate=quantity("1 s"))
    assert easy(1, Job(0, 10), policy=policy).of_jobs("status") == {"a": layout.COMPLETED}


def test_a_job_that_ends_early_lets_the_head_start_before_its_reservation() -> None:
    hall = easy(2, Job(0, 4, estimate_s=10), exact(1, 5, tasks=2))
    assert hall.starts_s == {"a": 0.0, "b": 4.0}


def test_nodes_that_the_head_can_not_use_are_not_kept_for_it() -> None:
    jobs = workload(
        exact(0, 10, accepts=frozenset({"m0"})),  # type: ignore[arg-type]
        exact(1, 5, accepts=frozenset({"m0"})),  # type: ignore[arg-type]
        exact(2, 100, accepts=frozenset({"m1"})),  # type: ignore[arg-type]
        exact(3, 100),
    )
    hall = Hall(fleet([node(), node(), node()]), jobs, EasyBackfill())
    assert hall.run().starts_s == {"a": 0.0, "b": 10.0, "c": 2.0, "d": 3.0}
    assert hall.first_nodes == {"a": 0, "b": 0, "c": 1, "d": 2}


def test_a_draining_node_is_not_counted_for_the_reservation() -> None:
    # n0 drains from 5 on: b waits for c's node, and d must not take that beyond 20.
    jobs = workload(exact(0, 10), exact(0, 20), exact(6, 5, tasks=2), exact(7, 30))
    hall = Hall(fleet([BOX] * 3), jobs, EasyBackfill())
    hall.at(5, lambda batch: batch.retire([0], drain=True)).run()
    assert hall.starts_s == {"a": 0.0, "b": 0.0, "c": 20.0, "d": 25.0}


def test_a_resumed_job_is_judged_by_what_is_left_of_its_estimate() -> None:
    # a is interrupted at 8 after 8 of 10 s, all kept; b holds the other node until 15, c waits for both nodes. The 2 s
    # that a still needs fit in before 15.
    jobs = workload(exact(0, 10, checkpoint_s=1), exact(0, 15), exact(1, 5, tasks=2))
    hall = Hall(fleet([BOX] * 3), jobs, EasyBackfill())
    hall.at(8, lambda batch: batch.retire([0], drain=False)).run()
    assert hall.ends_s["a"] == 10.0


def test_the_head_keeps_its_place_among_accelerators_that_others_share() -> None:
    # Two accelerators. L holds 0.4 of the first for long, M the other 0.6 and most cores until 10. The head needs a
    # whole accelerator and two cores, which it gets at 10 on the second one, unless C sits there by then.
    box = node(cores=8, accelerators=2)
    jobs = workload(
        Job(0, 1000, name="L", gpus=0.4, cores=1, estimate_s=1000),
        Job(0, 10, name="M", gpus=0.6, cores=7, estimate_s=10),
        Job(1, 5, name="head", gpus=1, cores=2, estimate_s=5),
        Job(2, 500, name="C", gpus=0.3, memory_gib=1, estimate_s=500),
    )
    hall = Hall(fleet([box]), jobs, EasyBackfill()).run()
    assert hall.starts_s == {"L": 0.0, "M": 0.0, "head": 10.0, "C": 10.0}  # then C shares with L


def test_a_share_beside_the_heads_place_is_backfilled() -> None:
    # The head needs three cores when a leaves one of its two; c takes a core that is left over even then.
    jobs = workload(
        Job(0, 10, cores=2, estimate_s=10),
        Job(1, 5, cores=3, estimate_s=5),
        Job(2, 100, cores=1, estimate_s=100),
        Job(3, 100, cores=1, estimate_s=100),
    )
    hall = Hall(fleet([BOX]), jobs, EasyBackfill()).run()
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 2.0, "d": 15.0}


def test_memory_is_kept_for_the_head_too() -> None:
    # Of 64 GiB the head needs 50 when a leaves its 40. c's 20 would be in the way even then, d's 10 are not.
    jobs = workload(
        Job(0, 10, memory_gib=40, estimate_s=10),
        Job(1, 5, memory_gib=50, estimate_s=5),
        Job(2, 100, memory_gib=20, estimate_s=100),
        Job(3, 100, memory_gib=10, estimate_s=100),
    )
    hall = Hall(fleet([BOX]), jobs, EasyBackfill()).run()
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 15.0, "d": 3.0}


@pytest.mark.parametrize("seed", range(6))
def test_whole_nodes_and_shares_as_large_as_nodes_are_scheduled_alike(seed: int) -> None:
    draws = np.random.default_rng(seed)
    rows = [
        (float(submit_s), float(work_s), int(tasks), float(factor))
        for submit_s, work_s, tasks, factor in zip(
            np.sort(draws.integers(0, 300, 60)),
            draws.integers(1, 60, 60),
            draws.integers(1, 7, 60),
            draws.choice([0.5, 1.0, 2.0], 60),
            strict=True,
        )
    ]
    whole = [Job(s, w, tasks=t, estimate_s=w * f) for s, w, t, f in rows]
    shares = [Job(s, w, tasks=t, estimate_s=w * f, cores=4) for s, w, t, f in rows]
    assert easy(6, *whole).of_jobs("first_start_s") == easy(6, *shares).of_jobs("first_start_s")
