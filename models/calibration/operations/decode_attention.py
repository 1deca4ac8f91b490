"""Attention of one new token a sequence to what its cache holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Operation, Rates, Shape, Work


class DecodeAttention(Operation):
    """One token of each of `batch` sequences attends to `past_tokens` of its cache; `window` 0 is no window."""

    name = "decode_attention"
    columns = ("batch", "past_tokens", "heads", "key_value_heads", "head_dim", "window")
    family = ("heads", "key_value_heads", "head_dim", "window")
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 8e-6, "compute": 0.3, "memory": 0.75}

    def work(self, shape: Shape, dtype: str) -> Work:
        past = shape["past_tokens"]
        past = np.where(shape["window"] > 0, np.minimum(shape["window"], past), past)
        pairs = shape["batch"] * past * shape["head_dim"]
        return Work(4.0 * shape["heads"] * pairs, element_bytes(dtype) * 2.0 * shape["key_value_heads"] * pairs)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + np.maximum(compute_s, memory_s)
