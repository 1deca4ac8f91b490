"""Serving points that were measured, against the iteration model: what the host adds is fitted to them.

Only the time per output token of steady decoding is compared. Queues, bursts and the order in which prompts and decode
tokens share the accelerator are no matter of a formula; points where those weigh are left out before anything is
fitted, by what the model predicts and never by what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import catalog
from ...calibration.estimate import FloatArray
from ...calibration.fits import kernels_for, serving
from ...calibration.host_overhead import (
    ASSUMED,
    FITTED_FILE,
    OTHER,
    HostOverhead,
    fit_host_overhead,
    write_host_overheads,
)
from ...calibration.kernels import Kernels
from ...calibration.sources.aiconfigurator import source_name
from ...calibration.sources.silicon_sample import ServingPoint, silicon_sample
from ...neural_networks.transformer import Transformer
from .engine import Layout, ServingEngine
from .memory import DoesNotFit, key_value_capacity
from .steady import steady_decoding

MEAN_LENGTH = 0.9
"""Mean of lengths that lie evenly between 0.8 and 1 of the longest."""
MOST_PREFILL = 0.15
"""Share of the predicted time per token up to which prefill may take: beyond it the answer hangs on whether requests
run in step (then a prompt delays half of the others) or not (then it delays all of them): assumption."""
_SPREAD_OF_BATCHES = 2.0
"""Greatest over least batch from which on both parts of the overhead can be told apart: assumption."""
TOKEN_BUDGET = 8192
MODELS = ("llama-3.1-8b", "llama-3.1-70b", "qwen3-32b", "gpt-oss-120b")
ACCELERATORS = ("h100-sxm", "h200-sxm", "b200")
"""Models and accelerators whose points the overhead is fitted to: dense ones, and of the mixtures that whose steps do
not hang on speculative tokens or on which kernels a release had for its experts."""
_PROVENANCE = """What the host adds to a step, by framework: step_s [s] and sequence_s [s] for each sequence.
Fitted by models.workload.inference.serving_points.refit_host_overheads to what measured kernels leave over."""
NO_HOST = HostOverhead(0.0, 0.0, "assumption", "kernels alone")


@dataclass(frozen=True)
class Comparison:
    """A measured point and what kernels alone predict of it."""

    point: ServingPoint
    kernel_s: float
    """Predicted time per output token without the host [s]."""
    sequences: float
    """Rows that give a token in a mean iteration."""

    def error(self, overhead: HostOverhead) -> float:
        """Return predicted over measured time per output token, less 1."""
        predicted_s = self.kernel_s + overhead.step_s + overhead.sequence_s * self.sequences
        return predicted_s / self.point.time_per_output_token_s - 1.0


def engine_of(point: ServingPoint, kernels: Kernels) -> ServingEngine:
    """Return the engine of a point, without the host.

    Caches are in fp8 where weights are quantised, as the checkpoints say, but for SGLang, which keeps bf16 unless it
    is told. gpt-oss has its experts in MXFP4 wherever it runs; the mixtures' checkpoints in fp8 have scales by blocks.
    """
    model = catalog.entry("models", point.model)
    if not isinstance(model, Transformer):
        raise ValueError(f"{point.model} is no transformer")
    quantised = point.weight_dtype != "bf16" and point.framework != "sglang"
    blocks = point.weight_dtype == "fp8" and model.experts is not None
    mxfp4 = point.model == "gpt-oss-120b"
    return ServingEngine(
        model,
        kernels,
        Layout(point.tensor, point.expert, 1, point.attention_data),
        weight_dtype="bf16" if mxfp4 else "fp8_block" if blocks else point.weight_dtype,
        static_scales=point.static_scales,
        expert_dtype="mxfp4" if mxfp4 else None,
        key_value_dtype="fp8" if quantised and not mxfp4 else "bf16",
        max_sequences=max(point.concurrency, 1),
        token_budget=max(TOKEN_BUDGET, point.concurrency + 1),
        domain=max(8, point.tensor * point.attention_data),
        overhead=NO_HOST,
    )


def compare(
    points: Iterable[ServingPoint], kernels_of: Callable[[str, str], Kernels]
) -> tuple[tuple[Comparison, ...], dict[str, int]]:
    """Return the points of steady decoding with their predictions, and how many were left out and why.

    `kernels_of` gives the kernels of an accelerator under a framework.
    """
    kept = []
    left_out = {"layout": 0, "memory": 0, "cache": 0, "prefill": 0}
    for point in points:
        try:
            engine = engine_of(point, kernels_of(point.accelerator, point.framework))
        except ValueError:
            left_out["layout"] += 1
            continue
        try:
            tokens = key_value_capacity(engine).tokens * point.attention_data
        except DoesNotFit:
            left_out["memory"] += 1
            continue
        lengths = (MEAN_LENGTH * point.input_tokens, MEAN_LENGTH * point.output_tokens)
        if tokens < point.concurrency * sum(lengths):
            left_out["cache"] += 1
            continue
        found = steady_decoding(
            engine, concurrency=point.concurrency, input_tokens=lengths[0], output_tokens=lengths[1]
        )
        if found.decode_iteration_s < (1.0 - MOST_PREFILL) * found.time_per_output_token_s:
            left_out["prefill"] += 1
            continue
        kept.append(Comparison(point, found.time_per_output_token_s, float(point.concurrency)))
    return tuple(kept), left_out


def refit_host_overheads(
    path: Path = FITTED_FILE, *, kernels_of: Callable[[str, str], Kernels] | None = None
) -> Sequence[Comparison]:
    """Fit the overhead of each framework to all points of steady decoding, write them, return these."""
    kept, _ = compare(chosen_points(), kernels_of or (lambda name, framework: kernels_for(name, serving(framework))))
    frameworks = {OTHER: ASSUMED}
    errors = held_out_errors(kept)
    for host in sorted({each.point.host for each in kept}):
        mine = np.array([each.point.host == host for each in kept])
        chosen = [each for each in kept if each.point.host == host]
        models = ", ".join(sorted({each.point.model for each in chosen}))
        known = np.abs(errors[mine & np.isfinite(errors)])
        before, after = (np.abs([each.error(o) for each in chosen]) for o in (NO_HOST, fitted_overhead(chosen, "")))
        source = (
            f"{source_name()}, silicon_sample.csv: time per output token of {len(chosen)} points of steady decoding of "
            f"{models}; median and 90th percentile error {_shown(before)} by kernels alone, {_shown(after)} fitted, "
            f"{_shown(known)} at {len(known)} points with their model left out of the fit"
        )
        frameworks[host] = fitted_overhead(chosen, source)
    write_host_overheads(path, frameworks, provenance=_PROVENANCE)
    return kept


def chosen_points() -> tuple[ServingPoint, ...]:
    """Return the points that the overhead is fitted to, before any is left out for what is predicted of it."""
    return tuple(p for p in silicon_sample() if p.model in MODELS and p.accelerator in ACCELERATORS)


def _shown(errors: FloatArray) -> str:
    return f"{100 * np.median(errors):.1f}/{100 * np.percentile(errors, 90):.1f} %" if len(errors) else "unknown"


def fitted_overhead(comparisons: Sequence[Comparison], source: str) -> HostOverhead:
    """Return the overhead that fits comparisons of one host best."""
    return fit_host_overhead(
        np.array([each.kernel_s for each in comparisons]),
        np.array([each.sequences for each in comparisons]),
        np.array([each.point.time_per_output_token_s for each in comparisons]),
        source=source,
    )


def held_out_errors(comparisons: Sequence[Comparison]) -> FloatArray:
    """Return each comparison's error with the overhead fitted to the other models of its host.

    Not a number where there is nothing to fit to: a host with one model only, or whose other models were all measured
    at about one batch size, which can not tell what a step adds from what each sequence adds.
    """
    found = np.full(len(comparisons), np.nan)
    groups = {(each.point.host, each.point.model) for each in comparisons}
    for host, model in groups:
        others = [c for c in comparisons if c.point.host == host and c.point.model != model]
        sequences = [each.sequences for each in others]
        if not others or max(sequences) < _SPREAD_OF_BATCHES * min(sequences):
            continue
        overhead = fitted_overhead(others, "")
        for index, each in enumerate(comparisons):
            if (each.point.host, each.point.model) == (host, model):
                found[index] = each.error(overhead)
    return found
