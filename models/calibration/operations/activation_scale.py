"""What a product in fp8 spends on its left operand: finding its scale, and writing it in 8 bits by that scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..operation import Axis, Operation, Rates, Shape, Work


class ActivationScale(Operation):
    """Scaling of `elements` activations from 16 bits to fp8.

    Measured products in fp8 contain it. Where the checkpoint brings the scales (static quantisation) the kernel before
    writes fp8 itself, and the product is shorter by this much.
    """

    name = "activation_scale"
    columns = ("elements",)
    family = ("elements",)
    axes = (Axis("log2_elements", tuple(float(power) for power in range(8, 32, 2))),)
    bridged_cells = 1
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 4e-6, "memory": 0.8}

    def work(self, shape: Shape, dtype: str) -> Work:
        # Read once for the scale and once to write 1 byte an element.
        return Work(np.zeros_like(shape["elements"]), 5.0 * shape["elements"])

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        moving_s = self.work(shape, dtype).traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + moving_s

    def features(self, shape: Shape) -> FloatArray:
        return np.log2(np.maximum(shape["elements"], 1.0))[:, np.newaxis]
