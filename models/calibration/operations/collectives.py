"""Collectives among accelerators of one scale-up domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..estimate import FloatArray
from ..operation import Operation, Rates, Shape, Work


class _Collective(Operation):
    """`message_b` is the whole buffer: what every rank holds before an all-reduce or a reduce-scatter and after an
    all-gather; what every rank sends, its own part included, in an all-to-all; what is sent from one to another.
    """

    columns = ("ranks", "message_b")
    family = ("message_b",)
    datasheet_parameters: ClassVar[Mapping[str, float]] = {"latency_s": 2e-5, "memory": 0.8}
    passes: ClassVar[float] = 1.0
    """Times that (ranks - 1) / ranks of the buffer crosses each rank's links."""

    def work(self, shape: Shape, dtype: str) -> Work:
        ranks = shape["ranks"]
        return Work(np.zeros_like(ranks), self.passes * (ranks - 1.0) / ranks * shape["message_b"])

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        links_s = self.work(shape, dtype).traffic_b / (parameters["memory"] * rates.bandwidth_b_per_s)
        return parameters["latency_s"] + links_s


class AllReduce(_Collective):
    """Every rank ends with the sum."""

    name = "all_reduce"
    passes = 2.0


class AllGather(_Collective):
    """Every rank ends with the parts of all."""

    name = "all_gather"


class ReduceScatter(_Collective):
    """Every rank ends with its part of the sum."""

    name = "reduce_scatter"


class AllToAll(_Collective):
    """Every rank sends a part to every other."""

    name = "all_to_all"


class PointToPoint(_Collective):
    """One rank sends to another."""

    name = "point_to_point"

    def work(self, shape: Shape, dtype: str) -> Work:
        return Work(np.zeros_like(shape["ranks"]), shape["message_b"])
