"""Mean waits against the known answers of queueing theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from hall import Hall, fleet, node
from models.workload.building import build
from simulator.engine import state as layout
from simulator.random_streams import stream

BATCHES = 20
T_99 = 2.861
"""Student's t with 19 degrees of freedom, two-sided 99 %."""


def waits_s(servers: int, submit_s: NDArray[np.float64], work_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The waits of jobs of one node each, in order of submission."""
    jobs = build(where="test", submit_s=submit_s, work_s=work_s)
    state = Hall(fleet([node()] * servers), jobs).run().state
    return np.asarray(state.jobs["first_start_s"] - state.jobs["submit_s"])


def assert_mean_agrees(values: NDArray[np.float64], exact: float, *, precision: float) -> None:
    """The exact mean lies in the 99 % interval of batch means, which is no wider than `precision` of it on each side.

    The first twentieth is left out as warm-up; batches are so long that their means are all but independent.
    """
    kept = values[len(values) // 20 :]
    means = kept[: len(kept) // BATCHES * BATCHES].reshape(BATCHES, -1).mean(axis=1)
    half_width = T_99 * means.std(ddof=1) / math.sqrt(BATCHES)
    assert half_width < precision * exact
    assert means.mean() == pytest.approx(exact, abs=half_width)


def poisson(rate_per_s: float, count: int, *name: str) -> NDArray[np.float64]:
    """Arrivals of a Poisson process."""
    return np.cumsum(stream(1, *name).exponential(1.0 / rate_per_s, count))


def erlang_c(servers: int, offered: float) -> float:
    """Probability that a job has to wait (Erlang 1917)."""
    term = total = 1.0
    for number in range(1, servers):
        term *= offered / number
        total += term
    term *= offered / servers * servers / (servers - offered)
    return term / (total + term)


def test_mean_wait_matches_erlang_c() -> None:
    servers, load, count = 10, 0.9, 1_000_000
    work_s = stream(1, "erlang-c", "work").exponential(1.0, count)
    waits = waits_s(servers, poisson(servers * load, count, "erlang-c", "arrivals"), work_s)
    exact = erlang_c(servers, servers * load) / (servers * (1.0 - load))
    assert exact == pytest.approx(0.66873, abs=1e-5)
    assert_mean_agrees(waits, exact, precision=0.09)
    assert_mean_agrees((waits > 0.0).astype(float), erlang_c(servers, servers * load), precision=0.03)


def test_mean_wait_of_one_server_with_equal_jobs_matches_pollaczek_and_khinchine() -> None:
    load, count = 0.8, 300_000
    waits = waits_s(1, poisson(load, count, "m-d-1"), np.ones(count))
    assert_mean_agrees(waits, load / (2.0 * (1.0 - load)), precision=0.1)


def test_littles_law_holds_exactly() -> None:
    count = 20_000
    submit_s = poisson(4 * 0.8, count, "little")
    work_s = stream(1, "little", "work").lognormal(0.0, 1.0, count)
    hall = Hall(fleet([node()] * 4), build(where="test", submit_s=submit_s, work_s=work_s / work_s.mean())).run()
    row, integral = hall.state.jobs, hall.state.meters["integral"]
    assert integral[layout.QUEUED_JOBS] == pytest.approx((row["first_start_s"] - row["submit_s"]).sum(), rel=1e-9)
    assert integral[layout.RUNNING_JOBS] == pytest.approx((row["end_s"] - row["first_start_s"]).sum(), rel=1e-9)
