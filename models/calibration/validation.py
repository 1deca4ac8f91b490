"""Judge the fits by what none of them saw: whole layers that we measured, and our kernels against other stacks' fits.

A layer or decoding step is predicted as the sum of its kernels' times, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..problems import InputError, Problem
from .estimate import Basis, Estimate, FloatArray
from .fits import TRAINING, kernels_for
from .fitting import shape_of
from .importing import OWN_FRAMEWORKS
from .kernels import Kernels
from .measuring import layer_kernels
from .measuring.layer_kernels import KernelCall
from .measuring.model_shapes import MODELS
from .measuring.transformer_layer import BACKWARD, DECODE_LOOP, FORWARD, LAYER, STEP
from .operation_kinds import operations
from .sources.measurements import Measurements
from .sources.own_measurements import measured_files, read_own_measurements

PUBLISHED = tuple(framework for framework in TRAINING if framework not in OWN_FRAMEWORKS)
"""Whose measurements answer for training where there are none of our own, first come first served."""
VALIDATION, OTHER_STACK = "validation", "other stack"
_NAMES = {FORWARD: f"{LAYER}_forward", BACKWARD: f"{LAYER}_backward", STEP: DECODE_LOOP}
_ATTENTION_BACKWARD = "prefill_attention_backward"
_COMPARED = ("gemm", "prefill_attention", _ATTENTION_BACKWARD, "decode_attention", "elementwise")
"""Operations that layers are made of, each a method of `Kernels`."""


class SummedTime(NamedTuple):
    """A time that several kernels add up to."""

    time_s: float
    fallback_s: float
    """What of it does not rest on measurements of such kernels."""


def validation_rows(measured: Path) -> list[Mapping[str, Any]]:
    """Return errors on the layers and decode loops of a folder of our own measurements, by the fits that answer now.

    Rows are those of `importing.held_out_rows` with `role` "validation", `measured_framework`, and `median_ratio`, the
    median of predicted over measured time. `framework` names whose fits answered, "datasheet" where there are none;
    `fallback_share` is the mean share of the predicted time that does not rest on measurements of such kernels, all of
    backward attention where it is the stated factor of forward. Raises InputError for a model, accelerator or file that
    this datahall does not know.
    """
    found = []
    for file in measured_files(measured):
        for each in read_own_measurements(file).validation:
            if each.operation in _NAMES:
                found.append(_validation_row(each, kernels_for(each.accelerator, TRAINING), file))
    return found


def other_stack_rows(measured: Path) -> list[Mapping[str, Any]]:
    """Return how far fits of published measurements are from kernels that we measured: what another stack changes.

    Rows are those of `validation_rows` with `role` "other stack"; `framework` names whose fits answered.
    """
    found = []
    for file in measured_files(measured):
        for each in read_own_measurements(file).fitted:
            if each.operation in _COMPARED:
                kernels = kernels_for(each.accelerator, PUBLISHED)
                shape = shape_of(operations()[each.operation], each.rows)
                estimate = kernel_estimate(kernels, each.operation, each.dtype, shape)
                fallback = (estimate.basis != Basis.MEASURED).astype(float)
                answers = answering(kernels, each.operation, each.dtype)
                found.append(_row(OTHER_STACK, each, each.operation, answers, estimate.time_s, fallback))
    return found


def summed_time(kernels: Kernels, calls: Sequence[KernelCall], dtype: str) -> SummedTime:
    """Return the time of kernels that run one after the other."""
    time_s = fallback_s = 0.0
    for call in calls:
        estimate = kernel_estimate(kernels, call.operation, dtype, call.shape)
        spent_s = call.calls * float(estimate.time_s)
        time_s += spent_s
        fallback_s += spent_s * float(estimate.basis != Basis.MEASURED)
    return SummedTime(time_s, fallback_s)


def kernel_estimate(kernels: Kernels, operation: str, dtype: str, shape: Mapping[str, ArrayLike]) -> Estimate:
    """Return what kernels of an operation take; a stated factor of another operation counts as extrapolated."""
    if operation == "elementwise":
        return kernels.elementwise(shape["traffic_b"])
    method: Callable[..., Estimate] = getattr(kernels, operation)
    estimate = method(**shape, dtype=dtype)
    if operation == _ATTENTION_BACKWARD and (operation, dtype) not in kernels.fitted:
        basis: NDArray[np.uint8] = np.maximum(estimate.basis, Basis.EXTRAPOLATED).astype(np.uint8)
        return estimate._replace(basis=basis)
    return estimate


def answering(kernels: Kernels, operation: str, dtype: str) -> str:
    """Return the framework whose fit answers for an operation and number format, "datasheet" where there is none."""
    forward = operation.removesuffix("_backward")
    format_of = {"fp16": "bf16"} if operation == "gemm" else {}
    for key in ((operation, dtype), (forward, format_of.get(dtype, dtype))):
        if key in kernels.fitted:
            return kernels.fitted[key].framework
    return "datasheet"


def kernels_of_row(operation: str, row: Mapping[str, Any]) -> tuple[KernelCall, ...]:
    """Return the kernels of a measured layer or of the mean step of a decode loop, whose cache grows by one a step."""
    widths, ranks, batch = MODELS[row["model"]], int(row["tensor_parallel"]), int(row["batch"])
    if operation == STEP:
        past_tokens = row["past_tokens"] + (row["steps"] - 1.0) / 2.0
        return layer_kernels.decode_step_kernels(widths, ranks, batch, past_tokens, int(row["layers"]))
    made = layer_kernels.forward_kernels if operation == FORWARD else layer_kernels.backward_kernels
    return made(widths, ranks, batch, int(row["tokens"]))


def _validation_row(measurements: Measurements, kernels: Kernels, file: Path) -> Mapping[str, Any]:
    operation, dtype = measurements.operation, measurements.dtype
    rows = measurements.rows.to_dict("records")
    unknown = sorted({str(row["model"]) for row in rows} - set(MODELS))
    if unknown:
        raise InputError(Problem(str(file), "model", f"is none that is measured: {', '.join(unknown)}"))
    parts = [kernels_of_row(operation, row) for row in rows]
    sums = [summed_time(kernels, calls, dtype) for calls in parts]
    predicted_s = np.array([each.time_s for each in sums])
    fallback = np.array([each.fallback_s for each in sums]) / predicted_s
    answers = sorted({answering(kernels, call.operation, dtype) for calls in parts for call in calls})
    return _row(VALIDATION, measurements, _NAMES[operation], ", ".join(answers), predicted_s, fallback)


def _row(
    role: str, measurements: Measurements, operation: str, framework: str, predicted_s: FloatArray, fallback: FloatArray
) -> Mapping[str, Any]:
    ratio = predicted_s / measurements.rows["time_s"].to_numpy(dtype=float)
    error = np.abs(ratio - 1.0)
    return {
        "role": role,
        "accelerator": measurements.accelerator,
        "quantity": "time",
        "operation": operation,
        "dtype": measurements.dtype,
        "framework": framework,
        "measured_framework": measurements.framework,
        "rows": len(ratio),
        "held_out_rows": len(ratio),
        "median_error": float(np.median(error)),
        "p95_error": float(np.percentile(error, 95)),
        "closed_form_median_error": None,
        "closed_form_p95_error": None,
        "fallback_share": float(np.mean(fallback)),
        "median_ratio": float(np.median(ratio)),
        "source": measurements.source,
        "device": measurements.device,
    }
