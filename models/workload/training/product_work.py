"""Products of tokens with weights in training, forward and backward, with what tensor-parallel ranks exchange.

Widths are those of one rank, tokens those of one micro-batch. Bytes of elementwise kernels count each read and write of
16-bit elements once (kernels fused as in Megatron-LM and Transformer Engine: bias with activation, dropout with the
residual, scale and mask with softmax).
"""

from __future__ import annotations

from ...neural_networks.transformer import Transformer
from .block import Block, Direction, Exchange, Kernel, Part, Saved
from .layout import Layout


def kernel_dtype(layout: Layout) -> str:
    """Return the format in which kernels were measured: fp16 runs at the rate and size of bf16 on every GPU known."""
    return "bf16" if layout.precision == "fp16" else layout.precision


def inward(name: str, model: Transformer, layout: Layout, width: int, *, shared: bool = True) -> Block:
    """Return a product whose columns are shared among tensor-parallel ranks, each of which needs all tokens.

    Backward, the exchange of the input's gradient runs beside the product that gives the weights' gradient, and with
    sequence parallelism the input is gathered again beside the other one (Korthikanti et al. 2022, sections 4.2.2 and
    6.2). `shared`: whether the width is shared at all; latent projections are narrow and every rank has all of them.
    """
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    pieces = _pieces(layout) if shared else 1
    block = product_block(name, layout, (tokens, width, hidden), "projection", forward_pieces=pieces)
    saved = Saved(f"{name}'s input", kept_element_b(layout) * hidden * layout.region_tokens, "norm")
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1 and shared:
        whole = 2.0 * hidden * tokens
        after = Exchange(
            f"{name}: sum", "all_reduce", whole, "tensor", "projection", "backward", behind=f"{name}: weights' gradient"
        )
        exchanges = (after,)
        if layout.sequence_parallel:
            gather = _beside(Exchange(f"{name}: gather", "all_gather", whole, "tensor", "projection"), name, pieces)
            again = gather._replace(direction="backward", behind=f"{name}: input's gradient", pieces=1)
            exchanges = (gather, again, after._replace(collective="reduce_scatter"))
    return block + Block((), exchanges, (saved,))


def outward(name: str, model: Transformer, layout: Layout, width: int, part: Part = "projection") -> Block:
    """Return a product whose rows are shared among tensor-parallel ranks, whose results are then summed."""
    tokens, hidden = layout.micro_batch_tokens, model.hidden
    pieces = _pieces(layout)
    shape = (tokens, hidden, width)
    block = product_block(name, layout, shape, "projection", forward_pieces=pieces, backward_pieces=pieces)
    # Flash attention reads its 16-bit output again backward; a cast one is kept beside it.
    kept_b = kept_element_b(layout) + (2.0 if name == "output" and kept_element_b(layout) < 2.0 else 0.0)
    saved = Saved(f"{name}'s input", kept_b * width * tokens, part)
    exchanges: tuple[Exchange, ...] = ()
    if layout.tensor > 1:
        after = Exchange(f"{name}: sum", "all_reduce", 2.0 * hidden * tokens, "tensor", "projection")
        exchanges = (after,)
        if layout.sequence_parallel:
            scatter = _beside(after._replace(collective="reduce_scatter"), name, pieces)
            gather = _beside(after._replace(collective="all_gather"), f"{name}: input's gradient", pieces)
            exchanges = (scatter, gather._replace(direction="backward"))
    return block + Block((), exchanges, (saved,))


def product_block(
    name: str,
    layout: Layout,
    shape: tuple[float, float, float],
    part: Part,
    dtype: str = "",
    *,
    forward_pieces: int = 1,
    backward_pieces: int = 1,
) -> Block:
    """Return a product of tokens with weights, (m, k) by (k, n), and the two products of its backward pass.

    Input's gradient: (m, n) by (n, k). Weights' gradient: (n, m) by (m, k), added up in place. Kernels in 8 bits were
    measured with the cast of their first operand, which stands for casting the input, the gradient, and for transposing
    both; weights are cast once a step, which is not counted.
    """
    m, n, k = shape
    dtype = dtype or kernel_dtype(layout)
    forward, backward = float(forward_pieces), float(backward_pieces)
    kernels = (
        Kernel(name, "gemm", (m / forward, n, k), dtype, part, factor=forward),
        Kernel(f"{name}: input's gradient", "gemm", (m / backward, k, n), dtype, part, "backward", backward),
        Kernel(f"{name}: weights' gradient", "gemm", (n, k, m), dtype, part, "backward"),
    )
    return Block(kernels)


def moves(name: str, traffic_b: float, part: Part, direction: Direction = "forward") -> Kernel:
    """Return an elementwise kernel that reads and writes so many bytes in all."""
    return Kernel(name, "elementwise", (traffic_b,), "bf16", part, direction)


def kept_element_b(layout: Layout) -> float:
    """Return the bytes of an element that is kept as the input of a product: cast inputs are kept as cast."""
    return 2.0 if kernel_dtype(layout) == "bf16" else 1.0


def _pieces(layout: Layout) -> int:
    """Pieces in which products and the exchanges that feed or follow them run beside each other: as many as ranks.

    Each piece of the product is a kernel of its own, and one piece of the exchange is not hidden (Wang et al. 2023,
    ASPLOS, Overlap communication with dependent computation via decomposition).
    """
    return layout.tensor if layout.overlap_tensor and layout.sequence_parallel else 1


def _beside(exchange: Exchange, kernel: str, pieces: int) -> Exchange:
    return exchange._replace(behind=kernel, pieces=pieces) if pieces > 1 else exchange
