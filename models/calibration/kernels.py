"""What an accelerator's kernels take, for the models of training and serving: single kernels, chunks of prompts, and
collectives over several scale-up domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .chunked_prefill import chunked_prefill
from .estimate import Estimate
from .network import Network, network_collective
from .operations.collectives import CollectiveName
from .single_kernels import SingleKernels, checked


@dataclass(frozen=True)
class Kernels(SingleKernels):
    """The kernels of one accelerator under one framework.

    Arguments may be numbers or arrays that broadcast; what comes back has the broadcast shape. What was not measured
    is answered from the datasheet, and its `basis` says so. fp16 is answered as bf16 unless it was measured: same
    units, same rates, same bytes. Sizes that are no positive numbers and unknown number formats raise ValueError.
    """

    def prefill_attention(
        self, batch: ArrayLike, tokens: ArrayLike, *, heads: ArrayLike, key_value_heads: ArrayLike, head_dim: ArrayLike,
        window: ArrayLike = 0, past_tokens: ArrayLike = 0, dtype: str = "bf16",
    ) -> Estimate:  # fmt: skip
        """Return the time in which `batch` sequences of `tokens` attend causally to themselves, on one rank's heads.

        With `past_tokens` they are chunks that attend to that much cache too: derived, see `chunked_prefill`.
        """
        if np.any(checked("past_tokens", past_tokens) > 0):
            return chunked_prefill(
                self, batch, tokens, past_tokens, heads=heads, key_value_heads=key_value_heads, head_dim=head_dim,
                window=window, dtype=dtype,
            )  # fmt: skip
        return super().prefill_attention(
            batch, tokens, heads=heads, key_value_heads=key_value_heads, head_dim=head_dim, window=window, dtype=dtype
        )

    def network_collective(
        self, name: CollectiveName, message_b: ArrayLike, *, ranks: ArrayLike, ranks_per_domain: int, network: Network
    ) -> Estimate:
        """Return the time of a collective whose ranks lie in several scale-up domains, `ranks_per_domain` in each."""
        return network_collective(
            self, name, message_b, ranks=ranks, ranks_per_domain=ranks_per_domain, network=network
        )
