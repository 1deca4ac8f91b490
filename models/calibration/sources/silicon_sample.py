"""Serving points that were measured on silicon, as the aiconfigurator-core distribution lists them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from .aiconfigurator import ACCELERATORS, data_folder

MODELS: dict[str, str] = {
    "meta-llama/Llama-3.1-70B": "llama-3.1-70b",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "llama-3.1-8b",
    "Qwen/Qwen3-32B": "qwen3-32b",
    "nvidia/Qwen3-32B-NVFP4": "qwen3-32b",
    "Qwen/Qwen3-235B-A22B-FP8": "qwen3-235b-a22b",
    "openai/gpt-oss-120b": "gpt-oss-120b",
    "deepseek-ai/DeepSeek-R1": "deepseek-v3",
    "deepseek-ai/DeepSeek-V3": "deepseek-v3",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-v3",
    "nvidia/DeepSeek-V3.1-NVFP4": "deepseek-v3",
}
"""Name in the list: model of the catalogue. R1 has the shape of V3."""

MIXTURES = tuple(name for name, model in MODELS.items() if not model.startswith(("llama", "qwen3-32b")))
"""Those of the list that are mixtures of experts."""

_WEIGHTS = {"fp8": "fp8", "fp8_block": "fp8_block", "nvfp4": "nvfp4"}

_STATIC = ("meta-llama/Llama-3.1-70B", "nvidia/Llama-3.1-8B-Instruct-FP8")
"""Whose points in fp8 ran a checkpoint with scales. The list does not say so of the 70B: its points are faster than
measured products that find scales themselves, whatever else is left out: assumption."""


class ServingPoint(NamedTuple):
    """One measured point of a replica that prefills and decodes on the same accelerators.

    A closed loop of `concurrency` clients with `10 concurrency` requests, all begun at once; lengths evenly between
    0.8 and 1 of those given; each request ran to its full output.
    """

    identity: str
    model: str
    """Model of the catalogue."""
    accelerator: str
    """Accelerator of the catalogue."""
    framework: str
    host: str
    """Name of the framework's host overhead: `vllm-0.13` for vLLM up to that version, else the framework."""
    weight_dtype: str
    """Number format of the weights; where the list names none, bf16: dense points without one are slower than their
    weights in 8 bits and as fast as in 16."""
    static_scales: bool
    """Whether the checkpoint in fp8 brings the scales of activations, as NVIDIA's do."""
    input_tokens: int
    """Longest prompt [tokens]."""
    output_tokens: int
    """Longest output [tokens]."""
    concurrency: int
    """Clients, each with one request at a time."""
    tensor: int
    """Ranks that share the heads of attention."""
    attention_data: int
    """Groups of ranks that attend for different sequences."""
    expert: int
    """Ranks that the experts are shared out over; 1 for a dense model."""
    time_to_first_token_s: float
    """As listed, mean or median is not known [s]."""
    time_per_output_token_s: float
    """(latency - time to first token) / (output tokens - 1), mean or median is not known [s]."""


def silicon_sample(path: Path | None = None) -> tuple[ServingPoint, ...]:
    """Return the points of one kind of engine whose model, format and layout are known, each measurement once.

    Left out: points with prefill and decode on separate accelerators, models that the catalogue does not have,
    weights in 4-bit integers, rows whose clients fit neither the batch size nor its ceiling over the groups of
    attention, rows whose experts lie over another number of ranks than attention does, and DeepSeek-V3 rows that copy
    one of R1.
    """
    rows = pd.read_csv(path or data_folder().parent / "silicon_sample.csv")
    clients = rows["silicon_data_source"].str.extract(r"silicon_concurrency=(\d+)")[0].astype(float)
    groups = rows["attention_dp_size"].fillna(1.0).clip(lower=1.0)
    plausible = (clients == rows["batch_size"]) | (np.ceil(clients / groups) == rows["batch_size"])
    expert_ranks = rows["moe_tp_size"] * rows["moe_ep_size"]
    of_one_stage = ~rows["model_path"].isin(MIXTURES) | (expert_ranks == rows["tp_size"] * groups)
    known = (
        (rows["mode"] == "agg")
        & rows["model_path"].isin(MODELS)
        & rows["system"].isin(ACCELERATORS)
        & (rows["gemm_quant_mode"].isna() | rows["gemm_quant_mode"].isin(_WEIGHTS))
    )
    kept = rows[known & plausible & of_one_stage].assign(clients=clients, groups=groups)
    points = [_point(row) for row in kept.sort_values("id").to_dict("records")]
    return tuple({point._replace(identity=""): point for point in reversed(points)}.values())[::-1]


def _host(framework: str, version: str, origin: str) -> str:
    """Return the name of a row's host overhead.

    Of vLLM there are two: since 0.14 (January 2026) it schedules the next step while the accelerators compute.
    """
    if framework != "vllm":
        return framework
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers:
        older = (int(numbers[1]), int(numbers[2])) < (0, 14)
    else:
        measured = re.search(r"measured=(\d{4})", origin)
        older = measured is not None and int(measured[1]) < 2026
    return "vllm-0.13" if older else "vllm"


def _point(row: dict[str, object]) -> ServingPoint:
    def number(name: str) -> int:
        value = row[name]
        return int(value) if isinstance(value, int | float) and not np.isnan(value) else 1

    return ServingPoint(
        identity=str(row["id"]),
        model=MODELS[str(row["model_path"])],
        accelerator=ACCELERATORS[str(row["system"])],
        framework=str(row["backend"]),
        host=_host(str(row["backend"]), str(row["backend_version"]), str(row["silicon_data_source"])),
        weight_dtype=_WEIGHTS.get(str(row["gemm_quant_mode"]), "bf16"),
        static_scales=row["model_path"] in _STATIC and row["gemm_quant_mode"] == "fp8",
        input_tokens=number("isl"),
        output_tokens=number("osl"),
        concurrency=number("clients"),
        tensor=number("tp_size"),
        attention_data=number("groups"),
        expert=number("moe_ep_size") if row["model_path"] in MIXTURES else 1,
        time_to_first_token_s=float(str(row["silicon_ttft_ms"])) * 1e-3,
        time_per_output_token_s=float(str(row["silicon_tpot_ms"])) * 1e-3,
    )
