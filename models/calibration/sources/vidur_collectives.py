"""Sends between two H100, in a DGX and between two, as Vidur measured them (MIT; times in ms, sizes in bytes).

Vidur's all-reduces are not read: all of them lie inside a node, where NCCL's own tables are finer, and below 1 MB
they hold 20 to 40 us of launches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .measurements import Measurements

ACCELERATOR = "h100-sxm"
PORT_B_PER_S = 50e9
"""Line rate of a DGX H100's port for each accelerator, 400 Gb/s [B/s]."""
_FILE = "vidur_h100_dgx_send_recv.csv"
_SECONDS = 1e-3


def source_name() -> str:
    """Return what the rows are of."""
    return "Vidur, sends on H100 DGX (github.com/microsoft/vidur, data/profiling/network)"


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the sends inside a node, for the scale-up domain."""
    if accelerators is None or ACCELERATOR in accelerators:
        rows = sends(folder, devices_per_node=2)
        yield Measurements("point_to_point", ACCELERATOR, "nccl", "bf16", source_name(), "H100 DGX", rows)


def sends(folder: Path, *, devices_per_node: int) -> pd.DataFrame:
    """Return `ranks`, `message_b` [B] and `time_s` [s] of sends inside a node (2 devices a node) or between two (1)."""
    table = pd.read_csv(folder / _FILE)
    kept = table[table["devices_per_node"] == devices_per_node]
    return pd.DataFrame(
        {
            "ranks": 2.0,
            "message_b": kept["size"].astype(float),
            "time_s": kept["time_stats.send_recv.median"].astype(float) * _SECONDS,
        }
    ).reset_index(drop=True)
