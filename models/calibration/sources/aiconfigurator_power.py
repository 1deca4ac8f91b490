"""Power of kernels in the tables of aiconfigurator-core: those of vLLM 0.22.0 on B200 hold it, attention and experts.

Other tables have no power; of each that has, the newest version is taken, whatever newer ones without there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd
from pyarrow import parquet

from .aiconfigurator import DTYPES, folders, source_name
from .h200_power import power_measurements
from .measurements import Measurements

_TABLES = {
    "prefill_attention": ("attention", "context_attention_perf"),
    "decode_attention": ("attention", "generation_attention_perf"),
    "grouped_gemm": ("moe", "moe_perf"),
}
"""Operation: folder and name of its tables."""
_EXPERT_COLUMNS = {
    "num_tokens": "tokens",
    "hidden_size": "hidden",
    "inter_size": "intermediate",
    "num_experts": "experts",
    "topk": "active",
    "moe_tp_size": "tensor_parallel",
    "moe_ep_size": "expert_parallel",
}


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the power of each operation, accelerator, framework and number format.

    `folder` holds one folder a GPU; `accelerators` are names in the catalogue, None for all.
    """
    for gpu, accelerator in folders(accelerators):
        for operation, (family, name) in _TABLES.items():
            newest: dict[str, Path] = {}
            for path in sorted((folder / gpu / family).glob(f"*/*/{name}.parquet")):
                if "power" in parquet.read_schema(path).names:
                    newest[path.parts[-3]] = path
            for framework, path in newest.items():
                table = pd.read_parquet(path)
                source = f"{source_name()}: {framework} {path.parts[-2]}"
                if operation == "grouped_gemm":
                    yield from _experts(table, accelerator, source)
                else:
                    yield from power_measurements(table, operation, accelerator, source)


def _experts(table: pd.DataFrame, accelerator: str, source: str) -> Iterator[Measurements]:
    """Yield experts by number format; `power_law_1.2` is a skew of 1.2, `balanced` of 0."""
    for given, rows in table.groupby("moe_dtype"):
        dtype = DTYPES.get(str(given))
        if dtype is None:
            continue
        skew = rows["distribution"].str.removeprefix("power_law_").where(rows["distribution"] != "balanced", "0")
        columns = rows.rename(columns=_EXPERT_COLUMNS)[list(_EXPERT_COLUMNS.values())]
        yield Measurements(
            operation="grouped_gemm",
            accelerator=accelerator,
            framework=str(rows["framework"].iloc[0]).lower(),
            dtype=dtype,
            source=source,
            device=str(rows["device"].iloc[0]),
            rows=columns.assign(
                skew=skew.astype(float), time_s=rows["latency"] * 1e-3, power_w=rows["power"]
            ).reset_index(drop=True),
        )
