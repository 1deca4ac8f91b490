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

Left out are

- experts without a gate: kernels named `nongated`, the cutlass kernels that SGLang keeps for such models on Hopper, and
  all other rows of the models that TensorRT-LLM's tables name so (Nemotron's). The others' kernels do not say it, but
  under vLLM these take two thirds of what gated experts of their widths would;
- the twins that TensorRT-LLM times in its optional low-latency mode, integer weights, and mxfp4 with a stand-in for
  another activation;
- on Blackwell, under vLLM and SGLang, models that fall back to another kernel than the `flashinfer_trtllm` that most
  run on, as its routing or activation lacks theirs: it hangs on no column of the shape. They take up to twice as long
  (SGLang: Mixtral and the widths of MiMo, MiniMax and DeepSeek-V4, in bf16 Llama 4 too; vLLM: two models a format);
- rows that took over 1.5 times as long as one of more tokens, fewer tensor ranks or fewer expert ranks, the rest the
  same. That one had all of the work to do and more: the framework's choice of a kernel failed, or the machine was
  disturbed. They are a tenth of TensorRT-LLM's bf16 and fp8 rows on Hopper, 4 to 6 % of vLLM's fp8 rows there, and 2 %
  or less elsewhere. Widths that 16 does not divide are not judged, as Triton's kernels are that much slower there.
  Where a choice failed for many of a model's layouts it can not be told and stays in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import DTYPES, _version, folders, source_name
from .measurements import Measurements

_FRAMEWORKS = ("vllm", "sglang", "trtllm")
_SECONDS = 1e-3
_DTYPES = {key: DTYPES[key] for key in ("bfloat16", "fp8", "fp8_block", "nvfp4")}
_MXFP4 = ("w4a8_mxfp4_mxfp8", "w4a16_mxfp4")
"""Weights in mxfp4, the activations in mxfp8 or bf16: the first that a table has is taken, never both mixed."""
_NOT_GATED = "nongated"
_LEFT_OUT = f"{_NOT_GATED}|min_latency|sglang_flashinfer_cutlass_moe|situ_as_silu"
_FAST = "flashinfer_trtllm"
"""Of vLLM's and SGLang's kernels on Blackwell the one that is taken where a table has it."""
_FULL_SHARE = 0.5
"""A newer version takes the place of an older one when it has at least this share of the fullest version's rows."""
_FAILED = 1.5
_ALIGNED = 16
_FEWEST_MODELS = 8
"""With fewer models than this, layouts are held out: a quarter of so few would be one or two models, or none."""
_MODEL = ("hidden", "intermediate", "experts", "active")
_LAYOUT = (*_MODEL, "tensor_parallel", "expert_parallel")
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
    ungated = _ungated_models(folder)
    for gpu, accelerator in folders(accelerators):
        for framework in _FRAMEWORKS:
            paths = sorted(
                (folder / gpu / "moe" / framework).glob("*/moe_perf.parquet"),
                key=lambda path: _version(path.parent.name),
            )
            tables = {path.parent.name: pd.read_parquet(path) for path in paths}
            versions = {version: rows_of(table, ungated) for version, table in tables.items()}
            dtypes = sorted({dtype for rows in versions.values() for dtype in rows["dtype"].unique()})
            for dtype in dtypes:
                version, rows = _newest_full({name: rows[rows["dtype"] == dtype] for name, rows in versions.items()})
                models = len(rows[list(_MODEL)].drop_duplicates())
                yield Measurements(
                    "grouped_gemm", accelerator, framework, str(dtype), f"{source_name()}: {framework} {version}",
                    str(tables[version]["device"].iloc[0]), rows[[*_SHAPE, "time_s"]].reset_index(drop=True),
                    None if models >= _FEWEST_MODELS else _LAYOUT,
                )  # fmt: skip


def rows_of(table: pd.DataFrame, ungated: Collection[tuple[int, ...]] = ()) -> pd.DataFrame:
    """Return `dtype`, the shape and `time_s` [s] of a table's rows that we take; repetitions by their median.

    `ungated` are the hidden and inner widths, experts and active experts of models without a gate.
    """
    given = table["moe_dtype"].astype(str)
    mxfp4 = next((name for name in _MXFP4 if (given == name).any()), _MXFP4[0])
    exponent = table["distribution"].astype(str).str.extract(r"^power_law_([\d.]+)$")[0].astype(float)
    taken = table.rename(columns=_NAMES).assign(
        dtype=given.map({**_DTYPES, mxfp4: "mxfp4"}),
        skew=exponent.where(table["distribution"] != "balanced", 0.0),
        time_s=table["latency"].astype(float) * _SECONDS,
        kernel_source=table["kernel_source"].astype(str),
    )
    known = taken["dtype"].notna() & taken["skew"].notna() & (taken["time_s"] > 0.0)
    taken = taken[known & ~taken["kernel_source"].str.contains(_LEFT_OUT)]
    taken = taken[~pd.MultiIndex.from_frame(taken[list(_MODEL)]).isin(list(ungated))]
    fast = taken["kernel_source"].str.contains(_FAST)
    taken = taken[fast | ~fast.groupby(taken["dtype"]).transform("any")]
    taken = taken[~_failed(taken)].astype(dict.fromkeys(_SHAPE, float))
    return taken.groupby(["dtype", *_SHAPE], as_index=False)["time_s"].median()


def _ungated_models(folder: Path) -> set[tuple[int, ...]]:
    """Return the models whose experts some table of TensorRT-LLM, of whatever GPU, says to have no gate."""
    columns = [name for name, ours in _NAMES.items() if ours in _MODEL]
    models: set[tuple[int, ...]] = set()
    for path in folder.glob("*/moe/trtllm/*/moe_perf.parquet"):
        table = pd.read_parquet(path, columns=["kernel_source", *columns]).rename(columns=_NAMES)
        ungated = table[table["kernel_source"].astype(str).str.contains(_NOT_GATED)]
        models.update(
            tuple(map(int, model)) for model in ungated[list(_MODEL)].drop_duplicates().itertuples(index=False)
        )
    return models


def _failed(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows took far longer than one that had more to do."""
    least_s = rows["time_s"]
    for column, most_work_first in (("tokens", False), ("tensor_parallel", True), ("expert_parallel", True)):
        others = [name for name in ("dtype", "kernel_source", *_LAYOUT, "skew", "tokens") if name != column]
        # From the most work to the least: the least time so far is that of a row with no less work.
        ordered = rows.assign(least_s=least_s).sort_values(column, ascending=most_work_first)
        least_s = ordered.groupby(others)["least_s"].cummin().reindex(rows.index)
    aligned = (rows["intermediate"] / rows["tensor_parallel"]) % _ALIGNED == 0
    return aligned & (rows["time_s"] > _FAILED * least_s)


def _newest_full(versions: dict[str, pd.DataFrame]) -> tuple[str, pd.DataFrame]:
    """Return the last of the versions, oldest first, that has enough rows."""
    enough = _FULL_SHARE * max(len(rows) for rows in versions.values())
    return [(name, rows) for name, rows in versions.items() if len(rows) >= enough][-1]
