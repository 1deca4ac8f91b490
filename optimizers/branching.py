"""Branching on a plan's structure first: a start for HiGHS, and often the proof that it is good enough.

Once solved, the relaxation of a plan is solved again within milliseconds: what is bought hangs on few choices, of
sites, modes, designs and places of gangs. So this branches on these, plunging first; at its end a small problem with
the choices fixed rounds what is bought to whole units. Then the node with the least bound is split until the gap
closes or the nodes run out; HiGHS goes on from what was found. Branch and bound is A. H. Land's and A. G. Doig's, An
automatic method of solving discrete programming problems, Econometrica 28(3), 1960.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHOICES = ("open", "mode", "design", "fabric_design", "using", "placed", "training")
"""Families of variables that a plan's other integers hang on, the weightiest first."""
LEAST_COLUMNS = 5_000
"""Below it HiGHS alone takes a second or two."""
LEAST_GAP = 0.005
"""Below it cuts are worth their time, and this does without any."""
MOST_NODES = 200
"""Relaxations that are solved before HiGHS goes on."""
WHOLE = 1e-6
"""How far from a whole number a value may lie, as in HiGHS."""


@dataclass(frozen=True, eq=False)
class Branched:
    """What branching came to. Without a plan `columns` is None and `objective` infinite."""

    objective: float
    bound: float
    columns: NDArray[np.float64] | None
    nodes: int


@dataclass(frozen=True, eq=False)
class _Node:
    bound: float
    order: int
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    values: NDArray[np.float64]
    """Of the integer variables."""

    def __lt__(self, other: _Node) -> bool:
        return (self.bound, self.order) < (other.bound, other.order)


class Branching:
    """Branch and bound over HiGHS's linear relaxation; `ranks` says of each integer column how weighty it is."""

    def __init__(self, highs: Any, integers: NDArray[np.int64], ranks: NDArray[np.int64]) -> None:
        self._highs, self._integers, self._ranks = highs, integers, ranks
        self._nodes = 0

    def run(self, gap: float) -> Branched:
        """Return the best plan found and the least bound that is left. HiGHS keeps its options and bounds after it."""
        import numpy as np

        linear = self._highs.getLp()
        lower, upper = (np.array(each)[self._integers] for each in (linear.col_lower_, linear.col_upper_))
        try:
            self._highs.setOptionValue("solve_relaxation", True)
            return self._search(lower, upper, gap)
        except ArithmeticError:
            # An unbounded relaxation, or one that the simplex method gives up on, is for HiGHS to tell.
            return Branched(math.inf, -math.inf, None, self._nodes)
        finally:
            self._bounds(lower, upper)
            self._highs.clearSolver()
            for option, value in (("presolve", "choose"), ("solve_relaxation", False)):
                self._highs.setOptionValue(option, value)

    def _search(self, lower: NDArray[np.float64], upper: NDArray[np.float64], gap: float) -> Branched:
        node = self._relaxation(lower, upper)
        if node is None:
            return Branched(math.inf, -math.inf, None, self._nodes)
        self._highs.setOptionValue("presolve", "off")
        left: list[_Node] = []
        while (place := self._widest(node, choices=True)) is not None:
            below = sorted(self._split(node, place))
            if not below:
                break
            node, others = below[0], below[1:]
            for each in others:
                heapq.heappush(left, each)
        heapq.heappush(left, node)
        basis = self._highs.getBasis()
        objective, columns = self._rounded(node, gap)
        self._highs.setBasis(basis)
        while columns is not None and left[0].bound < objective - gap * abs(objective) and self._nodes < MOST_NODES:
            first = heapq.heappop(left)
            place = self._widest(first)
            if place is None:
                # Nothing to branch on: the relaxation is a plan, which HiGHS shall find by itself.
                heapq.heappush(left, first)
                break
            for each in self._split(first, place):
                heapq.heappush(left, each)
            if not left:
                return Branched(objective, objective, columns, self._nodes)
        return Branched(objective, min(left[0].bound, objective), columns, self._nodes)

    def _relaxation(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> _Node | None:
        import highspy
        import numpy as np

        highs = self._highs
        self._bounds(lower, upper)
        highs.run()
        self._nodes += 1
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"a relaxation ended as {status}")
        values = np.array(highs.getSolution().col_value)[self._integers]
        return _Node(float(highs.getInfo().objective_function_value), self._nodes, lower, upper, values)

    def _bounds(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        import numpy as np

        self._highs.changeColsBounds(len(self._integers), self._integers.astype(np.int32), lower, upper)

    def _widest(self, node: _Node, *, choices: bool = False) -> int | None:
        """Return the weightiest variable that is furthest from whole; of the choices alone if asked."""
        import numpy as np

        away = np.abs(node.values - np.round(node.values))
        broken = away > WHOLE
        if choices:
            broken &= self._ranks < len(CHOICES)
        if not broken.any():
            return None
        weightiest = broken & (self._ranks == self._ranks[broken].min())
        return int(np.argmax(np.where(weightiest, away, -1.0)))

    def _split(self, node: _Node, place: int) -> list[_Node]:
        below = []
        for up in (False, True):
            lower, upper = node.lower.copy(), node.upper.copy()
            if up:
                lower[place] = math.ceil(node.values[place])
            else:
                upper[place] = math.floor(node.values[place])
            found = self._relaxation(lower, upper)
            if found is not None:
                below.append(found)
        return below

    def _rounded(self, node: _Node, gap: float) -> tuple[float, NDArray[np.float64] | None]:
        """Return the objective and columns of a plan with the choices of a node."""
        import numpy as np

        highs = self._highs
        chosen = self._ranks < len(CHOICES)
        lower, upper = node.lower.copy(), node.upper.copy()
        lower[chosen] = upper[chosen] = np.round(node.values[chosen])
        self._bounds(lower, upper)
        highs.clearSolver()
        options = {"presolve": "choose", "solve_relaxation": False, "mip_rel_gap": gap / 3.0, "mip_max_nodes": 1}
        for option, value in options.items():
            highs.setOptionValue(option, value)
        highs.run()
        found = highs.getInfo().primal_solution_status == 2
        objective = float(highs.getInfo().objective_function_value) if found else math.inf
        columns = np.array(highs.getSolution().col_value) if found else None
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("solve_relaxation", True)
        return objective, columns
