"""Replicas of many halls' weeks over processes, in an order that does not hang on which is ready first."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from models.problems import InputError

from .outcome import Outcome, simulated
from .scenarios import HallScenario

Told = Callable[[int, int], None]
"""Told of each simulation that has ended: how many have, of how many."""


@dataclass(frozen=True)
class _Task:
    tree: Mapping[str, Any]
    folder: Path
    data_root: Path | None
    warm_up_s: float


def _run(task: _Task) -> Outcome:
    try:
        return simulated(task.tree, task.folder, task.data_root, task.warm_up_s)
    except InputError as error:
        # What is told without a place is told of the scenario, which nobody has written.
        where = str(task.tree["name"])
        raise InputError(replace(each, where=each.where or where) for each in error.problems) from None


@dataclass
class Simulations:
    """Simulates scenarios, each once: what was simulated before is remembered by the scenario itself.

    Used as a context: its processes live as long. With one worker everything runs in this process.
    """

    folder: Path = field(default_factory=Path.cwd)
    """Where files that scenarios name are looked for."""
    data_root: Path | None = None
    workers: int = 2
    run: Callable[[_Task], Outcome] = _run
    """What simulates one; another for tests."""
    simulated: int = 0
    """Simulations that were run."""
    _known: dict[str, Outcome] = field(default_factory=dict)
    _pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def outcomes(self, scenarios: Sequence[HallScenario], told: Told | None = None) -> tuple[Outcome, ...]:
        """Return the outcome of each scenario, in the same order. Raises InputError with the first that fails."""
        fresh: dict[str, _Task] = {}
        for scenario in scenarios:
            digest = scenario.digest
            if digest not in self._known:
                fresh[digest] = _Task(scenario.tree, self.folder, self.data_root, scenario.week.warm_up_s)
        tasks = list(fresh.values())
        alone = self.workers == 1 or len(tasks) < 2
        results = map(self.run, tasks) if alone else self._processes().map(self.run, tasks)
        for number, (digest, outcome) in enumerate(zip(fresh, results, strict=True)):
            self._known[digest] = outcome
            self.simulated += 1
            if told is not None:
                told(number + 1, len(fresh))
        return tuple(self._known[scenario.digest] for scenario in scenarios)

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Started anew rather than forked: compiled code and threads do not survive a fork on every platform.
            self._pool = ProcessPoolExecutor(self.workers, mp_context=multiprocessing.get_context("spawn"))
        return self._pool
