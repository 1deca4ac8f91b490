"""Who slows jobs down, and what is left when several do: the product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Indices


class JobSpeeds:
    """Factors by name of who states them, such as "network"; a job's speed is their product."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._factors: dict[str, NDArray[np.float64]] = {}

    def set(self, who: str, jobs: Indices, factor: float | Sequence[float] | NDArray[np.float64]) -> None:
        """Give each of the jobs a factor (0 to 1) on its rate; 1 lifts it."""
        chosen = np.asarray(jobs, np.int64)
        if not len(chosen):
            return
        self._factors.setdefault(who, np.ones(len(self._batch.state.jobs)))[chosen] = factor
        product = np.multiply.reduce([each[chosen] for each in self._factors.values()])
        self._batch.set_job_speeds(chosen, product)

    def of(self, who: str, job: int) -> float:
        """Return the factor that one states for a job."""
        return float(self._factors[who][job]) if who in self._factors else 1.0
