"""Widths of the catalogue's transformers, and the matrices and heads that one rank of a tensor-parallel group holds.

They stand here a second time so that a machine with PyTorch alone can measure; a test holds them to the catalogue.
"""

from __future__ import annotations

from typing import NamedTuple

TENSOR_PARALLEL = (1, 2, 4, 8)


class Widths(NamedTuple):
    """Widths of a decoder-only transformer; `query_rank` 0 is ordinary attention."""

    hidden: int
    intermediate: int
    heads: int
    key_value_heads: int
    head_dim: int
    vocabulary: int
    expert_intermediate: int = 0
    gated: bool = True
    query_rank: int = 0
    key_value_rank: int = 0
    rope_dim: int = 0


MODELS: dict[str, Widths] = {
    "llama-3.1-8b": Widths(4096, 14336, 32, 8, 128, 128256),
    "llama-3.1-70b": Widths(8192, 28672, 64, 8, 128, 128256),
    "llama-3.1-405b": Widths(16384, 53248, 128, 8, 128, 128256),
    "qwen3-32b": Widths(5120, 25600, 64, 8, 128, 151936),
    "qwen3-30b-a3b": Widths(2048, 6144, 32, 4, 128, 151936, expert_intermediate=768),
    "qwen3-235b-a22b": Widths(4096, 12288, 64, 4, 128, 151936, expert_intermediate=1536),
    "mixtral-8x7b": Widths(4096, 14336, 32, 8, 128, 32000, expert_intermediate=14336),
    "gpt-oss-120b": Widths(2880, 2880, 64, 8, 64, 201088, expert_intermediate=2880),
    "deepseek-v3": Widths(
        7168, 18432, 128, 128, 128, 129280, expert_intermediate=2048, query_rank=1536, key_value_rank=512, rope_dim=64
    ),
    "gpt-3-175b": Widths(12288, 49152, 96, 96, 128, 50257, gated=False),
    "megatron-22b": Widths(6144, 24576, 64, 64, 96, 51200, gated=False),
    "megatron-175b": Widths(12288, 49152, 96, 96, 128, 51200, gated=False),
    "megatron-530b": Widths(20480, 81920, 128, 128, 160, 51200, gated=False),
    "megatron-1t": Widths(25600, 102400, 160, 160, 160, 51200, gated=False),
}


class Heads(NamedTuple):
    """Heads of one rank."""

    heads: int
    key_value_heads: int
    head_dim: int


def heads_of(widths: Widths, tensor_parallel: int) -> Heads:
    """Return the heads of one rank; where there are fewer key-value heads than ranks, each is copied."""
    return Heads(
        widths.heads // tensor_parallel, max(1, widths.key_value_heads // tensor_parallel), widths.head_dim
    )  # fmt: skip


def matrices_of(widths: Widths, tensor_parallel: int) -> dict[str, tuple[int, int]]:
    """Return (outputs, inputs) of each weight matrix that one rank multiplies by, by its name."""
    rank = heads_of(widths, tensor_parallel)
    up = (2 if widths.gated else 1) * widths.intermediate // tensor_parallel
    matrices = {
        "up": (up, widths.hidden),
        "down": (widths.hidden, widths.intermediate // tensor_parallel),
        "logits": (widths.vocabulary // tensor_parallel, widths.hidden),
    }
    if widths.query_rank:
        nope, value = widths.head_dim, widths.head_dim
        matrices |= {
            "query_down": (widths.query_rank, widths.hidden),
            "query_up": (rank.heads * (nope + widths.rope_dim), widths.query_rank),
            "key_value_down": (widths.key_value_rank + widths.rope_dim, widths.hidden),
            "key_value_up": (rank.heads * (nope + value), widths.key_value_rank),
        }
    else:
        matrices["query_key_value"] = ((rank.heads + 2 * rank.key_value_heads) * rank.head_dim, widths.hidden)
    matrices["attention_output"] = (widths.hidden, rank.heads * rank.head_dim)
    if widths.expert_intermediate:
        matrices["expert_up"] = (2 * widths.expert_intermediate // tensor_parallel, widths.hidden)
        matrices["expert_down"] = (widths.hidden, widths.expert_intermediate // tensor_parallel)
    return matrices


def all_matrices() -> list[tuple[int, int]]:
    """Return (outputs, inputs) of every matrix of every model at every width of tensor parallelism, sorted.

    Widths that are no multiple of 16 are left out: fp8 kernels refuse them and frameworks pad them.
    """
    found = {
        matrix
        for widths in MODELS.values()
        for ranks in TENSOR_PARALLEL
        for matrix in matrices_of(widths, ranks).values()
    }
    return sorted(matrix for matrix in found if all(width % 16 == 0 for width in matrix))


def all_heads() -> list[Heads]:
    """Return the heads of one rank of every model at every width of tensor parallelism, sorted."""
    return sorted({heads_of(widths, ranks) for widths in MODELS.values() for ranks in TENSOR_PARALLEL})
