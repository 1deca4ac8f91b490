"""Causal attention of whole prompts to themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Axis, Operation, Rates, Shape, Work
from .head_classes import CLASS_AXIS, head_class

BACKWARD_OVER_FORWARD = 2.5
"""Time of backward attention over that of forward: five matrix products to two, in T. Dao, FlashAttention-2,
arXiv 2307.08691, section 3.1.2 and 4.1. Assumes the same efficiency; that paper reaches somewhat less backward."""

QUERY_TILE = 128
"""Queries that one block of threads attends for: of FlashAttention-2 and 3 for heads of 128."""

WRITING_THREADS = 512
"""Most threads of a block of `reshape_and_cache_flash`, vLLM's csrc/cache_kernels.cu."""
WRITE = 0.3
"""Where the fit of `write` starts: assumption, that of a write which waits for nothing but memory is below 1."""


def attended_pairs(tokens: FloatArray, past_tokens: FloatArray, window: FloatArray) -> FloatArray:
    """Return how many (query, key) pairs `tokens` causal queries behind `past_tokens` attend to.

    Each query attends to itself and what lies before it, at most `window` keys in all (0: no window).

    >>> float(attended_pairs(np.float64(4), np.float64(2), np.float64(0)))  # 3 + 4 + 5 + 6
    18.0
    >>> float(attended_pairs(np.float64(4), np.float64(2), np.float64(5)))  # 3 + 4 + 5 + 5
    17.0
    """
    last = past_tokens + tokens
    window = np.where(window > 0, window, last)
    full: FloatArray = np.clip(last - window, 0.0, tokens)  # Queries that see a whole window of keys.
    partial = tokens - full
    return full * window + partial * past_tokens + partial * (partial + 1.0) / 2.0


class PrefillAttention(Operation):
    """`batch` sequences of `tokens` tokens attend causally to themselves.

    A `window` w lets a token attend to itself and the w - 1 before it; 0 is no window. The number format is that of
    the cache: queries are as narrow where the framework does so.

    The closed form: computing, slower where there are fewer blocks of queries than multiprocessors (`slots`) and with
    `tile` keys more than it must for each query at the edge of a window, blended with moving queries and results
    (`query_memory`) and keys and values, written to the cache too (`cache_memory`). vLLM writes the cache by a kernel
    of its own before it attends, timed with it: one block of threads a token, with a thread for each element of its
    keys but at most `WRITING_THREADS`, so that few key-value heads cost as much as many (`write`: its time over that
    of moving 4 bytes a thread, the key and the value in bf16).
    """

    name = "prefill_attention"
    columns = ("batch", "tokens", "heads", "key_value_heads", "head_dim", "window")
    family = ("heads", "key_value_heads", "head_dim", "window")
    axes = (
        Axis("log2_tokens", (4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 13.5, 14.0)),
        Axis(
            "log2_batch_heads",
            (0.0, 2.0, 4.0, 5.0, 6.0, math.log2(96), 7.0, math.log2(192), 8.0, 9.0, 10.0, 12.0, 15.0),
        ),
        Axis("log2_group", (0.0, 1.0, 3.0, 7.0)),
        CLASS_AXIS,
    )
    smoothness: ClassVar[float | tuple[float, ...]] = (0.01, 0.01, 0.03, 0.0)
    bridged_cells: ClassVar[int | tuple[int, ...]] = (0, 0, 2, 0)
    work_is_least = True
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 1.2e-5,
        "compute": 0.5,
        "query_memory": 0.2,
        "cache_memory": 0.28,
        "tile": 300.0,
        "slots": 128.0,
        "blend": 1.4,
    }

    def fitted_parameters(self, framework: str) -> Mapping[str, float]:
        started = self.datasheet_parameters
        return {**started, "write": WRITE} if framework == "vllm" else started

    def work(self, shape: Shape, dtype: str) -> Work:
        tokens, sequences = shape["tokens"], shape["batch"] * shape["head_dim"]
        pairs = attended_pairs(tokens, np.zeros_like(tokens), shape["window"])
        moved = 2.0 * sequences * tokens * (shape["heads"] + shape["key_value_heads"])
        return Work(4.0 * sequences * shape["heads"] * pairs, element_bytes(dtype) * moved)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        tokens, heads = shape["tokens"], shape["heads"]
        width = shape["batch"] * shape["head_dim"] * tokens
        binds = (shape["window"] > 0) & (shape["window"] < tokens)
        flop = self.work(shape, dtype).flop + 4.0 * width * heads * parameters["tile"] * binds
        blocks = shape["batch"] * heads * np.ceil(tokens / QUERY_TILE)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s) * (1.0 + parameters["slots"] / blocks)
        moved = heads / parameters["query_memory"] + shape["key_value_heads"] / parameters["cache_memory"]
        memory_s = 2.0 * element_bytes(dtype) * width * moved / rates.bandwidth_b_per_s
        busy_s = parameters["latency_s"] + blended(compute_s, memory_s, parameters["blend"])
        if "write" not in parameters:
            return busy_s
        threads = np.minimum(shape["key_value_heads"] * shape["head_dim"], WRITING_THREADS)
        return busy_s + parameters["write"] * 4.0 * shape["batch"] * tokens * threads / rates.bandwidth_b_per_s

    def features(self, shape: Shape) -> FloatArray:
        heads, tokens = shape["heads"], shape["tokens"]
        return np.stack(
            [
                np.log2(tokens),
                np.log2(shape["batch"] * heads),
                np.log2(heads / shape["key_value_heads"]),
                head_class(shape["head_dim"], shape["window"], tokens),
            ],
            axis=1,
        )


def blended(compute_s: FloatArray, memory_s: FloatArray, blend: float) -> FloatArray:
    """Return the time of computing and moving memory together: their sum at blend 1, the greater at a large blend."""
    exponent = min(max(blend, 0.3), 50.0)  # Beyond lie powers that overflow; at 50 it is the greater of both.
    greater = np.maximum(compute_s, memory_s)
    ratio = np.minimum(compute_s, memory_s) / greater
    return np.asarray(greater * np.exp(np.log1p(ratio**exponent) / exponent))
