"""A decoder-only transformer by its shape: parameters, weights and key-value cache follow from it."""

from __future__ import annotations

from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from ..section import Section
from ..sourced import Entry

WeightDtype = Literal["fp32", "bf16", "fp16", "fp8", "mxfp4"]

BYTES_PER_ELEMENT: dict[WeightDtype, float] = {
    "fp32": 4.0,
    "bf16": 2.0,
    "fp16": 2.0,
    "fp8": 1.0,
    "mxfp4": 17 / 32,  # 4 bits, and 8 bits of scale for every 32 elements (OCP Microscaling Formats 1.0)
}


class LatentAttention(Section):
    """Multi-head latent attention: queries, keys and values pass through narrow projections (DeepSeek-V2 and V3)."""

    query_rank: int = Field(ge=1)
    """Width of the query's projection (`q_lora_rank`)."""
    key_value_rank: int = Field(ge=1)
    """Width of the keys' and values' projection, which is what the cache holds (`kv_lora_rank`)."""
    rope_dim: int = Field(ge=1)
    """Width of the part of a head that carries the position (`qk_rope_head_dim`)."""
    nope_dim: int = Field(ge=1)
    """Width of the part of a head that does not (`qk_nope_head_dim`)."""
    value_dim: int = Field(ge=1)
    """Width of a head's values (`v_head_dim`)."""


class Experts(Section):
    """A mixture of experts in place of the MLP."""

    count: int = Field(ge=2)
    """Experts that a token is routed among."""
    active: int = Field(ge=1)
    """Experts that each token passes through."""
    shared: int = Field(default=0, ge=0)
    """Experts that every token passes through besides."""
    intermediate: int = Field(ge=1)
    """Inner width of one expert."""
    dense_layers: int = Field(default=0, ge=0)
    """First layers that keep an ordinary MLP."""
    router_bias: bool = False
    """Whether the router has a bias for each expert."""
    dtype: WeightDtype | None = None
    """Number format of the experts' weights as published, where it differs from the model's."""


class Transformer(Entry):
    """A decoder-only transformer."""

    kind: Literal["transformer"] = "transformer"
    """Decoder-only transformer."""
    layers: int = Field(ge=1)
    """Transformer layers."""
    hidden: int = Field(ge=1)
    """Width of the residual stream."""
    intermediate: int = Field(ge=1)
    """Inner width of the ordinary MLP."""
    gated_mlp: bool = True
    """Whether the MLP has a gate (SwiGLU): three matrices in place of two."""
    heads: int = Field(ge=1)
    """Query heads."""
    key_value_heads: int = Field(ge=1)
    """Heads of keys and values; fewer than `heads` is grouped-query attention."""
    head_dim: int = Field(ge=1)
    """Width of a head. Not always hidden / heads."""
    latent_attention: LatentAttention | None = None
    """Ranks of multi-head latent attention."""
    sliding_window: int | None = Field(default=None, ge=1)
    """Tokens that a windowed layer looks back on."""
    full_attention_every: int = Field(default=1, ge=1)
    """With a window, every how many layers one attends to all tokens (2: alternating)."""
    experts: Experts | None = None
    """The mixture of experts."""
    vocabulary: int = Field(ge=1)
    """Rows of the token embedding, padding included."""
    tied_embeddings: bool = False
    """Whether the output projection is the token embedding."""
    learned_positions: int = Field(default=0, ge=0)
    """Rows of a learned position embedding; 0 with rotary positions."""
    norm: Literal["rms", "layer"] = "rms"
    """RMSNorm (a weight) or LayerNorm (a weight and a bias)."""
    query_key_norm: bool = False
    """Whether queries and keys of each head are normed (Qwen3)."""
    attention_bias: bool = False
    """Whether the four projections of attention have biases."""
    mlp_bias: bool = False
    """Whether the matrices of the MLP or of the experts have biases."""
    attention_sinks: bool = False
    """Whether each head has a learned sink (gpt-oss)."""
    context: int = Field(ge=1)
    """Tokens that it was trained to attend to."""
    dtype: WeightDtype
    """Number format of the weights as published."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.heads % self.key_value_heads:
            raise ValueError(f"heads ({self.heads}) must be a multiple of key_value_heads ({self.key_value_heads})")
        if self.sliding_window is None and self.full_attention_every != 1:
            raise ValueError("full_attention_every needs a sliding_window")
        if self.experts and self.experts.active > self.experts.count:
            raise ValueError(f"{self.experts.active} active experts are more than the {self.experts.count} there are")
        if self.experts and self.experts.dense_layers > self.layers:
            raise ValueError(f"{self.experts.dense_layers} dense layers are more than the {self.layers} there are")
        return self

    @property
    def windowed_layers(self) -> int:
        """Layers whose attention stops at the window."""
        return 0 if self.sliding_window is None else self.layers - self.layers // self.full_attention_every


class ParameterCount(NamedTuple):
    """Parameters of a model. `active` leaves out the experts that a token does not visit; `looked_up` is the part of
    both that is read as rows of a table and not multiplied (token embedding, unless tied, and learned positions)."""

    total: int
    active: int
    looked_up: int


def parameters(model: Transformer) -> ParameterCount:
    """Return how many parameters a model has."""
    experts = model.experts
    sparse_layers = model.layers - experts.dense_layers if experts else 0
    norm_width = (2 if model.norm == "layer" else 1) * model.hidden
    embedding = model.vocabulary * model.hidden
    shared = (
        embedding * (1 if model.tied_embeddings else 2)
        + model.learned_positions * model.hidden
        + norm_width
        + model.layers * (attention_parameters(model) + 2 * norm_width)
        + (model.layers - sparse_layers) * mlp_parameters(model, model.intermediate)
    )
    total = active = shared
    if experts:
        expert = mlp_parameters(model, experts.intermediate)
        router = model.hidden * experts.count + (experts.count if experts.router_bias else 0)
        total += sparse_layers * (router + (experts.count + experts.shared) * expert)
        active += sparse_layers * (router + (experts.active + experts.shared) * expert)
    looked_up = model.learned_positions * model.hidden + (0 if model.tied_embeddings else embedding)
    return ParameterCount(total, active, looked_up)


def weight_bytes(model: Transformer) -> float:
    """Return the size of the published weights [B], experts in their own number format."""
    total = parameters(model).total
    element_b = BYTES_PER_ELEMENT[model.dtype]
    experts = model.experts
    if experts is None or experts.dtype is None:
        return total * element_b
    in_experts = (model.layers - experts.dense_layers) * experts.count * mlp_parameters(model, experts.intermediate)
    return (total - in_experts) * element_b + in_experts * BYTES_PER_ELEMENT[experts.dtype]


def kv_bytes_per_token(model: Transformer, *, element_bytes: float = 2.0) -> float:
    """Return by how much one more token grows the key-value cache [B], no window being full yet.

    A layer keeps keys and values of its key-value heads, or with latent attention the compressed vector and the
    rotated part of one head. `element_bytes` is 2 for bf16 and 1 for fp8.
    """
    return model.layers * _kv_elements_per_layer(model) * element_bytes


def kv_cache_bytes(model: Transformer, tokens: int, *, element_bytes: float = 2.0) -> float:
    """Return the key-value cache of one sequence [B]; windowed layers keep at most the window."""
    full = (model.layers - model.windowed_layers) * tokens
    windowed = model.windowed_layers * min(tokens, model.sliding_window or tokens)
    return (full + windowed) * _kv_elements_per_layer(model) * element_bytes


def _kv_elements_per_layer(model: Transformer) -> int:
    latent = model.latent_attention
    return latent.key_value_rank + latent.rope_dim if latent else 2 * model.key_value_heads * model.head_dim


def attention_parameters(model: Transformer) -> int:
    """Return the parameters of one layer's attention, its inner norms included."""
    hidden, heads = model.hidden, model.heads
    latent = model.latent_attention
    if latent:
        head_dim = latent.nope_dim + latent.rope_dim
        query = hidden * latent.query_rank + latent.query_rank + latent.query_rank * heads * head_dim
        compressed = hidden * (latent.key_value_rank + latent.rope_dim) + latent.key_value_rank
        expanded = latent.key_value_rank * heads * (latent.nope_dim + latent.value_dim)
        return query + compressed + expanded + heads * latent.value_dim * hidden
    query_width = heads * model.head_dim
    key_value_width = model.key_value_heads * model.head_dim
    count = hidden * (query_width + 2 * key_value_width) + query_width * hidden
    if model.attention_bias:
        count += query_width + 2 * key_value_width + hidden
    if model.query_key_norm:
        count += 2 * model.head_dim
    if model.attention_sinks:
        count += heads
    return count


def mlp_parameters(model: Transformer, intermediate: int) -> int:
    """Return the parameters of one MLP or expert."""
    inward = 2 if model.gated_mlp else 1
    biases = inward * intermediate + model.hidden if model.mlp_bias else 0
    return (inward + 1) * model.hidden * intermediate + biases
