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

_PAST_SHIFT = 256.0
"""Added to the past before the logarithm is taken, so that no past is a knot and short ones lie close."""


class _Axis(NamedTuple):
    shift: float
    first: float
    per_octave: int
    knots: int

    @property
    def values(self) -> FloatArray:
        exponents = self.first + np.arange(self.knots) / self.per_octave
        values: FloatArray = np.exp2(exponents) - self.shift
        return values


def compile_tables(engine: ServingEngine, *, longest_context: int | None = None) -> IterationTables:
    """Return the tables of an engine, over all batches that its limits allow.

    `longest_context` [tokens] is by default what the model was trained to attend to; arguments beyond the tables are
    held to their edges.
    """
    longest = longest_context or engine.model.context
    tokens = _axis(engine.token_budget, 16)
    rows = _axis(min(engine.max_sequences, engine.token_budget), 8)
    prompts = _axis(min(engine.max_sequences, engine.token_budget), 1)
    chunk = _axis(engine.token_budget, 4)
    past = _axis(longest, 2, shift=_PAST_SHIFT)
    sequences = _axis(min(engine.max_sequences, engine.token_budget), 4)
    context = _axis(longest, 4)
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


def _axis(longest: float, per_octave: int, *, shift: float = 0.0) -> _Axis:
    """Return an axis from 1 (from 0 where shifted) to `longest` or just beyond it."""
    first = math.log2(shift) if shift else 0.0
    octaves = math.log2(longest + shift) - first
    return _Axis(shift, first, per_octave, max(math.ceil(octaves * per_octave - 1e-9) + 1, 2))


def _knots(*phases: Phase) -> FloatArray:
    time_s: FloatArray = np.sum([phase.time_s for phase in phases], axis=0)
    energy_j: FloatArray = np.sum([phase.energy_j for phase in phases], axis=0)
    return np.ascontiguousarray(np.stack([np.log(time_s), energy_j / time_s], axis=-1))
