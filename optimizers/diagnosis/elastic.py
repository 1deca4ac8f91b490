"""A model whose limits give way, each at a price: the matrix behind "why is it impossible".

J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, ch. 6: elastic constraints. Only limits
that somebody can negotiate are elastic; physics (balances, capacity, one mode a site) holds throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..instance.instance import Instance
from ..matrix import EXACT_GAP, Matrix, Solved, matrix_of, solve_matrix
from .ample import ample_for
from .limits.limit import Limit
from .limits.registry import generous, kinds, limits_of
from .loosened import loosened
from .yardstick import yardsticks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Group = tuple[str, str, str]
"""Kind, site and thing of limits that differ by quarter alone."""

_SHARE_OF_A_LIMIT = 0.05
"""What relaxing a limit by all of itself counts, where touching one limit more counts 1; an assumption: a planner would
rather ask one partner for a lot than several for a little, but not for twenty times as much."""


MOST_ROUNDS = 60
"""Rounds at the root after which a search for what gives is ended: half a minute at 15,000 variables. What it has found
by then is an answer, if not always the best."""


ROUNDS_ALONE = 20
"""The same of one limit that is tried alone: there are many of them, and one that does shows in the first rounds."""


@dataclass(frozen=True)
class Fewest:
    """Groups of limits that leave a plan where all of them give."""

    groups: tuple[Group, ...]
    shown: bool
    """Whether it was shown that no fewer would do."""


@dataclass(frozen=True, eq=False)
class Elastic:
    """A model with a column for what each limit gives beyond itself, and one that says whether a group gives at all."""

    matrix: Matrix
    limits: tuple[Limit, ...]
    given: NDArray[np.int64]
    """Column of what each limit gives, shape (limit,)."""
    size: NDArray[np.float64]
    """What 1 in that column is in the limit's unit, shape (limit,)."""
    weight: NDArray[np.float64]
    """What 1 in that column comes to, relative to the limit, shape (limit,)."""
    groups: tuple[Group, ...]
    gives: NDArray[np.int64]
    """Column of each group's binary, shape (group,)."""
    most_nodes: int
    """Branch-and-bound nodes at which a search ends in any case."""
    seed: int

    @cached_property
    def alone(self) -> tuple[tuple[Group, ...], frozenset[Group]]:
        """Groups each of which leaves a plan by itself, first that which the linear relaxation relaxes least; and those
        of which it is neither shown that they do nor that they do not."""
        enough, unknown = [], set()
        for place, group in enumerate(self.groups):
            found = self._any((group,), most_rounds=ROUNDS_ALONE)
            if found.found:
                matrix = self._with(frozenset({group}))
                matrix.cost[self.given] = self.weight
                enough.append((solve_matrix(matrix.relaxed()).objective, place))
            elif found.status != "infeasible":
                unknown.add(group)
        return tuple(self.groups[place] for _, place in sorted(enough)), frozenset(unknown)

    def fewest(self, allowed: Iterable[Group]) -> Fewest | None:
        """Return the groups of limits that are best relaxed: few, and by little. None where none were found.

        One that does by itself is as few as there can be. Only where there is none are several searched for together:
        one search for both their number and their amounts ends on large plans with neither. Where it has found nothing
        by its end, they are those that the linear relaxation relaxes.
        """
        allowed = frozenset(allowed)
        enough, unknown = self.alone
        alone = next((group for group in enough if group in allowed), None)
        if alone is not None:
            return Fewest((alone,), shown=True)
        together = self._together(allowed)
        if together is None:
            return None
        groups, best = together
        # Where none does alone, two are the fewest.
        return Fewest(groups, shown=best or len(groups) == 1 or (len(groups) == 2 and not allowed & unknown))

    def _together(self, allowed: frozenset[Group]) -> tuple[tuple[Group, ...], bool] | None:
        """Return the fewest groups by one search, and whether it came to its end."""
        matrix = self._with(allowed)
        matrix.cost[self.gives] = 1.0
        matrix.cost[self.given] = _SHARE_OF_A_LIMIT * self.weight
        found = solve_matrix(matrix, gap=1e-3, most_nodes=self.most_nodes, seed=self.seed, most_rounds=MOST_ROUNDS)
        if found.found:
            groups = tuple(
                group for group, column in zip(self.groups, self.gives, strict=True) if found.values[column] > 0.5
            )
            return (groups, True) if found.status == "optimal" else (self._without_idle(groups), False)
        if found.status == "infeasible":
            return None
        some = self._relaxed_by_fractions(allowed)
        return None if some is None else (some, False)

    def _without_idle(self, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """Return groups less those that the others do without, one after the other: a search that ended early may have
        relaxed some for nothing (the deletion filter of Chinneck's ch. 6)."""
        needed = groups
        for group in groups:
            fewer = tuple(each for each in needed if each != group)
            if fewer and self._any(fewer).found:
                needed = fewer
        return needed

    def _any(self, groups: Iterable[Group], *, most_rounds: int = MOST_ROUNDS) -> Solved:
        """Return the solve for whatever solution there is where some groups give."""
        matrix = self._with(frozenset(groups))
        return solve_matrix(matrix, gap=1.0, most_nodes=self.most_nodes, seed=self.seed, most_rounds=most_rounds)

    def _relaxed_by_fractions(self, allowed: frozenset[Group]) -> tuple[Group, ...] | None:
        """Return the groups that the linear relaxation relaxes, few of them: what is relaxed little weighs ever more.

        E. J. Candes, M. B. Wakin and S. P. Boyd, Enhancing sparsity by reweighted l1 minimization, Journal of Fourier
        Analysis and Applications 14, 2008.
        """
        matrix, weight = self._with(allowed), self.weight
        chosen: tuple[Group, ...] = ()
        for _ in range(3):
            matrix.cost[self.given] = weight
            found = solve_matrix(matrix.relaxed())
            if not found.found:
                return None
            amounts = found.values[self.given] * self.weight
            chosen = tuple(
                dict.fromkeys(limit.group for limit, by in zip(self.limits, amounts, strict=True) if by > 1e-6)
            )
            weight = self.weight / (amounts + 0.01)
        return chosen or None

    def amounts(self, chosen: Iterable[Group]) -> Solved:
        """Return the solve that relaxes only the chosen groups, together by as little as can be.

        Where the search ends before it has found anything it is that of the linear relaxation, with the status `limit`:
        at least so much is needed.
        """
        chosen = frozenset(chosen)
        matrix = self._with(chosen)
        matrix.cost[self.given] = self.weight
        asked = [column for group, column in zip(self.groups, self.gives, strict=True) if group in chosen]
        matrix.column_lower[asked] = 1.0
        found = solve_matrix(matrix, gap=EXACT_GAP, most_nodes=self.most_nodes, seed=self.seed, most_rounds=MOST_ROUNDS)
        if found.found or found.status == "infeasible":
            return found
        return replace(solve_matrix(matrix.relaxed()), status="limit")

    def hopeless(self) -> bool:
        """Return whether it is proven that there is no plan even where every limit gives."""
        return self._any(self.groups).status == "infeasible"

    def _with(self, allowed: frozenset[Group]) -> Matrix:
        import numpy as np

        upper = self.matrix.column_upper.copy()
        shut = [column for group, column in zip(self.groups, self.gives, strict=True) if group not in allowed]
        upper[shut] = 0.0
        upper[[column for limit, column in zip(self.limits, self.given, strict=True) if limit.group not in allowed]] = 0
        return replace(
            self.matrix,
            cost=np.zeros(len(self.matrix.columns)),
            offset=0.0,
            column_lower=self.matrix.column_lower.copy(),
            column_upper=upper,
        )


def elastic(instance: Instance, build: Callable[[Instance], Any]) -> Elastic:
    """Return the elastic model of an instance; `build` makes the Pyomo model of one.

    It is made of a generous instance: bounds on columns shape other rows too, which must give with them.
    """
    import numpy as np
    from scipy.sparse import coo_array, csr_array

    ample = ample_for(instance)
    most = np.array([kinds()[limit.kind].ample(limit, ample) for limit in limits_of(instance)])
    made = loosened(instance, matrix_of(build(generous(instance, ample))), most)
    limits, width = made.limits, len(made.matrix.columns)
    groups = tuple(dict.fromkeys(limit.group for limit in limits))
    # What a limit gives is at most `most`, and nothing where its group does not give.
    order = np.arange(len(limits))
    of_group = np.array([width + groups.index(limit.group) for limit in limits], dtype=int)
    cells = coo_array(
        (
            np.concatenate([np.ones(len(limits)), -most / made.size]),
            (np.concatenate([order, order]), np.concatenate([made.given, of_group])),
        ),
        shape=(len(limits), width + len(groups)),
    )
    return Elastic(
        matrix=made.matrix.extended(
            columns=tuple(("gives", group) for group in groups),
            column_lower=np.zeros(len(groups)),
            column_upper=np.ones(len(groups)),
            column_integer=np.ones(len(groups), dtype=bool),
            entries=csr_array((len(made.matrix.rows), len(groups))),
            rows=tuple(("gives at all", (position,)) for position in range(len(limits))),
            row_lower=np.full(len(limits), -np.inf),
            row_upper=np.zeros(len(limits)),
            row_entries=csr_array(cells),
        ),
        limits=limits,
        given=made.given,
        size=made.size,
        weight=_weights(limits) * made.size,
        groups=groups,
        gives=np.arange(width, width + len(groups)),
        most_nodes=instance.most_nodes,
        seed=instance.seed,
    )


def _weights(limits: tuple[Limit, ...]) -> NDArray[np.float64]:
    """Return what relaxing each limit by one counts: of its yardstick, and of its group, which counts once."""
    import numpy as np

    sizes = Counter(limit.group for limit in limits)
    return np.array([1.0 / (sizes[limit.group] * size) for limit, size in zip(limits, yardsticks(limits), strict=True)])
