"""Collectives among accelerators of one scale-up domain.

A message takes a latency that grows with the ranks, the time of its bytes on each rank's links, and between the two a
term of the square root of its size, for the protocols that trade latency for bandwidth as messages grow:

    t = latency (ranks / 2)^growth + t_links + sqrt(ramp t_links)
    t_links = (ranks / 2)^crowding bytes on a rank's links / (links bandwidth)

`crowding` is nothing where a switch gives every rank its own links, and above 1 where all share the host's. Hockney's
linear model (Parallel Computing 20(3), 1994) is the same without growth, crowding and square root. The table holds
what is left at the ranks that were measured; it fades from 8 ranks to 16, and more rest on the closed form, but
where 16 were measured: what is left there goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from ..estimate import FloatArray
from ..operation import Axis, Operation, Rates, Shape, Work

CollectiveName = Literal["all_reduce", "all_gather", "reduce_scatter", "all_to_all", "point_to_point"]

_BELOW_A_KNOT = 1e-6
"""What is taken off the ranks' logarithm: a knot belongs to the cell below it, 8 ranks speak for 5 to 8, not for 16."""
RANKS = (1.0 - 10.0 * _BELOW_A_KNOT, 2.0, 3.0, 4.0)
"""Knots of the ranks in log2: what public tables measured; 16 on GB300 alone."""
MESSAGES = tuple(float(power) for power in range(9, 30))
"""Knots of the message in log2 of bytes: 512 B to 512 MiB, as tables measured them. Smaller messages keep the residual
of the smallest and larger ones that of the largest: there all is latency, here all is bandwidth."""
_STEEPEST = 2.0
"""Greatest power of the ranks: beyond, a fit has lost its way."""


class _Collective(Operation):
    """`message_b` is the whole buffer: what every rank holds before an all-reduce or a reduce-scatter and after an
    all-gather; what every rank sends, its own part included, in an all-to-all; what is sent from one to another.
    """

    columns = ("ranks", "message_b")
    family = ("ranks", "message_b")
    axes: ClassVar[tuple[Axis, ...]] = (Axis("ranks", RANKS, continuous=False), Axis("message", MESSAGES))
    # Next to nothing along the ranks: each number of them has its own algorithms, and its own curve.
    smoothness: ClassVar[float | tuple[float, ...]] = (0.0001, 0.01)
    bridged_cells = 2
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 8.6e-6,
        "growth": 0.45,
        "links": 0.75,
        "crowding": 1e-3,
        "ramp_s": 1.5e-5,
    }
    passes: ClassVar[float] = 1.0
    """Times that (ranks - 1) / ranks of the buffer crosses each rank's links."""

    def work(self, shape: Shape, dtype: str) -> Work:
        ranks = shape["ranks"]
        return Work(np.zeros_like(ranks), self.passes * (ranks - 1.0) / ranks * shape["message_b"])

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        pairs = np.maximum(shape["ranks"] / 2.0, 1.0)
        links_s = self.work(shape, dtype).traffic_b / (parameters["links"] * rates.bandwidth_b_per_s)
        links_s = links_s * pairs ** min(parameters["crowding"], _STEEPEST)
        latency_s = parameters["latency_s"] * pairs ** min(parameters["growth"], _STEEPEST)
        total_s: FloatArray = latency_s + links_s + np.sqrt(parameters["ramp_s"] * links_s)
        return total_s

    def features(self, shape: Shape) -> FloatArray:
        ranks = np.log2(np.maximum(shape["ranks"], 1.0)) - _BELOW_A_KNOT
        return np.stack([ranks, _message(shape)], axis=1)


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
    """One rank sends to another; `ranks` is 2."""

    name = "point_to_point"
    axes: ClassVar[tuple[Axis, ...]] = (Axis("message", MESSAGES),)
    smoothness: ClassVar[float | tuple[float, ...]] = 0.01

    def work(self, shape: Shape, dtype: str) -> Work:
        return Work(np.zeros_like(shape["ranks"]), shape["message_b"])

    def features(self, shape: Shape) -> FloatArray:
        return _message(shape)[:, None]


def _message(shape: Shape) -> FloatArray:
    powers: FloatArray = np.log2(np.maximum(shape["message_b"], 1.0))
    return np.clip(powers, MESSAGES[0], MESSAGES[-1])


COLLECTIVES: Mapping[str, Operation] = {
    operation.name: operation for operation in (AllReduce(), AllGather(), ReduceScatter(), AllToAll(), PointToPoint())
}
"""Every collective by its name."""
