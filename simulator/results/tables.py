"""Tidy tables whose columns say their unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from .columns import numbers

_UNITS = {
    "s": "s", "w": "W", "j": "J", "c": "°C", "usd": "USD", "kg": "kg", "l": "L", "kwh": "kWh", "usd_per_j": "USD/J",
    "kg_per_j": "kg/J", "w_per_s": "W/s", "b": "B", "h": "h", "accelerators": "1", "jobs": "1", "nodes": "1",
    "kw": "kW", "m3": "m3",
}  # fmt: skip


def unit_of(column: str) -> str:
    """Return the unit that a column's name ends in; "" for names, texts and instants.

    >>> unit_of("it_power_mean_w"), unit_of("energy_price_usd_per_j"), unit_of("node")
    ('W', 'USD/J', '')
    """
    if column.endswith("utc"):
        return ""
    for ending in ("usd_per_j", "kg_per_j", "w_per_s", column.rpartition("_")[2]):
        if column.endswith(f"_{ending}") and ending in _UNITS:
            return _UNITS[ending]
    return ""


def table(columns: Mapping[str, Any]) -> pa.Table:
    """Return a table of equally long columns, numpy's or Arrow's; the unit of each is in its field's metadata.

    The unit stands there under `unit`. Columns may share the arrays' memory.
    """
    arrays = [numbers(column) if isinstance(column, np.ndarray) else column for column in columns.values()]
    fields = [
        pa.field(name, array.type, metadata={"unit": unit} if (unit := unit_of(name) or _plain(array.type)) else None)
        for name, array in zip(columns, arrays, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _plain(kind: pa.DataType) -> str:
    """Return the unit of a number whose name has none: 1, as of counts and fractions."""
    return "1" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else ""
