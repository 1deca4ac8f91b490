"""An instance of the planning problem: every set and every number that the optimisation sees, and nothing else.

Made from a plan's YAML by `optimizers.figures`, or drawn at random by a test. Sets are tuples; their members are named
in reports and counted in arrays by position. All units are SI unless a name says otherwise; money is that of the first
quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .hardware import Cohort, FabricFigures, ModuleFigures, NodeFigures, StoreFigures
from .modes import ModeFigures
from .places import SiteFigures
from .time import Future, Hours, Quarter
from .work import BatchFigures, GangFigures, ServingFigures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Instance:
    """A planning problem in numbers."""

    name: str
    quarters: tuple[Quarter, ...]
    hours: Hours
    futures: tuple[Future, ...]
    """Their probabilities sum up to 1."""
    sites: tuple[SiteFigures, ...]
    nodes: tuple[NodeFigures, ...]
    cohorts: tuple[Cohort, ...]
    modules: tuple[ModuleFigures, ...]
    fabrics: tuple[FabricFigures, ...]
    """Without any, nodes need no ports and gangs no fabric."""
    stores: tuple[StoreFigures, ...]
    """Without any, gangs need no storage."""
    modes: tuple[ModeFigures, ...]
    serving: tuple[ServingFigures, ...]
    batch: tuple[BatchFigures, ...]
    gangs: tuple[GangFigures, ...]
    budget_usd: NDArray[np.float64]
    """What may be spent on purchases in a quarter, not discounted, shape (quarter,); infinity where nobody limits."""
    caps: Mapping[str, float] = field(default_factory=dict)
    """Most that an objective may come to, by its kind, in its own unit."""
    objective: str = "cost"
    """The kind of objective that is minimised."""
    cvar_level: float = 0.9
    """The alpha of CVaR."""
    gap: float = 0.01
    """Relative gap at which a solve may end."""
    most_nodes: int = 100_000
    """Branch-and-bound nodes at which a solve ends in any case."""
    seed: int = 0
    end_discount: float | None = None
    """What money at the horizon's end is worth at its start; as in the last quarter if nothing is said."""
    notes: tuple[str, ...] = ()
    """What its figures leave out or assume, in words."""

    def installed_batches(self, node: int, ordered: int, quarter: int, slip: int) -> bool:
        """Return whether a batch that was ordered in a quarter serves in another, its delivery `slip` quarters late."""
        kind = self.nodes[node]
        arrived = ordered + kind.lead + slip
        return arrived <= quarter < arrived + kind.life
