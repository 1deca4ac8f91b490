"""What many layouts of one job have in common: the blocks of a micro-batch, their prices, and single exchanges.

A search prices thousands of layouts. Blocks and their prices do not depend on stages, on ZeRO nor on the batch, so
layouts that differ in these alone share them, and nothing is approximated.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np

from ...calibration.estimate import FloatArray
from ...calibration.kernels import Kernels
from ...neural_networks.transformer import Transformer
from .block import Block
from .head_work import embedding_block, head_block
from .layer_work import layer_block
from .layout import Layout
from .machines import Machines
from .memory import RankParameters, TrainingMemory, rank_parameters, training_memory
from .pipeline import pipeline_step_s
from .prices import Prices, Quotes, price_blocks, quote_blocks
from .stages import LayerKind, Stages, stages_of

_AGAIN = frozenset({"recompute", "recompute_parts"})
_ELSEWHERE = frozenset({"pipeline", "virtual_pipeline", "zero", "global_batch", "overlap_data", "overlap_pipeline"})
"""Fields of `Layout` that change neither a block nor its price."""


class Pieces(NamedTuple):
    """The blocks of one micro-batch on one rank."""

    layers: Mapping[LayerKind, Block]
    embedding: Block
    head: Block


class Placed(NamedTuple):
    """A layout put on its stages, before it is priced."""

    stages: Stages
    held: tuple[RankParameters, ...]
    """Parameters of one rank of each stage."""
    pieces: Pieces
    memory: TrainingMemory


class SharedWork:
    """Blocks and prices of one model on the same machines, each made once."""

    def __init__(self, model: Transformer, kernels: Kernels, machines: Machines) -> None:
        self.model = model
        self.kernels = kernels
        self.machines = machines
        self._pieces: dict[Hashable, Pieces] = {}
        self._quotes: dict[Hashable, Quotes] = {}
        self._prices: dict[Hashable, Prices] = {}

    def place(self, layout: Layout) -> Placed:
        """Return the stages of a layout that can run, what they hold and the memory that they need."""
        key = _key(layout, _ELSEWHERE | _AGAIN)
        stages = stages_of(self.model, layout)
        pieces = self._pieces.get(key)
        if pieces is None:
            layers = {kind: layer_block(self.model, layout, kind) for kind in stages.kinds}
            pieces = Pieces(layers, embedding_block(self.model, layout), head_block(self.model, layout))
            self._pieces[key] = pieces
        held = rank_parameters(self.model, layout, stages)
        memory = training_memory(layout, self.machines.accelerators, stages, held, pieces.layers, pieces.head)
        return Placed(stages, held, pieces, memory)

    def prices(self, layout: Layout, pieces: Pieces) -> Prices:
        """Return what the layers, the embedding and the head take, in this order."""
        key = _key(layout, _ELSEWHERE)
        if key not in self._prices:
            blocks = [*pieces.layers.values(), pieces.embedding, pieces.head]
            once = _key(layout, _ELSEWHERE | _AGAIN)
            if once not in self._quotes:
                self._quotes[once] = quote_blocks(self.kernels, blocks, layout, self.machines)
            self._prices[key] = price_blocks(self.kernels, blocks, layout, self.machines, self._quotes[once])
        return self._prices[key]

    def least_step_s(self, layout: Layout, placed: Placed) -> float:
        """Return a time that the step can not fall below [s]: that of the micro-batches with the pipeline's bubble.

        What copies, stages and the host exchange, the optimizer, stragglers and the overhead can only add to it.
        """
        stage_s = block_counts(placed.stages) @ self.prices(layout, placed.pieces).time_s.sum(axis=1)
        micro_batches = layout.micro_batches(self.machines.accelerators)
        return pipeline_step_s(stage_s.tolist(), micro_batches=micro_batches, virtual_pipeline=layout.virtual_pipeline)[
            0
        ]


def block_counts(stages: Stages) -> FloatArray:
    """Return how often each stage runs each block with one micro-batch: kinds of layers, embedding, head."""
    counts = np.zeros((len(stages.counts), len(stages.kinds) + 2))
    counts[:, :-2] = stages.counts
    counts[0, -2] = counts[-1, -1] = 1.0
    return counts


def _key(layout: Layout, without: frozenset[str]) -> Hashable:
    return tuple(value for name, value in layout.__dict__.items() if name not in without)
