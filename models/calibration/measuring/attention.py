"""Attention: whole prompts to themselves, the backward pass of that, and one new token a sequence to its cache.

Queries, keys and values lie as frameworks hold them: (batch, tokens, heads, head_dim), seen through a transposed view.
Variants name the backend of `scaled_dot_product_attention`: `flash`, and `cudnn` where PyTorch has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from .case import Call, Case, DoesNotFitError, Prepared
from .model_shapes import Heads, all_heads
from .timing import rotated_sets

PREFILL = "prefill_attention"
BACKWARD = "prefill_attention_backward"
DECODE = "decode_attention"

_KEY_HEADS = (Heads(32, 8, 128), Heads(8, 1, 128))
"""Llama 3.1 8B, and 70B in eighths."""
_FIRST_PROMPTS = ((1, 1024), (1, 4096), (1, 16384), (8, 2048))
_COARSE_PROMPTS = ((1, 512), (1, 2048), (1, 8192), (4, 1024), (16, 512))
_FINE_PROMPTS = tuple(
    (batch, tokens)
    for batch in (1, 2, 4, 8, 16, 32)
    for tokens in (128, 256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 32768)
    if batch * tokens <= 65536
)
_FIRST_CACHES = ((1, 2048), (16, 4096), (64, 1024), (64, 8192))
_COARSE_CACHES = ((1, 512), (1, 8192), (8, 2048), (32, 1024), (64, 4096), (128, 2048), (256, 1024))
_FINE_CACHES = tuple(
    (batch, past)
    for batch in (1, 2, 4, 8, 16, 32, 64, 128, 256)
    for past in (128, 256, 512, 1024, 2048, 3072, 4096, 8192, 16384, 32768, 65536, 131072)
    if batch * past <= 2**20
)
_LARGEST_FLOP = 4e13
_LARGEST_B = 2**33


def prefill_cases() -> list[Case]:
    """Return causal attention of prompts."""
    return [*_prompts(PREFILL, "flash"), *_prompts(PREFILL, "cudnn", later=1)]


def backward_cases() -> list[Case]:
    """Return the backward pass of causal attention."""
    return [*_prompts(BACKWARD, "flash"), *_prompts(BACKWARD, "cudnn", later=1)]


def decode_cases() -> list[Case]:
    """Return attention of one new token a sequence to its cache."""
    turns = (_FIRST_CACHES, _KEY_HEADS), (_COARSE_CACHES, all_heads()), (_FINE_CACHES, all_heads())
    cases = [
        _case(DECODE, "flash", "past_tokens", batch, past, heads, turn)
        for turn, (sizes, held) in enumerate(turns)
        for heads in held
        for batch, past in sizes
    ]
    return _distinct(cases)


def prepare_prefill(bench: Any, case: Case) -> Prepared:
    """Return causal attention over rotated prompts."""
    calls, set_b = [], _prompt_b(case)
    sets = rotated_sets(set_b, bench.l2_b)
    for _ in range(sets):
        query, key, value = _prompt(bench, case)
        calls.append(partial(_attend, bench, case.variant, query, key, value, causal=True))
    return Prepared(calls, set_b * sets)


def prepare_backward(bench: Any, case: Case) -> Prepared:
    """Return the backward pass alone, over rotated prompts whose forward pass has been run."""
    set_b = _prompt_b(case) * 2
    sets = rotated_sets(set_b, bench.l2_b, most=16)
    calls: list[Call] = []
    for _ in range(sets):
        operands = [tensor.detach().requires_grad_() for tensor in _prompt(bench, case)]
        out = _attend(bench, case.variant, *operands, causal=True)
        batch, tokens, heads, dim = (case.shape[name] for name in ("batch", "tokens", "heads", "head_dim"))
        gradient = bench.random("bf16", batch, tokens, heads, dim).transpose(1, 2)
        calls.append(partial(bench.torch.autograd.grad, out, operands, gradient, retain_graph=True))
    return Prepared(calls, set_b * sets)


def prepare_decode(bench: Any, case: Case) -> Prepared:
    """Return attention of one token a sequence over rotated caches."""
    batch, past, heads, held, dim = (case.shape[name] for name in tuple(case.shape)[:5])
    set_b = 2 * 2 * batch * past * held * dim
    sets = rotated_sets(set_b, bench.l2_b)
    calls = []
    for _ in range(sets):
        query = bench.random("bf16", batch, 1, heads, dim).transpose(1, 2)
        key, value = (bench.random("bf16", batch, past, held, dim).transpose(1, 2) for _ in range(2))
        calls.append(partial(_attend, bench, case.variant, query, key, value, causal=False))
    return Prepared(calls, set_b * sets)


def _attend(bench: Any, backend: str, query: Any, key: Any, value: Any, *, causal: bool) -> Any:
    with bench.flash_attention(backend):
        return bench.torch.nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=causal, enable_gqa=query.shape[1] != key.shape[1]
        )


def _prompt(bench: Any, case: Case) -> tuple[Any, Any, Any]:
    batch, tokens, heads, held, dim = (case.shape[name] for name in tuple(case.shape)[:5])
    query = bench.random("bf16", batch, tokens, heads, dim)
    key, value = (bench.random("bf16", batch, tokens, held, dim) for _ in range(2))
    return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)


def _prompt_b(case: Case) -> int:
    batch, tokens, heads, held, dim = (case.shape[name] for name in tuple(case.shape)[:5])
    set_b = 2 * batch * tokens * dim * (2 * heads + 2 * held)
    if set_b > _LARGEST_B:
        raise DoesNotFitError(f"{set_b} bytes a set")
    return set_b


def _prompts(operation: str, backend: str, later: int = 0) -> list[Case]:
    turns = (_FIRST_PROMPTS, _KEY_HEADS), (_COARSE_PROMPTS, all_heads()), (_FINE_PROMPTS, all_heads())
    cases = [
        _case(operation, backend, "tokens", batch, tokens, heads, turn + later)
        for turn, (sizes, held) in enumerate(turns[: 3 - later])  # The second backend on the coarse grid alone.
        for heads in held
        for batch, tokens in sizes
        if 2.0 * batch * heads.heads * heads.head_dim * tokens**2 <= _LARGEST_FLOP
    ]
    return _distinct(cases)


def _case(operation: str, backend: str, length: str, batch: int, tokens: int, heads: Heads, turn: int) -> Case:
    shape = {"batch": batch, length: tokens, **heads._asdict(), "window": 0}
    return Case(operation, operation, "bf16", backend, shape, turn)


def _distinct(cases: Iterable[Case]) -> list[Case]:
    first: dict[str, Case] = {}
    for case in cases:
        shape = case.shape
        held_b = 4 * shape["batch"] * shape.get("past_tokens", 0) * shape["key_value_heads"] * shape["head_dim"]
        if held_b <= _LARGEST_B:
            first.setdefault(case.key, case)
    return list(first.values())
