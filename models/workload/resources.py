"""What one task holds of its node."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ..section import Section
from ..units import Data, quantity

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""A number of tasks or jobs; the upper bound keeps sums within 64 bits."""
Priority = Annotated[int, Field(ge=-(2**31), le=2**31)]
"""A priority; larger goes first."""


def accelerators_milli(accelerators: float) -> int:
    """Return a number of accelerators in thousandths; ValueError where `Workload` has no such number.

    >>> accelerators_milli(0.46), accelerators_milli(4)
    (460, 4000)
    """
    milli = round(accelerators * 1000)
    if not math.isclose(milli, accelerators * 1000, abs_tol=1e-6) or (milli > 1000 and milli % 1000):
        raise ValueError(
            f"{accelerators:g} accelerators; allowed: a share of one in thousandths (0.46), or a whole number"
        )
    return milli


def _countable(accelerators: float) -> float:
    accelerators_milli(accelerators)
    return accelerators


class TaskResources(Section):
    """What one task holds: a whole node, or some of its accelerators, processor cores and memory."""

    exclusive: bool | None = None
    """Whether a task holds a whole node, whatever the node has. True where none of the other three is given."""
    accelerators: Annotated[float, Field(ge=0, le=1_000_000), AfterValidator(_countable)] = 0.0
    """Accelerators of a task: a share of one (0.46), or a whole number."""
    cpus: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    """Processor cores of a task, to a thousandth."""
    memory: Annotated[Data, Field(le=1e18)] = quantity("0 B")
    """Memory of a task."""

    @model_validator(mode="after")
    def _whole_node_or_parts(self) -> Self:
        parts = bool(self.accelerators or self.cpus or self.memory)
        if self.exclusive and parts:
            raise ValueError("an exclusive task holds a whole node; leave out accelerators, cpus and memory")
        if self.exclusive is False and not parts:
            raise ValueError("a task that is not exclusive needs accelerators, cpus or memory")
        return self

    @property
    def holds_node(self) -> bool:
        """Whether a task holds a whole node."""
        return not (self.accelerators or self.cpus or self.memory)

    @property
    def accelerators_milli(self) -> int:
        """Thousandths of an accelerator."""
        return accelerators_milli(self.accelerators)

    @property
    def cpu_milli(self) -> int:
        """Thousandths of a processor core."""
        return round(self.cpus * 1000)

    @property
    def memory_b(self) -> int:
        """Bytes, rounded up."""
        return math.ceil(self.memory)
