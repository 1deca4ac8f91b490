"""Branching on a plan's structure first: a start for HiGHS, and often the proof that it is good enough.

Once solved, the relaxation of a plan is solved again within milliseconds: what is bought hangs on few choices, of
sites, modes, designs and places of gangs. So this branches on these, and then on what is bought, quarter by quarter. It
plunges to a plan first; then it splits the node with the least bound until the gap closes or the nodes run out, and
HiGHS goes on from what was found. Branch and bound is A. H. Land's and A. G. Doig's, An automatic method of solving
discrete programming problems, Econometrica 28(3), 1960.
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
RISING = ("open", "using")
"""Those that never fall through the quarters: to have one is to have all after it."""
LEAST_COLUMNS = 5_000
"""Below it HiGHS alone takes a second or two."""
LEAST_GAP = 0.005
"""Below it cuts are worth their time, and this does without any."""
MOST_NODES = 500
"""Relaxations that are solved before HiGHS goes on."""
POLISH_AFTER = 150
"""Relaxations after which HiGHS looks for a better plan with the same choices, once."""
EARLY = 0.3
"""How far from whole the earliest of a rising family must be, of the furthest, to be branched on."""
UPWARD = 3.0
"""How many times as dear as less of a unit a whole one may be, by the bounds, to be plunged to."""
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
    values: NDArray[np.float64] | None
    """Of the integer variables; None where its bound turned out too great for it to be solved to its end."""

    def __lt__(self, other: _Node) -> bool:
        return (self.bound, self.order) < (other.bound, other.order)


class Branching:
    """Branch and bound over HiGHS's linear relaxation.

    `ranks` says of each integer column how weighty it is, least first: of a choice the place of its family in
    `CHOICES`, with the share of the horizon before its quarter where it is of a rising one; of what is bought their
    number, and the quarter on top.
    """

    def __init__(self, highs: Any, integers: NDArray[np.int64], ranks: NDArray[np.float64]) -> None:
        self._highs, self._integers, self._ranks = highs, integers, ranks
        self._rising = {CHOICES.index(family) for family in RISING}
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
            for option, value in (("presolve", "choose"), ("solve_relaxation", False), ("objective_bound", math.inf)):
                self._highs.setOptionValue(option, value)

    def _search(self, lower: NDArray[np.float64], upper: NDArray[np.float64], gap: float) -> Branched:
        root = self._relaxation(lower, upper)
        if root is None:
            return Branched(math.inf, -math.inf, None, self._nodes)
        self._highs.setOptionValue("presolve", "off")
        objective, columns, enough = math.inf, None, math.inf
        left, polished = [root], False
        while left and left[0].bound < enough and self._nodes < MOST_NODES:
            if columns is not None and not polished and self._nodes >= POLISH_AFTER:
                polished = True
                objective, columns = self._polished(columns, lower, upper, gap)
                enough = objective - (1.0 - 1e-9) * gap * abs(objective)
                self._highs.setOptionValue("objective_bound", enough)
                continue
            node: _Node | None = heapq.heappop(left)
            place = None
            while node is not None and node.bound < enough and (place := self._widest(node)) is not None:
                node = self._split(node, place, left)
            if node is None:
                continue
            if place is not None or node.bound >= enough:
                heapq.heappush(left, node)
                continue
            found = self._plan(node)
            if found is None:
                # The relaxation is whole and rounding it is no plan: HiGHS shall see to it.
                heapq.heappush(left, node)
                break
            if found[0] < objective:
                objective, columns = found
                enough = objective - (1.0 - 1e-9) * gap * abs(objective)
                # What is no better than that need not be solved to its end.
                self._highs.setOptionValue("objective_bound", enough)
        return Branched(objective, min([objective, *(each.bound for each in left[:1])]), columns, self._nodes)

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
        if status == highspy.HighsModelStatus.kObjectiveBound:
            return _Node(float(highs.getOptionValue("objective_bound")[1]), self._nodes, lower, upper, None)
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"a relaxation ended as {status}")
        values = np.array(highs.getSolution().col_value)[self._integers]
        return _Node(float(highs.getInfo().objective_function_value), self._nodes, lower, upper, values)

    def _bounds(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        import numpy as np

        self._highs.changeColsBounds(len(self._integers), self._integers.astype(np.int32), lower, upper)

    def _widest(self, node: _Node) -> int | None:
        """Return the weightiest variable that is furthest from whole; of rising ones an early one."""
        import numpy as np

        assert node.values is not None
        away = np.abs(node.values - np.round(node.values))
        broken = away > WHOLE
        if not broken.any():
            return None
        level = np.floor(self._ranks)
        weightiest = level[broken].min()
        of = broken & (level == weightiest)
        if weightiest in self._rising:
            of &= away >= EARLY * away[of].max()
            return int(np.argmin(np.where(of, self._ranks, math.inf)))
        return int(np.argmax(np.where(of, away, -1.0)))

    def _split(self, node: _Node, place: int, left: list[_Node]) -> _Node | None:
        """Return the more promising of the two nodes below one, if there is any; the other is left for later."""
        assert node.values is not None
        value = float(node.values[place])
        down, up = (node.lower, node.upper.copy()), (node.lower.copy(), node.upper)
        down[1][place], up[0][place] = math.floor(value), math.ceil(value)
        below, above = self._relaxation(*down), self._relaxation(*up)
        both = [each for each in (below, above) if each is not None]
        if not both:
            return None
        chosen = min(both)
        buying = self._ranks[place] >= len(CHOICES) and below is not None and above is not None
        if buying and above.bound - node.bound <= UPWARD * (below.bound - node.bound):  # type: ignore[union-attr]
            # The fraction of a unit that is not bought here turns up in another quarter, again and again.
            chosen = above  # type: ignore[assignment]
        for each in both:
            if each is not chosen:
                heapq.heappush(left, each)
        return chosen

    def _plan(self, node: _Node) -> tuple[float, NDArray[np.float64]] | None:
        """Return the objective and columns of the plan with the integers of a node."""
        import highspy
        import numpy as np

        assert node.values is not None
        whole = np.round(node.values)
        self._bounds(whole, whole)
        enough = self._highs.getOptionValue("objective_bound")[1]
        self._highs.setOptionValue("objective_bound", math.inf)
        self._highs.run()
        self._highs.setOptionValue("objective_bound", enough)
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._highs.getInfo().objective_function_value), np.array(self._highs.getSolution().col_value)

    def _polished(
        self, columns: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], gap: float
    ) -> tuple[float, NDArray[np.float64]]:
        """Return the objective and columns of the best plan that HiGHS finds with a plan's choices at its root."""
        import highspy
        import numpy as np

        highs = self._highs
        basis = highs.getBasis()
        chosen = self._ranks < len(CHOICES)
        at = np.round(columns[self._integers])
        self._bounds(np.where(chosen, at, lower), np.where(chosen, at, upper))
        highs.clearSolver()
        options = {
            "presolve": "choose", "solve_relaxation": False, "mip_rel_gap": gap / 3.0, "mip_max_nodes": 1,
            "objective_bound": math.inf,
        }  # fmt: skip
        for option, value in options.items():
            highs.setOptionValue(option, value)
        start = highspy.HighsSolution()
        start.col_value = list(columns)
        highs.setSolution(start)
        highs.run()
        objective, columns = float(highs.getInfo().objective_function_value), np.array(highs.getSolution().col_value)
        highs.clearSolver()
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("solve_relaxation", True)
        highs.setBasis(basis)
        return objective, columns
