"""A whole transformer layer, forward and backward, and a loop of decoding steps: validation, never fitted.

The layer is Llama's, as PyTorch runs it uncompiled: RMSNorm, queries, keys and values in one product, rotary positions,
causal flash attention, output product, residual, RMSNorm, gate and up in one product, SiLU times up, down, residual. A
rank of a tensor-parallel group holds its share of heads and inner width; its all-reduces are left out. The decode loop
has neither embedding nor output projection.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from .case import Case, Prepared
from .model_shapes import MODELS, Heads, heads_of, matrices_of

LAYER = "transformer_layer"
DECODE_LOOP = "decode_loop"
FORWARD = "layer_forward"
BACKWARD = "layer_backward"
STEP = "decode_step"

_SIZES = (("llama-3.1-8b", 1), ("llama-3.1-70b", 8))
_PROMPTS = (((1, 2048), (1, 8192)), ((4, 2048), (1, 512)), ((1, 128), (1, 16384), (2, 4096)))
_SEQUENCES = (((1, 2048), (64, 1024)), ((16, 2048), (128, 1024), (1, 16384)), ((8, 8192), (256, 512)))
_LOOP_LAYERS = 4
_LOOP_STEPS = 8
_WEIGHT_SCALE = 0.02
"""Standard deviation of the weights, so that activations stay near 1: the usual initialisation of such models."""


def layer_cases() -> list[Case]:
    """Return layers over prompts, forward and backward."""
    return [
        Case(LAYER, operation, "bf16", "eager", {"batch": batch, "tokens": tokens, "tensor_parallel": ranks}, turn,
             "validation", model)
        for turn, prompts in enumerate(_PROMPTS)
        for batch, tokens in prompts
        for model, ranks in _SIZES
        for operation in (FORWARD, BACKWARD)
    ]  # fmt: skip


def decode_cases() -> list[Case]:
    """Return decoding steps over caches of several lengths."""
    return [
        Case(DECODE_LOOP, STEP, "bf16", "eager",
             {"batch": batch, "past_tokens": past, "tensor_parallel": ranks, "layers": _LOOP_LAYERS,
              "steps": _LOOP_STEPS}, turn, "validation", model)
        for turn, sequences in enumerate(_SEQUENCES)
        for batch, past in sequences
        for model, ranks in _SIZES
    ]  # fmt: skip


class _Layer:
    """Weights of one layer on one rank."""

    def __init__(self, bench: Any, model: str, ranks: int, *, learns: bool) -> None:
        widths = MODELS[model]
        self.heads: Heads = heads_of(widths, ranks)
        matrices = matrices_of(widths, ranks)
        names = ("query_key_value", "attention_output", "up", "down")
        self.weights = [bench.fresh("bf16", *matrices[name], scale=_WEIGHT_SCALE) for name in names]
        self.norms = [bench.fresh("bf16", widths.hidden) for _ in range(2)]
        self.hidden = widths.hidden
        if learns:
            for tensor in self.parameters():
                tensor.requires_grad_()

    def parameters(self) -> list[Any]:
        return [*self.weights, *self.norms]


def prepare_layer(bench: Any, case: Case) -> Prepared:
    """Return a pass over a layer; its weights alone are several times any cache."""
    batch, tokens, ranks = (case.shape[name] for name in ("batch", "tokens", "tensor_parallel"))
    backward = case.operation == BACKWARD
    layer = _Layer(bench, case.model, ranks, learns=backward)
    angles = _angles(bench, layer.heads, 0, tokens)
    rows = bench.fresh("bf16", batch * tokens, layer.hidden)
    weights_b = 2 * sum(tensor.numel() for tensor in layer.parameters())
    working_set_b = weights_b + 4 * rows.numel()
    if not backward:
        return Prepared([partial(_inference, bench, layer, rows, batch, angles)], working_set_b)
    rows.requires_grad_()
    out = _layer(bench, layer, rows, batch, angles)
    gradient = bench.fresh("bf16", batch * tokens, layer.hidden)
    wanted = [rows, *layer.parameters()]
    call = partial(bench.torch.autograd.grad, out, wanted, gradient, retain_graph=True)
    return Prepared([call], working_set_b)


def prepare_decode(bench: Any, case: Case) -> Prepared:
    """Return `steps` decoding steps of `layers` layers, the caches one token longer at each."""
    names = ("batch", "past_tokens", "tensor_parallel", "layers", "steps")
    batch, past, ranks, depth, steps = (case.shape[name] for name in names)
    layers = [_Layer(bench, case.model, ranks, learns=False) for _ in range(depth)]
    heads = layers[0].heads
    caches = [
        bench.fresh("bf16", 2, batch, past + steps, heads.key_value_heads, heads.head_dim) for _ in range(depth)
    ]  # fmt: skip
    angles = _angles(bench, heads, past, steps)
    rows = bench.fresh("bf16", batch, layers[0].hidden)
    weights_b = 2 * sum(tensor.numel() for layer in layers for tensor in layer.parameters())
    cached_b = 2 * sum(cache.numel() for cache in caches)
    call = partial(_decode, bench, layers, caches, rows, past, steps, angles)
    return Prepared([call], weights_b + cached_b, runs_per_call=steps)


def _inference(bench: Any, layer: _Layer, rows: Any, batch: int, angles: tuple[Any, Any]) -> Any:
    with bench.torch.no_grad():
        return _layer(bench, layer, rows, batch, angles)


def _decode(
    bench: Any, layers: list[_Layer], caches: list[Any], rows: Any, past: int, steps: int, angles: tuple[Any, Any]
) -> Any:
    cosine, sine = angles
    with bench.torch.no_grad():
        for step in range(steps):
            at = slice(step, step + 1)
            for layer, cache in zip(layers, caches, strict=True):
                rows = _layer(bench, layer, rows, len(rows), (cosine[:, at], sine[:, at]), cache, past + step)
    return rows


def _layer(
    bench: Any, layer: _Layer, rows: Any, batch: int, angles: tuple[Any, Any], cache: Any = None, past: int = 0
) -> Any:
    """Return what a layer makes of rows; with a cache they are one new token a sequence."""
    functional = bench.torch.nn.functional
    query_key_value, attention_output, up, down = layer.weights
    heads, held, dim = layer.heads
    normed = functional.rms_norm(rows, (layer.hidden,), layer.norms[0], 1e-5)
    mixed = (normed @ query_key_value.t()).view(batch, -1, heads + 2 * held, dim)
    turned = _rotate(bench, mixed[:, :, : heads + held], angles)
    query, key, value = turned[:, :, :heads], turned[:, :, heads:], mixed[:, :, heads + held :]
    if cache is not None:
        cache[0, :, past : past + 1] = key
        cache[1, :, past : past + 1] = value
        key, value = cache[0, :, : past + 1], cache[1, :, : past + 1]
    with bench.flash_attention():
        attended = functional.scaled_dot_product_attention(
            query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), is_causal=cache is None,
            enable_gqa=heads != held,
        )  # fmt: skip
    rows = rows + attended.transpose(1, 2).reshape(-1, heads * dim) @ attention_output.t()
    normed = functional.rms_norm(rows, (layer.hidden,), layer.norms[1], 1e-5)
    gate, linear = (normed @ up.t()).chunk(2, dim=-1)
    return rows + (functional.silu(gate) * linear) @ down.t()


def _rotate(bench: Any, mixed: Any, angles: tuple[Any, Any]) -> Any:
    """Return heads turned by their positions: x cos + exchanged halves * sin, the sign folded into the sine."""
    cosine, sine = angles
    halves = mixed.unflatten(-1, (2, -1)).flip(-2).flatten(-2)
    return bench.torch.addcmul(mixed * cosine, halves, sine)


def _angles(bench: Any, heads: Heads, first: int, tokens: int) -> tuple[Any, Any]:
    """Return cosine and signed sine of rotary positions, (1, tokens, 1, head_dim) (Su et al., arXiv 2104.09864)."""
    torch = bench.torch
    half = heads.head_dim // 2
    positions = torch.arange(first, first + tokens, dtype=torch.float32, device=bench.device)
    frequencies = 10000.0 ** (-torch.arange(half, dtype=torch.float32, device=bench.device) / half)
    turned = torch.outer(positions, frequencies)
    cosine = torch.cat((turned.cos(), turned.cos()), -1)
    sine = torch.cat((-turned.sin(), turned.sin()), -1)
    return tuple(table.to(bench.dtype("bf16"))[None, :, None, :] for table in (cosine, sine))
