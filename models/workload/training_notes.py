"""What a prediction of a training step takes for granted, said in words beside it."""

from __future__ import annotations

from ..calibration.kernels import Kernels
from .layer_work import BACKWARD_OVER_FORWARD, EXPERTS_BACKWARD, kernel_dtype
from .layout import Layout
from .transformer import Transformer


def training_notes(model: Transformer, layout: Layout, kernels: Kernels, overhead: float) -> tuple[str, ...]:
    """Return the assumptions that a step rests on."""
    notes = []
    if not kernels.fitted:
        notes.append(f"nothing was measured on {kernels.accelerator.title}: datasheet rates with assumed efficiencies")
    if overhead == 1.0:
        notes.append("no overhead was fitted for this accelerator and framework: gaps between kernels are not counted")
    if layout.attention == "flash":
        notes.append(f"attention's backward pass takes {BACKWARD_OVER_FORWARD:g} times its forward kernel")
    if layout.precision == "fp16":
        notes.append("products in fp16 are taken to be as fast as in bf16")
    dtype = kernel_dtype(layout)
    rate = {"fp8": "fp8", "fp8_block": "fp8", "nvfp4": "fp4"}.get(dtype)
    if rate and getattr(kernels.accelerator.compute, rate) is None:
        notes.append(f"{kernels.accelerator.title} does not compute in {dtype}: products run at the rate of bf16")
    if model.experts:
        notes.append(f"experts' backward products take {EXPERTS_BACKWARD:g} times their forward kernel")
        load = "evenly" if layout.expert_load == 1.0 else f"with {layout.expert_load:g} times the mean on one rank"
        notes.append(f"tokens fall on the ranks of experts {load}, and none is dropped")
    if not model.latent_attention and layout.tensor > model.key_value_heads:
        copies = layout.tensor // model.key_value_heads
        notes.append(f"each of {model.key_value_heads} key-value heads is copied on {copies} tensor-parallel ranks")
    return tuple(notes)
