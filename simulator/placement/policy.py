"""The contract of a placement policy."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from models.section import Section


class PlacementPolicy(Section):
    """On which nodes a job's tasks are placed.

    A policy is this model with its parameters, and a compiled function in `<module>_kernel.py`:
    `choose(state, job, previous)` with `simulator.engine.state.CHOOSE_SIGNATURE`, which names the node for the job's
    next task. The engine grants the tasks one by one, all or none.
    """

    @abstractmethod
    def kernel(self) -> Any:
        """Return the compiled function."""

    def expects_tasks(self) -> float:
        """Return the share (0 to 1) of the workload's accelerator tasks whose shapes the policy is told beforehand."""
        return 0.0
