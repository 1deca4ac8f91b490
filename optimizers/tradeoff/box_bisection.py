"""The front of two objectives by bisecting boxes between points that are known, largest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..solution import Solvable
from .front import Front, FrontPoint, has_plan
from .payoff import payoff_table
from .search import FrontSearch, no_front
from .undecided import Box

FINEST_RESOLUTION = 1e-4
"""Share of an objective's range below which two points are one, where the whole front is asked for: an assumption. It
is a hundred times what HiGHS can not tell from nothing (1e-6), and finer than a plan's numbers are known."""
COARSEST_RESOLUTION = 5e-3
"""The same, at most, where a share of the space may stay undecided: an assumption, half of the usual gap."""


def usual_resolution(gap: float) -> float:
    """Return the resolution for a gap: half of it, within bounds.

    A front that is a line all along, as where money buys service bit by bit, has a point at any distance from another.
    Points far closer than the space that may stay undecided would cost a solve each and decide nothing.

    >>> usual_resolution(0.0), usual_resolution(0.002), usual_resolution(0.1)
    (0.0001, 0.001, 0.005)
    """
    return min(max(0.5 * gap, FINEST_RESOLUTION), COARSEST_RESOLUTION)


class _Ask(NamedTuple):
    """A solve that could decide part of a box: minimise one objective (0 or 1) with the other at most at `cap`."""

    minimised: int
    cap: float
    start: FrontPoint


def box_bisection(
    model: Solvable,
    objectives: tuple[str, str],
    *,
    caps: Mapping[str, float] | None = None,
    gap: float = 0.01,
    most_solves: int = 60,
    resolution: float | None = None,
    solver_gap: float | None = None,
    start: Any = None,
) -> Front:
    """Return the front of two objectives, as far as `most_solves` solves (at least the payoff table's four) show it.

    The largest undecided box between two neighbouring points is taken next, as in the balanced box method: bisected by
    a cap on the second objective at its middle, or, where an earlier bisection left a side of it without a point,
    closed from that side. So the points spread early and the search can end at any time: when the undecided share of
    the area between ideal and nadir is at most `gap`, or no box is left that is wider than the solver can tell.

    What holds at the end, for any gap of the solver: every plan within `caps` that lies between ideal and nadir is
    bettered, or equalled to within `resolution` of the ranges, by a point of the front, or lies in a box of
    `Front.undecided`. Boxes are decided by the solver's bounds alone, never by what it found. If the solver's gap and
    `gap` are 0, `most_solves` does not end the search, and no two efficient points are closer than twice the
    resolution in either objective, the points are the whole front. Two objectives that do not conflict have a front of
    one point. `solver_gap` replaces the model's own; boxes narrower than what it leaves open stay undecided.

    `resolution` is a share of the ranges; `usual_resolution` of the gap if nothing is said.

    Raises ValueError where the objectives are not two of the model's.

    References
    ----------
    N. Boland, H. Charkhgard, M. Savelsbergh, INFORMS Journal on Computing 27(4), 2015: a criterion space search
    algorithm for biobjective integer programming: the balanced box method.
    """
    if resolution is None:
        resolution = usual_resolution(gap)
    if len(objectives) != 2:
        raise ValueError(f"boxes are bisected for two objectives, not {len(objectives)}")
    payoff = payoff_table(model, objectives, caps=caps, start=start, gap=solver_gap)
    if not payoff.points:
        return no_front(payoff)
    search = FrontSearch(model, payoff, caps=caps, resolution=resolution, gap=solver_gap)
    asked: set[tuple[int, int]] = set()
    blur = [resolution, resolution]
    while search.solves < most_solves and search.anytime_gap() > gap:
        ask = _next_ask(search, blur, asked)
        if ask is None:
            break
        asked.add(_key(ask, resolution))
        minimised, capped = objectives[ask.minimised], objectives[1 - ask.minimised]
        cap = search.value_at(capped, ask.cap)
        # The whole range of the capped objective weighs as much as the resolution: none is missed that can be told.
        solve = search.solve(minimised, {capped: cap}, resolution, ask.start.solution.point)
        if solve.solution.status == "optimal" and has_plan(solve.solution):
            value = FrontPoint.of(solve.solution, objectives).values[minimised]
            unsure = (value - solve.least) / search.width[minimised]
            blur[ask.minimised] = max(blur[ask.minimised], unsure)
    return search.front()


def _next_ask(search: FrontSearch, blur: list[float], asked: set[tuple[int, int]]) -> _Ask | None:
    """Return the first ask that is new of the largest box that has one."""
    boxes = search.undecided.between(search.positions)
    for box in sorted(boxes, key=lambda each: -each.area):
        for ask in _asks(box, search, blur):
            if _key(ask, search.resolution) not in asked:
                return ask
    return None


def _asks(box: Box, search: FrontSearch, blur: list[float]) -> Iterator[_Ask]:
    """Yield what can be asked of a box, best first.

    A box that is no wider than twice what the solver leaves open along an objective would not shrink by an ask
    that minimises it: what `blur` says, which is the greatest distance so far of a plan from its bound.
    """
    left, right = search.points[box.left], search.points[box.left + 1]
    (left_at, lower_at), (right_at, upper_at) = (box.lower[0], search.position(right)[1]), box.upper
    first_is_wide = box.upper[0] - box.lower[0] > 2.0 * blur[0]
    second_is_wide = box.upper[1] - box.lower[1] > 2.0 * blur[1]
    step = search.resolution
    if second_is_wide and box.lower[1] - lower_at > 2.0 * blur[1]:
        yield _Ask(1, right_at - step, left)
    if first_is_wide and left_at - search.position(left)[0] > 2.0 * blur[0]:
        yield _Ask(0, upper_at - step, right)
    if first_is_wide:
        yield _Ask(0, 0.5 * (box.lower[1] + box.upper[1]), right)
    if second_is_wide:
        yield _Ask(1, 0.5 * (box.lower[0] + box.upper[0]), left)


def _key(ask: _Ask, resolution: float) -> tuple[int, int]:
    """Return what tells an ask from others: a cap that differs by less than half the resolution asks the same."""
    return ask.minimised, round(2.0 * ask.cap / resolution)
