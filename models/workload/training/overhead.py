"""One factor for each accelerator and framework: what a training step takes over the sum of its kernels and exchanges.

The factor stands for what no kernel table shows: gaps between kernels, contention, clocks that fall under load, checks
of a framework. It is fitted to published runs, and each run is also predicted with a factor to which neither it nor
any other run of its model on its accelerator contributed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, cast

from ...calibration.fits import FOLDER
from ...calibration.kernels import Kernels
from ...whole_file import write_whole
from .published_runs import TrainingRun, training_runs
from .step import training_step

FILE = FOLDER / "training_overhead.yaml"


class ErrorSummary(NamedTuple):
    """Errors over several runs, each predicted without itself."""

    mean: float
    """Mean of |predicted / measured - 1|."""
    worst: float
    """Greatest of the same."""
    bias: float
    """Mean of predicted / measured - 1."""
    runs: int
    """Runs."""


class Overhead(NamedTuple):
    """What to stretch a step by."""

    factor: float
    """Time measured over time predicted."""
    runs: int
    """Published runs that it rests on."""
    origin: str
    """Which runs those are, in words."""
    errors: ErrorSummary | None = None
    """How far runs of that framework were predicted off, each without itself; None where there are none."""
    least: float = 1.0
    """Least of the runs' own factors."""
    greatest: float = 1.0
    """Greatest of the runs' own factors."""
    is_borrowed: bool = False
    """Whether no run was on the accelerator in question."""

    @property
    def text(self) -> str:
        """The factor, and how far published runs are predicted off."""
        if self.errors is None:
            return "no published run tells what a step takes beyond its kernels; none is counted"
        runs = "run" if self.runs == 1 else "runs"
        spread = f", {self.least:.2f} to {self.greatest:.2f}" if self.runs > 1 else ""
        unknown = "no run on this accelerator was published, so the error here is unknown; " if self.is_borrowed else ""
        return (
            f"{unknown}kernels and exchanges stretched by {self.factor:.2f} ({self.runs} published {runs} of "
            f"{self.origin}{spread}); runs of that framework are predicted, each without itself, "
            f"{self.errors.mean:.0%} off on average and {self.errors.worst:.0%} at worst"
        )


class RunError(NamedTuple):
    """A run predicted without itself, nor any other of its model on its accelerator."""

    run: TrainingRun
    unstretched_s: float
    """Sum of kernels and exchanges [s]."""
    overhead: Overhead
    """The factor from other runs."""
    short_b: float
    """Bytes that its memory is counted short by, though it ran; 0 where it fits [B]."""

    @property
    def measured_s(self) -> float:
        """Time that was measured [s]."""
        return self.run.measured_step_s

    @property
    def predicted_s(self) -> float:
        """Time predicted [s]."""
        return self.unstretched_s * self.overhead.factor

    @property
    def error(self) -> float:
        """Predicted over measured, less 1."""
        return self.predicted_s / self.measured_s - 1.0

    @property
    def ratio(self) -> float:
        """Measured over the sum of kernels and exchanges."""
        return self.measured_s / self.unstretched_s


def fit_overheads(kernels_for: Callable[[str], Kernels]) -> tuple[RunError, ...]:
    """Return every published run predicted from others; those not used are predicted too and contribute to none."""
    predicted = [_predicted(run, kernels_for(run.accelerator)) for run in training_runs()]
    ratios = [(run, run.measured_step_s / unstretched_s) for run, unstretched_s, _ in predicted if run.used]
    found = []
    for run, unstretched_s, short_b in predicted:
        others = [
            (other, ratio) for other, ratio in ratios
            if (other.model, other.accelerator) != (run.model, run.accelerator)
        ]  # fmt: skip
        found.append(RunError(run, unstretched_s, _overhead(others, *run.group), short_b))
    return tuple(found)


def summary(errors: Iterable[RunError]) -> ErrorSummary:
    """Return the errors of runs in short."""
    signed = [run.error for run in errors]
    absolute = [abs(error) for error in signed]
    return ErrorSummary(sum(absolute) / len(absolute), max(absolute), sum(signed) / len(signed), len(signed))


def save_overheads(errors: Sequence[RunError], kernels_for: Callable[[str], Kernels], path: Path = FILE) -> None:
    """Write the factors fitted to all used runs, with what they rest on."""
    from ruamel.yaml import YAML

    used = [error for error in errors if error.run.used]
    groups: dict[tuple[str, str], list[RunError]] = {}
    for error in used:
        groups.setdefault(error.run.group, []).append(error)
    table = {
        "schema": 1,
        "what": "time measured over the sum of kernels and exchanges, geometric mean of published training runs",
        "factors": [
            {
                "accelerator": accelerator,
                "framework": framework,
                "factor": round(_geometric_mean([error.ratio for error in group]), 4),
                "runs": {error.run.name: round(error.ratio, 4) for error in group},
                "kernels": sorted({kernel.source for kernel in kernels_for(accelerator).fitted.values()})
                or ["datasheet"],
            }
            for (accelerator, framework), group in sorted(groups.items())
        ],
        "left_out_one_by_one": {name: _rounded(summary(part)) for name, part in parts(errors).items() if part},
        "left_out_by_framework": {
            framework: _rounded(summary([error for error in used if error.run.framework == framework]))
            for framework in sorted({error.run.framework for error in used})
        },
    }  # fmt: skip
    writer = YAML()
    writer.width = 120
    path.parent.mkdir(exist_ok=True)
    text = StringIO()
    writer.dump(table, text)
    write_whole(path, text.getvalue().encode())
    _fitted.cache_clear()


def parts(errors: Iterable[RunError]) -> dict[str, list[RunError]]:
    """Return used runs by the goal that they are held to."""
    used = [error for error in errors if error.run.used]
    return {
        "dense, 16 bits": [error for error in used if error.run.is_dense_16_bit],
        "experts or 8 bits": [error for error in used if not error.run.is_dense_16_bit],
    }


def overhead_for(accelerator: str, framework: str = "megatron-bridge") -> Overhead:
    """Return the factor of an accelerator and framework; of others, that of the framework on other accelerators."""
    table = _fitted()
    same = [each for each in table.get("factors", ()) if each["framework"] == framework]
    exact = [each for each in same if each["accelerator"] == accelerator]
    for chosen, where in ((exact, accelerator), (same, "other accelerators")):
        if chosen:
            ratios = [ratio for each in chosen for ratio in each["runs"].values()]
            errors = ErrorSummary(**table["left_out_by_framework"][framework])
            return Overhead(
                factor=_geometric_mean(ratios), runs=len(ratios), origin=f"{framework} on {where}", errors=errors,
                least=min(ratios), greatest=max(ratios), is_borrowed=chosen is not exact,
            )  # fmt: skip
    return Overhead(1.0, 0, "no published run")


@functools.cache
def _fitted() -> dict[str, Any]:
    from ruamel.yaml import YAML

    if not FILE.is_file():
        return {}
    return cast(dict[str, Any], YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8")))


def _rounded(errors: ErrorSummary) -> dict[str, float]:
    return {name: round(value, 4) for name, value in errors._asdict().items()}


def _predicted(run: TrainingRun, kernels: Kernels) -> tuple[TrainingRun, float, float]:
    step = training_step(run.transformer, run.layout, kernels, run.machines, refuse=False)
    return run, step.step_s, max(step.memory.total_b - kernels.accelerator.memory_b, 0.0)


def _overhead(ratios: Sequence[tuple[TrainingRun, float]], accelerator: str, framework: str) -> Overhead:
    exact = [ratio for run, ratio in ratios if run.group == (accelerator, framework)]
    if exact:
        return Overhead(_geometric_mean(exact), len(exact), f"{framework} on {accelerator}")
    same = [ratio for run, ratio in ratios if run.framework == framework]
    if same:
        return Overhead(_geometric_mean(same), len(same), f"{framework} on other accelerators")
    return Overhead(1.0, 0, "no published run")


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(math.log(value) for value in values) / len(values))
