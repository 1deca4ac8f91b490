"""Matrix products of aiconfigurator-core: one table a GPU and framework, `latency` in ms."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import DTYPES, folders, newest, source_name
from .measurements import Measurements

_FRAMEWORKS = ("vllm", "sglang", "trtllm")
_SECONDS = 1e-3
_TAKEN = ("bf16", "fp8", "fp8_block", "nvfp4")
_BOUND_BY_HOST = frozenset({("vllm", "fp8_block")})
"""Tables that time Python and not the GPU: vLLM 0.24's products in fp8 blocks take 55 us and more on H100, 150 us on
B200 and 280 us on L40S however small they are, where the same DeepGEMM takes 4 us under SGLang. Serving replays CUDA
graphs, in which that time is not spent; another framework's rows answer in their place."""


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the matrix products of the distribution's data folder, for all accelerators or those named."""
    for gpu, accelerator in folders(accelerators):
        for framework in _FRAMEWORKS:
            path = newest(folder, gpu, "gemm", framework, "gemm_perf")
            if path is None:
                continue
            table = pd.read_parquet(path)
            device = str(table["device"].iloc[0])
            source = f"{source_name()}: {framework} {path.parent.name}"
            for dtype, rows in rows_of(table).groupby("dtype"):
                if (framework, dtype) not in _BOUND_BY_HOST:
                    columns = rows[["m", "n", "k", "time_s"]].reset_index(drop=True)
                    yield Measurements("gemm", accelerator, framework, str(dtype), source, device, columns)


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return `dtype`, `m`, `n`, `k` and `time_s` [s] of a table's rows that we take; repetitions by their median."""
    dtype = table["gemm_dtype"].astype(str).map(DTYPES)
    taken = table.assign(dtype=dtype, time_s=table["latency"].astype(float) * _SECONDS)
    taken = taken[dtype.isin(_TAKEN) & (taken["time_s"] > 0.0)]
    shapes = ["dtype", "m", "n", "k"]
    return taken.groupby(shapes, as_index=False)["time_s"].median().astype({"m": float, "n": float, "k": float})
