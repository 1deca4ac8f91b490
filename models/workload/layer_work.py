"""What one layer does in training: every kernel forward and backward, every exchange, every tensor kept.

Widths are those of one rank. Tokens are those of one micro-batch. Bytes of elementwise kernels count each read and
write of 16-bit elements once (kernels fused as in Megatron-LM and Transformer Engine: bias with activation, dropout
with the residual, scale and mask with softmax).
"""

from __future__ import annotations

from .block import Block, Direction, Exchange, Kernel, Part, Saved
from .layout import Layout
from .stages import LayerKind
from .transformer import Experts, LatentAttention, Transformer

BACKWARD_OVER_FORWARD = 2.5
"""Time of attention's backward over its forward kernel: five products of the same size in place of two (Dao 2023,
arXiv 2307.08691, section 3.1.2); a stated factor until backward kernels are measured."""
EXPERTS_BACKWARD = 2.0
"""Time of the experts' backward kernels over forward: twice as many products; activation, permutation and sum taken as
twice as long too. Assumption, no backward kernels were measured."""


def kernel_dtype(layout: Layout) -> str:
    """Return the format in which kernels were measured: fp16 runs at the rate and size of bf16 on every GPU known."""
    return "bf16" if layout.precision == "fp16" else layout.precision


def layer_block(model: Transformer, layout: Layout, kind: LayerKind) -> Block:
    """Return what one layer does with one micro-batch."""
    attention = (
        _latent(model, layout, model.latent_attention) if model.latent_attention else _usual(model, layout, kind)
    )
    mlp = _sparse(model, layout, model.experts) if kind.sparse and model.experts else _dense(model, layout)
    return _around(model, layout) + attention + _around(model, layout) + mlp


def _around(model: Transformer, layout: Layout) -> Block:
    """The norm before attention or MLP and the residual after it."""
    tokens, hidden = layout.region_tokens, model.hidden
    mask = 1.0 if layout.dropout else 0.0
    kernels = (
        _moves("norm", 4.0 * hidden * tokens, "norm"),
        _moves("norm", 6.0 * hidden * tokens, "norm", "backward"),
        _moves("residual", (6.0 + mask) * hidden * tokens, "residual"),
        _moves("residual", (6.0 + 5.0 * mask) * hidden * tokens, "residual", "backward"),
    )
    saved = [Saved("norm's input", 2.0 * hidden * tokens, "residual")]
    if layout.dropout:
        saved.append(Saved("residual's dropout mask", hidden * tokens, "residual"))
    return Block(kernels, (), tuple(saved))


def _usual(model: Transformer, layout: Layout, kind: LayerKind) -> Block:
    tokens = layout.micro_batch_tokens
    heads = model.heads // layout.tensor
    key_value_heads = layout.key_value_heads(model)
    query, key_value = heads * model.head_dim, key_value_heads * model.head_dim
    window = model.sliding_window if kind.windowed and model.sliding_window else 0
    work = _inward("query, key, value", model, layout, query + 2 * key_value)
    kernels: list[Kernel] = []
    if model.learned_positions == 0:
        rotated = 4.0 * (query + key_value) * tokens
        kernels += [_moves("rotary", rotated, "projection", way) for way in ("forward", "backward")]
    if model.query_key_norm:
        kernels.append(_moves("query-key norm", 4.0 * (query + key_value) * tokens, "projection"))
        kernels.append(_moves("query-key norm", 6.0 * (query + key_value) * tokens, "projection", "backward"))
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
            Kernel("attention backward", "prefill_attention", shape, "bf16", "attention", "backward",
                   BACKWARD_OVER_FORWARD * share),
        ]  # fmt: skip
        saved.append(Saved("attention's log-sum", 4.0 * heads * tokens, "attention"))
        exchanges += _ring(layout, 2.0 * 2.0 * key_value * tokens)
    return work + Block(tuple(kernels), tuple(exchanges), tuple(saved)) + _outward("output", model, layout, query)


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
        _moves("softmax", (4.0 + 5.0 * drop) * scores, "attention"),
        product("weighted values", outer, "forward"),
        product("scores' gradient", inner, "backward"),
        product("values' gradient", outer, "backward"),
        _moves("softmax backward", (6.0 + 5.0 * drop) * scores, "attention", "backward"),
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


def _latent(model: Transformer, layout: Layout, latent: LatentAttention) -> Block:
    """Latent attention with keys and values expanded, as it is trained."""
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
            _moves("latent norms", 4.0 * narrow * tokens, "norm"),
            _moves("latent norms", 6.0 * narrow * tokens, "norm", "backward"),
            *(
                _moves("rotary", 4.0 * 2.0 * query * tokens, "latent_projection", way)
                for way in ("forward", "backward")
            ),
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
        _inward("latent", model, layout, narrow, shared=False)
        + _product("expanded queries", layout, (tokens, query, latent.query_rank), "latent_projection")
        + _product("expanded keys and values", layout, (tokens, expanded, latent.key_value_rank), "latent_projection")
        + inner
        + _outward("output", model, layout, value)
    )


def _dense(model: Transformer, layout: Layout) -> Block:
    return _mlp(model, layout, model.intermediate // layout.tensor)


def _mlp(model: Transformer, layout: Layout, width: int) -> Block:
    """Two or, with a gate, three matrices around an activation function."""
    tokens = layout.micro_batch_tokens
    inward = 2 if model.gated_mlp else 1
    activation = Block(
        (
            _moves("activation", 2.0 * (inward + 1) * width * tokens, "activation"),
            _moves("activation", 2.0 * (2 * inward + 1) * width * tokens, "activation", "backward"),
        ),
        (),
        (Saved("activation's input", 2.0 * inward * width * tokens, "projection"),),
    )
    return (
        _inward("up", model, layout, inward * width) + activation + _outward("down", model, layout, width, "activation")
    )


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
        *_product("router", layout, (tokens, experts.count, hidden), "router", dtype="bf16").kernels,
        *(_moves("choice of experts", 16.0 * experts.count * tokens, "router", way) for way in ways),
    ]
    exchanges = []
    for way in ways:
        if layout.expert > 1:
            ordered_b = 2.0 * hidden * (tokens + copies)
            kernels += [_moves(name, ordered_b, "experts", way) for name in ("ordering by rank", "back in order")]
            for name in ("dispatch", "combine"):
                exchanges.append(Exchange(name, "all_to_all", 2.0 * hidden * copies, "expert", "experts", way))
        if layout.expert_tensor > 1:
            whole = 2.0 * hidden * rows
            exchanges.append(Exchange("gather", "all_gather", whole, "expert_tensor", "experts", way))
            exchanges.append(Exchange("scatter", "reduce_scatter", whole, "expert_tensor", "experts", way))
    inner, inward = experts.intermediate // layout.expert_tensor, 2 if model.gated_mlp else 1
    element_b = _kept_b(layout)
    saved = (
        Saved("MLP's input", element_b * hidden * layout.region_tokens, "norm"),
        Saved("experts' input", element_b * hidden * rows, "experts"),
        Saved("activation's input", 2.0 * inward * inner * rows, "experts"),
        Saved("activation", element_b * inner * rows, "activation"),
    )
    block = Block(tuple(kernels), tuple(exchanges), saved)
    if experts.shared:
        block += _mlp(model, layout, experts.shared * experts.intermediate // layout.tensor)
    return block


def _inward(name: str, model: Transformer, layout: Layout, width: int, *, shared: bool = True) -> Block:
    """A product whose columns are shared among tensor-parallel ranks, each of which needs all tokens.

    Backward, the exchange of the input's gradient runs beside the product that gives the weights' gradient, and with
    sequence parallelism the input is gathered again beside the other one (Korthikanti et al. 2022, sections 4.2.2 and
    6.2). `shared`: whether the width is shared at all; latent projections are narrow and every rank has all of them.
    """
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    block = _product(name, layout, (tokens, width, hidden), "projection")
    saved = Saved(f"{name}'s input", _kept_b(layout) * hidden * layout.region_tokens, "norm")
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1 and shared:
        whole = 2.0 * hidden * tokens
        if layout.sequence_parallel:
            behind, pieces = _piecewise(layout, name)
            gather = Exchange(
                f"{name}: gather", "all_gather", whole, "tensor", "projection", behind=behind, pieces=pieces
            )
            again = gather._replace(direction="backward", behind=f"{name}: input's gradient", pieces=1)
            back = again._replace(collective="reduce_scatter", behind=f"{name}: weights' gradient")
            exchanges = (gather, again, back)
        else:
            exchanges = (
                Exchange(f"{name}: sum", "all_reduce", whole, "tensor", "projection", "backward",
                         behind=f"{name}: weights' gradient"),
            )  # fmt: skip
    return block + Block((), exchanges, (saved,))


def _outward(name: str, model: Transformer, layout: Layout, width: int, part: Part = "projection") -> Block:
    """A product whose rows are shared among tensor-parallel ranks, whose results are then summed."""
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    block = _product(name, layout, (tokens, hidden, width), "projection")
    # Flash attention reads its 16-bit output again backward; a cast one is kept beside it.
    kept_b = _kept_b(layout) + (2.0 if name == "output" and _kept_b(layout) < 2.0 else 0.0)
    saved = Saved(f"{name}'s input", kept_b * width * tokens, part)
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1:
        whole = 2.0 * hidden * tokens
        if layout.sequence_parallel:
            behind, pieces = _piecewise(layout, name)
            scatter = Exchange(
                f"{name}: scatter", "reduce_scatter", whole, "tensor", "projection", behind=behind, pieces=pieces
            )
            behind, _ = _piecewise(layout, f"{name}: input's gradient")
            exchanges = scatter, scatter._replace(collective="all_gather", direction="backward", behind=behind)
        else:
            exchanges = (Exchange(f"{name}: sum", "all_reduce", whole, "tensor", "projection"),)
    return block + Block((), exchanges, (saved,))


def _piecewise(layout: Layout, name: str) -> tuple[str, int]:
    """How an exchange runs beside the product that it feeds: in as many pieces as ranks, one of which is not hidden
    (Wang et al. 2023, ASPLOS, Overlap communication with dependent computation via decomposition).
    """
    return (name, layout.tensor) if layout.overlap_tensor else ("", 1)


def _product(name: str, layout: Layout, shape: tuple[float, float, float], part: Part, dtype: str = "") -> Block:
    """A product of tokens with weights, (m, k) by (k, n), and the two products of its backward pass.

    Input's gradient: (m, n) by (n, k). Weights' gradient: (n, m) by (m, k), added up in place. Kernels in 8 bits were
    measured with the cast of their first operand, which stands for casting the input, the gradient, and for transposing
    both; weights are cast once a step, which is not counted.
    """
    m, n, k = shape
    dtype = dtype or kernel_dtype(layout)
    kernels = (
        Kernel(name, "gemm", (m, n, k), dtype, part),
        Kernel(f"{name}: input's gradient", "gemm", (m, k, n), dtype, part, "backward"),
        Kernel(f"{name}: weights' gradient", "gemm", (n, k, m), dtype, part, "backward"),
    )
    return Block(kernels)


def _moves(name: str, traffic_b: float, part: Part, direction: Direction = "forward") -> Kernel:
    return Kernel(name, "elementwise", (traffic_b,), "bf16", part, direction)


def _kept_b(layout: Layout) -> float:
    """Bytes of an element that is kept as the input of a product: cast inputs are kept as cast."""
    return 2.0 if kernel_dtype(layout) == "bf16" else 1.0
