"""The experts of a mixture: grouped matrix products over the tokens that were routed to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Operation, Rates, Shape, Work


class GroupedGemm(Operation):
    """One rank's share of gated experts: `tokens` arrive at the whole group, each visits `active` of `experts` experts.

    `tensor_parallel` ranks share an expert's inner width, `expert_parallel` ranks share the experts out.
    """

    name = "grouped_gemm"
    columns = ("tokens", "hidden", "intermediate", "experts", "active", "tensor_parallel", "expert_parallel")
    family = ("hidden", "intermediate", "experts", "active", "tensor_parallel", "expert_parallel")
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 2e-5, "compute": 0.5, "memory": 0.65}

    def work(self, shape: Shape, dtype: str) -> Work:
        local_experts = shape["experts"] / shape["expert_parallel"]
        rows = shape["tokens"] * shape["active"] / shape["expert_parallel"]
        weights = 3.0 * shape["hidden"] * shape["intermediate"] / shape["tensor_parallel"]
        visited = local_experts * -np.expm1(
            rows / local_experts * np.log1p(-1.0 / np.maximum(local_experts, 2.0)) * local_experts
        )
        visited = np.minimum(visited, np.minimum(local_experts, np.maximum(rows, 1.0)))
        traffic_b = element_bytes(dtype) * visited * weights + 2.0 * rows * 2.0 * shape["hidden"]
        return Work(2.0 * rows * weights, traffic_b)

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        compute_s = flop / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + np.maximum(compute_s, memory_s)
