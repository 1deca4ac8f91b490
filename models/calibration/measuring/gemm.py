"""Matrix products: a linear layer forward, and the two products of its backward pass, each in its own memory layout.

Variants name the layouts of both operands, n as stored and t transposed: `nt` is forward, y = x W^T with W of (outputs,
inputs); `nn` the gradient of the input, dx = dy W; `tn` the gradient of the weights, dW = dy^T x.
"""

from __future__ import annotations

import hashlib
import itertools
from functools import partial
from typing import Any

from .case import Call, Case, Prepared
from .model_shapes import MODELS, all_matrices, matrices_of
from .timing import rotated_sets

FORWARD = "gemm_forward"
BACKWARD = "gemm_backward"

_GRID = (1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384)
_FIRST_ROWS = (1, 64, 1024, 8192)
_COARSE_ROWS = (1, 8, 32, 128, 512, 2048, 8192)
_FINE_ROWS = (2, 4, 16, 24, 48, 64, 96, 192, 256, 384, 768, 1024, 1536, 3072, 4096, 6144, 12288, 16384)
_BACKWARD_ROWS = (512, 1024, 2048, 4096, 8192, 16384)
_LARGEST_FLOP = 2e13
"""A product that takes 25 ms at 800 TFLOP/s; larger ones teach nothing new."""
_ELEMENT_B = {"bf16": 2, "fp16": 2, "fp8": 1}


def key_matrices() -> list[tuple[int, int]]:
    """Return (outputs, inputs) of the matrices measured first: Llama 3.1 8B whole, 70B whole and in eighths."""
    chosen = [("llama-3.1-8b", 1), ("llama-3.1-70b", 1), ("llama-3.1-70b", 8)]
    layers = ("query_key_value", "attention_output", "up", "down")
    return [matrices_of(MODELS[model], ranks)[name] for model, ranks in chosen for name in layers]


def families() -> list[tuple[int, int]]:
    """Return (outputs, inputs) of all that is measured: the models' matrices and a regular grid."""
    return sorted({*all_matrices(), *itertools.product(_GRID, _GRID)})


def forward_cases() -> list[Case]:
    """Return y = x W^T in bf16, fp8 and fp16."""
    key, everything = key_matrices(), families()
    some = [family for family in everything if _chance(family) < 0.25]
    cases = [_forward("bf16", m, family, 0) for family in key for m in _FIRST_ROWS]
    cases += [_forward("fp8", m, family, 0) for family in key[2::4] + key[3::4] for m in (16, 1024, 8192)]
    cases += [_forward("bf16", m, family, 1) for family in everything for m in _COARSE_ROWS]
    cases += [_forward("fp8", m, family, 1) for family in everything for m in (8, 512, 8192)]
    cases += [_forward("fp16", m, family, 2) for family in some for m in _COARSE_ROWS]
    cases += [_forward("fp8", m, family, 2) for family in everything for m in (1, 16, 32, 128, 1024, 2048, 4096)]
    cases += [_forward("bf16", m, family, 2) for family in everything for m in _FINE_ROWS[::2]]
    cases += [_forward("bf16", m, family, 3) for family in everything for m in _FINE_ROWS[1::2]]
    return _distinct(cases)


def backward_cases() -> list[Case]:
    """Return dx = dy W and dW = dy^T x in bf16, as products of their own m, n and k."""
    key, everything = key_matrices(), families()
    some = [family for family in everything if _chance(family) < 0.35]
    cases = [case for family in key for case in _backward(4096, family, 0)]
    cases += [case for family in some for tokens in _BACKWARD_ROWS[::2] for case in _backward(tokens, family, 1)]
    cases += [case for family in everything for tokens in _BACKWARD_ROWS for case in _backward(tokens, family, 2)]
    return _distinct(cases)


def prepare(bench: Any, case: Case) -> Prepared:
    """Return the product over enough working sets that weights and activations come from memory."""
    m, n, k = case.shape["m"], case.shape["n"], case.shape["k"]
    set_b = _ELEMENT_B[case.dtype] * (m * k + n * k) + 2 * m * n
    sets = rotated_sets(set_b, bench.l2_b)
    places = bench.outputs("bf16" if case.dtype == "fp8" else case.dtype, sets, m, n)
    calls = [_call(bench, case, m, n, k, place) for place in places]
    return Prepared(calls, set_b * sets)


def _call(bench: Any, case: Case, m: int, n: int, k: int, out: Any) -> Call:
    torch = bench.torch
    # The transposed view is what makes the layout: the pool's numbers are the same either way.
    left = bench.random(case.dtype, k, m).t() if case.variant == "tn" else bench.random(case.dtype, m, k)
    right = bench.random(case.dtype, n, k).t() if case.variant == "nt" else bench.random(case.dtype, k, n)
    if case.dtype == "fp8":
        scale = torch.ones((), dtype=torch.float32, device=bench.device)
        return partial(
            torch._scaled_mm, left, right, scale_a=scale, scale_b=scale, out_dtype=torch.bfloat16, use_fast_accum=True
        )  # fmt: skip
    return partial(torch.mm, left, right, out=out)


def _forward(dtype: str, m: int, family: tuple[int, int], turn: int) -> Case:
    return Case(FORWARD, "gemm", dtype, "nt", {"m": m, "n": family[0], "k": family[1]}, turn)


def _backward(tokens: int, family: tuple[int, int], turn: int) -> list[Case]:
    outputs, inputs = family
    return [
        Case(BACKWARD, "gemm", "bf16", "nn", {"m": tokens, "n": inputs, "k": outputs}, turn),
        Case(BACKWARD, "gemm", "bf16", "tn", {"m": outputs, "n": inputs, "k": tokens}, turn),
    ]


def _distinct(cases: list[Case]) -> list[Case]:
    """Return each case once, at its earliest turn, without the ones too large."""
    first: dict[str, Case] = {}
    for case in cases:
        if 2.0 * case.shape["m"] * case.shape["n"] * case.shape["k"] <= _LARGEST_FLOP:
            first.setdefault(case.key, case)
    return list(first.values())


def _chance(family: tuple[int, int]) -> float:
    """Return a number in [0, 1) that hangs on the family alone."""
    return int.from_bytes(hashlib.sha256(f"{family[0]},{family[1]}".encode()).digest()[:4]) / 2**32
