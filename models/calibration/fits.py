"""The fitted kernels that come with datahall, and a person's own: which of them answer for an accelerator."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import catalog
from ..problems import InputError, Problem, nearest
from . import fitted_files
from .fitted_kernel import FittedKernel
from .kernel_power import FittedPower, power_stand_in, stand_in
from .kernels import Kernels
from .operation_kinds import operations

FOLDER = Path(__file__).parent / "fitted"
FOLDER_VARIABLE = "DATAHALL_CALIBRATION"
"""Environment variable that names a folder of fitted files to be used before those that come with datahall."""

TRAINING = ("pytorch", "nccl", "trtllm", "sglang", "vllm", "torch_xla")
"""Whose measurements answer for training, first come first served: PyTorch's own where there are any, then those of
TensorRT-LLM's PyTorch flow, which calls the same cuBLAS; large messages go over NCCL."""


def serving(framework: str) -> tuple[str, ...]:
    """Return whose measurements answer for serving by a framework: its own, NCCL, then its neighbours'.

    Raises InputError for a framework of which nothing was ever measured.
    """
    if framework not in TRAINING or framework == "nccl":
        known = [name for name in TRAINING if name != "nccl"]
        message = f"'{framework}' has no measurements; known: {', '.join(known)}{nearest(framework, known)}"
        raise InputError(Problem("", "framework", message))
    return (framework, "nccl", *(name for name in ("trtllm", "vllm", "sglang", "torch_xla") if name != framework))


def fitted_file(accelerator: str) -> Path | None:
    """Return the file of an accelerator's fitted kernels: a person's own, else the shipped one, else None."""
    own = os.environ.get(FOLDER_VARIABLE)
    for folder in ([Path(own)] if own else []) + [FOLDER]:
        path = folder / f"{accelerator}.json"
        if path.is_file():
            return path
    return None


def kernels_for(accelerator: str, frameworks: Sequence[str] = TRAINING) -> Kernels:
    """Return the kernels of an accelerator of the catalogue.

    For each operation and number format the first of `frameworks` that was measured answers; what none of them was
    measured for is answered from the datasheet. Raises InputError for an accelerator that is not in the catalogue
    and for fitted files that this datahall can not read.
    """
    path, lender = fitted_file(accelerator), fitted_file(power_stand_in(accelerator)[0])
    changed_ns = tuple(each.stat().st_mtime_ns if each else 0 for each in (path, lender))
    return _kernels(accelerator, tuple(frameworks), path, lender, changed_ns)


@functools.lru_cache(maxsize=32)
def _kernels(
    accelerator: str, frameworks: tuple[str, ...], path: Path | None, lender: Path | None, _changed_ns: tuple[int, ...]
) -> Kernels:
    """`_changed_ns` is there for the cache: a file that was written again is read again."""
    entry = catalog.entry("accelerators", accelerator)
    if path is None:
        return Kernels(entry, power=_powers(accelerator, frameworks, (), lender))
    answers: dict[tuple[str, str], str] = {}
    for record in fitted_files.records(path):
        key = (record["operation"], record["dtype"])
        if record["quantity"] == "time" and record["framework"] in frameworks:
            best = answers.setdefault(key, record["framework"])
            if frameworks.index(record["framework"]) < frameworks.index(best):
                answers[key] = record["framework"]

    def wanted(record: Any) -> bool:
        return bool(answers.get((record["operation"], record["dtype"])) == record["framework"])

    found = fitted_files.read(path, wanted=wanted)
    for kernel in found.kernels:
        _refuse_another_form(path, kernel)
    fitted: dict[tuple[str, str], FittedKernel] = {(kernel.operation, kernel.dtype): kernel for kernel in found.kernels}
    return Kernels(entry, frameworks[0], fitted, _powers(accelerator, frameworks, found.powers, lender))


def _refuse_another_form(path: Path, kernel: FittedKernel) -> None:
    """Raise InputError where a fit is of an operation's earlier form: other parameters, or a table on other axes."""
    operation = operations().get(kernel.operation)
    axes = None if kernel.table is None else [axis.name for axis in kernel.table.axes]
    if (
        operation is None
        or not set(operation.datasheet_parameters)
        <= set(kernel.parameters)
        <= set(operation.fitted_parameters(kernel.framework))
        or (axes is not None and axes != [axis.name for axis in operation.axes])
    ):
        what = f"{kernel.operation} {kernel.dtype} {kernel.framework}"
        message = f"was fitted to another form of the operation; fit again with `datahall calibrate import`: {what}"
        raise InputError(Problem(str(path), "kernels", message))


def _powers(
    accelerator: str, frameworks: tuple[str, ...], measured: Sequence[FittedPower], lender: Path | None
) -> dict[tuple[str, str], FittedPower]:
    """Return power by (operation, dtype), the first of `frameworks` first; where there is none, the lender's."""
    found = measured
    if not found and lender is not None:
        lent = fitted_files.read(lender, wanted=lambda _: False).powers
        found = tuple(stand_in(power, accelerator) for power in lent)
    last = len(frameworks)
    order = {framework: rank for rank, framework in enumerate(frameworks)}
    worst_first = sorted(found, key=lambda power: -order.get(power.framework, last))
    return {(power.operation, power.dtype): power for power in worst_first}
