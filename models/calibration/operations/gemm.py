"""Matrix product of (m, k) by (k, n): the kernel that large models spend most of their time in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Operation, Rates, Shape, Work


class Gemm(Operation):
    """C = A B with A of m by k and B of k by n, both in `dtype`, the result in 16 bits."""

    name = "gemm"
    columns = ("m", "n", "k")
    family = ("n", "k")
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 4e-6,
        "compute": 0.75,
        "memory": 0.8,
        "blend": 3.5,
    }

    def work(self, shape: Shape, dtype: str) -> Work:
        m, n, k = shape["m"], shape["n"], shape["k"]
        return Work(2.0 * m * n * k, element_bytes(dtype) * (m * k + n * k) + 2.0 * m * n)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        blend = parameters["blend"]
        both_s: FloatArray = (compute_s**blend + memory_s**blend) ** (1.0 / blend)
        return parameters["latency_s"] + both_s
