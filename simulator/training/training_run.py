"""A training job as it runs, for those who ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.workload.training_plan import TrainingPlan

if TYPE_CHECKING:
    from ..network.shared_resources import Transfer


@dataclass(eq=False)
class TrainingRun:
    """A training job: its plan, its place in the engine, and what it is waiting for."""

    plan: TrainingPlan
    job: int
    """Its index in the engine's jobs."""
    row: int
    """Its index in `State.trainings`."""
    starts: int = 0
    """How often it has started, and been broken off: what was begun before concerns it no more."""
    ceiling: float = 1.0
    """The speed (0 to 1) that clocks and whatever slows it leave, links and tiers aside."""
    is_cut_off: bool = False
    """Whether its nodes do not hang together."""
    cuts: int = 0
    """How often they have not."""
    transfer: Transfer | None = None
    """What it reads or writes now."""

    @property
    def name(self) -> str:
        """The job's name."""
        return self.plan.job.name

    @property
    def accelerators(self) -> int:
        """How many it trains on."""
        return self.plan.job.accelerators

    @property
    def step_s(self) -> float:
        """Time of a step at full clock on all accelerators [s]."""
        return self.plan.step_s

    @property
    def tokens_per_step(self) -> float:
        """Tokens of one step."""
        return self.plan.tokens_per_step

    @property
    def checkpoint_b(self) -> float:
        """Bytes of one checkpoint."""
        return self.plan.checkpoint_b

    @property
    def tier(self) -> str | None:
        """The tier of storage that its checkpoints go to; None where the time that they take is stated."""
        checkpoints = self.plan.job.checkpoints
        return None if checkpoints is None else checkpoints.tier
