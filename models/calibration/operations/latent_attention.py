"""Multi-head latent attention of DeepSeek's widths: cache of 512 + 64 an entry, heads of 128 + 64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Axis, Operation, Rates, Shape, Work
from .prefill_attention import QUERY_TILE, blended

_LATENT, _ROPE, _NOPE, _VALUE = 512, 64, 128, 128


class LatentPrefillAttention(Operation):
    """`batch` prompts of `tokens` attend causally to themselves with keys and values expanded.

    The number format is that of the cache. The attention alone: projections, and expanding keys and values from the
    latent, are matrix products of their own.
    """

    name = "latent_prefill_attention"
    columns = ("batch", "tokens", "heads")
    family = ("heads",)
    axes = (
        Axis("log2_tokens", (4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0)),
        Axis("log2_batch_heads", tuple(float(knot) for knot in range(16))),
        Axis("log2_heads", (0.0, 2.0, 4.0, 5.5, 7.0)),
    )
    smoothness: ClassVar[float | tuple[float, ...]] = (0.03, 0.03, 0.3)
    work_is_least = True
    bridged_cells: ClassVar[int] = 1
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 1.6e-5,
        "compute": 0.5,
        "memory": 0.36,
        "slots": 300.0,
        "blend": 1.5,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        rows = shape["batch"] * shape["tokens"]
        pairs = rows * (shape["tokens"] + 1.0) / 2.0
        flop = 2.0 * shape["heads"] * pairs * (_NOPE + _ROPE + _VALUE)
        return Work(flop, element_bytes(dtype) * rows * shape["heads"] * (2 * (_NOPE + _ROPE) + 2 * _VALUE))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        blocks = shape["batch"] * shape["heads"] * np.ceil(shape["tokens"] / QUERY_TILE)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s) * (1.0 + parameters["slots"] / blocks)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + blended(compute_s, memory_s, parameters["blend"])

    def features(self, shape: Shape) -> FloatArray:
        heads = shape["heads"]
        return np.stack([np.log2(shape["tokens"]), np.log2(shape["batch"] * heads), np.log2(heads)], axis=1)


class LatentDecodeAttention(Operation):
    """One new token of each of `batch` sequences attends to `past_tokens` of its compressed cache and to itself.

    The number format is that of the cache, whatever that of the queries.
    """

    name = "latent_decode_attention"
    columns = ("batch", "past_tokens", "heads")
    family = ("heads",)
    axes = (
        Axis("log2_attended", (1.0, 4.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 17.0)),
        Axis("log2_batch", tuple(float(knot) for knot in range(11))),
        Axis("log2_heads", tuple(float(knot) for knot in range(8))),
    )
    smoothness: ClassVar[float | tuple[float, ...]] = (0.003, 0.003, 0.1)
    work_is_least = True
    bridged_cells: ClassVar[int] = 1
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 1.2e-5,
        "compute": 0.4,
        "memory": 0.6,
        "padding": 16.0,
        "slots": 4.0,
        "blend": 2.0,
        "join": 0.8,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        pairs = shape["batch"] * (shape["past_tokens"] + 1.0)
        flop = 2.0 * shape["heads"] * pairs * (2 * _LATENT + _ROPE)
        queries_b = element_bytes("bf16") * shape["batch"] * shape["heads"] * (2 * _LATENT + _ROPE)
        return Work(flop, element_bytes(dtype) * pairs * (_LATENT + _ROPE) + queries_b)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        # All heads share one key: a matrix product as tall as the heads, padded to what the tensor cores take.
        flop, traffic_b = self.work(shape, dtype)
        padded_flop = flop * (1.0 + parameters["padding"] / shape["heads"])
        alone = 1.0 + parameters["slots"] / shape["batch"]
        compute_s = padded_flop / (parameters["compute"] * rates.compute_flop_per_s) * alone
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s) * alone
        busy_s = blended(compute_s, memory_s, parameters["blend"])
        return blended(np.full_like(busy_s, parameters["latency_s"]), busy_s, parameters["join"])

    def features(self, shape: Shape) -> FloatArray:
        attended = shape["past_tokens"] + 1.0
        return np.stack([np.log2(attended), np.log2(shape["batch"]), np.log2(shape["heads"])], axis=1)
