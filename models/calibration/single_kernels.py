"""What single kernels of an accelerator take: one call an operation, answered from measurements or the datasheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ..accelerators.accelerator import Accelerator
from .datasheet_rates import rates_of
from .estimate import Basis, Estimate, FloatArray
from .fitted_kernel import FittedKernel
from .kernel_power import FittedPower, kernel_power_w
from .number_formats import computed_in
from .operation import Operation, Rates, Shape
from .operations.activation_scale import ActivationScale
from .operations.collectives import COLLECTIVES, CollectiveName
from .operations.decode_attention import DecodeAttention
from .operations.elementwise import Elementwise
from .operations.gemm import Gemm
from .operations.grouped_gemm import GroupedGemm
from .operations.latent_attention import LatentDecodeAttention, LatentPrefillAttention
from .operations.prefill_attention import BACKWARD_OVER_FORWARD, PrefillAttention
from .operations.prefill_attention_backward import PrefillAttentionBackward

_MAY_BE_NOTHING = frozenset({"past_tokens", "window", "skew", "traffic_b", "elements", "message_b"})
"""Columns in which 0 has a meaning; a kernel of no tokens, rows or ranks is none."""

_CHUNK = 1 << 14
"""Shapes that are worked on at a time: their intermediate arrays stay in the processor's cache."""


@dataclass(frozen=True)
class SingleKernels:
    """The kernels of one accelerator under one framework, each by itself; `Kernels` adds what is derived from them."""

    accelerator: Accelerator
    framework: str | None = None
    """Whose measurements are used: `vllm`, `sglang`, `trtllm`, `pytorch`. None: datasheet alone."""
    fitted: Mapping[tuple[str, str], FittedKernel] = field(default_factory=dict)
    """Fitted kernels by (operation, dtype)."""
    power: Mapping[tuple[str, str], FittedPower] = field(default_factory=dict)
    """Fitted power models by (operation, dtype)."""

    def gemm(self, m: ArrayLike, n: ArrayLike, k: ArrayLike, *, dtype: str = "bf16") -> Estimate:
        """Return the time of matrix products (m, k) by (k, n)."""
        return self._estimate(Gemm(), dtype, m=m, n=n, k=k)

    def elementwise(self, traffic_b: ArrayLike) -> Estimate:
        """Return the time of kernels that read and write so many bytes in all."""
        return self._estimate(Elementwise(), "bf16", traffic_b=traffic_b)

    def activation_scale(self, elements: ArrayLike) -> Estimate:
        """Return what products in fp8 spend on scaling so many activations; 0 where that was not measured."""
        estimate = self._estimate(ActivationScale(), "fp8", elements=elements)
        return estimate._replace(time_s=np.where(estimate.basis == Basis.DATASHEET, 0.0, estimate.time_s))

    def prefill_attention(
        self, batch: ArrayLike, tokens: ArrayLike, *, heads: ArrayLike, key_value_heads: ArrayLike, head_dim: ArrayLike,
        window: ArrayLike = 0, dtype: str = "bf16",
    ) -> Estimate:  # fmt: skip
        """Return the time in which `batch` sequences of `tokens` attend causally to themselves, on one rank's heads."""
        return self._estimate(
            PrefillAttention(), dtype, batch=batch, tokens=tokens, heads=heads, key_value_heads=key_value_heads,
            head_dim=head_dim, window=window,
        )  # fmt: skip

    def prefill_attention_backward(
        self, batch: ArrayLike, tokens: ArrayLike, *, heads: ArrayLike, key_value_heads: ArrayLike, head_dim: ArrayLike,
        window: ArrayLike = 0, dtype: str = "bf16",
    ) -> Estimate:  # fmt: skip
        """Return the time of the backward pass of `prefill_attention`, with forward's results at hand.

        Where it was not measured it is BACKWARD_OVER_FORWARD times forward, on the basis and at the power of forward.
        """
        if (PrefillAttentionBackward.name, self.answered_as(PrefillAttentionBackward.name, dtype)) in self.fitted:
            return self._estimate(
                PrefillAttentionBackward(), dtype, batch=batch, tokens=tokens, heads=heads,
                key_value_heads=key_value_heads, head_dim=head_dim, window=window,
            )  # fmt: skip
        forward = self.prefill_attention(
            batch, tokens, heads=heads, key_value_heads=key_value_heads, head_dim=head_dim, window=window, dtype=dtype
        )
        return forward._replace(time_s=BACKWARD_OVER_FORWARD * forward.time_s)

    def decode_attention(
        self, batch: ArrayLike, past_tokens: ArrayLike, *, heads: ArrayLike, key_value_heads: ArrayLike,
        head_dim: ArrayLike, window: ArrayLike = 0, dtype: str = "bf16",
    ) -> Estimate:  # fmt: skip
        """Return the time in which one token of each of `batch` sequences attends to its cache, on one rank's heads."""
        return self._estimate(
            DecodeAttention(), dtype, batch=batch, past_tokens=past_tokens, heads=heads,
            key_value_heads=key_value_heads, head_dim=head_dim, window=window,
        )  # fmt: skip

    def grouped_gemm(
        self, tokens: ArrayLike, *, hidden: ArrayLike, intermediate: ArrayLike, experts: ArrayLike, active: ArrayLike,
        tensor_parallel: ArrayLike = 1, expert_parallel: ArrayLike = 1, skew: ArrayLike = 0.0, dtype: str = "bf16",
    ) -> Estimate:  # fmt: skip
        """Return the time of the busiest rank's share of the experts' matrix products for `tokens` of the whole group.

        `skew` is the exponent of the power law by which tokens prefer experts, measured at 1.01 and 1.2; 0, an even
        load, is an assumption that routers come near by balancing, and the least that the products can take.
        """
        return self._estimate(
            GroupedGemm(), dtype, tokens=tokens, hidden=hidden, intermediate=intermediate, experts=experts,
            active=active, tensor_parallel=tensor_parallel, expert_parallel=expert_parallel, skew=skew,
        )  # fmt: skip

    def latent_prefill_attention(
        self, batch: ArrayLike, tokens: ArrayLike, *, heads: ArrayLike, dtype: str = "bf16"
    ) -> Estimate:
        """Return the time in which prompts attend to themselves by latent attention of DeepSeek's widths."""
        return self._estimate(LatentPrefillAttention(), dtype, batch=batch, tokens=tokens, heads=heads)

    def latent_decode_attention(
        self, batch: ArrayLike, past_tokens: ArrayLike, *, heads: ArrayLike, dtype: str = "bf16"
    ) -> Estimate:
        """Return the time in which one token a sequence attends to its latent cache of DeepSeek's widths."""
        return self._estimate(LatentDecodeAttention(), dtype, batch=batch, past_tokens=past_tokens, heads=heads)

    def collective(self, name: CollectiveName, message_b: ArrayLike, *, ranks: ArrayLike) -> Estimate:
        """Return the time of a collective inside one scale-up domain; 0 for a single rank, which needs no measuring."""
        estimate = self._estimate(COLLECTIVES[name], "bf16", ranks=ranks, message_b=message_b)
        alone = np.broadcast_to(np.asarray(ranks) <= 1, estimate.time_s.shape)
        basis = estimate.basis
        known = self.fitted.get((name, "bf16"))
        if known is not None:  # The table goes on beyond what was measured, as the largest message does.
            beyond = np.asarray(message_b, dtype=float) > known.greatest["message_b"]
            basis = np.where(beyond, np.maximum(basis, Basis.EXTRAPOLATED), basis)
        basis = np.where(alone, Basis.MEASURED, basis).astype(np.uint8)
        return estimate._replace(time_s=np.where(alone, 0.0, estimate.time_s), basis=basis)

    def _estimate(self, operation: Operation, dtype: str, **columns: ArrayLike) -> Estimate:
        dtype = self.answered_as(operation.name, dtype)
        arrays = np.broadcast_arrays(*(checked(name, column) for name, column in columns.items()))
        outer = arrays[0].shape
        shape: Shape = {name: array.reshape(-1) for name, array in zip(columns, arrays, strict=True)}
        rates = rates_of(self.accelerator, operation, dtype)
        count = arrays[0].size
        time_s, power_w = np.empty(count), np.empty(count)
        basis, power_basis = np.empty(count, dtype=np.uint8), np.empty(count, dtype=np.uint8)
        for start in range(0, count, _CHUNK):
            rows = slice(start, start + _CHUNK)
            part: Shape = {name: column[rows] for name, column in shape.items()}
            time_s[rows], basis[rows], power_w[rows], power_basis[rows] = self._chunk(operation, dtype, part, rates)
        return Estimate(time_s.reshape(outer), basis.reshape(outer), power_w.reshape(outer), power_basis.reshape(outer))

    def answered_as(self, operation: str, dtype: str) -> str:
        """Return the number format whose measurements answer for an operation in this one."""
        return "bf16" if dtype == "fp16" and (operation, "fp16") not in self.fitted else dtype

    def _chunk(self, operation: Operation, dtype: str, shape: Shape, rates: Rates) -> Estimate:
        known = self.fitted.get((operation.name, dtype))
        if known is not None:
            time_s, basis = known.predict(operation, shape, rates)
        else:
            assumed = operation.assumed_parameters(computed_in(self.accelerator, dtype))
            time_s = operation.closed_form_s(shape, dtype, rates, assumed)
            basis = np.full(len(time_s), Basis.DATASHEET, dtype=np.uint8)
        power_w, power_basis = kernel_power_w(
            self.accelerator, self.power, operation.name, dtype, shape, operation.work(shape, dtype), time_s, rates
        )
        return Estimate(time_s, basis, power_w, power_basis)


def checked(name: str, column: ArrayLike) -> FloatArray:
    """Return a column of shapes as numbers; raises ValueError where one is infinite, below 0, or 0 to no meaning."""
    values = np.asarray(column, dtype=float)
    if values.size:
        least, greatest = float(values.min()), float(values.max())  # Not a number where any value is none.
        if not (least > 0.0 or (least == 0.0 and name in _MAY_BE_NOTHING)) or not greatest < np.inf:
            rule = "be 0 or more" if name in _MAY_BE_NOTHING else "be greater than 0"
            raise ValueError(f"{name} ({greatest if least > 0.0 else least:g}) must {rule}, and finite")
    return values
