"""What of an accelerator's memory is left for the key-value cache, and how many tokens that holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...calibration.number_formats import element_bytes
from ...neural_networks.transformer import parameters
from .engine import Layout, ServingEngine
from .products import layer_products, logits_product, sparse_layers

CONTEXT_B = 0.6e9
"""Taken by the CUDA context and loaded kernels [B]: assumption."""
COMMUNICATOR_B = 0.5e9
"""Taken by the buffers of each communicator of more than one rank [B]: assumption, near NCCL's default channels."""


class DoesNotFit(ValueError):
    """A model that leaves no room for one block of the key-value cache."""

    def __init__(self, message: str, short_b: float) -> None:
        super().__init__(message)
        self.short_b = short_b
        """Bytes that are short on the fullest rank [B]."""


@dataclass(frozen=True)
class KeyValueCapacity:
    """The key-value cache of one attention group, on its fullest rank."""

    bytes_b: float
    """Memory left for it on a rank [B]."""
    block_b: float
    """One block on a rank [B]."""
    blocks: int
    """Blocks that there are."""
    tokens: int
    """Tokens that these blocks hold."""
    weights_b: float
    """Weights on the rank [B]."""
    activations_b: float
    """Most activations of a batch on the rank [B]."""
    buffers_b: float
    """Context and communicators on the rank [B]."""
    windows_b: float
    """Set aside for windowed layers of `max_sequences` sequences, where other layers attend to all tokens [B]."""


def weight_bytes_per_rank(engine: ServingEngine) -> float:
    """Return the weights on the fullest rank [B].

    Matrices are split over the ranks, keys' and values' heads copied where there are fewer than ranks; norms, biases
    and the narrow projections of latent attention are copied on every rank. With a pipeline the fullest stage has
    the most layers and the larger of embedding and output projection.
    """
    model, layout = engine.model, engine.layout
    share = engine.stage_layers / model.layers
    products_b = sum(p.n * p.k * p.layers * element_bytes(p.dtype) for p in layer_products(engine)) * share
    experts_b = 0.0
    if model.experts:
        matrices = 3 if model.gated_mlp else 2
        one_b = matrices * model.hidden * model.experts.intermediate * element_bytes(engine.expert_format)
        layers = min(sparse_layers(model), engine.stage_layers)
        experts_b = layers * model.experts.count * one_b / layout.stage_ranks
    logits = logits_product(engine)
    ends_b = 2.0 * logits.n * logits.k
    ends = 1 if model.tied_embeddings or layout.pipeline > 1 else 2
    return products_b + experts_b + ends * ends_b + 2.0 * _small_parameters(engine) * share


def activation_bytes_per_rank(engine: ServingEngine) -> float:
    """Return the most activations of a batch of `token_budget` tokens on a rank [B].

    Residual and normed rows, the wider of attention's and the MLP's inner rows, all in 16 bits, and the logits of
    `max_sequences` rows in 16 and 32 bits: assumption, what a forward pass without stored activations must hold.
    """
    model, layout = engine.model, engine.layout
    tokens = engine.token_budget / layout.attention_data
    inner = float(max(product.n + product.k for product in layer_products(engine)))
    if model.experts:
        rows = layout.attention_data * model.experts.active / layout.expert
        inner = max(inner, rows * (2 * model.hidden + 3 * model.experts.intermediate / layout.expert_tensor))
    rows = min(engine.max_sequences, engine.token_budget) / layout.attention_data
    return 2.0 * tokens * (2 * model.hidden + inner) + 6.0 * rows * model.vocabulary


def buffer_bytes_per_rank(engine: ServingEngine) -> float:
    """Return what context and communicators take on a rank [B]."""
    layout = engine.layout
    communicators = sum(ranks > 1 for ranks in (layout.tensor, layout.attention_data, layout.pipeline))
    return CONTEXT_B + COMMUNICATOR_B * communicators


def key_value_bytes(engine: ServingEngine, tokens: int) -> float:
    """Return the cache of one sequence of so many tokens on one rank [B]; windowed layers keep at most the window.

    The compressed cache of latent attention is copied on every rank; of keys and values a rank holds its own heads,
    at least one.
    """
    model = engine.model
    full, windowed = _stage_layers_by_kind(engine)
    kept = min(tokens, model.sliding_window or tokens)
    return (full * tokens + windowed * kept) * _layer_token_b(engine)


def key_value_capacity(engine: ServingEngine) -> KeyValueCapacity:
    """Return the cache's capacity: memory_fraction x memory - weights - activations - buffers, in blocks.

    Where some layers are windowed, the windows of `max_sequences` sequences are set aside first, so that blocks are
    those of the layers that attend to all tokens. Raises DoesNotFit where not one block is left; blocks that the user
    gives must fit too.
    """
    weights_b = weight_bytes_per_rank(engine)
    activations_b = activation_bytes_per_rank(engine)
    buffers_b = buffer_bytes_per_rank(engine)
    budget_b = engine.memory_fraction * engine.accelerator.memory_b
    left_b = budget_b - weights_b - activations_b - buffers_b
    full, windowed = _stage_layers_by_kind(engine)
    token_b = (full or windowed) * _layer_token_b(engine)
    windows_b = 0.0
    if full and windowed:
        sequences = math.ceil(engine.max_sequences / engine.layout.attention_data)
        windows_b = sequences * windowed * (engine.model.sliding_window or 0) * _layer_token_b(engine)
    block_b = engine.block_tokens * token_b
    wanted = engine.key_value_blocks or 1
    short_b = windows_b + wanted * block_b - left_b
    if short_b > 0.0:
        layout = engine.layout
        raise DoesNotFit(
            f"{engine.model.title or 'the model'} in {engine.weight_dtype} on {layout.accelerators} x "
            f"{engine.accelerator.title}: weights {weights_b:.4g} B, activations {activations_b:.4g} B, buffers "
            f"{buffers_b:.4g} B and {wanted} block(s) of cache {windows_b + wanted * block_b:.4g} B on a rank are "
            f"{short_b:.4g} B more than {engine.memory_fraction:g} of its memory, {budget_b:.4g} B",
            short_b,
        )
    blocks = engine.key_value_blocks or int((left_b - windows_b) // block_b)
    return KeyValueCapacity(
        left_b, block_b, blocks, blocks * engine.block_tokens, weights_b, activations_b, buffers_b, windows_b
    )


def _layer_token_b(engine: ServingEngine) -> float:
    latent = engine.model.latent_attention
    if latent:
        elements = latent.key_value_rank + latent.rope_dim
    else:
        elements = 2 * engine.key_value_heads_per_rank * engine.model.head_dim
    return elements * element_bytes(engine.key_value_dtype)


def _stage_layers_by_kind(engine: ServingEngine) -> tuple[float, float]:
    """Return the layers of the fullest stage that attend to all tokens, and those that stop at the window."""
    windowed = engine.model.windowed_layers * engine.stage_layers / engine.model.layers
    return engine.stage_layers - windowed, windowed


def _small_parameters(engine: ServingEngine) -> int:
    """Return the parameters of norms, biases and learned positions: what is in no matrix of one undivided rank."""
    model = engine.model
    whole = ServingEngine(model, engine.kernels, Layout())
    matrices = sum(p.n * p.k * p.layers for p in layer_products(whole))
    if model.experts:
        inner = (3 if model.gated_mlp else 2) * model.hidden * model.experts.intermediate
        matrices += sparse_layers(model) * model.experts.count * inner
    embeddings = model.vocabulary * model.hidden * (1 if model.tied_embeddings else 2)
    return parameters(model).total - matrices - embeddings
