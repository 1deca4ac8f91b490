"""What a plan must serve, in numbers: services, work that can wait, and gangs that train."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class _Work:
    name: str
    rate: NDArray[np.float64]
    """Units of work a second, of one node that is available, shape (node type, mode): 0 where it can not, or may not
    for want of security. Of a gang: of the whole gang, interruptions counted."""
    busy_w: NDArray[np.float64]
    """What a node draws above its idle power while it works at this rate, shape (node type,)."""
    least_served: float
    """Share of the whole horizon's demand that must be served in expectation, 0 to 1."""
    unserved_usd: float
    """What a unit of work that is not served costs; 0 where nobody says."""
    weight: float
    """Weight of its unserved share in the plan's risk; those of all classes sum up to 1."""
    least_served_in_quarter: NDArray[np.float64] | None = field(default=None, kw_only=True)
    """Share of a quarter's demand that must be served in expectation, shape (quarter,); None where nobody says, and of
    gangs, whose work is of no quarter."""


@dataclass(frozen=True, eq=False)
class ServingFigures(_Work):
    """A service: requests come hour by hour and are served at once within the SLO, or not at all."""

    demand: NDArray[np.float64]
    """Requests a second in the mean of each hour that stands for others, shape (future, quarter, hour)."""
    peak: NDArray[np.float64] | None = None
    """The busiest moment of what an hour stands for over its mean, 1 or more, shape (quarter, hour): nodes are held
    for it, energy and work follow the mean. 1 everywhere if nothing is said."""


@dataclass(frozen=True, eq=False)
class BatchFigures(_Work):
    """Work that may wait for any hour of its quarter."""

    demand: NDArray[np.float64]
    """Units of work, shape (future, quarter)."""


@dataclass(frozen=True, eq=False)
class GangFigures(_Work):
    """A training run: a gang of nodes of one type, on one network, at one site, with a deadline.

    While it holds its nodes it holds all of them, hour after hour for whole quarters. `rate` is tokens a second.
    """

    tokens: NDArray[np.float64]
    """Tokens to train on, shape (future,)."""
    first: int
    """First quarter in which it may train."""
    last: int
    """Last quarter before its deadline."""
    nodes: NDArray[np.int64]
    """Nodes of the gang by node type, spares that it keeps ready included; 0 where it can not run."""
    fabric_factor: NDArray[np.float64]
    """What each design of network leaves of its rate, shape (fabric,)."""
    write_b_per_s: float
    """Bandwidth of storage that its checkpoints need."""
    stored_b: float
    """Bytes that it keeps."""
