"""How large a checkpoint of a training job is, and which accelerators write it."""

from __future__ import annotations

from typing import NamedTuple

from ..problems import InputError, Problem
from ..units import format_quantity
from ..workload.training.layout import Layout
from ..workload.training.memory import OPTIMIZER_B, WEIGHT_B
from ..workload.transformer import Transformer, parameters


class CheckpointSize(NamedTuple):
    """What a checkpoint holds [B] and the accelerators that write it, each a share of its own."""

    weights_b: float
    optimizer_b: float
    writers: int

    @property
    def total_b(self) -> float:
        """Weights and optimizer state, each element once [B]."""
        return self.weights_b + self.optimizer_b

    @property
    def writer_b(self) -> float:
        """What one writer writes, shares being equal [B]."""
        return self.total_b / self.writers


def checkpoint_size(model: Transformer, layout: Layout, accelerators: int) -> CheckpointSize:
    """Return the size of a checkpoint of a training job and who writes it.

    2 B for each weight, and 12 B for its master copy and Adam's two moments, whatever the number format of the
    products (Rajbhandari et al. 2020, arXiv 1910.02054); gradients are not kept. Each element is written once: where
    data-parallel ranks share the optimizer (`zero` 1 and up) every accelerator writes its share; where they do not, the
    accelerators of one copy of the model write. Raises InputError where the layout does not fit the accelerators.
    """
    layout.check(model, accelerators)
    count = parameters(model).total
    writers = accelerators
    if layout.zero == 0:
        writers = layout.model_parallel
        if model.experts:
            writers = max(writers, layout.pipeline * layout.expert * layout.expert_tensor)
    return CheckpointSize(WEIGHT_B * count, OPTIMIZER_B * count, min(writers, accelerators))


def check_fits(what: str, size_b: float, tier: str, free_b: float, path: str = "storage.tiers") -> None:
    """Raise InputError where a checkpoint is larger than what its tier has for it, both sizes told."""
    if size_b > free_b:
        message = (
            f"a checkpoint of {what} takes {format_quantity(size_b, 'data', 4)}; the tier has "
            f"{format_quantity(free_b, 'data', 4)} for it: give more capacity, or write to another tier"
        )
        raise InputError(Problem("", f"{path}.{tier}.capacity", message))
