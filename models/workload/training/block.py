"""Pieces of a model in training: the kernels, exchanges and kept tensors of one micro-batch on one rank."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ...calibration.operations.collectives import CollectiveName

Direction = Literal["forward", "backward"]
Part = Literal[
    "attention", "latent_projection", "norm", "activation", "projection", "residual", "router", "experts", "embedding",
    "loss",
]  # fmt: skip
"""What of a layer something belongs to; selective recomputation names the first four."""
Group = Literal["tensor", "context", "expert", "expert_tensor"]


class Kernel(NamedTuple):
    """A kernel that a rank runs."""

    name: str
    operation: str
    """Of `models.calibration`: gemm, elementwise, prefill_attention and its backward pass, latent_prefill_attention,
    grouped_gemm."""
    shape: tuple[float, ...]
    """The operation's columns, in order."""
    dtype: str
    part: Part
    direction: Direction = "forward"
    factor: float = 1.0
    """Times that the operation's time is spent."""
    only_again: bool = False
    """Whether another kernel does this forward, so that it runs by itself only where it is computed again."""


class Exchange(NamedTuple):
    """A collective among the ranks of a group."""

    name: str
    collective: CollectiveName
    message_b: float
    """Whole buffer [B], as `Kernels.collective` counts it."""
    group: Group
    part: Part
    direction: Direction = "forward"
    times: float = 1.0
    """How often it happens."""
    behind: str = ""
    """The kernel beside which it runs; only what outlasts it counts."""
    behind_share: float = 1.0
    """Share of that kernel's time that it can run beside."""
    pieces: int = 1
    """Pieces in which it is passed; with several, one of them is never hidden."""


class Saved(NamedTuple):
    """A tensor kept for the backward pass."""

    name: str
    size_b: float
    part: Part


class Block(NamedTuple):
    """A layer, the embedding, or the head with the loss."""

    kernels: tuple[Kernel, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    saved: tuple[Saved, ...] = ()

    def __add__(self, other: object) -> Block:
        if not isinstance(other, Block):
            return NotImplemented
        return Block(self.kernels + other.kernels, self.exchanges + other.exchanges, self.saved + other.saved)
