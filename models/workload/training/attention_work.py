"""Attention of one layer in training: grouped queries, fused or not, or latent; with the context-parallel ring."""

from __future__ import annotations

from ...calibration.operations.prefill_attention import BACKWARD_OVER_FORWARD
from ...neural_networks.transformer import LatentAttention, Transformer
from .block import Block, Direction, Exchange, Kernel, Saved
from .layout import Layout
from .product_work import inward, moves, outward, product_block
from .stages import LayerKind


def usual_attention(model: Transformer, layout: Layout, kind: LayerKind) -> Block:
    """Return attention with heads of queries, and as many or fewer of keys and values."""
    tokens = layout.micro_batch_tokens
    heads = model.heads // layout.tensor
    key_value_heads = layout.key_value_heads(model)
    query, key_value = heads * model.head_dim, key_value_heads * model.head_dim
    window = model.sliding_window if kind.windowed and model.sliding_window else 0
    work = inward("query, key, value", model, layout, query + 2 * key_value)
    kernels: list[Kernel] = []
    if model.learned_positions == 0:
        rotated = 4.0 * (query + key_value) * tokens
        kernels += [moves("rotary", rotated, "projection", way) for way in ("forward", "backward")]
    if model.query_key_norm:
        kernels.append(moves("query-key norm", 4.0 * (query + key_value) * tokens, "projection"))
        kernels.append(moves("query-key norm", 6.0 * (query + key_value) * tokens, "projection", "backward"))
    saved = [Saved("queries, keys, values", 2.0 * (query + 2 * key_value) * tokens, "projection")]
    exchanges: list[Exchange] = []
    if layout.attention == "unfused":
        core = _unfused_attention(layout, heads, model.head_dim)
        kernels += core.kernels
        saved += core.saved
    else:
        shape = (layout.micro_batch, layout.sequence, heads, key_value_heads, model.head_dim, window)
        share = 1.0 / layout.context
        kernels += [
            Kernel("attention", "prefill_attention", shape, "bf16", "attention", "forward", share),
            Kernel("attention backward", "prefill_attention_backward", shape, "bf16", "attention", "backward", share),
        ]
        saved.append(Saved("attention's log-sum", 4.0 * heads * tokens, "attention"))
        exchanges += _ring(layout, 2.0 * 2.0 * key_value * tokens)
    return work + Block(tuple(kernels), tuple(exchanges), tuple(saved)) + outward("output", model, layout, query)


def _unfused_attention(layout: Layout, heads: int, head_dim: int) -> Block:
    """Scores, softmax, dropout and values one by one, over whole squares: the causal half is not left out.

    Products of all heads are priced as one with as many rows. Softmax reads and writes scores once forward and has
    three passes backward; dropout passes besides, with a mask of one byte.
    """
    rows, sequence = layout.micro_batch * heads * layout.sequence, float(layout.sequence)
    scores = rows * sequence
    drop = 1.0 if layout.dropout else 0.0
    inner, outer = (rows, sequence, head_dim), (rows, head_dim, sequence)

    def product(name: str, shape: tuple[float, ...], direction: Direction) -> Kernel:
        return Kernel(name, "gemm", shape, "bf16", "attention", direction)

    kernels = (
        product("scores", inner, "forward"),
        moves("softmax", (4.0 + 5.0 * drop) * scores, "attention"),
        product("weighted values", outer, "forward"),
        product("scores' gradient", inner, "backward"),
        product("values' gradient", outer, "backward"),
        moves("softmax backward", (6.0 + 5.0 * drop) * scores, "attention", "backward"),
        product("queries' gradient", outer, "backward"),
        product("keys' gradient", outer, "backward"),
    )
    saved = [Saved("softmax", 2.0 * scores, "attention")]
    if layout.dropout:
        saved += [
            Saved("dropout mask of scores", scores, "attention"),
            Saved("dropped scores", 2.0 * scores, "attention"),
        ]
    return Block(kernels, (), tuple(saved))


def _ring(layout: Layout, key_value_b: float) -> tuple[Exchange, ...]:
    """Keys and values passed around the context-parallel ring beside attention; backward their gradients come along."""
    hops = layout.context - 1
    if not hops:
        return ()
    share = hops / layout.context
    ring = Exchange(
        "keys and values", "point_to_point", key_value_b, "context", "attention", "forward", hops, "attention", share
    )
    return ring, ring._replace(
        name="gradients of keys and values",
        message_b=2.0 * key_value_b,
        direction="backward",
        behind="attention backward",
    )


def latent_attention_block(model: Transformer, layout: Layout, latent: LatentAttention) -> Block:
    """Return latent attention with keys and values expanded, as it is trained."""
    tokens, heads = layout.micro_batch_tokens, model.heads // layout.tensor
    head = latent.nope_dim + latent.rope_dim
    query, expanded = heads * head, heads * (latent.nope_dim + latent.value_dim)
    value = heads * latent.value_dim
    narrow = latent.query_rank + latent.key_value_rank + latent.rope_dim
    shape = (layout.micro_batch, layout.sequence, heads)
    share = 1.0 / layout.context
    inner = Block(
        (
            # The narrow widths are normed; queries and keys are rotated and joined from their two halves.
            moves("latent norms", 4.0 * narrow * tokens, "norm"),
            moves("latent norms", 6.0 * narrow * tokens, "norm", "backward"),
            *(moves("rotary", 4.0 * 2.0 * query * tokens, "latent_projection", way) for way in ("forward", "backward")),
            Kernel("attention", "latent_prefill_attention", shape, "bf16", "attention", "forward", share),
            Kernel(
                "attention backward",
                "latent_prefill_attention",
                shape,
                "bf16",
                "attention",
                "backward",
                BACKWARD_OVER_FORWARD * share,
            ),
        ),
        _ring(layout, 2.0 * (query + value) * tokens),
        (
            Saved("latent norms' input", 2.0 * narrow * tokens, "residual"),
            Saved("queries, keys, values", 2.0 * (2.0 * query + value) * tokens, "latent_projection"),
            Saved("attention's log-sum", 4.0 * heads * tokens, "attention"),
        ),
    )
    return (
        inward("latent", model, layout, narrow, shared=False)
        + product_block("expanded queries", layout, (tokens, query, latent.query_rank), "latent_projection")
        + product_block(
            "expanded keys and values", layout, (tokens, expanded, latent.key_value_rank), "latent_projection"
        )
        + inner
        + outward("output", model, layout, value)
    )
