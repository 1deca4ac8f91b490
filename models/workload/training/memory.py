"""Memory of training, tensor by tensor: weights, gradients, optimizer, and what each layer keeps for the backward pass.

Each stage is counted with the micro-batches that it has in flight; the fullest stage decides whether a job fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...neural_networks.transformer import Transformer, attention_parameters, mlp_parameters
from ...problems import InputError, Problem
from ...units import format_quantity
from .block import Block
from .layout import Layout
from .pipeline import micro_batches_in_flight
from .stages import LayerKind, Stages

RESERVED_B = 2.5e9
"""Taken by the driver's context, libraries and buffers of collectives [B]: assumption, after 1 to 4 GB in practice."""
WEIGHT_B = 2.0
"""Bytes of a weight: 16 bits, or 8 bits and a transposed copy."""
OPTIMIZER_B = 12.0
"""Bytes of a weight's master copy and Adam's two moments, 32 bits each (Rajbhandari et al. 2020, arXiv 1910.02054)."""


class RankParameters(NamedTuple):
    """Parameters on one accelerator of a stage."""

    dense: float
    """Copied on every data- and context-parallel rank."""
    experts: float
    """Copied on as many ranks as there are copies of an expert."""


class TrainingMemory(NamedTuple):
    """Bytes on one accelerator of the fullest stage."""

    weights_b: float
    gradients_b: float
    optimizer_b: float
    activations_b: float
    """Kept for the backward pass by all micro-batches in flight, and what one layer's recomputation needs at once."""
    gathered_b: float
    """Weights and gradients of the layers at work, gathered whole, where they are fully sharded."""
    loss_b: float
    """Logits, on the last stage."""
    reserved_b: float
    stage: int
    """The fullest stage, counted from 0."""

    @property
    def total_b(self) -> float:
        """Sum [B]."""
        return sum(self[:7])


class DoesNotFit(InputError):
    """A job that needs more memory than an accelerator has."""

    def __init__(self, what: str, memory: TrainingMemory, available_b: float) -> None:
        self.memory = memory
        self.available_b = available_b
        """What programs can use [B]."""
        self.short_b = memory.total_b - available_b
        """How much is missing on each accelerator of the fullest stage [B]."""
        parts = (("weights", memory.weights_b + memory.gathered_b), ("gradients", memory.gradients_b),
                 ("optimizer", memory.optimizer_b), ("activations", memory.activations_b + memory.loss_b),
                 ("reserved", memory.reserved_b))  # fmt: skip
        shown = ", ".join(f"{name} {format_quantity(size_b, 'data', digits=3)}" for name, size_b in parts)
        message = (
            f"{what} needs {format_quantity(memory.total_b, 'data', digits=4)} on each accelerator ({shown}) and has "
            f"{format_quantity(available_b, 'data', digits=4)}: short of {self.short_b:,.0f} B"
        )
        super().__init__(Problem("", "memory", message))


def rank_parameters(model: Transformer, layout: Layout, stages: Stages) -> tuple[RankParameters, ...]:
    """Return the parameters of one rank of each stage. A tied embedding lies on the first stage and on the last."""
    norm = (2 if model.norm == "layer" else 1) * model.hidden
    embedding = model.vocabulary * model.hidden / layout.tensor
    copied = 1.0
    if not model.latent_attention and layout.tensor > model.key_value_heads:
        copied = layout.tensor / model.key_value_heads
    key_value = 0 if model.latent_attention else 2 * model.hidden * model.key_value_heads * model.head_dim
    attention = (attention_parameters(model) + (copied - 1.0) * key_value) / layout.tensor + 2 * norm
    mlp = mlp_parameters(model, model.intermediate) / layout.tensor
    shared = experts = 0.0
    if model.experts:
        expert = mlp_parameters(model, model.experts.intermediate)
        shared = model.hidden * model.experts.count + model.experts.shared * expert / layout.tensor
        experts = model.experts.count * expert / (layout.expert * layout.expert_tensor)
    found = []
    last = len(stages.counts) - 1
    for index, counts in enumerate(stages.counts):
        sparse = sum(count for kind, count in zip(stages.kinds, counts, strict=True) if kind.sparse)
        layers = sum(counts)
        dense = layers * attention + (layers - sparse) * mlp + sparse * shared
        if index == 0:
            dense += embedding + model.learned_positions * model.hidden
        if index == last:
            dense += norm + (0.0 if model.tied_embeddings and last == 0 else embedding)
        found.append(RankParameters(dense, sparse * experts))
    return tuple(found)


def kept_b(block: Block, layout: Layout) -> float:
    """Return what a layer keeps for the backward pass of one micro-batch [B]; with full recomputation its input only.

    The first tensor of a layer is its input.
    """
    if layout.recompute == "full":
        return block.saved[0].size_b
    again = layout.recompute_parts if layout.recompute == "selective" else ()
    return sum(tensor.size_b for tensor in block.saved if tensor.part not in again)


def training_memory(
    layout: Layout,
    accelerators: int,
    stages: Stages,
    held: Sequence[RankParameters],
    blocks: Mapping[LayerKind, Block],
    head: Block,
) -> TrainingMemory:
    """Return the memory of the fullest stage; `held` are the parameters of one rank of each."""
    kept = [kept_b(blocks[kind], layout) for kind in stages.kinds]
    whole = [sum(tensor.size_b for tensor in blocks[kind].saved) for kind in stages.kinds]
    last = len(stages.counts) - 1
    found = []
    for stage, counts in enumerate(stages.counts):
        activations_b = _activations_b(layout, accelerators, stage, counts, kept)
        if layout.recompute != "none":
            activations_b += max(
                all_b - kept_b for all_b, kept_b, count in zip(whole, kept, counts, strict=True) if count
            )
        loss_b = sum(tensor.size_b for tensor in head.saved) if stage == last else 0.0
        found.append(_stage_memory(layout, accelerators, stage, sum(counts), held[stage], activations_b, loss_b))
    return max(found, key=lambda memory: memory.total_b)


def _activations_b(
    layout: Layout, accelerators: int, stage: int, counts: Sequence[int], kept: Sequence[float]
) -> float:
    """What a stage's layers keep for all micro-batches in flight [B], less those whose tensors wait in the host."""
    in_flight = micro_batches_in_flight(
        stage, pipeline=layout.pipeline, virtual_pipeline=layout.virtual_pipeline,
        micro_batches=layout.micro_batches(accelerators),
    )  # fmt: skip
    away = -(-layout.offloaded_layers // layout.pipeline)
    total_b = 2.0 * max(kept) if away else 0.0  # Two layers are on their way out or in.
    for size_b, count in sorted(zip(kept, counts, strict=True), reverse=True):
        here = max(count - away, 0)
        away -= count - here
        total_b += in_flight * here * size_b
    return total_b


def _stage_memory(
    layout: Layout,
    accelerators: int,
    stage: int,
    layers: int,
    held: RankParameters,
    activations_b: float,
    loss_b: float,
) -> TrainingMemory:
    data = accelerators / (layout.tensor * layout.pipeline)
    copies = accelerators / (layout.pipeline * layout.expert * layout.expert_tensor)

    def sharded(element_b: float, level: int) -> float:
        shared = layout.zero >= level
        return element_b * (held.dense / (data if shared else 1.0) + held.experts / (copies if shared else 1.0))

    gradient_b = 4.0 if layout.gradient_dtype == "fp32" else 2.0
    gathered_b = 0.0
    if layout.zero == 3:  # The weights of one layer at work and of one on its way, and the former's gradients.
        gathered_b = (2.0 * WEIGHT_B + gradient_b) * (held.dense + held.experts) / layers
    return TrainingMemory(
        weights_b=sharded(WEIGHT_B, 3),
        gradients_b=sharded(gradient_b, 2),
        optimizer_b=sharded(OPTIMIZER_B, 1),
        activations_b=activations_b,
        gathered_b=gathered_b,
        loss_b=loss_b,
        reserved_b=RESERVED_B,
        stage=stage,
    )
