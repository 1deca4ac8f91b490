"""Kernels that only move memory: norms, activations, residual additions, copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..operation import Axis, Operation, Rates, Shape, Work


class Elementwise(Operation):
    """A kernel that reads and writes `traffic_b` bytes and computes next to nothing.

    t = latency + traffic / (memory rate (1 + cached / (1 + (traffic / cache)^4))): what fits in the cache comes from
    there, faster by the share `cached`, when the kernel before left it there, as it does in a loop over one kernel and,
    mostly, between those of a layer.
    """

    name = "elementwise"
    columns = ("traffic_b",)
    family = ("traffic_b",)
    axes = (Axis("log2_traffic_b", tuple(float(power) for power in (6, 10, *range(12, 34)))),)
    smoothness: ClassVar[float | tuple[float, ...]] = 1.0
    work_is_least = True
    bridged_cells = 1
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 2e-6,
        "memory": 0.85,
        "cached": 0.2,
        "cache_b": 7e7,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        return Work(np.zeros_like(shape["traffic_b"]), shape["traffic_b"])

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        traffic_b = shape["traffic_b"]
        faster = 1.0 + parameters["cached"] / (1.0 + (traffic_b / parameters["cache_b"]) ** 4)
        return parameters["latency_s"] + traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s * faster)

    def features(self, shape: Shape) -> FloatArray:
        return np.log2(np.maximum(shape["traffic_b"], 1.0))[:, np.newaxis]
