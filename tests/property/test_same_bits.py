"""The compiled loops give the same bits as the same loops run as plain Python."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from hall import Hall, Job, fleet, node, workload
from models.series import Series
from models.units import quantity
from simulator.placement.best_fit import BestFit
from simulator.placement.first_fit import FirstFit
from simulator.placement.fragmentation_aware import FragmentationAware
from simulator.placement.pack_by_rack import PackByRack
from simulator.placement.rail import Rail
from simulator.placement.random import Random
from simulator.placement.spread import Spread
from simulator.placement.torus_slice import TorusSlice
from simulator.scheduling.easy_backfill import EasyBackfill
from simulator.scheduling.fair_share import FairShare
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.priority import Priority
from simulator.scheduling.shifting import Shifting

TESTS = Path(__file__).resolve().parent.parent
POLICIES = {
    "fcfs": (FirstComeFirstServed(overrun="kill"), FragmentationAware()),
    "easy": (EasyBackfill(), BestFit()),
    "easy-depth": (EasyBackfill(depth=3), PackByRack()),
    "priority": (Priority(), Spread()),
    "fair-share": (FairShare(half_life=quantity("100 s")), Random()),
    "fair-share-preempting": (FairShare(preempt=True), Spread()),
    "shifting": (Shifting(signal="price", patience=quantity("100 s"), order="easy", priority_at_most=1), FirstFit()),
    "whole-nodes": (EasyBackfill(), FirstFit()),
    "rail": (EasyBackfill(), Rail()),
    "torus-slice": (FirstComeFirstServed(), TorusSlice()),  # racks stand for places in a row
}


def outcome(policies: str) -> Hall:
    """A hall after 120 jobs on five nodes: shared accelerators, phases, clocks, a node that leaves."""
    draws = np.random.default_rng(11)
    shapes = [{"gpus": 0.3, "cores": 0.7}, {"gpus": 2}, {"cores": 1.5}, {"gpus": 0.5, "memory_gib": 9}, {}]
    jobs = []
    for _ in range(120):
        shape = shapes[draws.integers(len(shapes))]
        phases = [(float(draws.uniform(0.1, 40)), float(draws.random())) for _ in range(draws.integers(1, 4))]
        jobs.append(
            Job(
                float(draws.uniform(0, 500)),
                phases,
                tasks=int(draws.integers(1, 4)),
                estimate_s=sum(work_s for work_s, _ in phases) * float(draws.uniform(0.7, 2)),
                checkpoint_s=5.0,
                priority=int(draws.integers(3)),
                user=str(draws.integers(3)),
                **({} if policies == "whole-nodes" else shape),  # type: ignore[arg-type]
            )
        )
    box, other = node(cores=4, accelerators=2, curve="square_root"), node(cores=8, accelerators=4, clock_exponent=2.7)
    halls = fleet([box, other, box, other, box], racks=[0, 0, 1, 1, 2], rack_power_w=[11.0, 0.0, 5.0])
    scheduling, placement = POLICIES[policies]
    prices = Series("energy_price", "USD/J", -30, 60, draws.uniform(-1.0, 3.0, 20))
    signals = [prices for _ in scheduling.signals()]
    hall = Hall(halls, workload(*jobs), scheduling, placement, interval_s=60, signals=signals)
    hall.at(100, lambda batch: batch.set_node_clock([0, 1], 0.63))
    hall.at(200, lambda batch: batch.retire([1], drain=False))
    return hall.run()


def digests() -> dict[str, str]:
    """A digest of everything that each run leaves behind."""
    found = {}
    for policies in POLICIES:
        state = outcome(policies).state
        digest = hashlib.sha256()
        for array in (state.jobs, state.nodes, state.racks, state.queues, state.meters, state.clock):
            assert array.dtype.names is not None
            for name in array.dtype.names:  # by field: what lies between fields is nobody's
                digest.update(np.ascontiguousarray(array[name]).tobytes())
        for table in (state.hall_buckets, state.rack_buckets, state.change_points):
            digest.update(table.tobytes())
        found[policies] = digest.hexdigest()
    return found


def test_plain_python_gives_the_same_bits() -> None:
    script = "import json, test_same_bits; print(json.dumps(test_same_bits.digests()))"
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS), str(TESTS / "property")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == digests()
