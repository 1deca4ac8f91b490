"""What is known of the space of objectives: what points better, what is proved to be empty, and the rest.

Coordinates are shares of the way from ideal (0) to nadir (1). A point decides everything that is at least as bad in all
objectives. A proof that no plan is within caps with less than some value of the objective that was minimised
decides everything below the corner that these make up. So both are orthants, and what is undecided lies between two
staircases, whichever way a proof was had and whatever the solver's gap.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A box of two objectives between neighbouring points."""

    lower: tuple[float, float]
    upper: tuple[float, float]
    left: int
    """Position of the neighbour with less of the first objective."""

    @property
    def area(self) -> float:
        return (self.upper[0] - self.lower[0]) * (self.upper[1] - self.lower[1])


class Undecided:
    """The space between ideal and nadir, less what is decided."""

    def __init__(self, objectives: int) -> None:
        self.objectives = objectives
        self.empty_below: list[tuple[float, ...]] = []

    def prove_empty_below(self, corner: tuple[float, ...]) -> None:
        """No plan is below the corner in all objectives (as low, in those that were capped)."""
        if any(all(c <= k for c, k in zip(corner, known, strict=True)) for known in self.empty_below):
            return
        self.empty_below = [
            known for known in self.empty_below if not all(k <= c for c, k in zip(corner, known, strict=True))
        ]
        self.empty_below.append(corner)

    def share(self, points: list[tuple[float, ...]]) -> float:
        """Return the undecided share of the volume."""
        edges, undecided = self._cells(points)
        volume = np.ones(())
        for edge in edges:
            volume = np.multiply.outer(volume, np.diff(edge))
        return float(volume[undecided].sum())

    def boxes(self, points: list[tuple[float, ...]]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """Return lower and upper corners of the boxes, two objectives, that make up what is undecided."""
        (across, up), undecided = self._cells(points)
        found: list[tuple[tuple[float, float], tuple[float, float]]] = []
        for column, cells in enumerate(undecided):
            rows = np.flatnonzero(cells)
            if not rows.size:
                continue
            low, high = float(up[rows[0]]), float(up[rows[-1] + 1])
            left, right = float(across[column]), float(across[column + 1])
            if found and found[-1][1] == (left, high) and found[-1][0][1] == low:
                left = found.pop()[0][0]
            found.append(((left, low), (right, high)))
        return found

    def between(self, points: list[tuple[float, ...]]) -> list[Box]:
        """Return the largest undecided box between each two neighbours of a front of two objectives, in its order.

        What is undecided there reaches up to the corner (first of the right one, second of the left one), so the
        largest box does too. What is undecided below a point itself is the solver's gap, and in no box.
        """
        found = []
        for left, (a, b) in enumerate(itertools.pairwise(points)):
            starts = [a[0], *(corner[0] for corner in self.empty_below if a[0] < corner[0] < b[0])]
            boxes = []
            for start in starts:
                floor = max((corner[1] for corner in self.empty_below if corner[0] > start), default=b[1])
                if floor < a[1]:
                    boxes.append(Box((start, max(floor, b[1])), (b[0], a[1]), left))
            if boxes:
                found.append(max(boxes, key=lambda box: box.area))
        return found

    def _cells(self, points: list[tuple[float, ...]]) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_]]:
        """Return the edges of a grid through all corners, an array an objective, and which cells are undecided."""
        corners = np.clip(np.array([*points, *self.empty_below]).reshape(-1, self.objectives), 0.0, 1.0)
        edges = [np.unique(np.append(corners[:, axis], (0.0, 1.0))) for axis in range(self.objectives)]
        shape = tuple(len(edge) - 1 for edge in edges)
        bettered, empty = np.zeros(shape, bool), np.zeros(shape, bool)
        for corner in corners[: len(points)]:
            if (corner < 1.0).all():
                bettered[tuple(np.searchsorted(edge, at) for edge, at in zip(edges, corner, strict=True))] = True
        for corner in corners[len(points) :]:
            if (corner > 0.0).all():
                empty[tuple(np.searchsorted(edge, at) - 1 for edge, at in zip(edges, corner, strict=True))] = True
        for axis in range(self.objectives):
            bettered = np.logical_or.accumulate(bettered, axis)
            empty = np.flip(np.logical_or.accumulate(np.flip(empty, axis), axis), axis)
        return edges, ~(bettered | empty)
