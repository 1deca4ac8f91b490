"""What one layer does in training: every kernel forward and backward, every exchange, every tensor kept."""

from __future__ import annotations

from ...neural_networks.transformer import Experts, Transformer
from .attention_work import latent_attention_block, usual_attention
from .block import Block, Direction, Exchange, Kernel, Saved
from .layout import Layout
from .product_work import inward, kept_element_b, kernel_dtype, moves, outward, product_block
from .stages import LayerKind

EXPERTS_BACKWARD = 2.0
"""Time of the experts' backward kernels over forward: twice as many products; activation, permutation and sum taken as
twice as long too. Assumption, no backward kernels were measured."""


def layer_block(model: Transformer, layout: Layout, kind: LayerKind) -> Block:
    """Return what one layer does with one micro-batch."""
    attention = (
        latent_attention_block(model, layout, model.latent_attention)
        if model.latent_attention
        else usual_attention(model, layout, kind)
    )
    mlp = _sparse(model, layout, model.experts) if kind.sparse and model.experts else _dense(model, layout)
    return _around(model, layout) + attention + _around(model, layout) + mlp


def _around(model: Transformer, layout: Layout) -> Block:
    """The norm before attention or MLP and the residual after it."""
    tokens, hidden = layout.region_tokens, model.hidden
    mask = 1.0 if layout.dropout else 0.0
    kernels = (
        moves("norm", 4.0 * hidden * tokens, "norm"),
        moves("norm", 6.0 * hidden * tokens, "norm", "backward"),
        moves("residual", (6.0 + mask) * hidden * tokens, "residual"),
        moves("residual", (6.0 + 5.0 * mask) * hidden * tokens, "residual", "backward"),
    )
    saved = [Saved("norm's input", 2.0 * hidden * tokens, "residual")]
    if layout.dropout:
        saved.append(Saved("residual's dropout mask", hidden * tokens, "residual"))
    return Block(kernels, (), tuple(saved))


def _dense(model: Transformer, layout: Layout) -> Block:
    return _mlp(model, layout, model.intermediate // layout.tensor)


def _mlp(model: Transformer, layout: Layout, width: int) -> Block:
    """Two or, with a gate, three matrices around an activation function."""
    tokens = layout.micro_batch_tokens
    wide = 2 if model.gated_mlp else 1
    activation = Block(
        (
            moves("activation", 2.0 * (wide + 1) * width * tokens, "activation"),
            moves("activation", 2.0 * (2 * wide + 1) * width * tokens, "activation", "backward"),
        ),
        (),
        (Saved("activation's input", 2.0 * wide * width * tokens, "projection"),),
    )
    return inward("up", model, layout, wide * width) + activation + outward("down", model, layout, width, "activation")


def _sparse(model: Transformer, layout: Layout, experts: Experts) -> Block:
    """Router, two all-to-alls around the experts, and what shared experts do besides.

    Tokens are copied once for each expert that they visit (the all-to-all dispatcher; others send one copy a rank).
    What arrives at a rank is priced as a group of its own, of as many experts as it has, so that nothing is counted of
    tokens that went elsewhere. The kernel was measured with its activation function, its permutation by expert and the
    weighted sum; ordering tokens by rank for the exchange, and back, comes besides.
    """
    tokens, hidden = layout.micro_batch_tokens / layout.tensor, model.hidden
    copies = experts.active * tokens * layout.expert_load
    rows = copies * layout.expert_tensor
    local = experts.count // layout.expert
    active = min(experts.active, local)
    shape = (rows / active, hidden, experts.intermediate, local, active, layout.expert_tensor)
    dtype = kernel_dtype(layout)
    ways: tuple[Direction, Direction] = ("forward", "backward")
    kernels = [
        Kernel("experts", "grouped_gemm", shape, dtype, "experts"),
        Kernel("experts backward", "grouped_gemm", shape, dtype, "experts", "backward", EXPERTS_BACKWARD),
        *product_block("router", layout, (tokens, experts.count, hidden), "router", dtype="bf16").kernels,
        *(moves("choice of experts", 16.0 * experts.count * tokens, "router", way) for way in ways),
    ]
    exchanges = []
    for way in ways:
        if layout.expert > 1:
            ordered_b = 2.0 * hidden * (tokens + copies)
            kernels += [moves(name, ordered_b, "experts", way) for name in ("ordering by rank", "back in order")]
            for name in ("dispatch", "combine"):
                exchanges.append(Exchange(name, "all_to_all", 2.0 * hidden * copies, "expert", "experts", way))
        if layout.expert_tensor > 1:
            whole = 2.0 * hidden * rows
            exchanges.append(Exchange("gather", "all_gather", whole, "expert_tensor", "experts", way))
            exchanges.append(Exchange("scatter", "reduce_scatter", whole, "expert_tensor", "experts", way))
    inner, wide = experts.intermediate // layout.expert_tensor, 2 if model.gated_mlp else 1
    activation = moves("experts' activation", 2.0 * (wide + 1) * inner * rows, "activation")
    kernels.append(activation._replace(only_again=True))  # The experts' kernel was measured with it.
    element_b = kept_element_b(layout)
    saved = (
        Saved("MLP's input", element_b * hidden * layout.region_tokens, "norm"),
        Saved("experts' input", element_b * hidden * rows, "experts"),
        Saved("activation's input", 2.0 * wide * inner * rows, "experts"),
        Saved("activation", element_b * inner * rows, "activation"),
    )
    block = Block(tuple(kernels), tuple(exchanges), saved)
    if experts.shared:
        block += _mlp(model, layout, experts.shared * experts.intermediate // layout.tensor)
    return block
