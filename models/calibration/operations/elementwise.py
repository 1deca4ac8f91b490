"""Kernels that only move memory: norms, activations, residual additions, copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..operation import Operation, Rates, Shape, Work


class Elementwise(Operation):
    """A kernel that reads and writes `traffic_b` bytes and computes next to nothing."""

    name = "elementwise"
    columns = ("traffic_b",)
    family = ("traffic_b",)
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 3e-6, "memory": 0.8}

    def work(self, shape: Shape, dtype: str) -> Work:
        return Work(np.zeros_like(shape["traffic_b"]), shape["traffic_b"])

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        return parameters["latency_s"] + shape["traffic_b"] / (parameters["memory"] * rates.bandwidth_b_per_s)
