"""Floating-point operations that training a token takes by the model's definition, whatever hardware does besides.

Two conventions are in use and differ by a few percent: causal attention counted as what it needs, half the square of
the sequence, or in full as PaLM and Megatron-LM did. Neither counts looking up embeddings or computing again.
"""

from __future__ import annotations

from ...neural_networks.transformer import Transformer, parameters


def attention_pairs(model: Transformer, sequence: int, *, full: bool = False) -> float:
    """Return query-key pairs over all layers for one sequence; windowed layers stop at the window."""
    window = min(model.sliding_window or sequence, sequence)
    whole = float(sequence) * sequence if full else sequence * (sequence + 1) / 2.0
    windowed = window * float(sequence) if full else window * (sequence - window) + window * (window + 1) / 2.0
    return (model.layers - model.windowed_layers) * whole + model.windowed_layers * windowed


def training_flop_per_token(model: Transformer, sequence: int, *, full_attention: bool = False) -> float:
    """Return forward and backward operations of one token [FLOP]: six a multiplied parameter, and attention.

    Attention takes two products of the head's widths a pair forward and twice that backward (Narayanan et al. 2021,
    arXiv 2104.04473, appendix; Chowdhery et al. 2022, arXiv 2204.02311, appendix B).

    >>> from models.catalog import entry
    >>> round(training_flop_per_token(entry("models", "llama-3.1-8b"), 8192) / 1e9, 1)
    51.5
    """
    count = parameters(model)
    latent = model.latent_attention
    widths = latent.nope_dim + latent.rope_dim + latent.value_dim if latent else 2 * model.head_dim
    pairs = attention_pairs(model, sequence, full=full_attention) / sequence
    return 6.0 * (count.active - count.looked_up) + 6.0 * model.heads * widths * pairs
