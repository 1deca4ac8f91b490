"""Collectives of aiconfigurator-core: NCCL's, and the all-reduces that serving frameworks bring along.

`message_size` counts elements, in NCCL's tables and in the frameworks': with two bytes an element the frameworks'
large all-reduces, which they hand to NCCL, take NCCL's time. The size is that of the whole buffer for every
collective: as the part of one rank, eight H100 would gather at 3 TB/s over links of 0.45 TB/s. `latency` is in ms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import DTYPES, folders, newest, source_name
from .measurements import Measurements

_OPERATIONS = {
    "all_reduce": "all_reduce",
    "all_gather": "all_gather",
    "reduce_scatter": "reduce_scatter",
    "alltoall": "all_to_all",
}
_ELEMENT_B = {"half": 2.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0}
_MOVES_ONLY = ("all_gather", "alltoall")
"""Collectives that add nothing up: the number format is nothing to them, and all rows serve as those of bf16."""
_FRAMEWORKS = ("vllm", "sglang", "trtllm")
_SECONDS = 1e-3


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the collectives of the distribution's data folder, for all accelerators or those named."""
    for gpu, accelerator in folders(accelerators):
        nccl = newest(folder, gpu, "comm", "nccl", "nccl_perf")
        if nccl is not None:
            yield from _measurements(nccl, "nccl", accelerator, "nccl_dtype")
        for framework in _FRAMEWORKS:
            path = newest(folder, gpu, "comm", framework, "custom_allreduce_perf")
            if path is not None:
                yield from _measurements(path, framework, accelerator, "allreduce_dtype")


def rows_of(table: pd.DataFrame, dtype_column: str) -> pd.DataFrame:
    """Return `operation`, `dtype`, `ranks`, `message_b` [B] and `time_s` [s] of a table's rows that we take.

    Frameworks were measured eagerly and replayed from CUDA graphs; serving loops replay graphs, and eager rows are
    mostly the time of Python, so they are left out.
    """
    source = table["kernel_source"].astype(str)
    kept = table[~source.str.endswith("eager") & table["op_name"].isin(list(_OPERATIONS))]
    dtype = kept[dtype_column].astype(str)
    named = dtype.map({**DTYPES, "int8": "int8"}).mask(kept["op_name"].isin(_MOVES_ONLY), "bf16")
    return pd.DataFrame(
        {
            "operation": kept["op_name"].map(_OPERATIONS),
            "dtype": named,
            "ranks": kept["num_gpus"].astype(float),
            "message_b": kept["message_size"].astype(float) * dtype.map(_ELEMENT_B).astype(float),
            "time_s": kept["latency"].astype(float) * _SECONDS,
        }
    ).dropna()


def _measurements(path: Path, framework: str, accelerator: str, dtype_column: str) -> Iterator[Measurements]:
    table = pd.read_parquet(path)
    # Tables of NCCL 2.23 lack the columns that name version and device.
    device = str(table["device"].iloc[0]) if "device" in table else ""
    source = f"{source_name()}: {framework} {path.parent.name}"
    for (operation, dtype), rows in rows_of(table, dtype_column).groupby(["operation", "dtype"]):
        columns = rows[["ranks", "message_b", "time_s"]].reset_index(drop=True)
        yield Measurements(str(operation), accelerator, framework, str(dtype), source, device, columns)
