"""The table at the end: what was measured, how fast it ran and how much it scattered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..operation import Operation, Work
from ..operations.decode_attention import DecodeAttention
from ..operations.elementwise import Elementwise
from ..operations.gemm import Gemm
from ..operations.prefill_attention import PrefillAttention
from ..operations.prefill_attention_backward import PrefillAttentionBackward
from .measured_file import Row, read_provenance, read_rows

_OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (Gemm(), PrefillAttention(), PrefillAttentionBackward(), DecodeAttention(), Elementwise())
}


class SummaryRow(NamedTuple):
    """All rows of one operation, number format and variant."""

    operation: str
    dtype: str
    variant: str
    rows: int
    spread: float
    """Median of (p90 - p10) / median."""
    fastest_flop_per_s: float | None
    """Highest rate of arithmetic [FLOP/s]."""
    fastest_b_per_s: float | None
    """Highest rate of the bytes that must move [B/s]."""
    highest_power_w: float | None
    sm_clock_hz: float | None
    """Median of the rows' clocks [Hz]."""


def summary(parquet: Path) -> list[SummaryRow]:
    """Return the table of a file of measurements, sorted by operation, number format and variant."""
    read_provenance(parquet)
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in read_rows(parquet):
        groups.setdefault((row["operation"], row["dtype"], row["variant"]), []).append(row)
    return [_summary(*names, rows) for names, rows in sorted(groups.items())]


def _summary(operation: str, dtype: str, variant: str, rows: list[Row]) -> SummaryRow:
    spreads = [(row["time_p90_s"] - row["time_p10_s"]) / row["time_s"] for row in rows]
    powers = [row["power_w"] for row in rows if "power_w" in row]
    clocks = [row["sm_clock_hz"] for row in rows if "sm_clock_hz" in row]
    work = _work(operation, dtype, rows)
    times_s = np.array([row["time_s"] for row in rows])
    return SummaryRow(
        operation=operation,
        dtype=dtype,
        variant=variant,
        rows=len(rows),
        spread=float(np.median(spreads)),
        fastest_flop_per_s=None if work is None or not work.flop.any() else float(np.max(work.flop / times_s)),
        fastest_b_per_s=None if work is None else float(np.max(work.traffic_b / times_s)),
        highest_power_w=max(powers, default=None),
        sm_clock_hz=float(np.median(clocks)) if clocks else None,
    )


def _work(operation: str, dtype: str, rows: list[Row]) -> Work | None:
    known = _OPERATIONS.get(operation)
    if known is None:
        return None
    return known.work({name: np.array([row[name] for row in rows], dtype=float) for name in known.columns}, dtype)
