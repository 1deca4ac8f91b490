"""How large a checkpoint of a training job is, and which accelerators write it."""

from __future__ import annotations

from typing import NamedTuple

from ..neural_networks.transformer import Transformer, parameters
from ..workload.training.layout import Layout
from ..workload.training.memory import OPTIMIZER_B, WEIGHT_B

HOST_LINK_B_PER_S = 25e9
"""Bandwidth of an accelerator to its host's memory: assumption, some 40% of what PCIe 5.0 x16 carries (64 GB/s)."""


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

    def snapshot_s(self, host_link_b_per_s: float = HOST_LINK_B_PER_S) -> float:
        """Return how long training stands still while each writer brings its share into its host's memory [s]."""
        return self.writer_b / host_link_b_per_s


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
