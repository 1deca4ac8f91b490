"""The generator gives the counts, means and load that it was asked for."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.kinds import kinds_of
from models.problems import InputError
from models.workload.job import Workload
from models.workload.source import WorkloadSource
from models.workload.synthetic import Synthetic
from simulator.random_streams import stream

HOUR_JOBS: dict[str, Any] = {"duration": {"kind": "constant", "value": "1 h"}}
BENCHMARK: dict[str, Any] = {
    "count": 100_000,
    "load": {"fraction": 0.9, "nodes": 1_000},
    "duration": {"kind": "lognormal", "median": "1 h", "sigma": 1.0},
    "tasks": {"kind": "uniform", "minimum": 1, "maximum": 64},
    "estimates": {"factor": 1.5},
}


def read(seed: int = 1, **options: Any) -> Workload:
    return Synthetic.model_validate(options).read(0.0, functools.partial(stream, seed))


def test_the_benchmark_workload_is_as_stated() -> None:
    jobs = read(**BENCHMARK)
    assert len(jobs) == 100_000
    assert (jobs.tasks.min(), jobs.tasks.max()) == (1, 64)
    assert np.allclose(jobs.estimate_s, 1.5 * jobs.work_s)
    assert jobs.exclusive.all()
    brought_s = jobs.work_s * jobs.tasks
    load = brought_s.sum() / (1_000 * jobs.submit_s[-1])
    # Relative variance of a ratio of two independent sums: that of a job's work, and 1 for exponential gaps.
    error = math.sqrt((brought_s.var() / brought_s.mean() ** 2 + 1.0) / len(jobs))
    assert abs(load / 0.9 - 1.0) < 4.0 * error


@pytest.mark.parametrize(
    ("per_task", "capacity", "held"),
    [
        ({"accelerators": 0.5, "cpus": 4}, "accelerators", 0.5),
        ({"accelerators": 2, "cpus": 4}, "cpus", 4.0),
        ({}, "nodes", 1.0),
    ],
)
def test_the_offered_load_is_met(per_task: dict[str, float], capacity: str, held: float) -> None:
    jobs = read(count=50_000, load={"fraction": 0.7, capacity: 64}, per_task=per_task, **HOUR_JOBS)
    load = jobs.work_s.sum() * held / (64 * jobs.submit_s[-1])
    assert abs(load / 0.7 - 1.0) < 4.0 / math.sqrt(50_000)


def test_a_rate_and_a_horizon_give_the_number_of_jobs_within_its_standard_error() -> None:
    jobs = read(jobs_per_hour=1_000, horizon="100 h", **HOUR_JOBS)
    assert abs(len(jobs) - 100_000) < 4.0 * math.sqrt(100_000)
    assert jobs.submit_s[-1] < 360_000.0


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 300), horizon_h=st.floats(0.1, 1e4))
def test_a_count_and_a_horizon_are_both_kept(seed: int, count: int, horizon_h: float) -> None:
    jobs = read(seed, count=count, horizon=f"{horizon_h} h", arrivals={"kind": "diurnal"}, **HOUR_JOBS)
    assert len(jobs) == count
    assert (np.diff(jobs.submit_s) >= 0.0).all()
    assert 0.0 <= jobs.submit_s[0] <= jobs.submit_s[-1] <= horizon_h * 3600.0


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32),
    changed=st.sampled_from(
        [
            {"tasks": {"kind": "uniform", "maximum": 8}},
            {"users": {"count": 5}},
            {"priorities": [{"value": 0}, {"value": 9}]},
            {"estimates": {"factor": 1.0, "up_to": 3.0}},
            {"activity": 0.5, "checkpoint_interval": "1 h"},
        ]
    ),
)
def test_adding_a_quantity_leaves_the_draws_of_the_others_alone(seed: int, changed: dict[str, Any]) -> None:
    base = {"count": 50, "jobs_per_hour": 10, "duration": {"kind": "exponential", "mean": "1 h"}}
    before, after = read(seed, **base), read(seed, **{**base, **changed})
    assert np.array_equal(before.submit_s, after.submit_s)
    assert np.array_equal(before.work_s, after.work_s)


def test_same_seed_same_jobs_and_other_seed_other_jobs() -> None:
    one, same, other = read(1, **BENCHMARK), read(1, **BENCHMARK), read(2, **BENCHMARK)
    assert np.array_equal(one.submit_s, same.submit_s)
    assert np.array_equal(one.tasks, same.tasks)
    assert not np.array_equal(one.submit_s, other.submit_s)


def test_users_follow_zipf() -> None:
    count = 100_000
    jobs = read(count=count, jobs_per_hour=10, users={"count": 3, "zipf": 1.0}, **HOUR_JOBS)
    shares = {name: float((jobs.user == code).mean()) for code, name in enumerate(jobs.users)}
    for name, expected in (("user-1", 6 / 11), ("user-2", 3 / 11), ("user-3", 2 / 11)):
        assert abs(shares[name] - expected) < 4.0 * math.sqrt(expected * (1 - expected) / count)


def test_priorities_come_by_weight_and_factors_within_their_range() -> None:
    count = 100_000
    jobs = read(
        count=count,
        jobs_per_hour=10,
        priorities=[{"value": 10, "weight": 1}, {"value": 0, "weight": 3}],
        estimates={"factor": 1.0, "up_to": 3.0},
        **HOUR_JOBS,
    )
    assert set(jobs.priority.tolist()) == {0, 10}
    assert abs((jobs.priority == 10).mean() - 0.25) < 4.0 * math.sqrt(0.25 * 0.75 / count)
    factor = jobs.estimate_s / jobs.work_s
    assert 1.0 <= factor.min() <= factor.max() <= 3.0
    assert abs(factor.mean() - 2.0) < 4.0 * (2.0 / math.sqrt(12.0)) / math.sqrt(count)


def test_what_is_not_drawn_is_the_same_for_every_job() -> None:
    jobs = read(
        count=5,
        jobs_per_hour=10,
        per_task={"accelerators": 4, "cpus": 8, "memory": "64 GB"},
        activity=0.7,
        checkpoint_interval="30 min",
        **HOUR_JOBS,
    )
    assert jobs.accelerators_milli.tolist() == [4000] * 5
    assert jobs.cpu_milli.tolist() == [8000] * 5
    assert jobs.memory_b.tolist() == [64_000_000_000] * 5
    assert not jobs.exclusive.any()
    assert jobs.phase_activity.tolist() == [0.7] * 5
    assert jobs.checkpoint_interval_s.tolist() == [1800.0] * 5
    assert np.isnan(jobs.estimate_s).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "give two of these three"),
        ({"count": 5}, "give two of these three"),
        ({"count": 5, "horizon": "1 h", "jobs_per_hour": 1}, "give two of these three"),
        ({"count": 5, "jobs_per_hour": 1, "load": {"fraction": 0.5, "nodes": 4}}, "'jobs_per_hour' and 'load' both"),
        ({"count": 5, "load": {"fraction": 0.5}}, "give one of 'nodes', 'accelerators' and 'cpus'"),
        ({"count": 5, "load": {"fraction": 0.5, "cpus": 4}}, "'load.cpus' needs 'per_task.cpus' above 0"),
        (
            {"count": 5, "load": {"fraction": 0.5, "nodes": 4}, "per_task": {"cpus": 1}},
            "'load.nodes' needs tasks that hold a whole node",
        ),
        ({"count": 0, "jobs_per_hour": 1}, "greater than or equal to 1"),
        ({"count": 5, "jobs_per_hour": float("nan")}, "finite number"),
        ({"count": 5, "jobs_per_hour": 1, "estimates": {"factor": 2, "up_to": 1}}, "'up_to' is below 'factor'"),
        ({"count": 5, "jobs_per_hour": 1, "priorities": [{"value": 1, "weight": 0}]}, "all weights of 'priorities'"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Synthetic.model_validate({**HOUR_JOBS, **options})
    assert said in str(caught.value)


def test_a_draw_without_any_job_is_refused() -> None:
    with pytest.raises(InputError, match="workload: the workload holds no job"):
        read(jobs_per_hour=1e-9, horizon="1 s", **HOUR_JOBS)


def test_more_jobs_than_memory_holds_are_refused() -> None:
    with pytest.raises(InputError, match=r"workload: horizon: about 1,000,000,000,000 jobs would arrive"):
        read(jobs_per_hour=1e9, horizon="1000 h", **HOUR_JOBS)


def test_every_source_of_jobs_is_found_by_its_kind() -> None:
    kinds = kinds_of("models.workload", WorkloadSource)
    assert {"alibaba-gpu-2023", "csv", "list", "opendc", "swf", "synthetic"} <= set(kinds)
    assert all(cls.__doc__ for cls in kinds.values())
