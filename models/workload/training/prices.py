"""Time, power and traffic of the pieces of a model in training, priced in a few calls however many pieces there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...calibration.estimate import Basis, Estimate, FloatArray
from ...calibration.kernels import Kernels
from ...calibration.operation import Operation
from ...calibration.operations.collectives import CollectiveName
from ...calibration.operations.gemm import Gemm
from ...calibration.operations.grouped_gemm import GroupedGemm
from ...calibration.operations.latent_attention import LatentPrefillAttention
from ...calibration.operations.prefill_attention import PrefillAttention
from ...problems import InputError, Problem
from .block import Block, Exchange, Kernel
from .layout import Layout
from .machines import Machines, ParallelGroup, parallel_groups, sent_b

PHASES = (
    "forward", "recomputation", "backward", "embedding and loss", "tensor exchange", "context exchange",
    "expert exchange",
)  # fmt: skip
"""What a micro-batch's time on a stage is spent on. Exchanges count what no kernel hides."""
_FORWARD, _RECOMPUTATION, _BACKWARD, _LOSS, _TENSOR, _CONTEXT, _EXPERT = range(len(PHASES))
_EXCHANGE_PHASE = {"tensor": _TENSOR, "context": _CONTEXT, "expert": _EXPERT, "expert_tensor": _EXPERT}
_ATTENTION_AND_PRODUCTS: dict[str, Operation] = {
    operation.name: operation for operation in (Gemm(), PrefillAttention(), LatentPrefillAttention(), GroupedGemm())
}


class Prices(NamedTuple):
    """What blocks take, one micro-batch on one rank; arrays have a row for each block."""

    time_s: FloatArray
    """By block and phase."""
    energy_j: FloatArray
    """By block and phase."""
    basis_s: FloatArray
    """By block and `Basis`."""
    recomputed_flop: FloatArray
    """Products and attention that are computed again, by block."""
    forward_s: FloatArray
    """Forward with its exchanges, by block."""
    sent_b: Mapping[tuple[str, str], FloatArray]
    """Bytes sent by (kind of link, collective), for each block."""


class Quotes(NamedTuple):
    """Time [s], power [W] and basis of everything in some blocks, done once: recomputation changes none of it."""

    kernels: tuple[FloatArray, FloatArray, NDArray[np.uint8]]
    exchanges: tuple[FloatArray, FloatArray, NDArray[np.uint8]]


def quote_blocks(kernels: Kernels, blocks: Sequence[Block], layout: Layout, machines: Machines) -> Quotes:
    """Return what each kernel and each exchange of blocks takes, in their order."""
    groups = parallel_groups(layout, machines)
    passed = [exchange for block in blocks for exchange in block.exchanges]
    asked = [(exchange.collective, exchange.message_b, groups[exchange.group]) for exchange in passed]
    run = [kernel for block in blocks for kernel in block.kernels]
    return Quotes(_kernel_prices(kernels, run), exchange_prices(kernels, asked, machines))


def price_blocks(
    kernels: Kernels, blocks: Sequence[Block], layout: Layout, machines: Machines, quotes: Quotes | None = None
) -> Prices:
    """Return what blocks take, each as often as recomputation makes it; `quotes` are theirs where they are known."""
    quotes = quotes or quote_blocks(kernels, blocks, layout, machines)
    groups = parallel_groups(layout, machines)
    count = len(blocks)
    prices = Prices(
        np.zeros((count, len(PHASES))), np.zeros((count, len(PHASES))), np.zeros((count, len(Basis))),
        np.zeros(count), np.zeros(count), defaultdict(lambda: np.zeros(count)),
    )  # fmt: skip
    run = [(index, kernel) for index, block in enumerate(blocks) for kernel in block.kernels]
    time_s, power_w, basis = quotes.kernels
    spent_s: dict[tuple[int, str], float] = {}
    for position, (index, kernel) in enumerate(run):
        spent_s.setdefault((index, kernel.name), float(time_s[position]))
        again = kernel.direction == "forward" and _again(layout, kernel.part)
        phase = (
            _LOSS if kernel.part in {"embedding", "loss"} else _FORWARD if kernel.direction == "forward" else _BACKWARD
        )
        spent = float(time_s[position]), float(power_w[position]), int(basis[position])
        if not kernel.only_again:
            _add(prices, index, phase, *spent, kernel.direction)
        if again and not (kernel.only_again and layout.recompute == "full"):
            _add(prices, index, _RECOMPUTATION, *spent)
            prices.recomputed_flop[index] += _flop(kernel)
    passed = [(index, exchange) for index, block in enumerate(blocks) for exchange in block.exchanges]
    time_s, power_w, basis = quotes.exchanges
    for position, (index, exchange) in enumerate(passed):
        group = groups[exchange.group]
        if group.ranks == 1:
            continue
        times = 1 + (exchange.direction == "forward" and _again(layout, exchange.part))
        whole_s = exchange.times * float(time_s[position])
        exposed_s = _exposed_s(whole_s, exchange, spent_s.get((index, exchange.behind), 0.0))
        phase = _EXCHANGE_PHASE[exchange.group]
        _add(
            prices, index, phase, times * exposed_s, float(power_w[position]), int(basis[position]),
            exchange.direction, share=1.0 / times,
        )  # fmt: skip
        for link, size_b in zip(
            ("scale-up", "network"), sent_b(exchange.collective, exchange.message_b, group), strict=True
        ):
            prices.sent_b[link, exchange.collective][index] += times * exchange.times * size_b
    return prices


def exchange_prices(
    kernels: Kernels, exchanges: Sequence[tuple[CollectiveName, float, ParallelGroup]], machines: Machines
) -> tuple[FloatArray, FloatArray, NDArray[np.uint8]]:
    """Return time [s], power [W] and basis of collectives (name, whole buffer [B], group)."""
    alike: dict[tuple[CollectiveName, int, bool], list[int]] = defaultdict(list)
    for position, (name, _, group) in enumerate(exchanges):
        if group.ranks > 1:
            alike[name, group.per_domain, group.ranks > group.per_domain].append(position)
    found = _Found(len(exchanges))
    for (name, per_domain, crosses), positions in alike.items():
        sizes_b = np.array([exchanges[position][1] for position in positions])
        ranks = np.array([2 if name == "point_to_point" else exchanges[position][2].ranks for position in positions])
        if not crosses:
            found.put(positions, kernels.collective(name, sizes_b, ranks=ranks))
        elif machines.network is None:
            message = f"{machines.domain} accelerators are joined and the layout reaches beyond; there is no network"
            raise InputError(Problem("", "network", message))
        else:
            # The pace of a ring is that of its slowest hop, the one that leaves the domain.
            inside = 1 if name == "point_to_point" else per_domain
            estimate = kernels.network_collective(
                name, sizes_b, ranks=ranks, ranks_per_domain=inside, network=machines.network
            )
            found.put(positions, estimate)
    return found.time_s, found.power_w, found.basis


class _Found:
    """Answers put back in the order of the questions."""

    def __init__(self, count: int) -> None:
        self.time_s = np.zeros(count)
        self.power_w = np.zeros(count)
        self.basis = np.zeros(count, dtype=np.uint8)

    def put(self, positions: Sequence[int], estimate: Estimate, factor: FloatArray | float = 1.0) -> None:
        self.time_s[positions] = estimate.time_s * factor
        self.power_w[positions] = estimate.power_w
        self.basis[positions] = estimate.basis


def _kernel_prices(kernels: Kernels, run: Sequence[Kernel]) -> tuple[FloatArray, FloatArray, NDArray[np.uint8]]:
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, kernel in enumerate(run):
        alike[kernel.operation, kernel.dtype].append(position)
    found = _Found(len(run))
    for (operation, dtype), positions in alike.items():
        columns = np.array([run[position].shape for position in positions], dtype=float).T
        factor = np.array([run[position].factor for position in positions])
        found.put(positions, _estimate(kernels, operation, dtype, columns), factor)
    return found.time_s, found.power_w, found.basis


def _estimate(kernels: Kernels, operation: str, dtype: str, columns: FloatArray) -> Estimate:
    if operation == "elementwise":
        return kernels.elementwise(columns[0])
    if operation == "gemm":
        return kernels.gemm(columns[0], columns[1], columns[2], dtype=dtype)
    if operation in {"prefill_attention", "prefill_attention_backward"}:
        batch, tokens, heads, key_value_heads, head_dim, window = columns
        backward = operation == "prefill_attention_backward"
        attention = kernels.prefill_attention_backward if backward else kernels.prefill_attention
        return attention(
            batch, tokens, heads=heads, key_value_heads=key_value_heads, head_dim=head_dim, window=window, dtype=dtype
        )
    if operation == "latent_prefill_attention":
        return kernels.latent_prefill_attention(columns[0], columns[1], heads=columns[2], dtype=dtype)
    tokens, hidden, intermediate, experts, active, tensor_parallel = columns
    return kernels.grouped_gemm(
        tokens, hidden=hidden, intermediate=intermediate, experts=experts, active=active,
        tensor_parallel=tensor_parallel, dtype=dtype,
    )  # fmt: skip


def _add(
    prices: Prices,
    index: int,
    phase: int,
    time_s: float,
    power_w: float,
    basis: int,
    direction: str = "",
    share: float = 1.0,
) -> None:
    prices.time_s[index, phase] += time_s
    prices.energy_j[index, phase] += time_s * power_w
    prices.basis_s[index, basis] += time_s
    if direction == "forward":
        prices.forward_s[index] += time_s * share


def _again(layout: Layout, part: str) -> bool:
    """Whether something of the forward pass is computed again in the backward pass."""
    if part in {"embedding", "loss"} or layout.recompute == "none":
        return False
    return layout.recompute == "full" or part in layout.recompute_parts


def _exposed_s(whole_s: float, exchange: Exchange, beside_s: float) -> float:
    """What an exchange adds to the time of the kernel beside which it runs."""
    if not exchange.behind:
        return whole_s
    left_s = whole_s - exchange.behind_share * beside_s
    return max(left_s, whole_s / exchange.pieces if exchange.pieces > 1 else 0.0)


def _flop(kernel: Kernel) -> float:
    operation = _ATTENTION_AND_PRODUCTS.get(kernel.operation)
    if operation is None:
        return 0.0
    # Of columns that are not given one rank of experts has all, and no token prefers any.
    given = {"expert_parallel": 1.0, "skew": 0.0} | dict(zip(operation.columns, kernel.shape, strict=False))
    shape = {column: np.array([given[column]]) for column in operation.columns}
    return float(operation.work(shape, kernel.dtype).flop[0]) * kernel.factor
