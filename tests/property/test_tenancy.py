"""Tenants never meet, whatever is submitted and whichever policy decides; and everybody's work is done."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hall import Hall, Job, fleet, node, workload
from models.security.security import Security
from simulator.balancing.room import Room
from simulator.engine.state import COMPLETED
from simulator.placement.first_fit import FirstFit
from simulator.placement.fragmentation_aware import FragmentationAware
from simulator.placement.pack_by_rack import PackByRack
from simulator.placement.policy import PlacementPolicy
from simulator.scheduling.easy_backfill import EasyBackfill
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.policy import SchedulingPolicy
from simulator.scheduling.priority import Priority
from simulator.security.tenancy import constrain_placement

Mode = Literal["dedicated-nodes", "dedicated-pods"]
LAST_S = 60
BOX = node(cores=4, accelerators=4)
jobs = st.lists(
    st.builds(
        Job,
        submit_s=st.integers(0, 20).map(float),
        work=st.integers(1, 9).map(float),
        tasks=st.integers(1, 3),
        gpus=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
        user=st.sampled_from(["ada", "ben", "cleo"]),
        priority=st.integers(0, 1),
        checkpoint_s=st.just(1.0),
    ),
    min_size=1,
    max_size=14,
)


def run(mode: Mode | None, scheduling: SchedulingPolicy, placement: PlacementPolicy, given_jobs: list[Job]) -> Hall:
    """Run six nodes in three racks; what they hold is looked at between all instants at which something may happen."""
    hall = Hall(fleet([BOX] * 6, racks=[0, 0, 1, 1, 2, 2]), workload(*given_jobs), scheduling, placement)
    if mode is not None:
        constrain_placement(hall.batch, mode)

    def look(batch: Any) -> None:
        state = batch.state
        held = state.holdings[state.holdings["job"] >= 0]
        place = held["node"] if mode == "dedicated-nodes" else state.nodes["rack"][held["node"]]
        pairs = {(int(where), int(state.jobs["tenant"][job])) for where, job in zip(place, held["job"], strict=True)}
        assert mode is None or len(pairs) == len({where for where, _ in pairs})
        nodes = set(held["node"].tolist())
        in_racks = np.bincount([int(state.nodes["rack"][each]) for each in nodes], minlength=3)
        assert mode is None or (state.racks["held_nodes"] == in_racks).all()

    for instant in range(LAST_S):
        hall.at(instant + 0.5, look)
    return hall.run()


@pytest.mark.parametrize("mode", ["dedicated-nodes", "dedicated-pods"])
@pytest.mark.parametrize("scheduling", [FirstComeFirstServed(), EasyBackfill(), Priority(preempt=True)], ids=str)
@settings(max_examples=15, deadline=None)
@given(given_jobs=jobs)
def test_no_node_and_no_pod_ever_holds_two_tenants(
    mode: Mode, scheduling: SchedulingPolicy, given_jobs: list[Job]
) -> None:
    hall = run(mode, scheduling, FirstFit(), given_jobs)
    assert (hall.state.jobs["status"] == COMPLETED).all()


@pytest.mark.parametrize("placement", [PackByRack(), FragmentationAware()], ids=lambda each: each.kind)
@settings(max_examples=10, deadline=None)
@given(given_jobs=jobs)
def test_every_placement_finds_the_room_that_a_tenant_has(placement: PlacementPolicy, given_jobs: list[Job]) -> None:
    hall = run("dedicated-pods", EasyBackfill(), placement, given_jobs)
    assert (hall.state.jobs["status"] == COMPLETED).all()


def test_a_node_is_anybodys_again_once_it_is_empty() -> None:
    given_jobs = [
        Job(0.0, 10.0, gpus=1.0, user="ada"),
        Job(1.0, 5.0, gpus=1.0, user="ada"),
        Job(2.0, 5.0, gpus=1.0, user="ben"),
    ]
    starts: dict[str | None, list[float]] = {}
    for mode in (None, "dedicated-nodes"):
        hall = Hall(fleet([BOX]), workload(*given_jobs))
        if mode is not None:
            constrain_placement(hall.batch, "dedicated-nodes")
        starts[mode] = list(hall.run().starts_s.values())
    assert starts == {None: [0.0, 1.0, 2.0], "dedicated-nodes": [0.0, 1.0, 10.0]}


def test_a_pod_keeps_others_off_its_empty_nodes() -> None:
    given_jobs = [Job(0.0, 10.0, user="ada"), Job(1.0, 5.0, user="ben"), Job(2.0, 5.0, user="ada")]
    for mode, expected in (("dedicated-nodes", [0.0, 1.0, 6.0]), ("dedicated-pods", [0.0, 10.0, 15.0])):
        hall = Hall(fleet([BOX] * 2, racks=[0, 0]), workload(*given_jobs))
        constrain_placement(hall.batch, mode)  # type: ignore[arg-type]
        assert list(hall.run().starts_s.values()) == expected


def test_a_reservation_knows_that_a_rack_is_free_only_when_its_last_job_has_left() -> None:
    given_jobs = [
        Job(0.0, 10.0, estimate_s=10.0, user="ada"),
        Job(0.0, 4.0, estimate_s=4.0, user="ada"),
        Job(1.0, 5.0, estimate_s=5.0, tasks=2, user="ben"),
        Job(1.0, 6.0, estimate_s=6.0, user="ada"),
        Job(1.0, 7.0, estimate_s=7.0, user="ada"),
    ]
    hall = Hall(fleet([BOX] * 2, racks=[0, 0]), workload(*given_jobs), EasyBackfill())
    constrain_placement(hall.batch, "dedicated-pods")
    # The pair waits for both nodes at 10 s. What ends by then passes it on the node that is free from 4 s on.
    assert hall.run().starts_s == {"a": 0.0, "b": 0.0, "c": 10.0, "d": 4.0, "e": 15.0}


@pytest.mark.parametrize(
    ("mode", "open_to_ben"), [(None, [3, 4, 4]), ("dedicated-nodes", [0, 4, 4]), ("dedicated-pods", [0, 0, 4])]
)
def test_plans_of_moves_know_whose_nodes_and_racks_are(mode: Mode | None, open_to_ben: list[int]) -> None:
    given_jobs = [Job(0.0, 10.0, gpus=1.0, user="ada"), Job(99.0, 5.0, gpus=1.0, tasks=4, user="ben")]
    hall = Hall(fleet([BOX] * 3, racks=[0, 0, 1]), workload(*given_jobs))
    if mode is not None:
        constrain_placement(hall.batch, mode)
    found: list[list[int]] = []
    look = lambda batch: found.append(Room(batch.state).places(batch.state.jobs[1], np.ones(3, np.bool_)).tolist())
    hall.at(5.0, look).run(20.0)
    assert found == [open_to_ben]


def test_the_section_names_the_modes() -> None:
    section = Security.model_validate({"controls": [{"kind": "tenancy", "mode": "dedicated-pods"}]})
    assert section.tenancy == "dedicated-pods"
