"""Number formats of kernels: the bytes of an element and the datasheet rate that bounds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:  # A machine that only measures may have no pydantic
    from ..accelerators.accelerator import Accelerator, Dtype

KernelDtype = Literal["bf16", "fp16", "fp8", "fp8_block", "nvfp4", "mxfp4", "int8"]
"""`fp8_block` is fp8 with a scale for each block of 128 by 128 (DeepSeek); `fp8` has one for each tensor or row."""


class _Format(NamedTuple):
    element_b: float
    rate: Dtype


_FORMATS: dict[str, _Format] = {
    "bf16": _Format(2.0, "bf16"),
    "fp16": _Format(2.0, "fp16"),
    "fp8": _Format(1.0, "fp8"),
    "fp8_block": _Format(1.0, "fp8"),
    "nvfp4": _Format(9 / 16, "fp4"),  # 4 bits, and 8 bits of scale for every 16 elements
    "mxfp4": _Format(17 / 32, "fp4"),  # 4 bits, and 8 bits of scale for every 32 elements
    "int8": _Format(1.0, "int8"),
}


def kernel_dtypes() -> tuple[str, ...]:
    """Return the number formats that kernels are known in."""
    return get_args(KernelDtype)


def element_bytes(dtype: str) -> float:
    """Return the size of an element with its share of the scales [B]; raise ValueError for an unknown format."""
    return _format(dtype).element_b


def peak_flop_per_s(accelerator: Accelerator, dtype: str) -> float:
    """Return the datasheet rate that bounds kernels of this format [FLOP/s].

    A format that the accelerator does not compute in is unpacked to bf16 first, so that rate bounds it.
    """
    return accelerator.compute_flop_per_s(_format(computed_in(accelerator, dtype)).rate)


def computed_in(accelerator: Accelerator, dtype: str) -> str:
    """Return the number format that operands of this one are multiplied in: itself where there is a rate, or bf16."""
    return dtype if getattr(accelerator.compute, _format(dtype).rate) is not None else "bf16"


def _format(dtype: str) -> _Format:
    if dtype not in _FORMATS:
        raise ValueError(f"number format {dtype!r} is not known; known are {', '.join(kernel_dtypes())}")
    return _FORMATS[dtype]
