"""The phases of an iteration, each as a vectorised function of the batch: what `iteration` sums and tables hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...calibration.estimate import Basis, Estimate, FloatArray
from ...calibration.operations.collectives import CollectiveName
from .engine import ServingEngine
from .products import layer_products, logits_product, sparse_layers

_ACTIVATION_B = 2.0
"""Of an element of the residual stream [B]: 16 bits."""


class Phase(NamedTuple):
    """One phase of an iteration, for each of several batches."""

    name: str
    time_s: FloatArray
    """Over all layers and stages [s]."""
    energy_j: FloatArray
    """Of one accelerator that computes all of it [J]."""
    basis: NDArray[np.uint8]
    """Weakest `Basis` of its times."""


def token_phases(engine: ServingEngine, tokens: ArrayLike) -> tuple[Phase, ...]:
    """Return what hangs on the number of tokens of the replica's batch: all but attention and logits.

    Prefill chunks and decode tokens are one batch of rows. The groups of attention have equal shares of it.
    """
    model, layout, kernels = engine.model, engine.layout, engine.kernels
    all_rows = np.asarray(tokens, dtype=float)
    rows = np.maximum(all_rows / layout.attention_data, 1.0)
    parts: dict[str, list[tuple[float, Estimate]]] = {}
    for product in layer_products(engine):
        estimate = kernels.gemm(rows, product.n, product.k, dtype=product.dtype)
        if engine.static_scales and product.dtype == "fp8":
            estimate = _without_scaling(engine, estimate, rows * product.k)
        parts.setdefault(product.phase, []).append((product.layers, estimate))
    if model.experts:
        experts = kernels.grouped_gemm(
            all_rows, hidden=model.hidden, intermediate=model.experts.intermediate, experts=model.experts.count,
            active=model.experts.active, tensor_parallel=layout.expert_tensor, expert_parallel=layout.expert,
            skew=engine.expert_skew, dtype=engine.expert_format,
        )  # fmt: skip
        parts["experts"] = [(sparse_layers(model), experts)]
    parts["elementwise"] = list(_elementwise(engine, rows))
    parts["collectives"] = list(_collectives(engine, rows, all_rows))
    return tuple(_phase(name, found) for name, found in parts.items() if found)


def logits_phase(engine: ServingEngine, rows: ArrayLike) -> Phase:
    """Return the output projection of the rows that give a token, gathered from the ranks and sampled from."""
    model, layout, kernels = engine.model, engine.layout, engine.kernels
    count = np.maximum(np.asarray(rows, dtype=float) / layout.attention_data, 1.0)
    product = logits_product(engine)
    parts = [(1.0, kernels.gemm(count, product.n, product.k, dtype=product.dtype))]
    if layout.tensor > 1:
        parts.append((1.0, _collective(engine, "all_gather", _ACTIVATION_B * count * model.vocabulary, layout.tensor)))
    # Logits are read in 16 bits, written in 32, normed and read to choose.
    parts.append((1.0, kernels.elementwise(14.0 * count * model.vocabulary)))
    return _phase("logits", parts)


def prefill_attention_phase(
    engine: ServingEngine, prompts: ArrayLike, chunk_tokens: ArrayLike, past_tokens: ArrayLike
) -> Phase:
    """Return the attention of `prompts` chunks, each after `past_tokens` of its prompt that are in the cache."""
    model, layout, kernels = engine.model, engine.layout, engine.kernels
    group = np.maximum(np.asarray(prompts, dtype=float) / layout.attention_data, 1.0)
    heads, dtype = model.heads // layout.tensor, engine.prefill_attention_dtype
    if model.latent_attention:
        return _phase("prefill_attention", _latent_chunks(engine, group, chunk_tokens, past_tokens))
    parts = [
        (layers, kernels.prefill_attention(
            group, chunk_tokens, heads=heads, key_value_heads=engine.key_value_heads_per_rank, head_dim=model.head_dim,
            window=window, past_tokens=past_tokens, dtype=dtype,
        ))
        for layers, window in _kinds(engine)
    ]  # fmt: skip
    return _phase("prefill_attention", parts)


def decode_attention_phase(engine: ServingEngine, sequences: ArrayLike, mean_context: ArrayLike) -> Phase:
    """Return the attention of one token of each sequence to its cache, all of the mean length."""
    model, layout, kernels = engine.model, engine.layout, engine.kernels
    batch = np.maximum(np.asarray(sequences, dtype=float) / layout.attention_data, 1.0)
    context = np.asarray(mean_context, dtype=float)
    dtype, heads = engine.key_value_dtype, model.heads // layout.tensor
    if model.latent_attention:
        latent = kernels.latent_decode_attention(batch, context, heads=heads, dtype=dtype)
        return _phase("decode_attention", [(model.layers, latent)])
    parts = [
        (layers, kernels.decode_attention(
            batch, context, heads=heads, key_value_heads=engine.key_value_heads_per_rank, head_dim=model.head_dim,
            window=window, dtype=dtype,
        ))
        for layers, window in _kinds(engine)
    ]  # fmt: skip
    return _phase("decode_attention", parts)


def _without_scaling(engine: ServingEngine, product: Estimate, elements: FloatArray) -> Estimate:
    """Return a product in fp8 whose left operand comes scaled; at most half of its time falls away."""
    scaling = engine.kernels.activation_scale(elements)
    return product._replace(time_s=np.maximum(product.time_s - scaling.time_s, 0.5 * product.time_s))


def _latent_chunks(
    engine: ServingEngine, prompts: FloatArray, chunk_tokens: ArrayLike, past_tokens: ArrayLike
) -> Iterable[tuple[float, Estimate]]:
    """Yield the latent attention of chunks to themselves, and to their past.

    The latter at the rate at which a whole prompt of past and chunk together is attended: kernels of latent attention
    are measured on whole prompts only.
    """
    heads, dtype = engine.model.heads // engine.layout.tensor, engine.prefill_attention_dtype
    chunk, past = (np.asarray(given, dtype=float) for given in (chunk_tokens, past_tokens))
    yield engine.model.layers, engine.kernels.latent_prefill_attention(prompts, chunk, heads=heads, dtype=dtype)
    both = engine.kernels.latent_prefill_attention(prompts, past + chunk, heads=heads, dtype=dtype)
    share = chunk * past / ((past + chunk) * (past + chunk + 1.0) / 2.0)
    basis = np.where(past > 0.0, np.maximum(both.basis, Basis.EXTRAPOLATED), Basis.MEASURED).astype(np.uint8)
    yield engine.model.layers, both._replace(time_s=both.time_s * share, basis=basis)


def _kinds(engine: ServingEngine) -> tuple[tuple[int, int], ...]:
    """Return the number of layers of each window; 0 is no window."""
    windowed = engine.model.windowed_layers
    both = ((engine.model.layers - windowed, 0), (windowed, engine.model.sliding_window or 0))
    return tuple(kind for kind in both if kind[0])


def _elementwise(engine: ServingEngine, rows: FloatArray) -> Iterable[tuple[float, Estimate]]:
    """Yield embedding, norms with the residual, rotation with the write of the cache, and the MLP's activation."""
    model, layout, elementwise = engine.model, engine.layout, engine.kernels.elementwise
    row_b = _ACTIVATION_B * rows
    yield 1.0, elementwise(2.0 * row_b * model.hidden)
    yield 2.0 * model.layers, elementwise(4.0 * row_b * model.hidden)
    latent = model.latent_attention
    if latent:
        width = latent.query_rank + latent.key_value_rank + (model.heads // layout.tensor + 1) * latent.rope_dim
    else:
        width = (model.heads // layout.tensor + 2 * engine.key_value_heads_per_rank) * model.head_dim
    # The norm of queries and keys, where there is one, is a kernel of its own.
    yield model.layers * (2 if model.query_key_norm else 1), elementwise(2.0 * row_b * width)
    inner = 3.0 if model.gated_mlp else 2.0
    dense = model.layers - sparse_layers(model)
    if dense:
        yield dense, elementwise(inner * row_b * model.intermediate / layout.tensor)
    if model.experts and model.experts.shared:
        width = model.experts.shared * model.experts.intermediate
        yield sparse_layers(model), elementwise(inner * row_b * width / layout.tensor)


def _collectives(
    engine: ServingEngine, rows: FloatArray, all_rows: FloatArray
) -> Iterable[tuple[float, Estimate]]:  # fmt: skip
    """Yield the sums over ranks, the exchange of tokens with experts, and the hand-over between stages.

    With one group of attention every rank has every token, so that experts end in a sum like an MLP. With several,
    tokens go to the ranks of their experts and back: to each expert's rank by all-to-all where experts are shared
    out, else to all ranks (all-gather, and reduce-scatter of the results).
    """
    model, layout = engine.model, engine.layout
    row_b = _ACTIVATION_B * model.hidden
    sparse = sparse_layers(model)
    if layout.tensor > 1:
        sums = 1 + model.layers + (model.layers if layout.attention_data == 1 else model.layers - sparse)
        yield sums, _collective(engine, "all_reduce", row_b * rows, layout.tensor)
    if layout.attention_data > 1 and sparse and model.experts:
        if layout.expert > 1:
            copies = min(model.experts.active, layout.expert)
            # The ranks of one group share the sending of its tokens.
            message_b = row_b * rows * copies / layout.tensor
            yield 2.0 * sparse, _collective(engine, "all_to_all", message_b, layout.stage_ranks)
        else:
            yield sparse, _collective(engine, "all_gather", row_b * all_rows, layout.stage_ranks)
            yield sparse, _collective(engine, "reduce_scatter", row_b * all_rows, layout.stage_ranks)
    if layout.pipeline > 1:
        hops = layout.pipeline - 1
        yield hops, _collective(engine, "point_to_point", row_b * rows / layout.tensor, 2, apart=_stages_apart(engine))


def _stages_apart(engine: ServingEngine) -> bool:
    return engine.layout.accelerators > engine.domain and engine.network is not None


def _collective(
    engine: ServingEngine, name: CollectiveName, message_b: FloatArray, ranks: int, *, apart: bool = False
) -> Estimate:
    if engine.network is not None and (apart or ranks > engine.domain):
        inside = 1 if apart else engine.domain
        return engine.kernels.network_collective(
            name, message_b, ranks=ranks, ranks_per_domain=inside, network=engine.network
        )
    return engine.kernels.collective(name, message_b, ranks=ranks)


def _phase(name: str, parts: Iterable[tuple[float, Estimate]]) -> Phase:
    found = list(parts)
    shape = np.broadcast_shapes(*(estimate.time_s.shape for _, estimate in found))
    time_s, energy_j = np.zeros(shape), np.zeros(shape)
    basis = np.full(shape, Basis.MEASURED, dtype=np.uint8)
    for count, estimate in found:
        time_s += count * estimate.time_s
        energy_j += count * estimate.time_s * estimate.power_w
        basis = np.maximum(basis, estimate.basis)
    return Phase(name, time_s, energy_j, basis)
