"""Whatever is written in whatever order: tiers never hold more than they can, and nobody's last checkpoint goes for
another's unless its own next one is being written."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.problems import InputError
from models.storage.backup import worst_age_s
from models.storage.checkpoints import Checkpoints
from models.storage.storage import Storage
from models.storage.tiers.tier import SizedTier
from simulator.engine.settlement import Settlement, Timeline
from simulator.network.shared_resources import SharedResources
from simulator.storage.backups import Backups
from simulator.storage.checkpoint_shelf import CheckpointShelf, StoredCheckpoint
from simulator.storage.tier_in_service import TierInService

SIZED = SizedTier("object-store", read_b_per_s=100.0, write_b_per_s=100.0, capacity_b=100.0)
STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 40), st.sampled_from(["whole", "given up", "left"])),
    max_size=40,
)


def tier(name: str, sized: SizedTier = SIZED) -> TierInService:
    return TierInService(name, sized, cast(Any, SimpleNamespace(add_resource=lambda *_: 0)), cast(Any, None))


def whole(shelf: CheckpointShelf, job: str) -> list[StoredCheckpoint]:
    return [each for each in shelf.on("t") if each.job == job and each.is_whole]


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, keep_last=st.integers(1, 4), keep_every=st.none() | st.integers(1, 5))
def test_a_tier_never_holds_more_than_it_can(steps: list[Any], keep_last: int, keep_every: int | None) -> None:
    on = tier("t")
    shelf = CheckpointShelf({"t": on}, Checkpoints(keep_last=keep_last, keep_every=keep_every), nodes=1)
    for now_s, (job, size_b, then) in enumerate(steps):
        others = {name: shelf.newest(name) for name in "abc" if name != job}
        unfinished = {each.job: each.size_b for each in shelf.on("t") if not each.is_whole}
        room_b = shelf.free_for_b(job, "t") + unfinished.get(job, 0.0)
        without_others_b = shelf.free_for_b(job, "t", is_copy=True) + unfinished.get(job, 0.0)
        try:
            begun = shelf.begin(job, float(size_b), "t", float(now_s))
        except InputError:
            assert size_b > room_b
            continue
        assert size_b <= room_b
        gone = {name for name, newest in others.items() if shelf.newest(name) is not newest}
        # Only of a job that is writing its next, and where there is no other way.
        assert gone <= unfinished.keys() - {job}
        assert not gone or size_b > without_others_b
        if then == "whole":
            shelf.finish(begun, now_s + 0.5)
            assert shelf.newest(job) is begun
            numbers = [each.number for each in whole(shelf, job)]
            assert set(numbers[-keep_last:]) == set(sorted(numbers)[-keep_last:])
            assert all(number % (keep_every or math.inf) == 0 for number in numbers[:-keep_last])
        elif then == "given up":
            shelf.give_up(begun)
        assert on.used_b == sum(each.size_b for each in shelf.on("t"))
        assert on.peak_used_b <= 100.0
        assert sum(not each.is_whole for each in shelf.on("t")) <= 3


@settings(max_examples=25, deadline=None)
@given(every_s=st.integers(1, 200), size_b=st.integers(1, 2000), restore_b_per_s=st.integers(1, 100))
def test_recovery_point_and_time_are_those_of_the_closed_form(every_s: int, size_b: int, restore_b_per_s: int) -> None:
    timeline = Timeline()
    settlement = Settlement(timeline, [])
    shared = SharedResources(timeline, settlement, lambda *_: None)
    settlement.join(shared)
    section = Storage.model_validate({
        "tiers": {"t": {"kind": "object-store", "read": "1 kB/s", "write": "1 kB/s", "capacity": "1 MB"}},
        "data_sets": {"d": {"size": f"{size_b} B", "tier": "t"}},
        "sites": {"s": {"bandwidth": "10 B/s", "restore_bandwidth": f"{restore_b_per_s} B/s"}},
        "backups": {"p": {"of": ["d"], "site": "s", "every": f"{every_s} s", "full_every": 1}},
    })  # fmt: skip
    on = TierInService("t", section.tiers["t"].sized(), shared, cast(Any, None))
    storage: Any = SimpleNamespace(section=section, tiers={"t": on}, tier=lambda _: on, nodes=1)
    backups = Backups(storage, timeline, shared)
    timeline.process(backups.follow("p"))
    expected_s = worst_age_s(every_s, size_b / 10.0)
    timeline.run(4.0 * expected_s)
    assert backups.worst_age_s("p", timeline.now) == pytest.approx(expected_s)
    # A restore beside a backup that reads the same tier: the links are apart, and the tier is faster than both.
    backups.restore("p")
    timeline.run(timeline.now + size_b / restore_b_per_s + 1.0)
    (restored,) = backups.restored
    assert restored.ended_s - restored.began_s == pytest.approx(size_b / restore_b_per_s)
    assert backups.estimated_restore_s("p") == pytest.approx(size_b / restore_b_per_s)
