"""A chunk of a prompt that attends to the cache before it, derived from whole prompts: nobody publishes it measured.

A chunk's pairs of query and key are attended at the rate of a whole prompt of past and chunk together, as kernels do
that split the keys of few queries over idle multiprocessors (FlashAttention-3, FlashInfer); one that does not split
is slower where batch, heads and chunk are small. The rate is that above the latency; past the longest prompt that was
measured it no longer grows. Queries fill blocks of 128 over the heads of a group: a block that is not full costs its
past as a full one. A chunk is never faster than alone, nor than one token that reads the same cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .estimate import Basis, Estimate
from .operations.prefill_attention import QUERY_TILE, PrefillAttention, attended_pairs

if TYPE_CHECKING:
    from .single_kernels import SingleKernels


def chunked_prefill(
    kernels: SingleKernels, batch: ArrayLike, tokens: ArrayLike, past_tokens: ArrayLike, *, heads: ArrayLike,
    key_value_heads: ArrayLike, head_dim: ArrayLike, window: ArrayLike, dtype: str,
) -> Estimate:  # fmt: skip
    """Return the time in which `batch` chunks of `tokens` attend to themselves and to `past_tokens` of cache each.

    The basis is at best EXTRAPOLATED where there is a past.
    """
    known = kernels.fitted.get((PrefillAttention.name, kernels.answered_as(PrefillAttention.name, dtype)))
    longest = known.greatest["tokens"] if known is not None else np.inf
    parameters = known.parameters if known is not None else PrefillAttention.datasheet_parameters
    chunk, past, bound, all_heads, shared_heads = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (tokens, past_tokens, window, heads, key_value_heads))
    )

    def prompts(length: ArrayLike) -> Estimate:
        return kernels.prefill_attention(
            batch, length, heads=heads, key_value_heads=key_value_heads, head_dim=head_dim, window=window, dtype=dtype
        )

    group = all_heads / shared_heads
    empty = np.ceil(chunk * group / QUERY_TILE) * QUERY_TILE / group - chunk
    seen = np.where(bound > 0, np.minimum(past, bound), past)
    whole = np.clip(past + chunk, chunk, np.maximum(chunk, longest))
    pairs = attended_pairs(chunk, past, bound) + empty * seen
    share = pairs / attended_pairs(whole, np.zeros_like(whole), bound)
    alone, together = prompts(chunk), prompts(whole)
    latency_s = np.minimum(parameters["latency_s"], together.time_s)
    token = kernels.decode_attention(
        batch, past + chunk - 1.0, heads=key_value_heads, key_value_heads=key_value_heads, head_dim=head_dim,
        window=window, dtype=dtype,
    )  # fmt: skip
    derived_s = np.maximum(latency_s + (together.time_s - latency_s) * share, np.maximum(alone.time_s, token.time_s))
    basis = np.maximum(np.maximum(alone.basis, together.basis), Basis.EXTRAPOLATED)
    return alone._replace(
        time_s=np.where(past > 0, derived_s, alone.time_s),
        basis=np.where(past > 0, basis, alone.basis).astype(np.uint8),
        power_w=np.where(past > 0, together.power_w, alone.power_w),
        power_basis=np.where(past > 0, together.power_basis, alone.power_basis).astype(np.uint8),
    )
