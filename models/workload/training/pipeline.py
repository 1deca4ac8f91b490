"""Pipelines: which layers a stage holds, how long a step through all stages takes, and what a stage keeps meanwhile.

Schedules: one forward, one backward (1F1B), and interleaved, where a stage holds several chunks of layers in turn
(Narayanan et al. 2021, arXiv 2104.04473).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...problems import InputError, Problem


def layers_of_stages(layers: int, *, pipeline: int, virtual_pipeline: int = 1) -> tuple[tuple[int, ...], ...]:
    """Return for each stage the layers that it holds, counted from 0.

    Chunk c lies on stage c mod `pipeline`. Chunks hold equally many layers; where that does not come out, the last
    chunk holds one less, for it has the loss, then the first, for it has the embedding, then others from the end. (As
    Megatron-LM counts embedding and loss as a layer each: 126 layers on 8 x 8 chunks.)

    >>> [len(stage) for stage in layers_of_stages(126, pipeline=8, virtual_pipeline=8)]
    [15, 16, 16, 16, 16, 16, 16, 15]
    """
    chunks = pipeline * virtual_pipeline
    if layers < chunks:
        raise InputError(Problem("", "pipeline", f"{layers} layers can not fill {chunks} stages"))
    most = -(-layers // chunks)
    held = [most] * chunks
    shortest_first = [chunks - 1, 0, *range(chunks - 2, 0, -1)] if chunks > 1 else [0]
    for vacancy in range(most * chunks - layers):
        held[shortest_first[vacancy]] -= 1
    stages: list[list[int]] = [[] for _ in range(pipeline)]
    first = 0
    for chunk, count in enumerate(held):
        stages[chunk % pipeline].extend(range(first, first + count))
        first += count
    return tuple(tuple(stage) for stage in stages)


def pipeline_step_s(stage_s: Sequence[float], *, micro_batches: int, virtual_pipeline: int = 1) -> tuple[float, float]:
    """Return the time in which all micro-batches pass all stages, and how much of it the slowest stage waits [s].

    `stage_s` is the time of one micro-batch on each stage, forward and backward. The slowest stage works without a
    gap once the pipeline is full; filling and draining takes one pass through the other stages, or that over
    `virtual_pipeline` where it is interleaved. Equal stages t give (m + (p - 1) / v) t (Narayanan et al. 2021, 2.2).

    >>> pipeline_step_s([2.0, 2.0, 2.0, 2.0], micro_batches=8, virtual_pipeline=3)
    (18.0, 2.0)
    """
    slowest_s = max(stage_s)
    waits_s = (sum(stage_s) - slowest_s) / virtual_pipeline
    return micro_batches * slowest_s + waits_s, waits_s


def micro_batches_in_flight(stage: int, *, pipeline: int, virtual_pipeline: int, micro_batches: int) -> float:
    """Return how many micro-batches' activations a stage keeps at its peak, all its chunks together.

    p - stage with 1F1B. Interleaved, a stage runs 2 (p - stage - 1) + (v - 1) p chunks before its first backward and
    keeps one more; for the first stage that is p (1 + (p - 1) / (p v)) (Korthikanti et al. 2022, arXiv 2205.05198,
    4.2.3).

    >>> micro_batches_in_flight(0, pipeline=8, virtual_pipeline=3, micro_batches=64)
    10.333333333333334
    """
    if virtual_pipeline == 1:
        return float(min(pipeline - stage, micro_batches))
    chunks = 2 * (pipeline - stage - 1) + (virtual_pipeline - 1) * pipeline + 1
    return min(chunks / virtual_pipeline, float(micro_batches))
