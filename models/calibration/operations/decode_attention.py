"""Attention of one new token a sequence to what its cache holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Axis, Operation, Rates, Shape, Work
from .head_classes import CLASS_AXIS, head_class
from .prefill_attention import blended

LARGEST_GROUP = 32
"""Query heads that share a key-value head for which TensorRT-LLM has a kernel that reads the cache once; for larger
groups its decode was measured ten to twenty times slower, in proportion to the query heads."""

_log2 = math.log2


class DecodeAttention(Operation):
    """One new token of each of `batch` sequences attends to `past_tokens` of its cache and to itself.

    A `window` w lets it attend to itself and the w - 1 before it; 0 is no window. The number format is that of the
    cache, whatever that of the queries.

    The closed form: computing blended with reading the cache, slower where few key-value heads leave multiprocessors
    idle (`slots`) and where the cache is read once for each query head of a group (`repeated`). Latency is not added
    but joined by a blend of its own, below 1: bandwidth rises slowly with what there is to read.
    """

    name = "decode_attention"
    columns = ("batch", "past_tokens", "heads", "key_value_heads", "head_dim", "window")
    family = ("heads", "key_value_heads", "head_dim", "window")
    axes = (
        # Kernels step where they start to split the cache between multiprocessors, at whole octaves and between them.
        Axis("log2_attended", (1.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 15.0, 17.0)),
        Axis(
            "log2_batch_key_value_heads",
            (0.0, 3.0, 4.0, 5.0, 6.0, _log2(96), 7.0, _log2(192), 8.0, _log2(384), 9.0, 10.0, 11.0, 12.0, 14.0, 17.0),
        ),
        # SGLang has a slower kernel for groups of 6 in wide heads, TensorRT-LLM for those of more than LARGEST_GROUP.
        Axis("log2_group", (0.0, 1.0, _log2(6), 3.0, 4.0, 5.0, _log2(33), 6.0, _log2(96), 7.0)),
        CLASS_AXIS,
    )
    smoothness: ClassVar[float | tuple[float, ...]] = (0.001, 0.001, 0.03, 0.0)
    bridged_cells: ClassVar[int | tuple[int, ...]] = (1, 1, 4, 0)
    work_is_least = True
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 1.1e-5,
        "compute": 1.0,
        "memory": 1.0,
        "slots": 0.15,
        "repeated": 0.007,
        "blend": 10.0,
        "join": 0.7,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        attended = shape["past_tokens"] + 1.0
        attended = np.where(shape["window"] > 0, np.minimum(shape["window"], attended), attended)
        sequences = shape["batch"] * shape["head_dim"]
        cache_b = element_bytes(dtype) * 2.0 * shape["key_value_heads"] * sequences * attended
        queries_b = element_bytes("bf16") * 2.0 * shape["heads"] * sequences
        return Work(4.0 * shape["heads"] * sequences * attended, cache_b + queries_b)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        group = shape["heads"] / shape["key_value_heads"]
        alone = 1.0 + parameters["slots"] / (shape["batch"] * shape["key_value_heads"])
        again = 1.0 + parameters["repeated"] * group * (group > LARGEST_GROUP)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s) * alone * again
        busy_s = blended(compute_s, memory_s, parameters["blend"])
        return blended(np.full_like(busy_s, parameters["latency_s"]), busy_s, parameters["join"])

    def features(self, shape: Shape) -> FloatArray:
        attended = shape["past_tokens"] + 1.0
        return np.stack(
            [
                np.log2(attended),
                np.log2(shape["batch"] * shape["key_value_heads"]),
                np.log2(shape["heads"] / shape["key_value_heads"]),
                head_class(shape["head_dim"], shape["window"], attended),
            ],
            axis=1,
        )
