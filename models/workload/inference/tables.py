"""Compile an engine into tables over log-spaced knots, so that an iteration costs a few look-ups."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...calibration.estimate import FloatArray
from .engine import ServingEngine
from .iteration import waiting_power_w
from .iteration_kernel import IterationTables
from .phases import Phase, decode_attention_phase, logits_phase, prefill_attention_phase, token_phases

_PAST_SHIFT = 16.0
"""Added to the past before the logarithm is taken, so that no past is a knot and short ones lie close."""
_WHOLE_NUMBERS = 1024
"""Tokens up to which each has a knot of its own: experts and tiles make steps there that no interpolation meets."""


class _Axis(NamedTuple):
    """A row of `IterationTables.axes`."""

    whole: float
    start: float
    shift: float
    first: float
    per_octave: float
    last: float

    @property
    def values(self) -> FloatArray:
        exponents = self.first + np.arange(self.last - self.start + 1) / self.per_octave
        values: FloatArray = np.concatenate([np.arange(1.0, self.start + 1.0), np.exp2(exponents) - self.shift])
        return values


def compile_tables(engine: ServingEngine, *, longest_context: int | None = None) -> IterationTables:
    """Return the tables of an engine, over all batches that its limits allow.

    `longest_context` [tokens] is by default what the model was trained to attend to; arguments beyond the tables are
    held to their edges.
    """
    longest = longest_context or engine.model.context
    tokens = _axis(engine.token_budget, 256, whole=_WHOLE_NUMBERS)
    rows = _axis(min(engine.max_sequences, engine.token_budget), 256, whole=_WHOLE_NUMBERS)
    prompts = _axis(min(engine.max_sequences, engine.token_budget), 1)
    chunk = _axis(engine.token_budget, 8)
    past = _axis(longest, 2, shift=_PAST_SHIFT)
    sequences = _axis(min(engine.max_sequences, engine.token_budget), 8)
    context = _axis(longest, 8)
    equal = np.meshgrid(prompts.values, chunk.values, past.values, indexing="ij")
    decode = np.meshgrid(sequences.values, context.values, indexing="ij")
    host = engine.host
    return IterationTables(
        axes=np.array([tokens, rows, prompts, chunk, past, sequences, context], dtype=float),
        constants=np.array(
            [
                host.step_s,
                host.sequence_s,
                waiting_power_w(engine.accelerator),
                engine.stage_layers / engine.model.layers,
            ]
        ),
        tokens=_knots(*token_phases(engine, tokens.values)),
        rows=_knots(logits_phase(engine, rows.values)),
        prefill=_knots(prefill_attention_phase(engine, *equal)),
        decode=_knots(decode_attention_phase(engine, *decode)),
    )


def _axis(longest: float, per_octave: int, *, shift: float = 0.0, whole: int = 0) -> _Axis:
    """Return an axis from 1 (from 0 where shifted) to `longest` or just beyond it."""
    dense = min(whole, math.ceil(longest))
    first = math.log2(shift or max(dense, 1))
    octaves = max(math.log2(longest + shift) - first, 0.0)
    index = max(dense - 1, 0)
    knots = max(math.ceil(octaves * per_octave - 1e-9), 0 if index else 1)
    return _Axis(float(dense), float(index), shift, first, float(per_octave), float(index + knots))


def _knots(*phases: Phase) -> FloatArray:
    time_s: FloatArray = np.sum([phase.time_s for phase in phases], axis=0)
    energy_j: FloatArray = np.sum([phase.energy_j for phase in phases], axis=0)
    return np.ascontiguousarray(np.stack([np.log(time_s), energy_j / time_s], axis=-1))
