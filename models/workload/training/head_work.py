"""What the first and the last stage do besides their layers: the embedding, the logits and the loss."""

from __future__ import annotations

from ...calibration.operations.collectives import CollectiveName
from ...neural_networks.transformer import Transformer
from .block import Block, Exchange, Kernel, Saved
from .layout import Layout

LOSS_B, LOSS_BACKWARD_B = 14.0, 6.0
"""Bytes for each logit: brought from 16 to 32 bits, read for the greatest and for the sum of exponentials; backward
read and written in 16 bits. Assumption, a loss fused further moves less."""


def embedding_block(model: Transformer, layout: Layout) -> Block:
    """Return the embedding of one micro-batch: rows of a table looked up, and added to backward."""
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    kernels = (
        Kernel("embedding", "elementwise", (4.0 * hidden * tokens,), "bf16", "embedding"),
        Kernel("embedding backward", "elementwise", (6.0 * hidden * tokens,), "bf16", "embedding", "backward"),
    )
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1:
        whole = 2.0 * hidden * tokens
        collective: CollectiveName = "reduce_scatter" if layout.sequence_parallel else "all_reduce"
        exchanges = (Exchange("embedding", collective, whole, "tensor", "embedding"),)
    return Block(kernels, exchanges)


def head_block(model: Transformer, layout: Layout) -> Block:
    """Return the last norm, the logits in 16 bits and the cross entropy of one micro-batch."""
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    vocabulary = -(-model.vocabulary // layout.tensor)
    logits = tokens * vocabulary
    kernels = (
        Kernel("last norm", "elementwise", (4.0 * hidden * layout.region_tokens,), "bf16", "loss"),
        Kernel("last norm", "elementwise", (6.0 * hidden * layout.region_tokens,), "bf16", "loss", "backward"),
        Kernel("logits", "gemm", (tokens, vocabulary, hidden), "bf16", "loss"),
        Kernel("logits: input's gradient", "gemm", (tokens, hidden, vocabulary), "bf16", "loss", "backward"),
        Kernel("logits: weights' gradient", "gemm", (vocabulary, hidden, tokens), "bf16", "loss", "backward"),
        Kernel("cross entropy", "elementwise", (LOSS_B * logits,), "bf16", "loss"),
        Kernel("cross entropy backward", "elementwise", (LOSS_BACKWARD_B * logits,), "bf16", "loss", "backward"),
    )
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1:
        whole = 2.0 * hidden * tokens
        behind = "logits: weights' gradient"
        if layout.sequence_parallel:
            gather = Exchange("logits: gather", "all_gather", whole, "tensor", "loss")
            exchanges = (
                gather,
                gather._replace(direction="backward", behind="logits: input's gradient"),
                gather._replace(collective="reduce_scatter", direction="backward", behind=behind),
            )
        else:
            exchanges = (Exchange("logits: sum", "all_reduce", whole, "tensor", "loss", "backward", behind=behind),)
    saved = (
        Saved("last norm's input and output", 4.0 * hidden * layout.region_tokens, "loss"),
        Saved("logits in 32 bits", 4.0 * logits, "loss"),  # Korthikanti et al. 2022, section 4.3
    )
    return Block(kernels, exchanges, saved)
