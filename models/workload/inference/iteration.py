"""One iteration of a serving engine, evaluated exactly: what tables for a simulator are compiled from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...accelerators.accelerator import Accelerator
from ...calibration.estimate import Basis
from .engine import ServingEngine
from .phases import Phase, decode_attention_phase, logits_phase, prefill_attention_phase, token_phases

_WAITING = 0.05
"""Share of (provisioned - idle) power that an accelerator draws above idle while it waits for the host: assumption,
the lowest readings between kernels on H200 are 126 W where idle is 75 W and the cap 691 W."""


class Chunk(NamedTuple):
    """A piece of a prompt."""

    tokens: int
    """Tokens that are computed."""
    past: int = 0
    """Tokens of the prompt that are in the cache already."""
    last: bool = True
    """Whether it ends the prompt, so that it gives a token."""


@dataclass(frozen=True)
class Batch:
    """What one iteration computes, in all groups of attention together."""

    chunks: tuple[Chunk, ...] = ()
    """Pieces of prompts."""
    decode_sequences: int = 0
    """Sequences that get one more token."""
    decode_context_sum: int = 0
    """Tokens that they attend to, over all of them."""

    @property
    def tokens(self) -> int:
        """Rows of the batch's matrix products."""
        return sum(chunk.tokens for chunk in self.chunks) + self.decode_sequences

    @property
    def rows(self) -> int:
        """Rows that give a token."""
        return sum(chunk.last for chunk in self.chunks) + self.decode_sequences


class PhaseTotal(NamedTuple):
    """A phase of one iteration."""

    name: str
    time_s: float
    """Over all layers and stages [s]."""
    power_w: float
    """Mean power of an accelerator in it [W]."""
    basis: Basis
    """Weakest basis of its times."""


class Iteration(NamedTuple):
    """Time and power of one iteration."""

    time_s: float
    """From the batch's entry into the first stage until its tokens are out [s]."""
    power_w: float
    """Mean power of one accelerator [W]; of a pipeline, when every stage has a batch."""
    interval_s: float
    """Until the next batch can enter a pipeline, the time of its slowest stage [s]; `time_s` without a pipeline."""
    phases: tuple[PhaseTotal, ...]
    """What the time consists of, the host's share last."""
    basis: Basis
    """Weakest basis of any phase."""


def iteration(engine: ServingEngine, batch: Batch) -> Iteration:
    """Return time and power of one batch, evaluated exactly; raise ValueError for an empty or oversized one."""
    _check(engine, batch)
    phases = [*token_phases(engine, batch.tokens)]
    if batch.rows:
        phases.append(logits_phase(engine, batch.rows))
    if batch.chunks:
        prompts, tokens, past = representative_chunk(batch.chunks)
        phases.append(prefill_attention_phase(engine, prompts, tokens, past))
    if batch.decode_sequences:
        mean_context = max(batch.decode_context_sum / batch.decode_sequences, 1.0)
        phases.append(decode_attention_phase(engine, batch.decode_sequences, mean_context))
    totals = [_total(phase) for phase in phases]
    host_s = engine.host.step_s + engine.host.sequence_s * batch.rows
    totals.append(PhaseTotal("host", host_s, waiting_power_w(engine.accelerator), Basis.MEASURED))
    time_s = sum(phase.time_s for phase in totals)
    power_w = sum(phase.time_s * phase.power_w for phase in totals) / time_s
    fixed_s = sum(phase.time_s for phase in totals if phase.name in ("logits", "host"))
    interval_s = fixed_s + (time_s - fixed_s) * engine.stage_layers / engine.model.layers
    return Iteration(time_s, power_w, interval_s, tuple(totals), max(phase.basis for phase in totals))


def representative_chunk(chunks: tuple[Chunk, ...]) -> tuple[float, float, float]:
    """Return number, tokens and past of equal chunks with as many tokens and pairs of query and key as these.

    From the sums of tokens t, of t squared and of t x past: equal chunks keep themselves.
    """
    tokens = float(sum(chunk.tokens for chunk in chunks))
    squares = float(sum(chunk.tokens**2 for chunk in chunks))
    past_pairs = float(sum(chunk.tokens * chunk.past for chunk in chunks))
    return tokens * tokens / squares, squares / tokens, past_pairs / tokens


def waiting_power_w(accelerator: Accelerator) -> float:
    """Return the power of an accelerator that waits for the host [W]."""
    idle_w = accelerator.idle_power.value
    return idle_w + _WAITING * (accelerator.provisioned_power.value - idle_w)


def _total(phase: Phase) -> PhaseTotal:
    time_s = float(np.sum(phase.time_s))
    power_w = float(np.sum(phase.energy_j)) / time_s if time_s > 0.0 else 0.0
    return PhaseTotal(phase.name, time_s, power_w, Basis(int(np.max(phase.basis))))


def _check(engine: ServingEngine, batch: Batch) -> None:
    if any(chunk.tokens < 1 or chunk.past < 0 for chunk in batch.chunks):
        raise ValueError("a chunk has at least 1 token and no less than 0 past tokens")
    if batch.decode_sequences < 0 or batch.decode_context_sum < 0:
        raise ValueError("decode_sequences and decode_context_sum are not below 0")
    if batch.tokens < 1:
        raise ValueError("the batch is empty: it needs a chunk or a sequence to decode")
    if batch.tokens > engine.token_budget:
        raise ValueError(f"the batch has {batch.tokens} tokens, the engine's token_budget is {engine.token_budget}")
    if batch.decode_sequences + len(batch.chunks) > engine.max_sequences:
        count = batch.decode_sequences + len(batch.chunks)
        raise ValueError(f"the batch has {count} sequences, the engine's max_sequences is {engine.max_sequences}")
