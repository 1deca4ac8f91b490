"""Stages of a pipeline by what their layers are: how many of each kind lie on each stage."""

from __future__ import annotations

import functools
from typing import NamedTuple

from ...neural_networks.transformer import Transformer
from .layout import Layout
from .pipeline import layers_of_stages


class LayerKind(NamedTuple):
    """What tells layers of one model apart."""

    sparse: bool
    """Whether it has experts."""
    windowed: bool
    """Whether its attention stops at the window."""


class Stages(NamedTuple):
    """The layers of each stage, counted by kind."""

    kinds: tuple[LayerKind, ...]
    """Kinds that the model has."""
    counts: tuple[tuple[int, ...], ...]
    """Layers of each kind on each stage."""

    @property
    def most_layers(self) -> int:
        """Layers of the stage that has most."""
        return max(sum(counts) for counts in self.counts)


def kind_of_layer(model: Transformer, layer: int) -> LayerKind:
    """Return the kind of a layer, counted from 0. With a window, every n-th layer attends to all tokens."""
    dense_layers = model.experts.dense_layers if model.experts else model.layers
    return _kind(layer, dense_layers, model.full_attention_every if model.sliding_window else 1)


def stages_of(model: Transformer, layout: Layout) -> Stages:
    """Return the stages that a layout puts a model on."""
    dense_layers = model.experts.dense_layers if model.experts else model.layers
    full_every = model.full_attention_every if model.sliding_window else 1
    return _stages(model.layers, layout.pipeline, layout.virtual_pipeline, dense_layers, full_every)


@functools.lru_cache(maxsize=4096)
def _stages(layers: int, pipeline: int, virtual_pipeline: int, dense_layers: int, full_every: int) -> Stages:
    kind_of = [_kind(layer, dense_layers, full_every) for layer in range(layers)]
    kinds = tuple(dict.fromkeys(kind_of))
    stages = layers_of_stages(layers, pipeline=pipeline, virtual_pipeline=virtual_pipeline)
    counts = tuple(tuple(sum(kind_of[layer] == kind for layer in stage) for kind in kinds) for stage in stages)
    return Stages(kinds, counts)


def _kind(layer: int, dense_layers: int, full_every: int) -> LayerKind:
    return LayerKind(sparse=layer >= dense_layers, windowed=(layer + 1) % full_every != 0)
