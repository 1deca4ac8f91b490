"""Fit the power of an operation to measurements, and say how well it predicts shapes that it did not see.

Power was read every 100 ms while a kernel was looped for a second, and each reading is the driver's average over the
second before (NVML reference, nvmlDeviceGetPowerUsage), so that it keeps some of what ran before. Kernels shorter than
`LEAST_TIME_S` are left out: those of the shortest were looped for 0.3 s. What remains is scattered to the low side: of
bf16 matrix products on H200 the longest k of each (m, n), whichever it is, reads 541 W in the mean and the fourth
longest and all after it 690 W, as if measured in that order from a pause on (an inference: the tables hold no times of
day). The fit is therefore of the least absolute logarithm and goes with the bulk of the readings. No reading is left
out for being far off, neither of the fit nor of the errors that are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from .. import catalog
from ..accelerators.accelerator import Accelerator
from .datasheet_rates import rates_of
from .estimate import Basis, FloatArray
from .fitted_kernel import HeldOutError
from .fitting import is_held_out, shape_of
from .kernel_power import (
    ACTIVE_SHARE,
    TABLE_AXES,
    FittedPower,
    power_share,
    table_features,
    utilisations,
)
from .operation_kinds import operations
from .sources.measurements import Measurements
from .table_fit import fit_residual_table

LEAST_TIME_S = 4e-4
"""Kernels shorter than this are dropped: their readings cover too little of their loop."""
LEAST_ROWS = 20
"""Fewer measurements than this make no fit."""

_FITTED: Final[Mapping[str, tuple[float, float, float]]] = {
    "compute": (0.9, 1e-3, 5.0),
    "memory": (0.6, 1e-3, 5.0),
    "compute_exponent": (0.7, 0.2, 1.0),
    "memory_exponent": (0.8, 0.2, 1.0),
}
"""Start, least and greatest of what is fitted; the first two are shares of (cap - idle)."""
_PULL_TO_START = 0.1
"""Weight of a parameter's logarithm beside one row's, where data do not tell two parameters apart."""
_SOFT_RESIDUAL = 0.03
"""Logarithmic residual from which on a row pulls by its sign alone: what readings in a steady state repeat to."""
_TABLE_SMOOTHNESS = 10.0


def fit_power(measurements: Measurements) -> FittedPower:
    """Return the power of an operation fitted to all rows of `LEAST_TIME_S` and longer, with its held-out errors.

    `measurements.rows` has the operation's columns, `time_s` and `power_w`. The families are held out that are held
    out for times, and errors are those of power at the measured time. Raises ValueError for too few rows.
    """
    operation = operations()[measurements.operation]
    given = measurements.rows
    rows = given[(given["time_s"] >= LEAST_TIME_S) & (given["power_w"] > 0.0)].reset_index(drop=True)
    if len(rows) < LEAST_ROWS:
        raise ValueError(
            f"{measurements.accelerator} {measurements.operation} {measurements.dtype}: {len(rows)} rows with power, "
            f"of {LEAST_TIME_S * 1e3:g} ms and more; a fit needs {LEAST_ROWS}"
        )
    held = is_held_out(operation, rows, measurements.family)
    held_out = None
    if held.any() and (~held).sum() >= LEAST_ROWS:
        held_out = errors(_fit(measurements, rows[~held], None), rows[held])
    return _fit(measurements, rows, held_out)


def errors(power: FittedPower, rows: pd.DataFrame) -> HeldOutError:
    """Return the errors of a fit over rows, at their measured times."""
    operation = operations()[power.operation]
    accelerator = _accelerator(power.accelerator)
    shape = shape_of(operation, rows)
    time_s = rows["time_s"].to_numpy(dtype=float)
    measured_w = rows["power_w"].to_numpy(dtype=float)
    rates = rates_of(accelerator, operation, power.dtype)
    compute, memory = utilisations(operation.work(shape, power.dtype), time_s, rates)
    share, inside = power.predict(shape, compute, memory, time_s)
    idle_w = power.parameters["idle_w"]
    span_w = power.parameters["cap_w"] - idle_w
    relative = np.abs((idle_w + span_w * share) / measured_w - 1.0)
    closed = np.abs((idle_w + span_w * power_share(power.parameters, compute, memory)) / measured_w - 1.0)
    return HeldOutError(
        median=float(np.median(relative)),
        p95=float(np.percentile(relative, 95)),
        closed_form_median=float(np.median(closed)),
        closed_form_p95=float(np.percentile(closed, 95)),
        fallback_share=float(1.0 - np.mean(inside)),
        rows=len(rows),
    )


def _fit(measurements: Measurements, rows: pd.DataFrame, held_out: HeldOutError | None) -> FittedPower:
    operation = operations()[measurements.operation]
    accelerator = _accelerator(measurements.accelerator)
    shape = shape_of(operation, rows)
    time_s = rows["time_s"].to_numpy(dtype=float)
    measured_w = rows["power_w"].to_numpy(dtype=float)
    rates = rates_of(accelerator, operation, measurements.dtype)
    compute, memory = utilisations(operation.work(shape, measurements.dtype), time_s, rates)
    idle_w, cap_w = accelerator.idle_power.value, accelerator.provisioned_power.value
    parameters = _fit_form(idle_w, cap_w, compute, memory, measured_w) | {
        "least_time_s": LEAST_TIME_S,
        "least_compute": float(compute.min()),
        "greatest_compute": float(compute.max()),
        "least_memory": float(memory.min()),
        "greatest_memory": float(memory.max()),
    }
    table = None
    axes = TABLE_AXES.get(measurements.operation)
    if axes is not None:
        closed_w = idle_w + (cap_w - idle_w) * power_share(parameters, compute, memory)
        table = fit_residual_table(
            axes, table_features(measurements.operation, shape, memory), np.log(measured_w / closed_w),
            smoothness=_TABLE_SMOOTHNESS,
        )  # fmt: skip
    return FittedPower(
        operation=measurements.operation,
        dtype=measurements.dtype,
        accelerator=measurements.accelerator,
        framework=measurements.framework,
        parameters=parameters,
        table=table,
        rows=len(rows),
        source=measurements.source,
        device=measurements.device,
        held_out=held_out,
        firmest=Basis.MEASURED,
    )


def _fit_form(
    idle_w: float, cap_w: float, compute: FloatArray, memory: FloatArray, measured_w: FloatArray
) -> dict[str, float]:
    span_w = cap_w - idle_w
    start, least, greatest = (np.log(column) for column in np.array(list(_FITTED.values())).T)
    target = np.log(measured_w)

    def named(logarithms: FloatArray) -> dict[str, float]:
        values = dict(zip(_FITTED, (float(value) for value in np.exp(logarithms)), strict=True))
        return {
            "idle_w": idle_w,
            "cap_w": cap_w,
            "active_w": ACTIVE_SHARE * span_w,
            "compute_w": values["compute"] * span_w,
            "memory_w": values["memory"] * span_w,
            "compute_exponent": values["compute_exponent"],
            "memory_exponent": values["memory_exponent"],
        }

    def residual(logarithms: FloatArray) -> FloatArray:
        power_w = idle_w + span_w * power_share(named(logarithms), compute, memory)
        return np.concatenate([np.log(power_w) - target, _PULL_TO_START * (logarithms - start)])

    solution = least_squares(
        residual, start, bounds=(least - 1e-9, greatest + 1e-9), loss="soft_l1", f_scale=_SOFT_RESIDUAL
    )
    return named(solution.x)


def _accelerator(name: str) -> Accelerator:
    return catalog.entry("accelerators", name)
