"""Matrix product of (m, k) by (k, n): the kernel that large models spend most of their time in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Axis, Operation, Rates, Shape, Work

_TILES = ((128.0, 128.0), (128.0, 256.0), (64.0, 128.0))
"""Tiles of the result [rows, columns] that libraries choose among most often on tensor cores."""
_ROWS = (1, 16, 32, 64, 128, 192, 256, 512, 768, 1024, 1536, 2048, 4096, 8192, 32768)
"""Knots of m: closer where the choice of tile and the number of waves change most."""
_DEPTH = 1024.0
_STEEPEST = 2.0
"""Bound of the exponent of the fill: a search for it must not run away. Fits lie below 1."""

_NARROW: Mapping[str, float] = {
    "latency_s": 5e-6,
    "latency_growth": 0.09,
    "compute": 0.55,
    "memory": 0.9,
    "wave": 0.9,
    "ramp": 430.0,
    "blend": 1.7,
}
"""Parameters in formats below 16 bits where nothing was measured: assumption, medians over the GPUs that were. They
reach less of a higher rate, and their libraries choose among fewer tiles, so that waves weigh in full."""


class Gemm(Operation):
    """C = A B with A of m by k and B of k by n, both in `dtype`, the result in 16 bits.

    With F the work, B the traffic, and u the fill of the multiprocessors by the best of a few tiles,

        t = latency (1 + latency_growth log2(1 + k/1024)) + [c^blend + (B / (memory rate))^blend]^(1/blend),
        c = F / (compute rate) u^-wave (1 + ramp/k).

    The ramp is the depth that a tile needs to reach full pace; a full u^-1 would be too much, since libraries split
    k, and the clock rises where multiprocessors idle. What is left over lies in a table over m, n, k, and the
    emptiness of the last wave and of tiles at the edge.
    """

    name = "gemm"
    columns = ("m", "n", "k")
    family = ("n", "k")
    axes = (
        Axis("log2_m", tuple(float(np.log2(rows)) for rows in _ROWS)),
        Axis("log2_n", (5.0, 7.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 17.0)),  # The last for whole vocabularies.
        Axis("log2_k", (5.0, 7.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0)),
        Axis("log2_emptiness", (0.0, 1.0)),
    )
    smoothness: ClassVar[float | tuple[float, ...]] = 0.03
    work_is_least = True
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 2e-6,
        "latency_growth": 0.44,
        "compute": 0.77,
        "memory": 0.86,
        "wave": 0.09,
        "ramp": 105.0,
        "blend": 2.5,
    }

    def assumed_parameters(self, dtype: str) -> Mapping[str, float]:
        return _NARROW if element_bytes(dtype) < 2.0 else self.datasheet_parameters

    def work(self, shape: Shape, dtype: str) -> Work:
        m, n, k = shape["m"], shape["n"], shape["k"]
        outputs = m * n
        return Work(2.0 * outputs * k, element_bytes(dtype) * (m + n) * k + 2.0 * outputs)

    def promised(self, shape: Shape) -> NDArray[np.bool_]:
        """Return where both widths are 1024 or more: below lie routers and shares of shares."""
        return np.asarray((shape["n"] >= 1024.0) & (shape["k"] >= 1024.0))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        flop, traffic_b = self.work(shape, dtype)
        m, n, k = shape["m"], shape["n"], shape["k"]
        excess = np.minimum.reduce([_padding(m, n, tile, rates) for tile in _TILES])
        pace = parameters["compute"] * rates.compute_flop_per_s
        compute_s = flop / pace * excess ** min(parameters["wave"], _STEEPEST) * (1.0 + parameters["ramp"] / k)
        memory_s = traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        latency_s = parameters["latency_s"] * (1.0 + parameters["latency_growth"] * np.log2(1.0 + k / _DEPTH))
        longer_s, shorter_s = np.maximum(compute_s, memory_s), np.minimum(compute_s, memory_s)
        blend = parameters["blend"]  # Of the quotient: sixth powers of microseconds would run out of exponents.
        both_s: FloatArray = longer_s * (1.0 + (shorter_s / longer_s) ** blend) ** (1.0 / blend)
        return latency_s + both_s

    def coordinates(self, shape: Shape, rates: Rates) -> FloatArray:
        m, n, k = shape["m"], shape["n"], shape["k"]
        emptiness = np.log2(_padding(m, n, _TILES[0], rates)).clip(0.0, 1.0)
        emptiness += np.log2(_padding(m, n, _TILES[1], rates)).clip(0.0, 1.0)
        return np.stack([np.log2(m), np.log2(n), np.log2(k), emptiness / 2.0], axis=1)


def _padding(m: FloatArray, n: FloatArray, tile: tuple[float, float], rates: Rates) -> FloatArray:
    """Return what is computed over what was asked for, with whole tiles in whole waves of the multiprocessors."""
    rows, columns = tile
    tiles = np.ceil(m * (1.0 / rows)) * np.ceil(n * (1.0 / columns))
    if rates.multiprocessors:
        tiles = np.ceil(tiles * (1.0 / rates.multiprocessors)) * rates.multiprocessors
    padding: FloatArray = tiles * (rows * columns) / (m * n)
    return padding
