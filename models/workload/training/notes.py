"""What a prediction of a training step takes for granted, said in words beside it."""

from __future__ import annotations

from ...calibration.kernels import Kernels
from ...calibration.operations.prefill_attention import BACKWARD_OVER_FORWARD
from ...calibration.operations.prefill_attention_backward import PrefillAttentionBackward
from ...neural_networks.transformer import Transformer
from .layer_work import EXPERTS_BACKWARD
from .layout import Layout
from .product_work import kernel_dtype

EXPERT_LAYER_HOST_S = 5e-3
"""Time of a layer of experts, forward and backward, under which the host may set the pace: assumption, between layers
of 3 ms by their kernels that took 9 ms (Qwen3 30B-A3B on B200, one sequence at a time) and of 8 ms that took 9 ms."""


def training_notes(
    model: Transformer, layout: Layout, kernels: Kernels, overhead: float, expert_layer_s: float | None
) -> tuple[str, ...]:
    """Return the assumptions that a step rests on; `expert_layer_s` is the time of a layer of experts, if any [s]."""
    notes = []
    if not kernels.fitted:
        notes.append(f"nothing was measured on {kernels.accelerator.title}: datasheet rates with assumed efficiencies")
    if overhead == 1.0:
        notes.append("no overhead was fitted for this accelerator and framework: gaps between kernels are not counted")
    backward_measured = not model.latent_attention and (PrefillAttentionBackward.name, "bf16") in kernels.fitted
    if layout.attention == "flash" and not backward_measured:
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
    if expert_layer_s is not None and expert_layer_s < EXPERT_LAYER_HOST_S:
        notes.append(
            f"a layer of experts takes {1e3 * expert_layer_s:.1f} ms by its kernels; under "
            f"{1e3 * EXPERT_LAYER_HOST_S:.0f} ms steps were seen to be bound by the host and to take up to three times "
            "as long"
        )
    if not model.latent_attention and layout.tensor > model.key_value_heads:
        copies = layout.tensor // model.key_value_heads
        notes.append(f"each of {model.key_value_heads} key-value heads is copied on {copies} tensor-parallel ranks")
    return tuple(notes)
