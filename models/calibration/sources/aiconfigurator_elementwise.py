"""Memory-bound kernels of aiconfigurator-core: quantisation of activations from bf16 to fp8 by a given scale.

`scale_matrix` reads an m by k matrix of 2 bytes an element and writes one of 1 byte. Rows as wide as a layer are taken:
wider ones, few and long, starve kernels that give each row to one block. SGLang's is left out: it moves 0.3 TB/s on
H100 where the others move 3, so it is not bound by memory. `computescale` is a difference of two timings, often
smaller than their spread, and is not taken. The distribution holds no norms, activations or additions apart: they ride
inside its module tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import folders, newest, source_name
from .measurements import Measurements

_FRAMEWORKS = ("vllm", "trtllm")
_SECONDS = 1e-3
_BYTES_AN_ELEMENT = 2.0 + 1.0
_WIDTHS = (256, 16384)
"""Least and greatest width that is taken: those of layers, or of one rank's share of them."""


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the memory-bound kernels of the distribution's data folder, for all accelerators or those named."""
    for gpu, accelerator in folders(accelerators):
        for framework in _FRAMEWORKS:
            path = newest(folder, gpu, "quantize", framework, "scale_matrix_perf")
            if path is None:
                continue
            table = pd.read_parquet(path)
            source = f"{source_name()}: {framework} {path.parent.name}"
            device = str(table["device"].iloc[0])
            yield Measurements("elementwise", accelerator, framework, "bf16", source, device, rows_of(table))


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return `traffic_b` [B] and `time_s` [s] of a table's rows."""
    kept = table[(table["quant_dtype"].astype(str) == "fp8") & table["k"].between(*_WIDTHS)]
    traffic_b = kept["m"].astype(float) * kept["k"].astype(float) * _BYTES_AN_ELEMENT
    rows = pd.DataFrame({"traffic_b": traffic_b, "time_s": kept["latency"].astype(float) * _SECONDS})
    return rows[rows["time_s"] > 0.0].reset_index(drop=True)
