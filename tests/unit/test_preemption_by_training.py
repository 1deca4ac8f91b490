"""A wide gang of whole nodes, as training is, among batch jobs: who makes room, what is kept, what starts around it."""

from __future__ import annotations

import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.units import quantity
from simulator.scheduling.fair_share import FairShare
from simulator.scheduling.preempting import Preempting
from simulator.scheduling.priority import Priority

GPUS = node(cores=8, accelerators=4)
POLICIES = [Priority(), FairShare(preempt=True)]


def batch(count: int, work_s: float = 1000.0, gpus: int = 1) -> list[Job]:
    """Small jobs of a user, one each second, that write a checkpoint every 10 s of work."""
    return [Job(at, work_s, name=f"batch-{at}", gpus=gpus, checkpoint_s=10.0, user="bob") for at in range(count)]


def training(at_s: float, work_s: float, tasks: int) -> Job:
    return Job(at_s, work_s, name="training", tasks=tasks, priority=10, user="ada")


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_a_gang_takes_whole_nodes_and_everything_on_them_resumes_where_it_had_written(policy: Preempting) -> None:
    jobs = workload(*batch(16), training(105, 200, 4))
    hall = Hall(fleet([GPUS] * 4), jobs, policy).run()
    assert hall.starts_s["training"] == 105.0
    assert hall.ends_s["training"] == 305.0
    # Job k had done 105 - k seconds, keeps the tens, and starts anew at 305.
    for at in range(16):
        lost_s = (105 - at) % 10
        assert hall.of_jobs("lost_s")[f"batch-{at}"] == lost_s
        assert hall.ends_s[f"batch-{at}"] == pytest.approx(305 + 1000 - (105 - at) + lost_s)
    assert_energy_is_whole(hall)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_a_gang_takes_no_more_nodes_than_it_needs(policy: Preempting) -> None:
    hall = Hall(fleet([GPUS] * 4), workload(*batch(16), training(105, 200, 2)), policy).run()
    interrupted = [name for name, count in hall.of_jobs("interruptions").items() if count]
    assert interrupted == [f"batch-{at}" for at in range(8, 16)]  # the latest to start, on the last two nodes


@pytest.mark.parametrize(("around", "start_s"), [(True, 10.0), (False, 200.0)])
@pytest.mark.parametrize("policy", [Priority, FairShare])
def test_batch_starts_around_a_gang_that_lacks_a_node_and_makes_room_when_it_is_back(
    policy: type[Preempting], around: bool, start_s: float
) -> None:
    jobs = workload(training(0, 100, 3), Job(10, 500, name="batch", checkpoint_s=1.0))
    hall = Hall(fleet([GPUS] * 3), jobs, policy(preempt=True, start_around=around))
    hall.at(5, lambda hall: hall.shut_down([0])).at(100, lambda hall: hall.bring_up([0])).run()
    assert hall.starts_s["batch"] == start_s
    # The gang has no checkpoints: 100 s from the beginning, at the instant at which the node is back.
    assert hall.ends_s["training"] == 200.0
    assert hall.ends_s["batch"] == (200.0 + 500.0 - 90.0 if around else 700.0)


def test_others_of_the_same_priority_do_not_start_around_it() -> None:
    jobs = workload(Job(10, 10, tasks=3, priority=1), Job(11, 10, priority=1), Job(12, 10))
    hall = Hall(fleet([GPUS] * 3), jobs, Priority())
    hall.at(5, lambda hall: hall.shut_down([0])).at(100, lambda hall: hall.bring_up([0])).run()
    assert hall.starts_s == {"a": 100.0, "b": 110.0, "c": 12.0}


def test_fair_share_goes_by_users_within_a_priority_and_counts_a_users_priorities_together() -> None:
    # ada's training uses the hall; afterwards bob's batch goes before ada's.
    jobs = workload(
        Job(0, 100, name="training", priority=5, user="ada"),
        Job(1, 10, name="ada's", user="ada"),
        Job(2, 10, name="bob's", user="bob"),
        Job(3, 10, name="urgent", priority=5, user="ada"),
    )
    hall = Hall(fleet([GPUS]), jobs, FairShare(preempt=True, half_life=quantity("1 d"))).run()
    assert sorted(hall.starts_s, key=hall.starts_s.__getitem__) == ["training", "urgent", "bob's", "ada's"]
    hall = Hall(fleet([GPUS]), jobs, FairShare(half_life=quantity("1 d"))).run()
    assert sorted(hall.starts_s, key=hall.starts_s.__getitem__) == ["training", "bob's", "ada's", "urgent"]
