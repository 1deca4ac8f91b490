"""Multi-head latent attention of DeepSeek's widths: cache of 512 + 64 an entry, heads of 128 + 64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Operation, Rates, Shape, Work

_LATENT, _ROPE, _NOPE, _VALUE = 512, 64, 128, 128


class LatentPrefillAttention(Operation):
    """`batch` prompts of `tokens` attend causally to themselves with keys and values expanded."""

    name = "latent_prefill_attention"
    columns = ("batch", "tokens", "heads")
    family = ("heads",)
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 1e-5, "compute": 0.5, "memory": 0.6}

    def work(self, shape: Shape, dtype: str) -> Work:
        rows = shape["batch"] * shape["tokens"]
        pairs = rows * (shape["tokens"] + 1.0) / 2.0
        flop = 2.0 * shape["heads"] * pairs * (_NOPE + _ROPE + _VALUE)
        return Work(flop, element_bytes(dtype) * rows * shape["heads"] * (2 * (_NOPE + _ROPE) + 2 * _VALUE))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        return _roofline_s(self.work(shape, dtype), rates, parameters)


class LatentDecodeAttention(Operation):
    """One token of each of `batch` sequences attends to `past_tokens` of its compressed cache."""

    name = "latent_decode_attention"
    columns = ("batch", "past_tokens", "heads")
    family = ("heads",)
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 1e-5, "compute": 0.4, "memory": 0.6}

    def work(self, shape: Shape, dtype: str) -> Work:
        pairs = shape["batch"] * shape["past_tokens"]
        flop = 2.0 * shape["heads"] * pairs * (2 * _LATENT + _ROPE)
        return Work(flop, element_bytes(dtype) * pairs * (_LATENT + _ROPE))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        return _roofline_s(self.work(shape, dtype), rates, parameters)


def _roofline_s(work: Work, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
    compute_s = work.flop / (parameters["compute"] * rates.compute_flop_per_s)
    memory_s = work.traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
    return parameters["latency_s"] + np.maximum(compute_s, memory_s)
