"""The contract of a scheduling policy."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Literal

from models.section import Section
from models.units import Duration, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload

Signal = Literal["price", "carbon"]
"""A series of the site that a policy may follow: the price of energy [USD/J], the carbon intensity [kg/J]."""


class SchedulingPolicy(Section):
    """Which waiting job starts next.

    A policy is this model with its parameters, and a compiled pass in `<module>_kernel.py`: a function
    `schedule(state, choose)` with `simulator.engine.state.SCHEDULE_SIGNATURE`, called once in a settlement whenever a
    job arrived or something became free. It starts jobs through `attempt_kernel.try_start` and returns how many.
    """

    missing_estimate: Duration = quantity("1 d")
    """The estimate taken for a job that has none (assumption)."""
    overrun: Literal["continue", "kill"] = "continue"
    """What happens to a job that still runs at its estimate. One that goes on is expected to end at any moment."""

    @abstractmethod
    def kernel(self) -> Any:
        """Return the compiled pass."""

    def parameters(self) -> list[float]:
        """Return the numbers that the pass reads from `state.parameters`, in its order."""
        return []

    def signals(self) -> tuple[Signal, ...]:
        """Return the series of the site that the pass reads from `state.parameters`, behind the policy's own numbers.

        Each is laid out by `assembly.signals.signal_numbers`, and a pass takes place whenever one of them changes
        while jobs wait. A scenario whose site lacks one is refused.
        """
        return ()

    def longest_hold_s(self) -> float:
        """Return how long after its submission a job may be held because of a signal [s]."""
        return 0.0

    def line_numbers(self, workload: Workload) -> list[float]:
        """Return numbers about the lines that the pass reads from `state.parameters`, behind the policy's own."""
        return []

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return the waiting line of each job, shape (jobs,), and the weight of each line; one line by default."""
        import numpy as np

        return np.zeros(len(workload), np.int64), [1.0]
