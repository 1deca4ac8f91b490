"""Kernels that move memory: RMSNorm, the gate of an MLP, its parts, residual additions, and plain copies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .case import Call, Case, Prepared
from .timing import rotated_sets

ELEMENTWISE = "elementwise"
COPY = "memory_copy"

_WIDTH = 4096
"""Elements of a row; wider rows move the same bytes."""
_VALUES_MOVED = {"rms_norm": 2, "gated_unit": 3, "silu": 2, "multiply": 3, "residual_add": 3, "copy": 2}
"""Values read and written for each that comes out. `gated_unit` is a * sigmoid(b), the one fused gate that PyTorch has;
it moves what a fused silu(a) * b of a serving framework moves. PyTorch itself runs that as `silu` and `multiply`."""
_FIRST_ROWS = (16, 1024, 16384)
_COARSE_ROWS = (1, 4, 64, 256, 4096, 65536)
_FINE_ROWS = (2, 8, 32, 128, 192, 384, 512, 768, 1536, 2048, 3072, 6144, 8192, 12288, 24576, 32768, 131072)


def cases() -> list[Case]:
    """Return the small kernels."""
    return [case for kernel in _VALUES_MOVED if kernel != "copy" for case in _cases(ELEMENTWISE, kernel)]


def copy_cases() -> list[Case]:
    """Return copies within the device's memory."""
    return _cases(COPY, "copy")


def prepare(bench: Any, case: Case) -> Prepared:
    """Return the kernel over rotated rows."""
    traffic_b = case.shape["traffic_b"]
    elements = traffic_b // (2 * _VALUES_MOVED[case.variant])
    width = min(_WIDTH, elements)
    sets = rotated_sets(traffic_b, bench.l2_b)
    calls = [_call(bench, case.variant, elements // width, width) for _ in range(sets)]
    return Prepared(calls, traffic_b * sets)


def _call(bench: Any, kernel: str, rows: int, width: int) -> Call:
    torch = bench.torch
    functional = torch.nn.functional
    made: dict[str, Callable[[], Call]] = {
        "rms_norm": lambda: partial(_rms_norm(torch), bench.random("bf16", rows, width), bench.random("bf16", width)),
        "gated_unit": lambda: partial(functional.glu, bench.random("bf16", rows, 2 * width)),
        "silu": lambda: partial(functional.silu, bench.random("bf16", rows, width)),
        "multiply": lambda: partial(torch.mul, bench.random("bf16", rows, width), bench.random("bf16", rows, width)),
        "residual_add": lambda: partial(
            torch.add, bench.random("bf16", rows, width), bench.random("bf16", rows, width)
        ),
        "copy": lambda: partial(
            torch.empty_like(bench.random("bf16", rows, width)).copy_, bench.random("bf16", rows, width)
        ),
    }
    return made[kernel]()


def _rms_norm(torch: Any) -> Callable[[Any, Any], Any]:
    """Return RMSNorm as one kernel; releases that have none run LayerNorm in its place, which moves the same bytes."""
    functional = torch.nn.functional
    if hasattr(torch, "_fused_rms_norm"):
        return lambda rows, weight: functional.rms_norm(rows, weight.shape, weight, 1e-5)
    return lambda rows, weight: functional.layer_norm(rows, weight.shape, weight, None, 1e-5)


def _cases(family: str, kernel: str) -> list[Case]:
    moved_b = 2 * _VALUES_MOVED[kernel] * _WIDTH
    return [
        Case(family, "elementwise", "bf16", kernel, {"traffic_b": rows * moved_b}, turn)
        for turn, sizes in enumerate((_FIRST_ROWS, _COARSE_ROWS, _FINE_ROWS))
        for rows in sizes
    ]
