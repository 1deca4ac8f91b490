"""The inflation experiment of the FGD paper on Alibaba's trace.

Q. Weng et al.: Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent, USENIX
ATC 2023. The trace's pods arrive in random order, then pods drawn from it with replacement, until they ask for 130 % of
the cluster's GPUs. Nobody leaves, and a pod that does not fit is passed over. What is compared is the share of the
cluster's GPUs that is granted in the end.

The authors' simulator (hkust-adsl/kubernetes-scheduler-simulator) rounds a node's score down to a whole number from 0
to 100 and takes the first node of equals; ours compares exact scores. Rounded, our dot product comes to 90.8 %.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import types

from models.compiled import compiled_as
from models.fleet import Fleet
from models.workload.job import Workload
from simulator.assembly.fleet import lay_out
from simulator.assembly.hall import build_state
from simulator.engine import control_kernel
from simulator.engine import state as layout
from simulator.engine.holding_kernel import place_each
from simulator.placement.best_fit import BestFit
from simulator.placement.dot_product import DotProduct
from simulator.placement.fragmentation_aware import FragmentationAware
from simulator.placement.policy import PlacementPolicy
from simulator.placement.random import Random
from simulator.random_streams import stream
from simulator.scenario.loading import load_scenario
from simulator.scheduling.fcfs import FirstComeFirstServed

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "traces" / "alibaba_gpu_2023.yaml"
ARRIVED = 1.3
SEEDS = range(3)
# Published share in percent, and how near the mean of our seeds comes: it varies by 0.3 from seed to seed, and exact
# scores instead of rounded ones move it by up to 0.7.
PUBLISHED: dict[type[PlacementPolicy], float] = {
    Random: 87.47,
    DotProduct: 90.85,
    BestFit: 93.08,
    FragmentationAware: 95.39,
}
WITHIN = 1.0


@compiled_as(None if layout.STATE is None else types.int64(layout.STATE, layout.CHOOSE))
def place_all(state: Any, choose: Any) -> int:
    """Place every job once, in order, and let none of them leave; return how many found a place."""
    placed = 0
    for job in range(len(state.jobs)):
        placed += place_each(state, job, choose)
    return placed


@pytest.fixture(scope="module")
def cluster(public_data: Path) -> tuple[Workload, Fleet]:
    # Every pod counts, whether it ran in the trace or not.
    sets = ["workload.pending=keep", "workload.duration_from=created"]
    given = load_scenario(SCENARIO, data_root=public_data, sets=sets).scenario
    assert given.workload is not None
    workload = given.workload.read(given.start_utc_s, functools.partial(stream, given.seed))
    assert len(workload) == 8151  # one pod was created and deleted in the same second
    return workload, lay_out(given.named_nodes(), ())


def inflated(workload: Workload, asked_milli: float, seed: int) -> Workload:
    draws = stream(seed, "inflation")
    once = draws.permutation(len(workload))
    again = draws.integers(len(workload), size=len(workload))
    reached = int(workload.accelerators_milli.sum()) + np.cumsum(workload.accelerators_milli[again])
    assert reached[-1] >= asked_milli
    return workload.rows(np.concatenate([once, again[: int(np.searchsorted(reached, asked_milli)) + 1]]))


def allocation_percent(policy: PlacementPolicy, workload: Workload, fleet: Fleet, seed: int) -> float:
    gpus_milli = 1000 * sum(fleet.models[model].accelerators for model in fleet.model)
    assert gpus_milli == 6_212_000
    state = build_state(
        fleet,
        inflated(workload, ARRIVED * gpus_milli, seed),
        FirstComeFirstServed(),
        policy,
        start_utc_s=0.0,
        interval_s=3600,
        rack_interval_s=3600,
        random_start=int(stream(seed, "placement").integers(1, 2**31 - 1)),
    )
    handle = layout.handle(state)
    control_kernel.control_each(handle, control_kernel.COMMISSION, np.arange(len(fleet)), 0.0)
    place_all(handle, policy.kernel())
    assert (state.slots[:, 0] >= 0).all()
    assert int(1000 * len(state.slots) - state.slots[:, 0].sum()) == int(state.clock[0]["granted_milli"])
    return float(100.0 * state.clock[0]["granted_milli"] / gpus_milli)


def test_placements_allocate_as_much_as_published_and_in_the_published_order(cluster: tuple[Workload, Fleet]) -> None:
    workload, fleet = cluster
    found = {
        kind: float(np.mean([allocation_percent(kind(), workload, fleet, seed) for seed in SEEDS]))
        for kind in PUBLISHED
    }
    shown = {kind.__name__: f"{found[kind]:.2f} (published {published})" for kind, published in PUBLISHED.items()}
    assert sorted(found, key=lambda kind: found[kind]) == list(PUBLISHED), shown
    assert all(abs(found[kind] - published) <= WITHIN for kind, published in PUBLISHED.items()), shown
