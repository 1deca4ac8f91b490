"""Training jobs between the engine and what they share: told of starts, pauses and ends, they ask for links and tiers.

The engine runs their steps and their pauses. What takes as long as storage lets it (reading a checkpoint, writing one)
is a pause without end for the engine, which is ended from here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import simpy

from ..engine.state import (
    ENDED,
    HUNG,
    INTERRUPTED,
    PAUSED,
    RUNNING,
    SAVING,
    STARTED,
    STARTING,
    WORKING,
)
from .falling_back import fall_back, worked_s
from .sharing import job_use
from .training_run import TrainingRun

if TYPE_CHECKING:
    from ..operations.running import Running


ROUNDING = 1e-12
"""Speeds that differ by less are the same."""
COLLECTIVE_TIMEOUT_S = 600.0
"""After how long a gang that does not hang together gives up [s]: PyTorch's default for NCCL, ten minutes."""


class TrainingRuns:
    """Every training job; a component of the settlement that speaks whenever the engine has news of one."""

    finished = True
    """It never keeps a run going."""

    def __init__(self, running: Running, runs: Sequence[TrainingRun]) -> None:
        self._running = running
        self._batch = running.hall.batch
        self._runs = tuple(runs)

    @property
    def unsettled(self) -> bool:
        """Whether the engine has news that nobody has heard."""
        return bool(self._batch.state.clock[0]["told"] > 0)

    def announce(self) -> bool:
        """Hear the news before the others settle; nobody waits for it."""
        self._hear()
        return False

    def settle(self, now_s: float) -> None:  # noqa: ARG002 - the contract of a component
        """Hear the news that settling brought."""
        self._hear()
        for run in self._runs:
            self._follow_ceiling(run)

    def advance(self, until_s: float) -> float:
        """It has nothing to run."""
        return until_s

    def follow(self) -> None:
        """Give every running job anew what it shares with others: links or tiers have changed."""
        for run in self._runs:
            if self._batch.state.jobs["status"][run.job] == RUNNING:
                self._share(run)

    def _hear(self) -> None:
        for training, news in self._batch.take_news(0, len(self._runs)):
            run = self._runs[training]
            row = self._batch.state.jobs[run.job]
            hangs = news & PAUSED and row["pause"] == HUNG
            if news & (INTERRUPTED | ENDED) or hangs:
                self._break_off(run)
            if row["status"] != RUNNING:
                if self._running.shared is not None:
                    self._running.shared.release_job(run.job)
                continue
            if news & STARTED:
                run.starts += 1
                run.is_cut_off = False
                if self._running.has_dead(self._batch.nodes_of(run.job)):  # It comes up once these are noticed.
                    self._batch.hang([run.job])
                    self._running.hall.settlement.mark()
                else:
                    self._share(run)
            self._rest(run)
            if run.tier is None:
                continue
            if news & PAUSED and row["pause"] == STARTING:
                self._running.hall.timeline.process(self._load(run))
            elif news & PAUSED and row["pause"] == SAVING:
                self._running.hall.timeline.process(self._save(run))

    def _rest(self, run: TrainingRun) -> None:
        """Leave links and tiers to others, and to its own checkpoint, while the job pauses."""
        shared = self._running.shared
        if shared is not None and self._batch.state.jobs["pause"][run.job] != WORKING and shared.is_held(run.job):
            run.ceiling = 0.0
            shared.set_ceiling(run.job, 0.0)

    def _break_off(self, run: TrainingRun) -> None:
        run.starts += 1
        if run.transfer is not None and self._running.storage is not None:
            self._running.storage.abandon(run.transfer)
        run.transfer = None

    def _share(self, run: TrainingRun) -> None:
        """Ask for the links and tiers that the job uses from where it now stands; a gang that is cut off hangs."""
        shared = self._running.shared
        if shared is None:
            return
        nodes = self._batch.nodes_of(run.job)
        use = job_use(self._running, run.plan, nodes)
        if use is None:
            shared.release_job(run.job)
            if not run.is_cut_off:
                run.is_cut_off = True
                run.cuts += 1
                self._batch.hang([run.job])
                self._running.hall.settlement.mark()
                self._running.hall.timeline.process(self._give_up(run, run.cuts))
            return
        if run.is_cut_off:
            run.is_cut_off = False
            if not self._running.has_dead(nodes):
                self._batch.resume([run.job])
            self._running.hall.settlement.mark()
        run.ceiling = 1.0
        if len(use.resources) or use.ceiling < 1.0:
            shared.hold_job(run.job, use.resources, use.b_per_s, weight=use.weight, most=use.ceiling)

    def _follow_ceiling(self, run: TrainingRun) -> None:
        """Leave to others what a job can not use because its clocks are low, or something else slows it."""
        shared, row = self._running.shared, self._batch.state.jobs[run.job]
        if shared is None or not shared.is_held(run.job) or row["pause"] != WORKING or row["status"] != RUNNING:
            return
        factor = self._running.hall.speeds.of("network", run.job)
        if factor <= 0.0:
            return
        ceiling = min(float(row["rate"]) / factor, 1.0)
        if abs(ceiling - run.ceiling) > ROUNDING:
            run.ceiling = ceiling
            shared.set_ceiling(run.job, ceiling)

    def _give_up(self, run: TrainingRun, cut: int) -> Generator[simpy.Event, None, None]:
        """Interrupt a gang that is cut off once its collectives time out."""
        yield self._running.hall.timeline.timeout(COLLECTIVE_TIMEOUT_S)
        if run.is_cut_off and run.cuts == cut:
            run.is_cut_off = False
            self._batch.interrupt([run.job])
            self._running.hall.settlement.mark()

    def _load(self, run: TrainingRun) -> Generator[simpy.Event, None, None]:
        """Start the processes, stage the data set, read the last checkpoint if there is one, and let the job work."""
        running, start = self._running, run.starts
        row = self._batch.state.trainings[run.row]
        first = row["kept_s"] == 0.0
        section = run.plan.job
        yield running.hall.timeline.timeout(section.startup if first else section.restart_s)
        if running.storage is not None:
            yield from running.storage.until_restored()
        if run.starts == start and running.storage is not None and section.data_set is not None:
            run.transfer = running.storage.stage(self._batch.nodes_of(run.job), section.data_set)
            running.hall.settlement.mark()
            yield run.transfer.done
        if run.starts == start and not first and running.storage is not None:
            stored = running.storage.newest(run.name)
            fall_back(self._batch.state, run.job, running.storage.work_left_s(run.name, float(row["kept_s"])))
            if stored is not None:
                run.transfer = running.storage.read_stored(self._batch.nodes_of(run.job), stored)
                running.hall.settlement.mark()
                yield run.transfer.done
        self._go_on(run, start)

    def _save(self, run: TrainingRun) -> Generator[simpy.Event, None, None]:
        """Write a checkpoint while the job waits, or beside its steps once its state is copied."""
        running, start = self._running, run.starts
        checkpoints = run.plan.job.checkpoints
        assert checkpoints is not None
        assert run.tier is not None
        assert running.storage is not None
        mark_s = worked_s(self._batch.state, run.job)
        if checkpoints.mode == "asynchronous":
            if run.transfer is not None:  # The one before is still being written.
                yield run.transfer.done
            if run.starts == start:
                yield running.hall.timeline.timeout(checkpoints.snapshot)
            self._go_on(run, start)
        if run.starts != start:
            return
        run.transfer = running.storage.write_checkpoint(
            self._batch.nodes_of(run.job), run.checkpoint_b, run.tier, job=run.name, mark=mark_s
        )
        running.hall.settlement.mark()
        yield run.transfer.done
        if run.starts != start:
            return
        run.transfer = None
        if checkpoints.mode == "asynchronous":
            self._batch.state.trainings["durable_at_s"][run.row] = running.hall.timeline.now
        else:
            self._go_on(run, start)

    def _go_on(self, run: TrainingRun, start: int) -> None:
        """End the pause that belongs to a start, unless the job was broken off since."""
        if run.starts == start:
            run.transfer = None
            self._batch.end_pause([run.job])
            self._running.hall.settlement.mark()
