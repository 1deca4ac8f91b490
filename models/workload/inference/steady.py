"""A closed loop of clients in steady state: the time per output token without simulating any request."""

from __future__ import annotations

from typing import NamedTuple

from .engine import ServingEngine
from .iteration import Batch, Chunk, iteration


class SteadyDecoding(NamedTuple):
    """An engine that always has the same number of requests."""

    time_per_output_token_s: float
    """Mean time between tokens of one request [s]."""
    mixed_share: float
    """Share of the iterations that carry a prefill chunk beside the decode tokens; 1 where the formula breaks down."""
    decode_iteration_s: float
    """An iteration without prefill [s]."""
    mixed_iteration_s: float = 0.0
    """An iteration that carries a prefill chunk too [s]."""
    prefill_iterations: float = 1.0
    """Iterations that a prompt takes."""
    power_w: float = 0.0
    """Mean power of an accelerator [W]."""


def steady_decoding(
    engine: ServingEngine,
    *,
    concurrency: int,
    input_tokens: float,
    output_tokens: float,
    cached_input_tokens: float = 0.0,
) -> SteadyDecoding:
    """Return the mean-field state of a closed loop: as each request ends, the next one begins.

    `cached_input_tokens` of a prompt stand before the `input_tokens`; they are attended to and need no prefill.

    Of N requests that live for O decode iterations and P of prefill each, x = N / (O + P) begin in an iteration on
    average and x O decode. A share x P of the iterations carries a chunk, and a token takes the mean over iterations

        (1 - x P) T(decode alone) + x P T(decode and chunk).

    It leaves out queues, bursts and what they do to the time to first token, and holds while x P is well below 1.
    """
    prefills = max(1.0, input_tokens / max(engine.token_budget - concurrency, 1))
    begin = concurrency / (output_tokens + prefills)
    decoding = max(round(begin * output_tokens), 1)
    context = round(decoding * (cached_input_tokens + input_tokens + output_tokens / 2.0))
    alone = iteration(engine, Batch((), decoding, context))
    mixed_share = min(begin * prefills, 1.0) if concurrency > 1 else 0.0
    tokens = round(input_tokens / prefills)
    # Of a prompt in several chunks the mean chunk comes after half of it.
    past = round(cached_input_tokens + input_tokens * (prefills - 1.0) / prefills / 2.0)
    beside = max(min(decoding, engine.token_budget - tokens, engine.max_sequences - 1), 0)
    share = beside / decoding
    mixed = iteration(engine, Batch((Chunk(tokens, past),), beside, round(context * share)))
    alone_s, mixed_s = (1.0 - mixed_share) * alone.time_s, mixed_share * mixed.time_s
    power_w = (alone_s * alone.power_w + mixed_s * mixed.power_w) / (alone_s + mixed_s)
    return SteadyDecoding(alone_s + mixed_s, mixed_share, alone.time_s, mixed.time_s, prefills, power_w)
