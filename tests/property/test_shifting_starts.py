"""Shifting in a hall with room for all: every start is the best there is, found by trying each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hall import Hall, Job, fleet, node, workload
from models.series import Series
from models.units import DIMENSIONS
from simulator.scheduling.shifting import Shifting

BOX = node(cores=4)
STEP_S = 600
JOBS = st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 9000)), min_size=1, max_size=6)
PRICES = st.lists(st.integers(-5, 9), min_size=1, max_size=20)


def mean_from(values: list[int], start_s: float, length_s: float) -> float:
    """The mean of the signal over [start, start + length), as far as it is known, second by second."""
    seconds = np.repeat(np.array(values, np.float64), STEP_S)
    return float(np.mean(seconds[int(start_s) : int(start_s + length_s)]))


@settings(max_examples=40, deadline=None)
@given(jobs=JOBS, values=PRICES, patience_s=st.integers(1, 8000))
def test_every_start_is_the_first_of_the_best(jobs: list[tuple[int, int]], values: list[int], patience_s: int) -> None:
    series = Series("energy_price", "USD/J", 0, STEP_S, np.array(values, np.float64))
    policy = Shifting(signal="price", patience=DIMENSIONS["duration"].quantity(f"{patience_s} s"))
    given_jobs = [Job(submit_s, work_s, estimate_s=work_s) for submit_s, work_s in sorted(jobs)]
    hall = Hall(fleet([BOX] * len(jobs)), workload(*given_jobs), policy, signals=(series,)).run()
    for job, start_s in zip(given_jobs, hall.starts_s.values(), strict=True):
        edges_s = range(math.floor(job.submit_s / STEP_S) * STEP_S + STEP_S, len(values) * STEP_S, STEP_S)
        candidates = [job.submit_s, *(edge_s for edge_s in edges_s if edge_s <= job.submit_s + patience_s)]
        if job.submit_s >= len(values) * STEP_S:
            assert start_s == job.submit_s
            continue
        means = [mean_from(values, each_s, job.estimate_s) for each_s in candidates]
        assert start_s in candidates
        assert mean_from(values, start_s, job.estimate_s) == pytest.approx(min(means), abs=1e-7)
        earlier = [mean for each_s, mean in zip(candidates, means, strict=True) if each_s < start_s]
        assert all(mean > min(means) + 1e-9 for mean in earlier)
