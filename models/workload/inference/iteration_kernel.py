"""Time and power of an iteration from tables: scalar loops for a simulator to call at every step.

Every table holds the logarithm of a time, and a power, at knots; between knots both are multilinear. Knots lie evenly
in log2 of their argument, so that a power law is met everywhere. Over tokens and rows, whose kernels go up in steps,
the first hundreds of knots are the whole numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba

from ...compiled import compiled, compiled_as

_types: Any = numba.types

TOKENS, ROWS, PROMPTS, CHUNK, PAST, SEQUENCES, CONTEXT = range(7)
"""Rows of `IterationTables.axes`."""
STEP_S, SEQUENCE_S, WAITING_W, STAGE_SHARE = range(4)
"""Entries of `IterationTables.constants`."""


class IterationTables(NamedTuple):
    """An engine's iterations as compiled functions take them. The last axis of each table is (ln s, W)."""

    axes: Any
    """Of each axis: the number up to which knots are whole numbers (0: none), then of the knots from there on the
    index, the shift and log2 of the first and how many an octave has, and the index of the last knot."""
    constants: Any
    """Host time of a step and of a sequence [s], power while waiting [W], share of the layers in the fullest stage."""
    tokens: Any
    """Over the tokens of the batch: all but attention and logits."""
    rows: Any
    """Over the rows that give a token: logits."""
    prefill: Any
    """Over equal chunks, their tokens, and their past: prefill attention."""
    decode: Any
    """Over sequences and their mean context: decode attention."""


_TABLES: Any = _types.NamedTuple(
    [_types.Array(_types.float64, dimensions, "C") for dimensions in (2, 1, 2, 2, 4, 3)], IterationTables
)
_ONE_CHUNK: Any = _types.float64(_TABLES, *([_types.float64] * 4))
_ANY_BATCH: Any = _types.float64(_TABLES, *([_types.float64] * 6))


@compiled
def _place(axes: Any, axis: int, value: float) -> float:
    """Return where on an axis a value lies, in knots, held to the axis."""
    if value < axes[axis, 0]:
        return float(max(value - 1.0, 0.0))
    place = axes[axis, 1] + (math.log2(value + axes[axis, 2]) - axes[axis, 3]) * axes[axis, 4]
    return float(min(max(place, 0.0), axes[axis, 5]))


@compiled
def _line(table: Any, place: float, column: int) -> float:
    low = min(int(place), table.shape[0] - 2)
    share = place - low
    return float(table[low, column] + share * (table[low + 1, column] - table[low, column]))


@compiled
def _plane(table: Any, place: float, other: float, column: int) -> float:
    low = min(int(place), table.shape[0] - 2)
    left = min(int(other), table.shape[1] - 2)
    share, other_share = place - low, other - left
    below = table[low, left, column] + other_share * (table[low, left + 1, column] - table[low, left, column])
    above = table[low + 1, left, column] + other_share * (
        table[low + 1, left + 1, column] - table[low + 1, left, column]
    )
    return float(below + share * (above - below))


@compiled
def _solid(table: Any, place: float, other: float, third: float, column: int) -> float:
    low = min(int(place), table.shape[0] - 2)
    share = place - low
    below = _plane(table[low], other, third, column)
    above = _plane(table[low + 1], other, third, column)
    return float(below + share * (above - below))


@compiled
def _sums(
    tables: Any, tokens: float, squares: float, past_pairs: float, last_rows: float, sequences: float, context: float
) -> tuple[float, float, float]:
    """Return the time of all but logits and host [s], the energy of an accelerator [J], and logits' and host's time.

    `tokens`, `squares` and `past_pairs` are sums over chunks of t, t squared and t x past.
    """
    axes = tables.axes
    constants = tables.constants
    place = _place(axes, TOKENS, tokens + sequences)
    layers_s = math.exp(_line(tables.tokens, place, 0))
    energy_j = layers_s * _line(tables.tokens, place, 1)
    if tokens > 0.0:
        prompts = _place(axes, PROMPTS, tokens * tokens / squares)
        chunk = _place(axes, CHUNK, squares / tokens)
        past = _place(axes, PAST, past_pairs / tokens)
        attention_s = math.exp(_solid(tables.prefill, prompts, chunk, past, 0))
        layers_s += attention_s
        energy_j += attention_s * _solid(tables.prefill, prompts, chunk, past, 1)
    if sequences > 0.0:
        batch = _place(axes, SEQUENCES, sequences)
        mean_context = _place(axes, CONTEXT, max(context / sequences, 1.0))
        attention_s = math.exp(_plane(tables.decode, batch, mean_context, 0))
        layers_s += attention_s
        energy_j += attention_s * _plane(tables.decode, batch, mean_context, 1)
    rows = sequences + last_rows
    ends_s = constants[STEP_S] + constants[SEQUENCE_S] * rows
    energy_j += ends_s * constants[WAITING_W]
    if rows > 0.0:
        place = _place(axes, ROWS, rows)
        logits_s = math.exp(_line(tables.rows, place, 0))
        ends_s += logits_s
        energy_j += logits_s * _line(tables.rows, place, 1)
    return layers_s, energy_j, ends_s


@compiled_as(_ANY_BATCH)
def batch_s(
    tables: Any, tokens: float, squares: float, past_pairs: float, last_rows: float, sequences: float, context: float
) -> float:
    """Return the time of a batch of any chunks [s], given by sums over them of t, t squared, t x past, and the last."""
    layers_s, _, ends_s = _sums(tables, tokens, squares, past_pairs, last_rows, sequences, context)
    return layers_s + ends_s


@compiled_as(_ANY_BATCH)
def batch_power_w(
    tables: Any, tokens: float, squares: float, past_pairs: float, last_rows: float, sequences: float, context: float
) -> float:
    """Return the mean power of an accelerator over the same [W]."""
    layers_s, energy_j, ends_s = _sums(tables, tokens, squares, past_pairs, last_rows, sequences, context)
    return energy_j / (layers_s + ends_s)


@compiled_as(_ANY_BATCH)
def interval_s(
    tables: Any, tokens: float, squares: float, past_pairs: float, last_rows: float, sequences: float, context: float
) -> float:
    """Return the time until the next batch can enter a pipeline [s]; that of the batch without one."""
    layers_s, _, ends_s = _sums(tables, tokens, squares, past_pairs, last_rows, sequences, context)
    return float(layers_s * tables.constants[STAGE_SHARE] + ends_s)


@compiled_as(_ONE_CHUNK)
def iteration_s(
    tables: Any, prefill_tokens: float, prefill_past: float, decode_sequences: float, decode_context_sum: float
) -> float:
    """Return the time of a batch with at most one chunk, the last of its prompt [s]."""
    last = 1.0 if prefill_tokens > 0.0 else 0.0
    layers_s, _, ends_s = _sums(
        tables, prefill_tokens, prefill_tokens * prefill_tokens, prefill_tokens * prefill_past, last,
        decode_sequences, decode_context_sum,
    )  # fmt: skip
    return layers_s + ends_s


@compiled_as(_ONE_CHUNK)
def iteration_power_w(
    tables: Any, prefill_tokens: float, prefill_past: float, decode_sequences: float, decode_context_sum: float
) -> float:
    """Return the mean power of an accelerator over the same [W]."""
    last = 1.0 if prefill_tokens > 0.0 else 0.0
    layers_s, energy_j, ends_s = _sums(
        tables, prefill_tokens, prefill_tokens * prefill_tokens, prefill_tokens * prefill_past, last,
        decode_sequences, decode_context_sum,
    )  # fmt: skip
    return energy_j / (layers_s + ends_s)
