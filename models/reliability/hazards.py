"""When parts fail: instants drawn in vectors, one stream of random numbers a mode.

A hazard is told of parts that are out by whoever takes its instants: it offers failures of every part, and those that
fall on a part that is out are passed over (thinning), so that no draw depends on what else happens in the hall.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .infant_mortality import InfantMortality
    from .times.time_between_failures import TimeBetweenFailures

_CHUNK = 128


class Population(NamedTuple):
    """Components that parts belong to, each of shape (component,).

    `parts` says how many parts each has, `since_s` from when it is in service [s]: negative where it is older than the
    scenario, infinite where it never is.
    """

    parts: NDArray[np.int64]
    since_s: NDArray[np.float64]

    @property
    def first_part(self) -> NDArray[np.int64]:
        """The index of each component's first part, shape (component + 1,)."""
        return np.concatenate([[0], np.cumsum(self.parts)])


class Hazard(Protocol):
    """Instants at which parts fail, one after the other."""

    @property
    def next_s(self) -> float:
        """When the next part fails [s]; infinity where none will."""

    def take(self) -> int:
        """Return the index of the part that fails at `next_s`, and go on to the failure after it."""

    def renew(self, part: int, now_s: float, *, replaced: bool) -> None:
        """Say that a part is as good as new from now on, and whether it is another one; it need not have failed."""


class SteadyHazard:
    """Parts that all fail at one constant rate: the superposition is a Poisson process of the summed rate."""

    def __init__(self, rate_per_s: float, parts: int, generator: np.random.Generator) -> None:
        self._mean_s = 1.0 / (rate_per_s * parts) if rate_per_s * parts > 0.0 else math.inf
        self._parts, self._generator = parts, generator
        self._waits: list[float] = []
        self._picks: list[int] = []
        self.next_s = 0.0
        self._go_on()

    def take(self) -> int:
        part = self._picks.pop()
        self._go_on()
        return part

    def renew(self, part: int, now_s: float, *, replaced: bool) -> None:
        """Change nothing: the rate is the same at any age."""

    def _go_on(self) -> None:
        if math.isinf(self._mean_s):
            self.next_s = math.inf
            return
        if not self._waits:
            self._waits = (self._generator.standard_exponential(_CHUNK) * self._mean_s).tolist()
            self._picks = self._generator.integers(self._parts, size=_CHUNK).tolist()
        self.next_s += self._waits.pop()


class AgeingHazard:
    """Parts with clocks of their own: each fails when its own time is up, and not again before it is renewed."""

    def __init__(self, between: TimeBetweenFailures, population: Population, generator: np.random.Generator) -> None:
        self._between, self._generator = between, generator
        since_s = np.repeat(population.since_s, population.parts)
        self.characters = between.characters(generator, len(since_s))
        """What each part is made with, shape (part,)."""
        waits_s = between.draw(generator, self.characters, np.maximum(-since_s, 0.0))
        self._due_s = np.where(np.isfinite(since_s), np.maximum(since_s, 0.0) + waits_s, math.inf)
        finite = np.flatnonzero(np.isfinite(self._due_s))
        self._heap: list[tuple[float, int]] = list(zip(self._due_s[finite].tolist(), finite.tolist(), strict=True))
        heapq.heapify(self._heap)

    @property
    def next_s(self) -> float:
        # What was renewed in between has left its old instant behind.
        while self._heap and self._heap[0][0] != self._due_s[self._heap[0][1]]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else math.inf

    def take(self) -> int:
        part = heapq.heappop(self._heap)[1]
        self._due_s[part] = math.inf
        return part

    def renew(self, part: int, now_s: float, *, replaced: bool) -> None:
        one = slice(part, part + 1)
        if replaced:
            self.characters[one] = self._between.characters(self._generator, 1)
        due_s = now_s + float(self._between.draw(self._generator, self.characters[one], np.zeros(1))[0])
        self._due_s[part] = due_s
        if math.isfinite(due_s):
            heapq.heappush(self._heap, (due_s, part))


class InfantHazard:
    """What new parts have on top of a steady rate r: a Poisson process of rate factor r exp(-age / decay) each.

    Over all its life a part so has a Poisson number of failures of mean factor r decay, at exponential ages.
    """

    def __init__(
        self, infant: InfantMortality, rate_per_s: float, population: Population, generator: np.random.Generator
    ) -> None:
        self._infant, self._generator = infant, generator
        self._mean = infant.expected * rate_per_s
        since_s = np.repeat(population.since_s, population.parts)
        born = np.flatnonzero(np.isfinite(since_s))
        failing = np.repeat(born, generator.poisson(self._mean, len(born)))
        at_s = since_s[failing] + generator.standard_exponential(len(failing)) * infant.decay
        to_come = at_s >= 0.0
        self._heap: list[tuple[float, int]] = list(zip(at_s[to_come].tolist(), failing[to_come].tolist(), strict=True))
        heapq.heapify(self._heap)

    @property
    def next_s(self) -> float:
        return self._heap[0][0] if self._heap else math.inf

    def take(self) -> int:
        return heapq.heappop(self._heap)[1]

    def renew(self, part: int, now_s: float, *, replaced: bool) -> None:
        if not replaced:
            return
        for wait_s in self._generator.standard_exponential(self._generator.poisson(self._mean)).tolist():
            heapq.heappush(self._heap, (now_s + wait_s * self._infant.decay, part))


def hazard_of(between: TimeBetweenFailures, population: Population, generator: np.random.Generator) -> Hazard:
    """Return the hazard of a population whose parts all fail after times of one distribution."""
    if between.memoryless:
        return SteadyHazard(between.rate_per_s, int(population.parts.sum()), generator)
    return AgeingHazard(between, population, generator)


def failures_until(hazard: Hazard, horizon_s: float) -> list[tuple[float, int]]:
    """Return instant [s] and part of every failure before the horizon, where each part is repaired in no time."""
    found: list[tuple[float, int]] = []
    while (at_s := hazard.next_s) < horizon_s:
        part = hazard.take()
        found.append((at_s, part))
        hazard.renew(part, at_s, replaced=False)
    return found
