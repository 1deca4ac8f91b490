"""Layers and attention of Llama-3.1-8B on one TPU v6e, as LLMServingSim measured them (MIT; times in ns).

Its notebook, `llm_profiler_tpu.ipynb`, runs PyTorch/XLA 2.8 with one layer of the model and takes times on the device
from the profiler's trace: the framework is `torch_xla`. Attention holds the rotary embedding.

XLA compiles the layer as one program. It fetches the next weights while it computes and fuses products, so the time
under a name is not that of one product: up to 312 tokens the table has no `up_proj`, and `down_proj` takes twice the
time of `gate_proj`; `o_proj` reads 34 MB in 5 us, four times what the memory can do. Sums keep their sense: the three
matrices of the feed-forward network, equal in work, share its time equally, and so do the query and the output
projection. The table has no key and value projections.

Of the kernels that only move memory, the norm before attention is taken. Those after it are fused into products, and
the embedding gathers rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .measurements import Measurements

ACCELERATOR = "tpu-v6e"
FRAMEWORK = "torch_xla"
SOURCE = "LLMServingSim, Llama-3.1-8B on TPU v6e (github.com/casys-kaist/LLMServingSim)"
_HIDDEN, _INTERMEDIATE, _VOCABULARY = 4096, 14336, 128256
_HEADS = {"heads": 32.0, "key_value_heads": 8.0, "head_dim": 128.0, "window": 0.0}
_ELEMENT_B = 2.0
_SECONDS = 1e-9


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield products, norms and attention of the tables in a folder.

    One model has too few matrices and heads to hold any out: token counts, chunks and caches are held out in their
    place.
    """
    if accelerators is not None and ACCELERATOR not in accelerators:
        return
    layers = pd.read_csv(folder / "tpu_v6e_llama31_8b_tp1_layers.csv")
    attention = pd.read_csv(folder / "tpu_v6e_llama31_8b_tp1_attention.csv")
    whole = prompts(attention)
    for operation, rows, family in (
        ("gemm", products(layers), ("m",)),
        ("elementwise", norms(layers), None),
        ("prefill_attention", whole[whole["past_tokens"] == 0.0].drop(columns="past_tokens"), ("tokens",)),
        ("decode_attention", decodes(attention), ("batch", "past_tokens")),
    ):
        yield Measurements(
            operation, ACCELERATOR, FRAMEWORK, "bf16", SOURCE, "TPU v6e", rows.reset_index(drop=True), family
        )


def products(layers: pd.DataFrame) -> pd.DataFrame:
    """Return `m`, `n`, `k` and `time_s` [s] of the layer's matrix products and the output head."""
    time_s = _by_layer(layers)
    feed_forward_s = time_s[["gate_proj", "up_proj", "down_proj"]].sum(axis=1) / 3.0  # What is missing was fused.
    parts = (
        (_HIDDEN, _HIDDEN, time_s[["q_proj", "o_proj"]].mean(axis=1)),
        (_INTERMEDIATE, _HIDDEN, feed_forward_s),
        (_HIDDEN, _INTERMEDIATE, feed_forward_s),
        (_VOCABULARY, _HIDDEN, time_s["lm_head"]),
    )
    return pd.concat(
        [
            pd.DataFrame({"m": part.index.astype(float), "n": float(n), "k": float(k), "time_s": part.to_numpy()})
            for n, k, part in parts
        ]
    )


def norms(layers: pd.DataFrame) -> pd.DataFrame:
    """Return `traffic_b` [B] and `time_s` [s] of the norm before attention, which reads and writes each activation."""
    time_s = _by_layer(layers)["input_layernorm"]
    traffic_b = 2.0 * _ELEMENT_B * _HIDDEN * time_s.index.astype(float)
    return pd.DataFrame({"traffic_b": traffic_b, "time_s": time_s.to_numpy()})


def prompts(attention: pd.DataFrame) -> pd.DataFrame:
    """Return the shape, `past_tokens` and `time_s` [s] of a prompt's chunk after what of it is in the cache."""
    kept = attention[attention["is_prefill"]]
    return pd.DataFrame(
        {
            "batch": kept["batch_size"].astype(float),
            "tokens": kept["prefill_chunk_size"].astype(float),
            "past_tokens": kept["kv_cache_size"].astype(float),
            **_HEADS,
            "time_s": kept["p50_ns"] * _SECONDS,
        }
    )


def decodes(attention: pd.DataFrame) -> pd.DataFrame:
    """Return the shape and `time_s` [s] of a new token a sequence."""
    kept = attention[~attention["is_prefill"]]
    return pd.DataFrame(
        {
            "batch": kept["batch_size"].astype(float),
            "past_tokens": kept["kv_cache_size"].astype(float),
            **_HEADS,
            "time_s": kept["p50_ns"] * _SECONDS,
        }
    )


def _by_layer(layers: pd.DataFrame) -> pd.DataFrame:
    """Return times [s] by tokens, one column a layer."""
    return layers.pivot_table(index="input", columns="layer_name", values="latency(ns)", aggfunc="median") * _SECONDS
