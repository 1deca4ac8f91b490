"""Max-min fair sharing on a fat tree of 1,024 hosts: one solve, and 1,000 flows of which each end begins another."""

from __future__ import annotations

import functools
import math
from collections.abc import Generator, Iterator
from typing import Any

import numba
import numpy as np
import simpy
from numpy.typing import NDArray

from models.network.max_min_fairness import progressive_filling
from models.network.max_min_fairness_kernel import CEILING, scratch_for, solve
from simulator.engine.settlement import Settlement, Timeline
from simulator.network.flow_arrays_kernel import handle, room
from simulator.network.flow_changes_kernel import enter, leave
from simulator.network.flow_due_kernel import take_due
from simulator.network.flow_shares_kernel import settle
from simulator.network.shared_resources import SharedResources

from .figure import Figure, median_cpu_s

HALF = 8
"""Half the ports of a switch of the fat tree: eight hosts a leaf, eight leaves a pod, sixteen pods."""
HOSTS = 2 * HALF**3
LINK_B_PER_S = 12.5e9
MOST_LINKS = 6
MEAN_B = 1e9
FLOWS = 1000
POOL = 100_000
"""Flows that are drawn once; a run begins them in turn."""


def measure(runs: int) -> Iterator[Figure]:
    """Yield the time of one solve and the completions of a steady state, beside the textbook's rounds in numpy."""
    first, links, sizes_b = drawn_flows(POOL, np.random.default_rng(1))
    capacity = np.full(6 * HOSTS, LINK_B_PER_S)
    for flows, target in ((1000, None), (10_000, 3.0)):
        starts, used, use = first[: flows + 1], links[: first[flows]], np.ones(first[flows])
        rows, scratch = np.ones((flows, 3)), scratch_for(flows, len(used), len(capacity))
        rows[:, CEILING] = math.inf
        solved = functools.partial(solve, starts, used, use, capacity, rows, scratch)
        yield Figure(
            f"sharing: one solve of {flows:,} flows",
            1e3 * median_cpu_s(solved, 20 * runs),
            "CPU-ms",
            target=target,
            reference=1e3 * median_cpu_s(functools.partial(progressive_filling, starts, used, use, capacity), runs),
            reference_name="rounds in numpy",
        )
    plain = _per_cpu_s(lambda count: numpy_steady_state(first, links, sizes_b, capacity, count), 100, 1)
    steady_state(first, links, sizes_b, 10)
    yield Figure(
        "sharing: completions of 1,000 flows, compiled loop",
        _per_cpu_s(lambda count: steady_state(first, links, sizes_b, count), 5000, runs),
        "1/CPU-s",
        target=10.0 * plain,
        more_is_better=True,
        reference=plain,
        reference_name="rounds in numpy",
        covers="remaining work, heap, a solve for each",
    )
    engine_steady_state(first, links, sizes_b, 10)
    yield Figure(
        "sharing: completions of 1,000 flows through the engine",
        _per_cpu_s(lambda count: engine_steady_state(first, links, sizes_b, count), 2000, runs),
        "1/CPU-s",
        reference=plain,
        reference_name="rounds in numpy",
        more_is_better=True,
        covers="SimPy, a process that begins each",
    )


def drawn_flows(
    count: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return where each flow's links begin, the links, and sizes [B]: random hosts, random shortest paths."""
    source = generator.integers(HOSTS, size=count)
    sink = (source + generator.integers(1, HOSTS, size=count)) % HOSTS
    leaf, other_leaf = source // HALF, sink // HALF
    pod, other_pod = leaf // HALF, other_leaf // HALF
    spine, core = generator.integers(HALF, size=count), generator.integers(HALF, size=count)
    leaves, pods = leaf != other_leaf, pod != other_pod
    path = np.column_stack(
        [
            source,
            np.where(leaves, HOSTS + leaf * HALF + spine, -1),
            np.where(pods, 2 * HOSTS + (pod * HALF + spine) * HALF + core, -1),
            np.where(pods, 3 * HOSTS + (other_pod * HALF + spine) * HALF + core, -1),
            np.where(leaves, 4 * HOSTS + other_leaf * HALF + spine, -1),
            5 * HOSTS + sink,
        ]
    )
    first = np.concatenate([[0], np.cumsum((path >= 0).sum(axis=1))])
    return first, path[path >= 0], generator.exponential(MEAN_B, count)


def numpy_steady_state(first: Any, links: Any, sizes_b: Any, capacity: Any, completions: int) -> float:
    """Return the instant [s] after so many completions, every flow solved anew by the reference after each."""
    now_s, here, following = 0.0, list(range(FLOWS)), FLOWS
    left_b = sizes_b[:FLOWS].copy()
    for _ in range(completions):
        starts = np.concatenate([[0], np.cumsum(first[np.array(here) + 1] - first[here])])
        rate = progressive_filling(
            starts, np.concatenate([links[first[flow] : first[flow + 1]] for flow in here]), 1.0, capacity
        )
        through = int(np.argmin(left_b / rate))
        step_s = left_b[through] / rate[through]
        now_s, left_b = now_s + step_s, left_b - rate * step_s
        here[through], left_b[through] = following, sizes_b[following]
        following += 1
    return float(now_s)


def steady_state(first: Any, links: Any, sizes_b: Any, completions: int) -> float:
    """Return the instant [s] after so many completions, in the compiled loop alone."""
    network = room(FLOWS, FLOWS * MOST_LINKS, 6 * HOSTS)
    network.resources["capacity"], network.resources["first_entry"] = LINK_B_PER_S, -1
    return float(_steady_state(handle(network), first, links, sizes_b, np.ones(MOST_LINKS), completions))


@numba.njit
def _steady_state(network: Any, first: Any, links: Any, sizes_b: Any, ones: Any, completions: int) -> float:
    now_s, following, ended = 0.0, 0, 0
    flow = 0
    while following < FLOWS:
        path = links[first[following] : first[following + 1]]
        enter(network, flow, flow * MOST_LINKS, path, ones[: len(path)], 1.0, math.inf, sizes_b[following], now_s)
        following += 1
        flow = following
    settle(network, now_s)
    while ended < completions:
        now_s = network.flows[network.heap[0]]["due_s"]
        flow = take_due(network, now_s)
        leave(network, flow)
        path = links[first[following] : first[following + 1]]
        enter(network, flow, flow * MOST_LINKS, path, ones[: len(path)], 1.0, math.inf, sizes_b[following], now_s)
        following += 1
        settle(network, now_s)
        ended += 1
    return now_s


def engine_steady_state(first: Any, links: Any, sizes_b: Any, completions: int) -> float:
    """Return the instant [s] after so many completions, as transfers that processes wait for."""
    timeline = Timeline()
    settlement = Settlement(timeline, [])
    shared = SharedResources(timeline, settlement, lambda *_: None)
    settlement.join(shared)
    shared.add_resources([str(link) for link in range(6 * HOSTS)], np.full(6 * HOSTS, LINK_B_PER_S))
    flows, ended = iter(range(POOL)), timeline.event()
    count = 0

    def keep_sending() -> Generator[simpy.Event, Any, None]:
        nonlocal count
        while True:
            flow = next(flows)
            yield shared.begin(links[first[flow] : first[flow + 1]], float(sizes_b[flow])).done
            count += 1
            if count == completions:
                ended.succeed()

    for _ in range(FLOWS):
        timeline.process(keep_sending())
    timeline.run(ended)
    return float(timeline.now)


def _per_cpu_s(work: Any, completions: int, runs: int) -> float:
    return completions / median_cpu_s(lambda: work(completions), runs)
