"""Moving a prompt's key-value cache from the accelerators that prefill to those that decode."""

from __future__ import annotations

from ...calibration.number_formats import element_bytes
from ...neural_networks.transformer import Transformer, kv_cache_bytes


def key_value_transfer_s(
    model: Transformer, tokens: int, *, bandwidth_b_per_s: float, key_value_dtype: str = "bf16", latency_s: float = 0.0
) -> float:
    """Return the time to send the cache of one prompt [s].

    2 x layers x key-value heads x head_dim x bytes x tokens over the bandwidth [B/s] of all links that take part; with
    latent attention layers x (rank + rope) x bytes x tokens. Each head is sent once, however many ranks hold a copy.
    """
    if bandwidth_b_per_s <= 0.0:
        raise ValueError(f"bandwidth_b_per_s is {bandwidth_b_per_s:g}; it must be above 0")
    size_b = kv_cache_bytes(model, tokens, element_bytes=element_bytes(key_value_dtype))
    return latency_s + size_b / bandwidth_b_per_s


def exposed_transfer_s(transfer_s: float, prefill_s: float, layers: int) -> float:
    """Return what of a transfer the first token waits for where each layer is sent as soon as it is computed [s].

    The first layer can be sent after 1/layers of the prefill and the last one only after all of it, so that with T to
    send and P to compute max(T / L, T - P (L - 1) / L) is left (two machines in line, equal jobs).
    """
    return max(transfer_s / layers, transfer_s - prefill_s * (layers - 1) / layers)
