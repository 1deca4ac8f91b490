"""The backward pass of causal attention of whole prompts to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..operation import Shape, Work
from .prefill_attention import BACKWARD_OVER_FORWARD, PrefillAttention

_MOVED_OVER_FORWARD = 2.0
"""Bytes moved over those of forward: beside queries, keys, values and results their gradients."""


class PrefillAttentionBackward(PrefillAttention):
    """Gradients of queries, keys and values, with what forward kept at hand; the shape is forward's.

    Five matrix products to forward's two, as scores are computed again. Closed form and axes of the table are
    forward's. Only where it was measured: else `Kernels.prefill_attention_backward` takes a stated factor of forward.
    """

    name = "prefill_attention_backward"
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        **PrefillAttention.datasheet_parameters,
        # Where a fit starts: forward's efficiencies, so moving and the edges of windows take in proportion.
        "query_memory": PrefillAttention.datasheet_parameters["query_memory"] / _MOVED_OVER_FORWARD,
        "cache_memory": PrefillAttention.datasheet_parameters["cache_memory"] / _MOVED_OVER_FORWARD,
        "tile": PrefillAttention.datasheet_parameters["tile"] * BACKWARD_OVER_FORWARD,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        forward = super().work(shape, dtype)
        return Work(BACKWARD_OVER_FORWARD * forward.flop, _MOVED_OVER_FORWARD * forward.traffic_b)
