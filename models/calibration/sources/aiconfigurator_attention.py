"""Attention timings of the aiconfigurator-core distribution: prefill, decode, and latent attention of both kinds.

The number format of a measurement is that of its key-value cache, `bf16` or `fp8`. Where an fp8 cache was timed with
queries in both formats the fp8 queries are taken: it is what the frameworks run over an fp8 cache when they can.
Where a shape was timed with several kernels the one that the framework picks by itself is taken; of repetitions with
one kernel the median.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .aiconfigurator import folders, newest, source_name
from .measurements import Measurements

FRAMEWORKS = ("vllm", "sglang", "trtllm")

KERNELS_BY_CHOICE = ("trtllm_mha", "fa3", "flashinfer", "triton")
"""SGLang's own order of choice where a shape was timed with several kernels; kernels not named come first."""

_IMPOSSIBLE = frozenset({("a100-80gb-sxm", "trtllm", "decode_attention")})
"""Tables that can not be what they say: TensorRT-LLM 1.0.0 on A100 reads 4.3 GB of 16-bit cache in 1.24 ms, 1.7 times
what the memory can; half of that, a cache of 8 bits, would be 0.85 of it. Another framework's rows answer instead."""

_CACHE_FORMATS = {"bfloat16": "bf16", "fp8": "fp8"}
_SHAPE = ["batch_size", "isl", "step", "num_heads", "num_key_value_heads", "head_dim", "window_size"]


@dataclass(frozen=True)
class _Table:
    operation: str
    folder: str
    name: str
    query_format: str
    """Column with the number format of the queries."""
    columns: dict[str, str]
    """Column of the table: column of the operation."""


_HEADS = {
    "num_heads": "heads",
    "num_key_value_heads": "key_value_heads",
    "head_dim": "head_dim",
    "window_size": "window",
}
_TABLES = (
    _Table(
        "prefill_attention", "attention", "context_attention_perf", "attn_dtype",
        {"batch_size": "batch", "isl": "tokens"} | _HEADS,
    ),
    _Table(
        "decode_attention", "attention", "generation_attention_perf", "attn_dtype",
        {"batch_size": "batch", "step": "past_tokens"} | _HEADS,
    ),
    _Table(
        "latent_prefill_attention", "mla", "context_mla_perf", "mla_dtype",
        {"batch_size": "batch", "isl": "tokens", "num_heads": "heads"},
    ),
    _Table(
        "latent_decode_attention", "mla", "generation_mla_perf", "mla_dtype",
        {"batch_size": "batch", "step": "past_tokens", "num_heads": "heads"},
    ),
)  # fmt: skip


def read(folder: Path, accelerators: Sequence[str] | None = None) -> Iterator[Measurements]:
    """Yield the measurements of each operation, accelerator, framework and cache format, newest version alone.

    `folder` holds one folder a GPU; `accelerators` are names in the catalogue, None for all. vLLM's latent attention
    was timed only together with its projections, so there is none of it here.
    """
    for gpu, accelerator in folders(accelerators):
        for table in _TABLES:
            for framework in FRAMEWORKS:
                path = newest(folder, gpu, table.folder, framework, table.name)
                if path is not None and (accelerator, framework, table.operation) not in _IMPOSSIBLE:
                    yield from _read_table(path, table, accelerator, framework)


def _read_table(path: Path, table: _Table, accelerator: str, framework: str) -> Iterator[Measurements]:
    timings = pd.read_parquet(path)
    if "window_size" not in timings:
        timings["window_size"] = 0
    version = path.parent.name
    for cache_format, timed in timings.groupby("kv_cache_dtype"):
        rows = chosen_timings(timed, table.query_format)
        if table.operation.endswith("prefill_attention"):
            # A prompt of one token runs the decode kernel: it is no prefill.
            rows = rows[rows["isl"] > 1]
        yield Measurements(
            operation=table.operation,
            accelerator=accelerator,
            framework=framework,
            dtype=_CACHE_FORMATS[str(cache_format)],
            source=f"{source_name()}: {framework} {version}",
            device=str(timed["device"].iloc[0]),
            rows=rows.rename(columns=table.columns)[[*table.columns.values(), "time_s"]].reset_index(drop=True),
        )


def chosen_timings(timed: pd.DataFrame, query_format: str) -> pd.DataFrame:
    """Return one row a shape with `time_s` [s]: queries as narrow as the cache, the framework's kernel, the median."""
    shape = [column for column in _SHAPE if column in timed]
    order = {name: rank for rank, name in enumerate(KERNELS_BY_CHOICE, start=1)}
    ranked = timed.assign(
        wide=(timed[query_format] != timed["kv_cache_dtype"]).astype(int),
        rank=timed["kernel_source"].map(order).fillna(0),
        time_s=timed["latency"] * 1e-3,
    )
    for preference in ("rank", "wide"):
        ranked = ranked[ranked[preference] == ranked.groupby(shape)[preference].transform("min")]
    return ranked.groupby(shape, as_index=False)["time_s"].median()
