"""A model with one more column for each limit: what it gives beyond itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..instance.instance import Instance
from ..matrix import Matrix
from .limits.limit import Key, Limit
from .limits.registry import kinds, limits_of
from .yardstick import yardsticks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Loosened:
    """A model whose limits give as much as a column of theirs says, from 0 on, at no cost."""

    matrix: Matrix
    limits: tuple[Limit, ...]
    given: NDArray[np.int64]
    """Column of what each limit gives, shape (limit,)."""
    size: NDArray[np.float64]
    """What 1 in that column is in the limit's unit, shape (limit,): its yardstick, so that watts and shares look alike
    to the solver; 1 where it gives in whole numbers."""
    by_future: tuple[tuple[int, int, str], ...]
    """Of limits that hold in one future by one: row, limit, and the future's name."""


def loosened(instance: Instance, matrix: Matrix, most: NDArray[np.float64]) -> Loosened:
    """Return a model of an instance in which every limit gives up to `most` [the limit's unit], shape (limit,).

    Limits that stand in rows of the matrix give in place. Those that bound columns are restated as rows, with the
    instance's own bounds; the bounds of the matrix may be others, and are taken off.
    """
    import numpy as np
    from scipy.sparse import coo_array, csr_array

    limits = tuple(limits_of(instance))
    found = {(limit.kind, limit.key): position for position, limit in enumerate(limits)}
    width = len(matrix.columns)
    whole = np.array([kinds()[limit.kind].whole for limit in limits], dtype=bool)
    size = np.where(whole, 1.0, yardsticks(limits))
    rows = _rows(instance, matrix, limits, found)
    bounds, free = _bounds(instance, matrix, limits, found)
    upper = matrix.column_upper.copy()
    upper[free] = np.inf
    entries = coo_array(
        (
            [entry * size[position] for _, position, entry in rows],
            ([row for row, _, _ in rows], [position for _, position, _ in rows]),
        ),
        shape=(len(matrix.rows), len(limits)),
    )
    cells = [(row, column, 1.0) for row, (_, columns, _, _) in enumerate(bounds) for column in columns]
    cells += [
        (row, width + position, -scale * float(size[position])) for row, (position, _, _, scale) in enumerate(bounds)
    ]
    futures = [(row, position, matrix.rows[row]) for row, position, _ in rows]
    futures += [
        (len(matrix.rows) + row, position, matrix.columns[columns[0]])
        for row, (position, columns, _, _) in enumerate(bounds)
    ]
    row_entries = coo_array(
        ([cell[2] for cell in cells], ([cell[0] for cell in cells], [cell[1] for cell in cells])),
        shape=(len(bounds), width + len(limits)),
    )
    return Loosened(
        matrix=replace(matrix, column_upper=upper).extended(
            columns=tuple(("given", (limit.kind, *limit.key)) for limit in limits),
            column_lower=np.zeros(len(limits)),
            column_upper=most / size,
            column_integer=whole,
            entries=csr_array(entries),
            rows=tuple(("bound", (number,)) for number in range(len(bounds))),
            row_lower=np.full(len(bounds), -np.inf),
            row_upper=np.array([bound for _, _, bound, _ in bounds], dtype=float),
            row_entries=csr_array(row_entries),
        ),
        limits=limits,
        given=np.arange(width, width + len(limits)),
        size=size,
        by_future=tuple(
            (row, position, str(future))
            for row, position, (family, index) in futures
            if (future := kinds()[limits[position].kind].named(family, index).get("o")) is not None
        ),
    )


def _rows(
    instance: Instance, matrix: Matrix, limits: tuple[Limit, ...], found: dict[tuple[str, Key], int]
) -> list[tuple[int, int, float]]:
    """Return the rows that give in place: row, limit, and what one unit of the limit adds to the row."""
    rows = []
    for kind in kinds().values():
        for row, (family, index) in enumerate(matrix.rows):
            if family not in kind.rows:
                continue
            position = found.get((kind.kind, kind.key(family, index)))
            if position is not None:
                scale = kind.scale(instance, limits[position])
                rows.append((row, position, -scale if matrix.row_upper[row] < float("inf") else scale))
    return rows


def _bounds(
    instance: Instance, matrix: Matrix, limits: tuple[Limit, ...], found: dict[tuple[str, Key], int]
) -> tuple[list[tuple[int, list[int], float, float]], list[int]]:
    """Return the bounds on columns: limit, columns that it bounds together, bound, scale; and all these columns."""
    together: dict[int, list[int]] = {}
    single: list[tuple[int, int, float]] = []
    for kind in kinds().values():
        for column, (family, index) in enumerate(matrix.columns):
            if family not in kind.columns:
                continue
            position = found.get((kind.kind, kind.key(family, index)))
            if position is None:
                continue
            if kind.together:
                together.setdefault(position, []).append(column)
            else:
                single.append((position, column, kind.bound(instance, limits[position], kind.named(family, index))))
    bounds = [
        (position, columns, kinds()[limits[position].kind].bound(instance, limits[position], {}), 1.0)
        for position, columns in together.items()
    ]
    bounds += [
        (position, [column], bound, kinds()[limits[position].kind].scale(instance, limits[position]))
        for position, column, bound in single
    ]
    return bounds, [column for _, columns, _, _ in bounds for column in columns]
