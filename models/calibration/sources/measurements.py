"""Measurements of one operation as they enter a fit, wherever they were read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Measurements:
    """Rows of one operation, accelerator, framework and number format."""

    operation: str
    """Name of the operation."""
    accelerator: str
    """Name in the catalogue."""
    framework: str
    """`vllm`, `sglang`, `trtllm`, `nccl`, `pytorch`."""
    dtype: str
    """Number format, as `number_formats` names it."""
    source: str
    """Distribution and version, or the file."""
    device: str
    """The device as it named itself."""
    rows: pd.DataFrame
    """The operation's columns, `time_s` [s], and where it was read `power_w` [W]."""
    family: tuple[str, ...] | None = None
    """Columns that are held out together in place of the operation's, where the source has too few of those."""
