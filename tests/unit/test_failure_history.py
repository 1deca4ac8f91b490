"""Lemons by count and by chance: when a failure is one too many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.operations.lemons import Lemons
from models.reliability.lemons import failures_of_a_lemon
from models.units import quantity
from simulator.operations.outage import Outage
from simulator.repair.failure_history import FailureHistory

DAY_S = 86_400.0


def failed(day: float, name: str = "n0", kind: str = "node", *, planned: bool = False) -> Outage:
    return Outage(kind, name, "test", day * DAY_S, planned=planned)


def lemons_among(history: FailureHistory, outages: list[Outage]) -> list[bool]:
    return [history.makes_a_lemon(outage) for outage in outages]


def of(count: int) -> Callable[[str], int]:
    return {"node": count}.get  # type: ignore[return-value]


def test_three_within_the_window_are_one_too_many_and_the_count_begins_anew() -> None:
    history = FailureHistory(Lemons(failures=3, window=quantity("30 d")), None)
    days = [0.0, 31.0, 40.0, 60.0, 61.0, 62.0, 63.0]
    assert lemons_among(history, [failed(day) for day in days]) == [False, False, False, True, False, False, True]


def test_what_is_planned_or_of_another_kind_does_not_count() -> None:
    history = FailureHistory(Lemons(failures=2), None)
    outages = [failed(0.0), failed(1.0, planned=True), failed(2.0, kind="switch"), failed(3.0, kind="switch")]
    assert lemons_among(history, outages) == [False] * 4
    assert history.makes_a_lemon(failed(4.0))


def test_by_chance_a_hall_that_fails_often_asks_for_more_failures() -> None:
    # Every one of ten nodes fails every tenth day, 3 times in 30 days: three are what is to be expected.
    outages = [failed(10.0 * turn + 0.01 * node, f"n{node}") for turn in range(12) for node in range(10)]
    by_count = FailureHistory(Lemons(failures=3, window=quantity("31 d")), of(10))
    by_chance = FailureHistory(Lemons(failures=3, window=quantity("31 d"), false_positive_rate=1e-3), of(10))
    assert any(lemons_among(by_count, outages))
    assert not any(lemons_among(by_chance, outages))
    # One that fails daily besides is told from them.
    limit = failures_of_a_lemon(3.1, 1e-3)
    assert limit > 6
    daily = [failed(119.0 + 0.5 * turn, "n3") for turn in range(2 * limit)]
    assert any(lemons_among(by_chance, daily))


def test_sound_nodes_are_seldom_replaced_and_lemons_mostly() -> None:
    draws = np.random.default_rng(5)
    nodes, days = 2048, 180.0
    bad = np.arange(nodes) < 24  # 1.2 %
    counts = draws.poisson(np.where(bad, 20.0, 1.0) * 6.5e-3 * days)
    outages = [failed(day, str(node)) for node in range(nodes) for day in draws.uniform(0.0, days, counts[node])]
    outages.sort(key=lambda outage: outage.failed_s)
    history = FailureHistory(Lemons(failures=2, window=quantity("60 d"), false_positive_rate=1e-3), of(nodes))
    found = {int(outage.name) for outage in outages if history.makes_a_lemon(outage)}
    assert len(found & set(np.flatnonzero(bad))) >= 22
    assert len(found - set(np.flatnonzero(bad))) <= 0.005 * nodes  # some 3 windows that do not overlap, at 1e-3 each
