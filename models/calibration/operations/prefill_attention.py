"""Causal attention of whole prompts to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Operation, Rates, Shape, Work


class PrefillAttention(Operation):
    """`batch` sequences of `tokens` tokens attend causally to themselves; `window` 0 is no window."""

    name = "prefill_attention"
    columns = ("batch", "tokens", "heads", "key_value_heads", "head_dim", "window")
    family = ("heads", "key_value_heads", "head_dim", "window")
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 8e-6, "compute": 0.55, "memory": 0.6}

    def work(self, shape: Shape, dtype: str) -> Work:
        tokens = shape["tokens"]
        window = np.where(shape["window"] > 0, np.minimum(shape["window"], tokens), tokens)
        pairs = window * (tokens - window) + window * (window + 1) / 2
        flop = 4.0 * shape["batch"] * shape["heads"] * shape["head_dim"] * pairs
        read = shape["batch"] * tokens * shape["head_dim"]
        return Work(flop, element_bytes(dtype) * read * (2 * shape["heads"] + 2 * shape["key_value_heads"]))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + np.maximum(compute_s, memory_s)
