"""Fit an operation to measurements, and say how well it predicts shapes that it did not see.

Whole families of shapes (for a matrix product all rows of one N and K) are held out, so that the error is that of a
new model and not of one more batch size of a known one. What is shipped is fitted on all rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .estimate import Basis, FloatArray
from .fitted_kernel import FittedKernel, HeldOutError
from .operation import Operation, Rates, Shape
from .table_fit import fit_residual_table

HELD_OUT_ONE_IN = 4
_ROWS_FOR_PARAMETERS = 4000
_SOFT_RESIDUAL = 0.1
"""Logarithmic residual from which on a row pulls ever less on the closed form: beyond a tenth it is another regime."""

_PULL_TO_START = 0.03
"""Weight of a parameter's logarithm beside one row's. Without it, what the rows do not tell runs away, to keys by the
billion at the edge of a window that never bound; at this weight held-out errors of all others stay as they were."""


@dataclass(frozen=True)
class Origin:
    """Where measurements came from."""

    framework: str
    dtype: str
    source: str
    device: str


def is_held_out(operation: Operation, rows: pd.DataFrame, family: tuple[str, ...] | None = None) -> NDArray[np.bool_]:
    """Return for each row whether its family is among the quarter that is held out.

    The choice hangs on the family's own values alone: it is the same for every GPU, framework and version. `family`
    takes the place of the operation's where a source measured too few of those to hold any out.
    """
    columns = list(family or operation.family)
    families = rows[columns].drop_duplicates()
    chosen = [
        int.from_bytes(hashlib.sha256(",".join(f"{float(value):g}" for value in values).encode()).digest()[:4])
        % HELD_OUT_ONE_IN
        == 0
        for values in families.itertuples(index=False)
    ]
    table = families.assign(chosen=chosen)
    merged = rows[columns].merge(table, on=columns, how="left")
    return np.asarray(merged["chosen"], dtype=bool)


def fit_kernel(
    operation: Operation, rows: pd.DataFrame, rates: Rates, origin: Origin, family: tuple[str, ...] | None = None
) -> FittedKernel:
    """Return the operation fitted to all rows, with its errors on held-out families.

    `rows` has the operation's columns and `time_s`; `family` as in `is_held_out`.
    """
    held = is_held_out(operation, rows, family)
    held_out = anywhere = None
    if held.any() and not held.all():
        trial = _fit(operation, rows[~held], rates, origin)
        promised = operation.promised(shape_of(operation, rows))
        held_out = errors(trial, operation, rows[held & promised], rates) if (held & promised).any() else None
        anywhere = errors(trial, operation, rows[held], rates) if (held & ~promised).any() else None
    return replace(_fit(operation, rows, rates, origin), held_out=held_out, held_out_anywhere=anywhere)


def errors(kernel: FittedKernel, operation: Operation, rows: pd.DataFrame, rates: Rates) -> HeldOutError:
    """Return the errors of a fitted kernel over rows."""
    shape = shape_of(operation, rows)
    measured_s = rows["time_s"].to_numpy(dtype=float)
    time_s, basis = kernel.predict(operation, shape, rates)
    closed_s = operation.closed_form_s(shape, kernel.dtype, rates, kernel.parameters)
    relative = np.abs(time_s / measured_s - 1.0)
    closed = np.abs(closed_s / measured_s - 1.0)
    return HeldOutError(
        median=float(np.median(relative)),
        p95=float(np.percentile(relative, 95)),
        closed_form_median=float(np.median(closed)),
        closed_form_p95=float(np.percentile(closed, 95)),
        fallback_share=float(np.mean(basis != Basis.MEASURED)),
        rows=len(rows),
    )


def shape_of(operation: Operation, rows: pd.DataFrame) -> Shape:
    """Return the shape columns of measured rows."""
    return {column: rows[column].to_numpy(dtype=float) for column in operation.columns}


def _fit(operation: Operation, rows: pd.DataFrame, rates: Rates, origin: Origin) -> FittedKernel:
    shape = shape_of(operation, rows)
    measured_s = rows["time_s"].to_numpy(dtype=float)
    start = operation.fitted_parameters(origin.framework)
    parameters = fit_closed_form(operation, shape, origin.dtype, rates, measured_s, start)
    table = None
    if operation.axes:
        closed_s = operation.closed_form_s(shape, origin.dtype, rates, parameters)
        table = fit_residual_table(
            operation.axes, operation.coordinates(shape, rates), np.log(measured_s / closed_s),
            smoothness=operation.smoothness, bridged_cells=operation.bridged_cells,
        )  # fmt: skip
    return FittedKernel(
        operation=operation.name,
        dtype=origin.dtype,
        framework=origin.framework,
        parameters=parameters,
        table=table,
        least={column: float(shape[column].min()) for column in operation.columns},
        greatest={column: float(shape[column].max()) for column in operation.columns},
        rows=len(rows),
        source=origin.source,
        device=origin.device,
        held_out=None,
    )


def fit_closed_form(
    operation: Operation,
    shape: Shape,
    dtype: str,
    rates: Rates,
    measured_s: FloatArray,
    parameters: Mapping[str, float] | None = None,
) -> Mapping[str, float]:
    """Return the parameters that fit the logarithm of the times best; all of them positive, found in logarithms.

    `parameters` are those to fit and where to start, None for `datasheet_parameters`. One that the rows say nothing of
    stays where it starts.
    """
    parameters = operation.datasheet_parameters if parameters is None else parameters
    names = list(parameters)
    start = np.log([parameters[name] for name in names])
    step = max(1, len(measured_s) // _ROWS_FOR_PARAMETERS)
    some = {column: values[::step] for column, values in shape.items()}
    target = np.log(measured_s[::step])

    def residual(logarithms: FloatArray) -> FloatArray:
        parameters = dict(zip(names, np.exp(logarithms), strict=True))
        closed_s: FloatArray = np.log(operation.closed_form_s(some, dtype, rates, parameters))
        return np.concatenate([closed_s - target, _PULL_TO_START * (logarithms - start)])

    solution = least_squares(residual, start, loss="soft_l1", f_scale=_SOFT_RESIDUAL)
    return dict(zip(names, (float(value) for value in np.exp(solution.x)), strict=True))
