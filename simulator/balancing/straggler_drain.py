"""Find the nodes that a training gang waits for at every step, and have them taken out once the gang has saved."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import simpy
from numpy.typing import NDArray

from models.compiled import plain
from models.operations.balancing import StragglerDrain
from models.reliability.stragglers import find_stragglers
from models.workload.progress_kernel import step_rate

from ..engine.lifecycle_kernel import COMPUTE_SHARE
from ..engine.state import RUNNING, WORKING
from ..results.kpis import Kpis

if TYPE_CHECKING:
    from ..operations.component import Component
    from ..operations.running import Running

_WHO = "straggler"
_LOOK_S = 10.0
"""Between looks at a checkpoint whose end is not known: its storage says when."""


class StragglerDraining:
    """The story, and its account: part of a run.

    Only nodes that a failure slows are taken out. Where power or heat holds nodes back, others would be no faster.
    """

    def __init__(self, terms: StragglerDrain, running: Running) -> None:
        self._terms, self._running = terms, running
        self._nodes: dict[int, Component] = {
            component.nodes[0]: component for component in running.components.of_kind("node")
        }
        self._leaving: set[int] = set()
        self.found = 0

    def run(self) -> Generator[simpy.Event, None, None]:
        """Look at the step times of every training gang, again and again."""
        timeline, training = self._running.hall.timeline, self._running.training
        assert training is not None
        while True:
            yield timeline.tick(timeline.now + self._terms.every)
            for job in training.jobs:
                for node in self._slow_nodes(job).tolist():
                    if node not in self._leaving and self._nodes[node] in self._running.slow:
                        self._leaving.add(node)
                        self.found += 1
                        timeline.process(self._leave(node, job))

    def _slow_nodes(self, job: int) -> NDArray[np.int64]:
        """Return the nodes of a job that works whose own part of a step is longer than the others'."""
        batch = self._running.hall.batch
        row = batch.state.jobs[job]
        if row["status"] != RUNNING or row["pause"] != WORKING or not row["checkpoint_interval_s"] > 0.0:
            return np.zeros(0, np.int64)
        nodes = batch.nodes_of(job)
        clocks = batch.state.nodes["clock"][nodes]
        distinct, of_node = np.unique(clocks, return_inverse=True)
        share = float(batch.state.phases[row["phase"], COMPUTE_SHARE])
        rates = np.array([plain(step_rate)(float(clock), 1.0, share) for clock in distinct])
        if not rates.min() > 0.0:
            return np.zeros(0, np.int64)
        return nodes[find_stragglers((1.0 / rates)[of_node], self._terms.slower_by)]

    def _leave(self, node: int, job: int) -> Generator[simpy.Event, None, None]:
        """Let a node take nothing new, wait until its gang has saved or left, and tell those who mend it."""
        hall = self._running.hall
        hall.cordoned.cordon(_WHO, [node])
        hall.settlement.mark()
        yield from self._saved(job, node)
        found = self._running.slow.get(self._nodes[node])
        if found is not None and not found.triggered:
            found.succeed()
        yield hall.timeline.at(hall.timeline.now)  # It is taken out before it may take anything new.
        hall.cordoned.let_go(_WHO, [node])
        hall.settlement.mark()
        self._leaving.discard(node)

    def _saved(self, job: int, node: int) -> Generator[simpy.Event, None, None]:
        """Wait until a job has begun and finished a checkpoint, or holds the node no more."""
        timeline, batch = self._running.hall.timeline, self._running.hall.batch
        row = batch.state.jobs[job]
        training = batch.state.trainings[row["training"]]
        saved = int(training["checkpoints"])
        while job in batch.jobs_on([node]):
            if training["checkpoints"] > saved and training["durable_at_s"] <= timeline.now:
                return
            wakes_s = min(float(row["due_s"]), timeline.now + self._terms.every)
            if not wakes_s > timeline.now:
                wakes_s = timeline.now + _LOOK_S
            yield timeline.at(wakes_s)

    def kpis(self, _: float) -> Kpis:
        """Return none: what it does shows in the training's figures."""
        return {}

    def tables(self, _: float) -> Mapping[str, pa.Table]:
        """Return none: outages have their own table."""
        return {}

    def notes(self, _: float) -> Sequence[str]:
        """Return how many stragglers were found."""
        return [f"{self.found:,} stragglers were found in the step times of training jobs"] if self.found else []
