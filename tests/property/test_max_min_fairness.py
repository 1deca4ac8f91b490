"""Max-min fair rates: against linear programmes and plain rounds, by their own definition, and kept up to date."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.network.max_min_fairness import max_min_rates, progressive_filling
from simulator.network.flow_network import FlowNetwork

FloatArray = NDArray[np.float64]


@dataclass
class Problem:
    """Flows over resources, as `max_min_rates` takes them."""

    starts: NDArray[np.int64]
    resource: NDArray[np.int64]
    coefficient: FloatArray
    capacity: FloatArray
    weight: FloatArray
    ceiling: FloatArray

    def rates(self, solver: object = max_min_rates) -> FloatArray:
        rates: FloatArray = solver(  # type: ignore[operator]
            self.starts, self.resource, self.coefficient, self.capacity, weight=self.weight, ceiling=self.ceiling
        )
        return rates

    def usage(self) -> FloatArray:
        """Shape (resource, flow)."""
        usage = np.zeros((len(self.capacity), len(self.weight)))
        flow = np.repeat(np.arange(len(self.weight)), np.diff(self.starts))
        usage[self.resource, flow] = self.coefficient
        return usage


def drawn(seed: int, flows: int, resources: int, *, decades: float = 2.0) -> Problem:
    """A random problem: some resources are out, some flows have no ceiling, a ceiling of zero, or no resources."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(0, min(4, resources) + 1, flows)
    starts = np.concatenate([[0], np.cumsum(counts)])
    resource = np.concatenate(
        [np.zeros(0, np.int64), *[generator.choice(resources, count, replace=False) for count in counts]]
    ).astype(np.int64)
    ceiling = 10.0 ** generator.uniform(-decades / 2, decades / 2, flows)
    ceiling[generator.random(flows) < 0.5] = np.inf
    ceiling[(generator.random(flows) < 0.1) | ((counts == 0) & np.isinf(ceiling))] = 0.0
    return Problem(
        starts,
        resource,
        10.0 ** generator.uniform(-decades / 2, decades / 2, len(resource)),
        10.0 ** generator.uniform(-decades / 2, decades / 2, resources) * (generator.random(resources) > 0.1),
        10.0 ** generator.uniform(-decades / 4, decades / 4, flows),
        ceiling,
    )


def by_linear_programmes(problem: Problem) -> FloatArray:
    """Raise the least level as far as it goes, fix the flows that can not rise further, and go on with the others."""
    from scipy.optimize import linprog

    usage, flows = problem.usage(), len(problem.weight)
    fixed: dict[int, float] = {}
    while len(fixed) < flows:
        open_flows = [flow for flow in range(flows) if flow not in fixed]
        level = _greatest_level(problem, usage, fixed, open_flows)
        for flow in open_flows:
            bounds = [
                (fixed[each], fixed[each])
                if each in fixed
                else (min(problem.weight[each] * level * (1 - 1e-9), problem.ceiling[each]), problem.ceiling[each])
                for each in range(flows)
            ]
            bounds = [(low, None if math.isinf(high) else high) for low, high in bounds]
            found = linprog(-np.eye(flows)[flow], A_ub=usage, b_ub=problem.capacity * (1 + 1e-12), bounds=bounds)
            if -found.fun <= problem.weight[flow] * level * (1.0 + 1e-5):
                fixed[flow] = problem.weight[flow] * level
    return np.array([fixed[flow] for flow in range(flows)])


def _greatest_level(problem: Problem, usage: FloatArray, fixed: dict[int, float], open_flows: list[int]) -> float:
    from scipy.optimize import linprog

    left = problem.capacity - usage[:, list(fixed)] @ np.array(list(fixed.values()))
    slope = usage[:, open_flows] @ problem.weight[open_flows]
    most = float((problem.ceiling / problem.weight)[open_flows].min())
    found = linprog(
        [-1.0], A_ub=slope[:, None], b_ub=np.maximum(left, 0.0), bounds=[(0.0, None if math.isinf(most) else most)]
    )
    return float(found.x[0])


@pytest.mark.parametrize("seed", range(12))
def test_rates_equal_those_of_linear_programmes(seed: int) -> None:
    problem = drawn(seed, 2 + seed % 6, 1 + seed % 5, decades=1.0)
    assert problem.rates() == pytest.approx(by_linear_programmes(problem), rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 30))
def test_rates_equal_those_of_plain_rounds(seed: int, flows: int, resources: int) -> None:
    problem = drawn(seed, flows, resources)
    assert problem.rates() == pytest.approx(problem.rates(progressive_filling), rel=1e-9, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 30))
def test_each_flow_is_at_its_ceiling_or_has_the_highest_level_on_a_full_resource(
    seed: int, flows: int, resources: int
) -> None:  # fmt: skip
    problem = drawn(seed, flows, resources)
    rates, usage = problem.rates(), problem.usage()
    used, level = usage @ rates, rates / problem.weight
    assert (used <= problem.capacity * (1.0 + 1e-9)).all()
    assert (rates <= problem.ceiling).all()
    full = used >= problem.capacity * (1.0 - 1e-9)
    for flow in range(flows):
        if rates[flow] >= problem.ceiling[flow] * (1.0 - 1e-9):
            continue
        bottlenecks = [
            index
            for index in np.flatnonzero((usage[:, flow] > 0.0) & full)
            if (level[usage[index] > 0.0] <= level[flow] * (1.0 + 1e-9)).all()
        ]
        assert bottlenecks, f"flow {flow} could have more"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_solving_what_changed_equals_solving_everything(seed: int) -> None:
    generator = np.random.default_rng(seed)
    resources = int(generator.integers(1, 25))
    network, capacity = FlowNetwork(), 10.0 ** generator.uniform(-1, 1, resources)
    network.add_resources(capacity)
    here: dict[int, tuple[NDArray[np.int64], FloatArray, float, float]] = {}
    for step in range(40):
        for _ in range(int(generator.integers(1, 4))):
            choice = generator.random()
            if choice < 0.5 or not here:
                used = generator.choice(resources, int(generator.integers(0, min(4, resources) + 1)), replace=False)
                uses, weight = 10.0 ** generator.uniform(-1, 1, len(used)), float(10.0 ** generator.uniform(-0.5, 0.5))
                ceiling = (
                    float(10.0 ** generator.uniform(-1, 1)) if generator.random() < 0.7 or not len(used) else math.inf
                )
                flow = network.enter(used, uses, weight=weight, ceiling=ceiling, size_b=math.inf, now_s=float(step))
                assert flow not in here
                here[flow] = used, uses, weight, ceiling
            elif choice < 0.75:
                flow = int(generator.choice(list(here)))
                network.leave(flow)
                del here[flow]
            elif choice < 0.85:
                flow = int(generator.choice(list(here)))
                ceiling = float(10.0 ** generator.uniform(-1, 1) * (generator.random() > 0.1))
                network.set_ceiling(flow, ceiling)
                here[flow] = (*here[flow][:3], ceiling)
            else:
                index = int(generator.integers(resources))
                capacity[index] = 10.0 ** generator.uniform(-1, 1) * (generator.random() > 0.2)
                network.set_capacity(index, float(capacity[index]))
        network.settle(float(step))
        flows = list(here)
        starts = np.concatenate([[0], np.cumsum([len(here[flow][0]) for flow in flows])])
        whole = max_min_rates(
            starts,
            np.concatenate([np.zeros(0, np.int64), *[here[flow][0] for flow in flows]]).astype(np.int64),
            np.concatenate([np.zeros(0), *[here[flow][1] for flow in flows]]),
            capacity,
            weight=[here[flow][2] for flow in flows],
            ceiling=[here[flow][3] for flow in flows],
        )
        assert network.rates(np.array(flows, np.int64)) == pytest.approx(whole, rel=1e-9, abs=1e-12)
        assert len(network) == len(here)


def outcome() -> str:
    """The bits of rates, and of what is left of flows that come and go, as a text."""
    problem = drawn(3, 40, 20)
    network = FlowNetwork()
    network.add_resources(np.where(problem.capacity > 0.0, problem.capacity, 1.0))
    instants: list[float] = []
    for flow in range(40):
        entries = slice(problem.starts[flow], problem.starts[flow + 1])
        network.enter(
            problem.resource[entries], problem.coefficient[entries],
            weight=1.0, ceiling=2.0, size_b=1.0 + flow, now_s=0.0,
        )  # fmt: skip
    while len(network):
        network.settle(instants[-1] if instants else 0.0)
        instants.append(network.next_due_s)
        network.leave(network.take_due(instants[-1]))
    return problem.rates().tobytes().hex() + np.array(instants).tobytes().hex()


def test_uncompiled_the_loops_give_the_same_bits() -> None:
    tests = Path(__file__).resolve().parent
    here = os.environ | {
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parents[1]), os.environ.get("PYTHONPATH", "")]),
    }
    words = [sys.executable, "-c", "import test_max_min_fairness as t; print(t.outcome())"]
    found = subprocess.run(words, env=here, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == outcome()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"coefficient": 0.0}, "coefficients must be above 0"),
        ({"weight": 0.0}, "weights must be above 0"),
        ({"ceiling": -1.0}, "ceilings must be 0 or more"),
        ({"capacity": [-1.0]}, "capacities must be 0 or more"),
        ({"resource": [1]}, "resources must be indices from 0 to 0"),
        ({"starts": [0, 2]}, "starts must rise from 0"),
    ],
)
def test_what_can_not_be_is_refused(changed: dict[str, object], words: str) -> None:
    fine: dict[str, object] = {"starts": [0, 1], "resource": [0], "coefficient": 1.0, "capacity": [1.0]}
    with pytest.raises(ValueError, match=words):
        max_min_rates(**(fine | changed))  # type: ignore[arg-type]


def test_equal_flows_of_a_fat_link_get_equal_shares_and_a_slow_one_what_it_asks_for() -> None:
    assert max_min_rates([0, 1, 2, 3], [0, 0, 0], 1.0, [10.0], ceiling=[np.inf, 2.0, np.inf]).tolist() == [
        4.0,
        2.0,
        4.0,
    ]
    assert max_min_rates([0, 0, 0], [], 1.0, [], ceiling=[3.0, np.inf]).tolist() == [3.0, np.inf]


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12))
def test_a_flow_that_nothing_else_holds_gets_its_ceiling_to_the_bit(weight: float, ceiling: float) -> None:
    assert max_min_rates([0, 1], [0], 1.0, [1e13], weight=weight, ceiling=ceiling).tolist() == [ceiling]
