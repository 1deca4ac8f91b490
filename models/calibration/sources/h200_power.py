"""Power of kernels on an H200, as aiconfigurator's project published it beside the timings of vLLM 0.22.0.

Three tables of Parquet: matrix products, prefill attention and decode attention, with `power` and `power_limit` [W]
and `latency` [ms].
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import DTYPES
from .measurements import Measurements

ACCELERATOR = "h200-sxm"

SHAPES: dict[str, dict[str, str]] = {
    "gemm": {"m": "m", "n": "n", "k": "k"},
    "prefill_attention": {
        "batch_size": "batch",
        "isl": "tokens",
        "num_heads": "heads",
        "num_key_value_heads": "key_value_heads",
        "head_dim": "head_dim",
        "window_size": "window",
    },
    "decode_attention": {
        "batch_size": "batch",
        "step": "past_tokens",
        "num_heads": "heads",
        "num_key_value_heads": "key_value_heads",
        "head_dim": "head_dim",
        "window_size": "window",
    },
}
"""Operation: column of the table and of the operation."""
FORMATS = {"gemm": "gemm_dtype", "prefill_attention": "kv_cache_dtype", "decode_attention": "kv_cache_dtype"}
"""Operation: column with the number format, for attention that of the cache."""
_FILES = {
    "gemm": "h200_vllm_0.22.0_gemm_perf_with_power.parquet",
    "prefill_attention": "h200_vllm_0.22.0_context_attention_perf_with_power.parquet",
    "decode_attention": "h200_vllm_0.22.0_generation_attention_perf_with_power.parquet",
}


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the power of each operation and number format from a folder that holds the tables.

    `accelerators` are names in the catalogue, None for all. A table that is not there is passed over.
    """
    if accelerators is not None and ACCELERATOR not in accelerators:
        return
    for operation, name in _FILES.items():
        path = folder / name
        if path.is_file():
            yield from power_measurements(pd.read_parquet(path), operation, ACCELERATOR, name)


def power_measurements(table: pd.DataFrame, operation: str, accelerator: str, source: str) -> Iterator[Measurements]:
    """Yield a table's rows by number format, in SI and in the operation's columns."""
    shape, format_column = SHAPES[operation], FORMATS[operation]
    if operation == "prefill_attention":
        # A prompt of one token runs the decode kernel: it is no prefill.
        table = table[table["isl"] > 1]
    for given, rows in table.groupby(format_column):
        dtype = DTYPES.get(str(given))
        if dtype is None:
            continue
        columns = rows.rename(columns=shape)[list(shape.values())]
        yield Measurements(
            operation=operation,
            accelerator=accelerator,
            framework=str(rows["framework"].iloc[0]).lower(),
            dtype=dtype,
            source=source,
            device=str(rows["device"].iloc[0]),
            rows=columns.assign(time_s=rows["latency"] * 1e-3, power_w=rows["power"]).reset_index(drop=True),
        )
