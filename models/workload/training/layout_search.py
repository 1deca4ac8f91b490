"""The fastest layouts of a training job that fit: every sensible combination of degrees is priced, none is guessed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...calibration.kernels import Kernels
from ..transformer import Transformer
from .layout import Layout
from .machines import Machines
from .memory import DoesNotFit
from .result import TrainingStep
from .step import training_step

LONG_SEQUENCE = 16_384
"""Tokens from which on sequences are shared among context-parallel ranks too (assumption: below, nobody does)."""
_RECOMPUTE = ("none", "selective", "full")
"""From least computing to least memory: the first that fits is the fastest."""
_SEARCHED = ("tensor", "pipeline", "context", "expert", "virtual_pipeline", "micro_batch")
_MICRO_BATCHES = (1, 2, 4, 8)
_CHUNKS = (1, 2, 4, 8)


class Candidate(NamedTuple):
    """A layout that fits, and its step."""

    layout: Layout
    step: TrainingStep


class Search(NamedTuple):
    """What a search came to."""

    found: tuple[Candidate, ...]
    """Layouts that fit, fastest first."""
    priced: int
    """Layouts that were priced."""
    nearest_miss: DoesNotFit | None
    """The layout that was short of the fewest bytes, where nothing fits."""


def search_layouts(
    model: Transformer, kernels: Kernels, machines: Machines, *, given: Mapping[str, Any], overhead: float = 1.0
) -> Search:
    """Return the layouts that fit, fastest first.

    `given` holds fields of `Layout` that are not searched, `global_batch` and `sequence` among them. Searched are
    tensor, pipeline, virtual_pipeline, context, expert, micro_batch, recompute and zero; of the rest, habits.
    """
    found, priced, nearest_miss = [], 0, None
    for degrees in _degrees(model, machines, given):
        for zero in _choices(given, "zero", (1, 3)):
            candidate = None
            for recompute in _choices(given, "recompute", _RECOMPUTE):
                layout = habitual_layout({**degrees, "zero": zero, "recompute": recompute, **given})
                if layout.problems(model, machines.accelerators):
                    break
                priced += 1
                try:
                    candidate = Candidate(layout, training_step(model, layout, kernels, machines, overhead=overhead))
                except DoesNotFit as miss:
                    if nearest_miss is None or miss.short_b < nearest_miss.short_b:
                        nearest_miss = miss
                    continue
                found.append(candidate)
                break
            if candidate is not None and candidate.layout.recompute == "none":
                break  # Sharing more only adds exchanges where everything fits already.
    found.sort(key=lambda candidate: candidate.step.step_s)
    return Search(tuple(found), priced, None if found else nearest_miss)


def _degrees(model: Transformer, machines: Machines, given: Mapping[str, Any]) -> Iterator[dict[str, int]]:
    accelerators = machines.accelerators
    powers = [2**power for power in range(accelerators.bit_length())]
    tensor = [degree for degree in powers if degree <= machines.domain and model.heads % degree == 0]
    pipeline = [degree for degree in _divisors(accelerators) if degree <= model.layers]
    context = [degree for degree in powers if degree <= 16] if given["sequence"] >= LONG_SEQUENCE else [1]
    experts = model.experts.count if model.experts else 1
    expert = [degree for degree in powers if experts % degree == 0 and degree <= accelerators]
    sensible = (tensor, pipeline, context, expert, _CHUNKS, _MICRO_BATCHES)
    choices = [_choices(given, name, values) for name, values in zip(_SEARCHED, sensible, strict=True)]
    for values in itertools.product(*choices):
        yield dict(zip(_SEARCHED, values, strict=True))


def _choices(given: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    return (given[name],) if name in given else otherwise


def habitual_layout(given: Mapping[str, Any]) -> Layout:
    """Return a layout in which what is not given follows current frameworks' habits.

    Sequence parallelism goes with tensor parallelism, data-parallel ranks share the optimizer, and exchanges run beside
    computing.
    """
    habits = {
        "sequence_parallel": given.get("tensor", 1) > 1,
        "zero": 1,
        "overlap_data": True,
        "overlap_tensor": True,
        "overlap_pipeline": True,
    }
    return Layout.model_validate({**habits, **given})


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
