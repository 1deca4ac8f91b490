"""Rows of racks behind one breaker: which rack stands where, and how much of the capacity nobody can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from ...section import Section
from ...units import Power
from ..power_budget import Level
from .rack_powers import RackPowers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLACK = 1e-9  # relative; a rack that fits but for rounding fits


class Rows(Section):
    """Rows, each fed by one busway or distribution unit. Racks take their places in order, row after row."""

    row_capacity: Power = Field(gt=0.0)
    """W that the breaker of a row is rated for."""
    rack_limit: Power | None = Field(default=None, gt=0.0)
    """W that the breaker of a rack is rated for; if nothing is said, enough for its nameplate."""
    continuous_load: float = Field(default=0.8, gt=0.0, le=1.0)
    """Share of a breaker's rating that may be drawn for hours: 0.8 by NEC 210.20(A) and 215.3, which ask for 125% of
    the continuous load; 1 for assemblies listed for it."""
    planned_by: Literal["provisioned", "nameplate"] = "provisioned"
    """What fills a row: the racks' provisioned (measured coincident) power, or their nameplates."""
    oversubscription: float = Field(default=1.0, ge=1.0, le=2.0)
    """Planned power over usable capacity up to which a row is filled. Above 1 a row relies on its cap at every
    coincident peak."""
    capped: bool = True
    """Whether the power of a row is capped at its usable capacity. Without a cap, nameplates have to fit."""
    racks_per_row: PositiveInt | None = None
    """Places in a row; as many as its power allows if nothing is said."""
    rows: PositiveInt | None = None
    """How many rows there are; as many as the racks need if nothing is said."""

    @property
    def usable_w(self) -> float:
        """W that a row may draw for hours."""
        return self.continuous_load * self.row_capacity

    def assigned(self, racks: RackPowers) -> HallRows:
        """Return the rows with the racks in their places.

        A rack stands in the last row while the planned power fits and a place is free, else it opens the next row; a
        rack that is too large for any row stands alone. Racks beyond the last row are left over.
        """
        import numpy as np

        planned_w = racks.provisioned_w if self.planned_by == "provisioned" else racks.rated_w
        limit_w = self.oversubscription * self.usable_w * (1.0 + _SLACK)
        row_of_rack = np.full(len(planned_w), -1)
        row, in_row, taken_w = 0, 0, 0.0
        for index, power_w in enumerate(planned_w.tolist()):
            full = in_row == self.racks_per_row or taken_w + power_w > limit_w
            if in_row and full:
                row, in_row, taken_w = row + 1, 0, 0.0
            if self.rows is not None and row >= self.rows:
                break
            row_of_rack[index] = row
            in_row, taken_w = in_row + 1, taken_w + power_w
        count = self.rows if self.rows is not None else int(row_of_rack.max(initial=-1)) + 1
        smallest_w = float(planned_w.min(initial=np.inf))
        placed = row_of_rack[row_of_rack >= 0]
        first = np.searchsorted(placed, np.arange(count + 1)).tolist()
        rows = tuple(
            self._row(index, slice(first[index], first[index + 1]), racks, smallest_w) for index in range(count)
        )
        return HallRows(rows, row_of_rack, tuple(np.flatnonzero(row_of_rack < 0).tolist()))

    def _row(self, index: int, members: slice, racks: RackPowers, smallest_w: float) -> Row:
        nameplate_w, provisioned_w = float(racks.rated_w[members].sum()), float(racks.provisioned_w[members].sum())
        by_nameplate = self.planned_by == "nameplate"
        left_w = max(self.oversubscription * self.usable_w - (nameplate_w if by_nameplate else provisioned_w), 0.0)
        more = int(left_w * (1.0 + _SLACK) // smallest_w) if smallest_w > 0.0 else 0
        if self.racks_per_row is not None:
            more = min(more, self.racks_per_row - (members.stop - members.start))
        unused_w = max(left_w - more * smallest_w, 0.0) if more else left_w
        return Row(
            name=f"row-{index}",
            racks=tuple(range(members.start, members.stop)),
            nameplate_w=nameplate_w,
            provisioned_w=provisioned_w,
            capacity_w=self.usable_w,
            free_w=more * smallest_w if more else 0.0,
            stranded_w=unused_w + (nameplate_w - provisioned_w if by_nameplate else 0.0),
            stranded_by_nameplate_w=nameplate_w - provisioned_w,
        )


@dataclass(frozen=True)
class Row:
    """A row: which racks (their indices) stand in it, and its powers [W].

    `capacity_w` may be drawn for hours. Of it, further racks like the smallest can use `free_w`; nobody can use
    `stranded_w`: what is left when no rack fits or no place is free and, where nameplates fill the row, what they
    reserve above the coincident peak. `stranded_by_nameplate_w` is that latter part, whether nameplates fill the row
    or only would.
    """

    name: str
    racks: tuple[int, ...]
    nameplate_w: float
    provisioned_w: float
    capacity_w: float
    free_w: float
    stranded_w: float
    stranded_by_nameplate_w: float

    @property
    def oversubscription(self) -> float:
        """Provisioned power over capacity."""
        return self.provisioned_w / self.capacity_w

    @property
    def needs_cap(self) -> bool:
        """Whether its racks could draw more than its capacity if all drew their nameplates."""
        return self.nameplate_w > self.capacity_w * (1.0 + _SLACK)


@dataclass(frozen=True, eq=False)
class HallRows:
    """The rows of a hall. `row_of_rack[i]` is the row of rack i, -1 for those in `unplaced`."""

    rows: tuple[Row, ...]
    row_of_rack: NDArray[np.int64]
    unplaced: tuple[int, ...] = ()

    @property
    def total(self) -> Row:
        """The sums over all rows, as a row named `hall`."""
        parts = ("nameplate_w", "provisioned_w", "capacity_w", "free_w", "stranded_w", "stranded_by_nameplate_w")
        sums = {part: float(sum(getattr(row, part) for row in self.rows)) for part in parts}
        return Row(name="hall", racks=tuple(rack for row in self.rows for rack in row.racks), **sums)

    def level(self) -> Level:
        """Return the rows' limits as `power_budget.nested_caps_w` takes them; every rack must have a place."""
        import numpy as np

        if self.unplaced:
            raise ValueError(f"{len(self.unplaced)} racks have no place in a row")
        return Level(self.row_of_rack, np.array([row.capacity_w for row in self.rows]))
