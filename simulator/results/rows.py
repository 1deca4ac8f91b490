"""The rows of racks: what each was planned for, and the capacity that nobody can use."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from models.fleet import Fleet
from models.power.distribution.rack_powers import rack_powers
from models.power.distribution.rows import HallRows, Rows

from .columns import texts
from .tables import table

_PARTS = ("nameplate_w", "provisioned_w", "capacity_w", "free_w", "stranded_w", "stranded_by_nameplate_w")


def hall_rows(rows: Rows, fleet: Fleet) -> HallRows:
    """Return the rows with the fleet's racks in their places."""
    return rows.assigned(rack_powers(fleet))


def rows_table(hall: HallRows) -> pa.Table:
    """Return the powers of each row, a row each, and of the hall."""
    listed = (*hall.rows, hall.total)
    columns = {part: np.array([getattr(row, part) for row in listed], np.float64) for part in _PARTS}
    racks = np.array([len(row.racks) for row in listed], np.int64)
    return table({"row": texts([row.name for row in listed]), "racks": racks} | columns)


def rows_notes(hall: HallRows) -> tuple[str, ...]:
    """Return what rows can not do, one sentence each."""
    notes = []
    if hall.unplaced:
        notes.append(f"{len(hall.unplaced):,} racks have no place in the rows")
    capped = sum(row.needs_cap for row in hall.rows)
    if capped:
        notes.append(f"{capped:,} of {len(hall.rows):,} rows could draw more than their capacity: they rely on a cap")
    return tuple(notes)
