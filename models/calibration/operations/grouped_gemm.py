"""The experts of a mixture: grouped matrix products over the tokens that were routed to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..estimate import FloatArray
from ..number_formats import element_bytes
from ..operation import Axis, Operation, Rates, Shape, Work

_LEAST_EXPONENT = 1.01
"""Least exponent of a power law that was measured; below it the load is interpolated towards the even one."""
_FEW = 1.0 / 16.0
"""Choices for each expert below which none rounds up to a token by itself: simulated, they fall one to an expert."""
_GREATEST_EXPONENT = 1.2
"""Greatest exponent of a power law that was measured."""
_VECTOR = 16.0
"""Elements that a width must be a multiple of for Triton to read its rows in full vectors (its divisibility by 16)."""
_DEPTH = 1024.0
_GREATEST_OVERLAP = 6.0
"""From here on the longer of compute and memory is as good as alone, and a search would run away."""


class ExpertLoad(NamedTuple):
    """What reaches the expert-parallel rank that most choices reach."""

    rows: FloatArray
    """Pairs of a token and one of the rank's experts."""
    visited: FloatArray
    """Experts of the rank that at least one token visits; their weights must be read."""


def expert_load(
    tokens: ArrayLike, *, experts: ArrayLike, active: ArrayLike, expert_parallel: ArrayLike = 1, skew: ArrayLike = 0.0
) -> ExpertLoad:
    """Return the load of the busiest rank when `tokens` each visit `active` of `experts` experts.

    With `skew` 0 the choices go round the experts in turn: rank and expert get the same number within one, so that a
    rank sees `tokens active / expert_parallel` choices, at least 1, of as many experts as it has choices. With a
    greater skew the experts' shares of the choices are independent draws from a power law, density x^-skew between 1
    and 0.8 tokens (between 0.01 and 2 where there are no more choices than experts), as in the measurements. Then

        visited = local (1 - P(the share of an expert rounds to nothing)^(rows / mean rows))
        rows = mean (1 + sqrt(2 ln expert_parallel) sigma),

    the latter the usual bound of the expected greatest of so many normal variables, with sigma the relative standard
    deviation of a rank's rows. Against a simulation of the draws (8 to 512 experts, 1 to 128 ranks, 1 to 16,384
    tokens) rows are within 14 % and visited experts within 15 % in nine cases of ten.
    """
    tokens, experts, active, ranks, skew = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (tokens, experts, active, expert_parallel, skew))
    )
    local = experts / ranks
    choices = tokens * active
    even_rows = np.maximum(choices / ranks, 1.0)
    even_visited = np.minimum(local, even_rows)
    skewed_rows, skewed_visited = _power_law_load(tokens, choices, experts, ranks, np.maximum(skew, _LEAST_EXPONENT))
    blend = np.clip(skew / _LEAST_EXPONENT, 0.0, 1.0)
    return ExpertLoad(
        even_rows ** (1.0 - blend) * skewed_rows**blend, even_visited ** (1.0 - blend) * skewed_visited**blend
    )


def _power_law_load(
    tokens: FloatArray, choices: FloatArray, experts: FloatArray, ranks: FloatArray, exponent: FloatArray
) -> tuple[FloatArray, FloatArray]:
    many = choices > experts
    least = np.where(many, 1.0, 0.01)
    greatest = np.where(many, np.maximum(0.8 * tokens, 1.01), 2.0)
    power = 1.0 - exponent
    span = greatest**power - least**power
    mean = power / (power + 1.0) * (greatest ** (power + 1.0) - least ** (power + 1.0)) / span
    square = power / (power + 2.0) * (greatest ** (power + 2.0) - least ** (power + 2.0)) / span
    even = np.maximum(choices / ranks, 1e-9)
    # The shares' own scatter among a rank's experts, and where choices are few that of whole choices among ranks.
    variance = np.maximum(square / mean**2 - 1.0, 0.0) * ranks / experts + np.where(many, 0.0, 1.0 / even)
    deviation = np.sqrt(variance * (1.0 - 1.0 / ranks))
    peak = 1.0 + np.sqrt(2.0 * np.log(ranks)) * deviation
    peak = np.minimum(peak, np.where(many, np.minimum(ranks, greatest / mean), ranks))
    half = np.clip(0.5 * mean * experts / choices, least, greatest)
    visited_share = (greatest**power - half**power) / span
    visited_share = np.maximum(visited_share, np.minimum(choices / experts, _FEW))
    rows = np.maximum(even * peak, 1.0)
    visited = experts / ranks * (1.0 - (1.0 - visited_share) ** peak)
    return rows, np.clip(visited, 1.0, rows)


class GroupedGemm(Operation):
    """One rank's share of gated experts: `tokens` arrive at the whole group, each visits `active` of `experts` experts.

    `tensor_parallel` ranks share an expert's inner width, `expert_parallel` ranks share the experts out; the time is
    that of the busiest of them. `skew` is the exponent of the power law by which tokens prefer experts, 0 for an even
    load.
    """

    name = "grouped_gemm"
    columns = ("tokens", "hidden", "intermediate", "experts", "active", "tensor_parallel", "expert_parallel", "skew")
    family = ("hidden", "intermediate", "experts", "active")
    datasheet_parameters: ClassVar[Mapping[str, float]] = {
        "latency_s": 2e-5,
        "depth_s": 2e-6,
        "compute": 0.5,
        "memory": 0.65,
        "overlap": 1.0,
        "tile_rows": 16.0,
        "tile_columns": 16.0,
        "unaligned": 0.2,
        "spread": 1.0,
        "spread_inner": 0.5,
    }
    axes = (
        Axis("log2 rows an expert", tuple(1.5 * knot for knot in range(11))),
        Axis("log2 inner width", tuple(4.0 + 2.0 * knot for knot in range(6))),
        Axis("log2 visited experts", tuple(1.5 * knot for knot in range(7))),
        Axis("skew", (0.0, _GREATEST_EXPONENT)),
    )
    smoothness: ClassVar[float | tuple[float, ...]] = 3.0

    def work(self, shape: Shape, dtype: str) -> Work:
        load, weights = self._load(shape), self._weights(shape)
        return Work(2.0 * load.rows * weights, self._traffic_b(load, weights, self._inner(shape), shape, dtype))

    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        """Return the time of the busiest rank [s].

        The two grouped products are bound by compute or memory, softly, as some experts are bound by one and some by
        the other (`overlap` 0: their sum; great: their maximum). Each visited expert pays for `tile_rows` rows more
        than it has, and narrow shards for `tile_columns` columns more; a width that 16 does not divide costs
        `unaligned` on top, since its rows can not be read in full vectors. However few tiles there are, one of them
        runs along the depth of both products, `depth_s` for every 1024 of it. Outside of the products the frameworks
        pass over all choices of the group, whether an expert of the rank or not: `spread` times the bytes of tokens
        going in and out, `spread_inner` times those between the products.
        """
        load, weights, inner = self._load(shape), self._weights(shape), self._inner(shape)
        padded = load.rows + parameters["tile_rows"] * load.visited
        compute_s = 2.0 * padded * weights / (parameters["compute"] * rates.compute_flop_per_s)
        memory_s = self._traffic_b(load, weights, inner, shape, dtype) / (
            parameters["memory"] * rates.bandwidth_b_per_s
        )
        blend = 1.0 + min(parameters["overlap"], _GREATEST_OVERLAP)
        narrow = 1.0 + parameters["tile_columns"] / inner
        narrow *= 1.0 + parameters["unaligned"] * (inner % _VECTOR != 0.0)
        longer_s, shorter_s = np.maximum(compute_s, memory_s), np.minimum(compute_s, memory_s)
        both_s = narrow * longer_s * (1.0 + (shorter_s / longer_s) ** blend) ** (1.0 / blend)
        latency_s = parameters["latency_s"] + parameters["depth_s"] * (shape["hidden"] + inner) / _DEPTH
        outer_b = 2.0 * shape["tokens"] * (1.0 + shape["active"]) * shape["hidden"]
        inner_b = 6.0 * shape["tokens"] * shape["active"] * inner
        spread_b = parameters["spread"] * outer_b + parameters["spread_inner"] * inner_b
        return latency_s + both_s + spread_b / rates.bandwidth_b_per_s

    def features(self, shape: Shape) -> FloatArray:
        load = self._load(shape)
        logarithms = np.log2(np.stack([load.rows / load.visited, self._inner(shape), load.visited], axis=1))
        return np.column_stack([logarithms, shape["skew"]])

    @staticmethod
    def _load(shape: Shape) -> ExpertLoad:
        return expert_load(
            shape["tokens"], experts=shape["experts"], active=shape["active"],
            expert_parallel=shape["expert_parallel"], skew=shape["skew"],
        )  # fmt: skip

    @staticmethod
    def _inner(shape: Shape) -> FloatArray:
        """Return the width of one rank's share of an expert."""
        return shape["intermediate"] / shape["tensor_parallel"]

    @classmethod
    def _weights(cls, shape: Shape) -> FloatArray:
        """Return the elements of an expert's three matrices on one rank."""
        return 3.0 * shape["hidden"] * cls._inner(shape)

    @staticmethod
    def _traffic_b(load: ExpertLoad, weights: FloatArray, inner: FloatArray, shape: Shape, dtype: str) -> FloatArray:
        passed_b = 2.0 * load.rows * (2.0 * shape["hidden"] + 3.0 * inner)
        return element_bytes(dtype) * load.visited * weights + passed_b
