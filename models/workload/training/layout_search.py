"""The fastest layouts of a training job that fit: every sensible combination of degrees is priced, none is guessed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...calibration.kernels import Kernels
from ...neural_networks.transformer import Transformer
from ...problems import Problem
from .habits import layout_habits
from .layout import Layout
from .machines import Machines
from .memory import DoesNotFit, TrainingMemory
from .result import TrainingStep
from .shared_work import SharedWork
from .step import training_step

LONG_SEQUENCE = 16_384
"""Tokens from which on sequences are shared among context-parallel ranks too (assumption: below, nobody does)."""
MICRO_BATCH_TOKENS = 32_768
"""Tokens up to which more than eight sequences pass together (assumption: products are as fast as they get there)."""
_RECOMPUTE = ("none", "selective", "full")
"""From least computing to least memory: with all else equal, the first that fits is the fastest."""
_ZERO = (1, 2, 3)
_SEARCHED = ("tensor", "pipeline", "context", "expert", "virtual_pipeline", "micro_batch")
_CHUNKS = (1, 2, 4, 8)


class Candidate(NamedTuple):
    """A layout that fits, and its step."""

    layout: Layout
    step: TrainingStep


class Search(NamedTuple):
    """What a search came to."""

    found: tuple[Candidate, ...]
    """The fastest layouts that fit, fastest first; of those that differ in recompute and zero alone one."""
    fitting: int
    """Layouts that fit."""
    priced: int
    """Those that were priced in full."""
    nearest_miss: DoesNotFit | None
    """What the layout lacks that is short of the fewest bytes, where nothing fits."""
    problems: tuple[Problem, ...]
    """Problems of the layout that has fewest, where none can run."""


def search_layouts(
    model: Transformer,
    kernels: Kernels,
    machines: Machines,
    *,
    given: Mapping[str, Any],
    overhead: float = 1.0,
    top: int = 5,
) -> Search:
    """Return the `top` fastest layouts that fit.

    `given` holds fields of `Layout` that are not searched, `global_batch` and `sequence` among them. Searched are
    tensor, pipeline, virtual_pipeline, context, expert, micro_batch, recompute and zero; of the rest, habits.

    Layouts are priced in the order of what their micro-batches alone take, until that is more than the whole step of
    the last of the `top`: nothing that could be among them is left out.
    """
    shared = SharedWork(model, kernels, machines)
    available_b = kernels.accelerator.memory_b
    fitting: list[tuple[float, int, Layout]] = []
    nearest: tuple[Layout, TrainingMemory] | None = None
    problems: tuple[Problem, ...] = ()
    for position, degrees in enumerate(_degrees(model, machines, given)):
        base = habitual_layout({**degrees, **given})
        faults = base.problems(model, machines.accelerators)
        if faults:
            problems = faults if not problems or len(faults) < len(problems) else problems
            continue
        for zero in _choices(given, "zero", _ZERO):
            for recompute in _choices(given, "recompute", _RECOMPUTE):
                layout = base.model_copy(update={"zero": zero, "recompute": recompute})
                placed = shared.place(layout)
                if placed.memory.total_b <= available_b:
                    fitting.append((overhead * shared.least_step_s(layout, placed), position, layout))
                    break
                if nearest is None or placed.memory.total_b < nearest[1].total_b:
                    nearest = layout, placed.memory
    fitting.sort(key=lambda least: least[0])
    fastest: dict[int, Candidate] = {}
    priced = 0
    for least_s, position, layout in fitting:
        if len(fastest) >= top and least_s >= sorted(each.step.step_s for each in fastest.values())[top - 1]:
            break
        step = training_step(model, layout, kernels, machines, overhead=overhead, shared=shared)
        priced += 1
        if position not in fastest or step.step_s < fastest[position].step.step_s:
            fastest[position] = Candidate(layout, step)
    found = tuple(sorted(fastest.values(), key=lambda candidate: candidate.step.step_s)[:top])
    miss = None
    if nearest is not None and not fitting:
        what = f"{model.title} on {machines.accelerators} x {kernels.accelerator.title}"
        miss = DoesNotFit(f"no layout fits; the nearest ({_told(nearest[0])}) of {what}", nearest[1], available_b)
    return Search(found, len(fitting), priced, miss, () if fitting or nearest else problems)


def _degrees(model: Transformer, machines: Machines, given: Mapping[str, Any]) -> Iterator[dict[str, int]]:
    accelerators, sequence = machines.accelerators, given["sequence"]
    powers = [2**power for power in range(accelerators.bit_length())]
    tensor = [degree for degree in powers if degree <= machines.domain and model.heads % degree == 0]
    pipeline = [degree for degree in _divisors(accelerators) if degree <= model.layers]
    context = [degree for degree in powers if degree <= 16] if sequence >= LONG_SEQUENCE else [1]
    experts = model.experts.count if model.experts else 1
    expert = [degree for degree in powers if experts % degree == 0 and degree <= accelerators]
    most = max(MICRO_BATCH_TOKENS // sequence, 8)
    micro_batch = [2**power for power in range(most.bit_length())]
    sensible = (tensor, pipeline, context, expert, _CHUNKS, micro_batch)
    choices = [_choices(given, name, values) for name, values in zip(_SEARCHED, sensible, strict=True)]
    for values in itertools.product(*choices):
        yield dict(zip(_SEARCHED, values, strict=True))


def _told(layout: Layout) -> str:
    degrees = [f"{name} {degree}" for name in _SEARCHED if (degree := getattr(layout, name)) > 1]
    return ", ".join([*degrees, f"zero {layout.zero}", f"recompute {layout.recompute}"])


def _choices(given: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    return (given[name],) if name in given else otherwise


def habitual_layout(given: Mapping[str, Any]) -> Layout:
    """Return a layout in which what is not given follows current frameworks' habits.

    Sequence parallelism goes with tensor parallelism, data-parallel ranks share the optimizer, exchanges run beside
    computing, and selective recomputation is of what is cheap to compute again.
    """
    return Layout.model_validate({**layout_habits(given), **given})


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
