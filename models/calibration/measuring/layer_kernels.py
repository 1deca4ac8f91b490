"""The kernels that a measured transformer layer is made of, so that predictions of each can be summed and compared.

They are those of `transformer_layer.py`: what PyTorch runs without compiling. Small kernels are told by the bytes that
they move at 2 bytes a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .model_shapes import Widths, heads_of, matrices_of


class KernelCall(NamedTuple):
    """One kernel of a layer."""

    operation: str
    shape: Mapping[str, float]
    """The operation's columns."""
    calls: int = 1
    """How often it runs."""


def forward_kernels(widths: Widths, tensor_parallel: int, batch: int, tokens: int) -> tuple[KernelCall, ...]:
    """Return the kernels of a layer's forward pass over `batch` prompts of `tokens`."""
    rows = batch * tokens
    heads = heads_of(widths, tensor_parallel)
    attention = KernelCall("prefill_attention", {"batch": batch, "tokens": tokens, **heads._asdict(), "window": 0})
    return (*_products(widths, tensor_parallel, rows), attention, *_small_forward(widths, tensor_parallel, rows))


def backward_kernels(widths: Widths, tensor_parallel: int, batch: int, tokens: int) -> tuple[KernelCall, ...]:
    """Return the kernels of a layer's backward pass, with all that forward made at hand."""
    rows = batch * tokens
    heads = heads_of(widths, tensor_parallel)
    products = tuple(
        KernelCall("gemm", shape)
        for outputs, inputs in _layer_matrices(widths, tensor_parallel)
        for shape in ({"m": rows, "n": inputs, "k": outputs}, {"m": outputs, "n": inputs, "k": rows})
    )
    attention = KernelCall(
        "prefill_attention_backward", {"batch": batch, "tokens": tokens, **heads._asdict(), "window": 0}
    )  # fmt: skip
    inner = widths.intermediate // tensor_parallel
    turned = (heads.heads + heads.key_value_heads) * heads.head_dim
    whole = (heads.heads + 2 * heads.key_value_heads) * heads.head_dim
    small = (
        _moved(rows, 3 * widths.hidden, 4),  # Two RMSNorms, and the two sums where a residual joins
        _moved(rows, 3 * inner, 3),  # Both factors of the gate, and SiLU
        _moved(rows, 4 * inner),  # Gate and up put back together
        _moved(rows, 3 * turned, 2),  # Both products of the rotation
        _moved(rows, 2 * turned),  # The flip
        _moved(rows, 3 * turned),  # Their sum
        _moved(rows, 2 * whole, 2),  # Queries, keys and values put back together
    )
    return (*products, attention, *small)


def decode_step_kernels(
    widths: Widths, tensor_parallel: int, batch: int, past_tokens: float, layers: int
) -> tuple[KernelCall, ...]:
    """Return the kernels of one step of the decode loop: one new token for each of `batch` sequences."""
    heads = heads_of(widths, tensor_parallel)
    attention = KernelCall(
        "decode_attention", {"batch": batch, "past_tokens": past_tokens, **heads._asdict(), "window": 0}
    )  # fmt: skip
    cached = _moved(batch, 2 * heads.key_value_heads * heads.head_dim, 2)
    small = _small_forward(widths, tensor_parallel, batch)
    layer = (*_products(widths, tensor_parallel, batch), attention, cached, *small)
    return tuple(kernel._replace(calls=kernel.calls * layers) for kernel in layer)


def _layer_matrices(widths: Widths, tensor_parallel: int) -> list[tuple[int, int]]:
    matrices = matrices_of(widths, tensor_parallel)
    return [matrices[name] for name in ("query_key_value", "attention_output", "up", "down")]


def _products(widths: Widths, tensor_parallel: int, rows: int) -> tuple[KernelCall, ...]:
    return tuple(
        KernelCall("gemm", {"m": rows, "n": outputs, "k": inputs})
        for outputs, inputs in _layer_matrices(widths, tensor_parallel)
    )


def _small_forward(widths: Widths, tensor_parallel: int, rows: int) -> tuple[KernelCall, ...]:
    heads = heads_of(widths, tensor_parallel)
    inner = widths.intermediate // tensor_parallel
    turned = (heads.heads + heads.key_value_heads) * heads.head_dim
    return (
        _moved(rows, 2 * widths.hidden, 2),  # RMSNorms
        _moved(rows, 2 * turned, 2),  # Rotary positions: halves exchanged; times cosine
        _moved(rows, 3 * turned),  # ... plus sine times the exchanged
        _moved(rows, 3 * widths.hidden, 2),  # Residual additions
        _moved(rows, 2 * inner),  # SiLU
        _moved(rows, 3 * inner),  # Times the up projection
    )


def _moved(rows: int, values: int, calls: int = 1) -> KernelCall:
    return KernelCall("elementwise", {"traffic_b": 2.0 * rows * values}, calls)
