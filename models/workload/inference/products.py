"""The matrix products of a model as one rank computes them: the source of both its time and its weights."""

from __future__ import annotations

import math
from typing import NamedTuple

from ...neural_networks.transformer import Transformer
from .engine import ServingEngine


class Product(NamedTuple):
    """A product of the tokens' rows with a weight matrix, repeated in so many layers."""

    phase: str
    n: int
    """Columns of the matrix on one rank."""
    k: int
    """Rows of the matrix on one rank."""
    layers: int
    """Layers that have it."""
    dtype: str


def sparse_layers(model: Transformer) -> int:
    """Return how many layers have experts in place of an MLP."""
    return model.layers - model.experts.dense_layers if model.experts else 0


def layer_products(engine: ServingEngine) -> tuple[Product, ...]:
    """Return the products over all layers, experts apart, on one rank."""
    model, tensor, dtype = engine.model, engine.layout.tensor, engine.weight_dtype
    inward = 2 if model.gated_mlp else 1
    found = list(_attention_products(engine))
    dense = model.layers - sparse_layers(model)
    if dense:
        width = math.ceil(model.intermediate / tensor)
        found.append(Product("mlp", inward * width, model.hidden, dense, dtype))
        found.append(Product("mlp", model.hidden, width, dense, dtype))
    if model.experts:
        sparse = sparse_layers(model)
        found.append(Product("router", model.experts.count, model.hidden, sparse, "bf16"))
        if model.experts.shared:
            width = math.ceil(model.experts.shared * model.experts.intermediate / tensor)
            found.append(Product("mlp", inward * width, model.hidden, sparse, dtype))
            found.append(Product("mlp", model.hidden, width, sparse, dtype))
    return tuple(found)


def logits_product(engine: ServingEngine) -> Product:
    """Return the output projection on one rank."""
    return Product("logits", math.ceil(engine.model.vocabulary / engine.layout.tensor), engine.model.hidden, 1, "bf16")


def _attention_products(engine: ServingEngine) -> tuple[Product, ...]:
    model, dtype = engine.model, engine.weight_dtype
    heads = model.heads // engine.layout.tensor
    latent = model.latent_attention
    if latent:
        head_dim = latent.nope_dim + latent.rope_dim
        narrow = latent.query_rank + latent.key_value_rank + latent.rope_dim
        # The expansion of keys and values is one product in a prompt; in decoding its two halves are applied to the
        # queries and to what attention returns. Weights and FLOP are the same.
        expanded = heads * (latent.nope_dim + latent.value_dim)
        return (
            Product("projections", narrow, model.hidden, model.layers, dtype),
            Product("projections", heads * head_dim, latent.query_rank, model.layers, dtype),
            Product("projections", expanded, latent.key_value_rank, model.layers, dtype),
            Product("projections", model.hidden, heads * latent.value_dim, model.layers, dtype),
        )
    width = heads * model.head_dim
    key_value_width = engine.key_value_heads_per_rank * model.head_dim
    return (
        Product("projections", width + 2 * key_value_width, model.hidden, model.layers, dtype),
        Product("projections", model.hidden, width, model.layers, dtype),
    )
