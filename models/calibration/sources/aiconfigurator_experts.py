"""Grouped products of mixtures of experts in aiconfigurator-core: `moe_perf`, one table a GPU and framework.

What the columns mean, from the distribution's public collectors (github.com/ai-dynamo/aiconfigurator, collector/) and
borne out by the times:

- `latency`, in ms, is that of both grouped products with activation, permutation and weighted sum, without the
  router, without any communication, replayed as a CUDA graph.
- `num_tokens` are the tokens of the whole expert-parallel group, each choosing `topk` of all `num_experts`; what is
  timed is rank 0 with its `num_experts / moe_ep_size` experts, of inner width `inter_size / moe_tp_size`.
- `distribution` `balanced` deals the choices round the experts in turn, so that on H100 16 tokens of 8 choices visit
  all 128 experts and take nearly as long as 128 tokens do. `power_law_x` draws each expert's share from a power law of
  exponent x and lets the rank with most choices be rank 0: the time is that of the most loaded rank, the mean over five
  draws. 16 tokens then visit half of the experts and take half the time.

Left out: kernels of experts without a gate (`nongated`, and the cutlass kernels that SGLang keeps for such models on
Hopper), the twins that TensorRT-LLM times in its optional low-latency mode, integer weights, and rows that took over
1.5 times as long as more tokens did on the same kernel and layout: there the framework's choice of a kernel failed, or
the machine was disturbed (up to 3 % of TensorRT-LLM's bf16 rows and 5 % of vLLM's fp8 rows on Hopper, 1.5 % on A100,
under 1 % elsewhere). Where a failed choice lasts to the greatest number of tokens it can not be told and stays in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import ACCELERATORS, DTYPES, _version, source_name
from .measurements import Measurements

_FRAMEWORKS = ("vllm", "sglang", "trtllm")
_SECONDS = 1e-3
_DTYPES = {key: DTYPES[key] for key in ("bfloat16", "fp8", "fp8_block", "nvfp4")}
_MXFP4 = ("w4a8_mxfp4_mxfp8", "w4a16_mxfp4")
"""Weights in mxfp4, the activations in mxfp8 or bf16: the first that a table has is taken, never both mixed."""
_LEFT_OUT = "nongated|min_latency|sglang_flashinfer_cutlass_moe"
_FULL_SHARE = 0.5
"""A newer version takes the place of an older one when it has at least this share of the fullest version's rows."""
_SPIKE = 1.5
_FEWEST_MODELS = 8
"""With fewer models than this, layouts are held out: a quarter of so few would be one or two models, or none."""
_LAYOUT = ("hidden", "intermediate", "experts", "active", "tensor_parallel", "expert_parallel")
_NAMES = {
    "num_tokens": "tokens",
    "hidden_size": "hidden",
    "inter_size": "intermediate",
    "num_experts": "experts",
    "topk": "active",
    "moe_tp_size": "tensor_parallel",
    "moe_ep_size": "expert_parallel",
}
_SHAPE = [*_NAMES.values(), "skew"]


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the grouped products of the distribution's data folder, for all accelerators or those named.

    Each number format comes from the newest version that has at least half as many of its rows as the fullest: some
    versions hold only a few models that were added late.
    """
    for gpu, accelerator in ACCELERATORS.items():
        if accelerators is not None and accelerator not in accelerators:
            continue
        for framework in _FRAMEWORKS:
            paths = sorted(
                (folder / gpu / "moe" / framework).glob("*/moe_perf.parquet"),
                key=lambda path: _version(path.parent.name),
            )
            tables = {path.parent.name: pd.read_parquet(path) for path in paths}
            versions = {version: rows_of(table) for version, table in tables.items()}
            dtypes = sorted({dtype for rows in versions.values() for dtype in rows["dtype"].unique()})
            for dtype in dtypes:
                version, rows = _newest_full({name: rows[rows["dtype"] == dtype] for name, rows in versions.items()})
                models = len(rows[list(_LAYOUT[:4])].drop_duplicates())
                yield Measurements(
                    "grouped_gemm", accelerator, framework, str(dtype), f"{source_name()}: {framework} {version}",
                    str(tables[version]["device"].iloc[0]), rows[[*_SHAPE, "time_s"]].reset_index(drop=True),
                    None if models >= _FEWEST_MODELS else _LAYOUT,
                )  # fmt: skip


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return `dtype`, the shape and `time_s` [s] of a table's rows that we take; repetitions by their median."""
    given = table["moe_dtype"].astype(str)
    mxfp4 = next((name for name in _MXFP4 if (given == name).any()), _MXFP4[0])
    exponent = table["distribution"].astype(str).str.extract(r"^power_law_([\d.]+)$")[0].astype(float)
    taken = table.rename(columns=_NAMES).assign(
        dtype=given.map({**_DTYPES, mxfp4: "mxfp4"}),
        skew=exponent.where(table["distribution"] != "balanced", 0.0),
        time_s=table["latency"].astype(float) * _SECONDS,
    )
    known = taken["dtype"].notna() & taken["skew"].notna() & (taken["time_s"] > 0.0)
    taken = taken[known & ~taken["kernel_source"].astype(str).str.contains(_LEFT_OUT)]
    taken = taken.sort_values("tokens")
    taken = taken[~_spikes(taken)].astype(dict.fromkeys(_SHAPE, float))
    return taken.groupby(["dtype", *_SHAPE], as_index=False)["time_s"].median()


def _spikes(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows, sorted by tokens, took far longer than one of more tokens."""
    curve = ["dtype", "kernel_source", *_LAYOUT, "skew"]
    later_s = rows.iloc[::-1].groupby(curve)["time_s"].cummin().reindex(rows.index)
    return rows["time_s"] > _SPIKE * later_s


def _newest_full(versions: dict[str, pd.DataFrame]) -> tuple[str, pd.DataFrame]:
    """Return the last of the versions, oldest first, that has enough rows."""
    enough = _FULL_SHARE * max(len(rows) for rows in versions.values())
    return [(name, rows) for name, rows in versions.items() if len(rows) >= enough][-1]
