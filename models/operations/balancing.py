"""Moving work between nodes while it runs: room for wide gangs, and gangs away from slow nodes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..section import Section
from ..units import Bandwidth, Data, Duration, quantity


class Defragmentation(Section):
    """Batch jobs that write checkpoints are moved together, where that gives a waiting job its room.

    A task's state goes to its new node while its job stands still. Nothing moves in vain: only tasks that make room
    for all of the waiting job, the fewest found. Training and whole-node jobs are not moved.
    """

    every: Annotated[Duration, Field(gt=0)] = quantity("10 min")
    """Time between two looks at who waits (assumption)."""
    wait: Duration = quantity("10 min")
    """How long a job must have waited before others are moved for it (assumption)."""
    most_tasks: int = Field(default=64, ge=1)
    """The most tasks that are moved for one job (assumption)."""
    bandwidth: Annotated[Bandwidth, Field(gt=0)] = quantity("10 GB/s")
    """At which the state of each task moves; 10 GB/s is an assumption (four tenths of a port of 200 Gb/s)."""
    state_per_accelerator: Data = quantity("80 GB")
    """State of each accelerator that a task holds, shares in proportion: all memory of an A100 or H100, an assumption
    that is high rather than low. The memory that a task asks for on its host comes on top."""
    restart: Duration = quantity("1 min")
    """From the arrival of the state until the job works again (assumption)."""

    def pause_s(self, accelerators: float, memory_b: float) -> float:
        """Return how long its job stands still where a task with so many accelerators and host memory [B] moves [s]."""
        return (accelerators * self.state_per_accelerator + memory_b) / self.bandwidth + self.restart


class StragglerDrain(Section):
    """Nodes that hold their training gang up are found in its step times and taken out at its next checkpoint."""

    slower_by: float = Field(default=0.05, gt=0.0)
    """By which share of the gang's median step a node's own part of it must be longer. 0.05 is an assumption: above the
    few percent by which sound accelerators differ, below the 10 % of stragglers at ByteDance (arXiv:2402.15627)."""
    every: Annotated[Duration, Field(gt=0)] = quantity("5 min")
    """Time between two looks at the step times (assumption)."""


class Balancing(Section):
    """Moving work between nodes while it runs; nothing moves by default."""

    defragment: Defragmentation | None = None
    """Whether batch jobs are moved together for a job that waits."""
    drain_stragglers: StragglerDrain | None = None
    """Whether slow nodes are taken out from under training; otherwise they go when their failure mode says so."""
