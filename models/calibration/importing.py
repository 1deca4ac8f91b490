"""Fit what was measured elsewhere and by ourselves, and keep the fits: what `calibrate import` and `fit` do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import catalog
from ..problems import InputError
from . import fitted_files
from .datasheet_rates import rates_of
from .fitted_files import FittedFile
from .fitted_kernel import FittedKernel
from .fitting import Origin, fit_kernel
from .kernel_power import FittedPower
from .network_fit import FILE as NETWORK_FILE
from .network_fit import fit_network, write_network
from .operation_kinds import operations
from .power_fit import LEAST_TIME_S, fit_power
from .sources import (
    aiconfigurator,
    aiconfigurator_attention,
    aiconfigurator_collectives,
    aiconfigurator_elementwise,
    aiconfigurator_experts,
    aiconfigurator_gemm,
    aiconfigurator_power,
    aiconfigurator_scales,
    h200_power,
    own_measurements,
    tpu_v6e,
    vidur_collectives,
)
from .sources.measurements import Measurements

OWN_FRAMEWORKS = ("pytorch", "pytorch-cudnn", "cuda", "cublas")
"""Frameworks of our own measurements: `calibrate fit` replaces these, `calibrate import` all others."""
LEAST_ROWS = 20
"""Rows of our own from which on something is fitted to them; a cut-off session may have left fewer (assumption)."""

Told = Callable[[str], None]


def public_measurements(public: Path | None, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield what was published: aiconfigurator-core's tables, and those of a folder of public data where given."""
    folder = aiconfigurator.data_folder()
    for source in (
        aiconfigurator_gemm, aiconfigurator_scales, aiconfigurator_elementwise, aiconfigurator_attention,
        aiconfigurator_experts, aiconfigurator_collectives, aiconfigurator_power,
    ):  # fmt: skip
        yield from source.read(folder, accelerators)
    if public is not None:
        for tables in (h200_power, tpu_v6e, vidur_collectives):
            yield from tables.read(public / "kernels", accelerators)


def fit_public(into: Path, public: Path | None, accelerators: Collection[str] | None, told: Told) -> list[Path]:
    """Fit what was published and write the files of each accelerator; fits of our own measurements are kept.

    Networks between nodes are fitted too where the folder of public data is given; without it the fits that came from
    there are kept. A file that this datahall can not read is written anew.
    """
    if public is not None:
        told("networks between nodes")
        write_network(fit_network(public), into / NETWORK_FILE.name)

    def replaced(fit: FittedKernel | FittedPower) -> bool:
        read_again = public is not None or fit.source.startswith(aiconfigurator.DISTRIBUTION)
        return read_again and fit.framework not in OWN_FRAMEWORKS

    return _fit_into(into, public_measurements(public, accelerators), replaced, told, start_over=True)


def fit_own(into: Path, measured: Path, told: Told) -> list[Path]:
    """Fit our own measurements into the files of each accelerator, beside what was imported."""
    return _fit_into(into, _own(measured), lambda fit: fit.framework in OWN_FRAMEWORKS, told)


def _own(folder: Path) -> Iterator[Measurements]:
    """Yield what may be fitted of our own measurements: times, and powers where they were read."""
    for file in own_measurements.measured_files(folder):
        for each in own_measurements.read_own_measurements(file).fitted:
            if each.operation not in operations() or len(each.rows) < LEAST_ROWS:
                continue
            yield replace(each, rows=each.rows.drop(columns="power_w", errors="ignore"))
            if "power_w" in each.rows:
                powered = each.rows[(each.rows["power_w"] > 0.0) & (each.rows["time_s"] >= LEAST_TIME_S)]
                if len(powered) >= LEAST_ROWS:
                    yield replace(each, rows=powered)


def fitted(measurements: Measurements) -> FittedKernel | FittedPower:
    """Return the fit of one set of measurements: of power where its rows have `power_w`, else of time."""
    if "power_w" in measurements.rows:
        return fit_power(measurements)
    accelerator = catalog.entry("accelerators", measurements.accelerator)
    operation = operations()[measurements.operation]
    rates = rates_of(accelerator, operation, measurements.dtype)
    origin = Origin(measurements.framework, measurements.dtype, measurements.source, measurements.device)
    return fit_kernel(operation, measurements.rows, rates, origin, measurements.family)


_Replaced = Callable[[FittedKernel | FittedPower], bool]


def _fit_into(
    into: Path, measurements: Iterable[Measurements], replaced: _Replaced, told: Told, *, start_over: bool = False
) -> list[Path]:
    found: dict[str, list[FittedKernel | FittedPower]] = {}
    for each in measurements:
        told(f"{each.accelerator}: {each.operation} {each.dtype} {each.framework}: {len(each.rows):,} rows")
        found.setdefault(each.accelerator, []).append(fitted(each))
    return [
        fitted_files.write(
            into, accelerator, _merged(_old(into / f"{accelerator}.json", told, start_over), fits, replaced)
        )
        for accelerator, fits in sorted(found.items())
    ]


def _old(path: Path, told: Told, start_over: bool) -> FittedFile:
    """Return the fits of a file, none where there is no file; and none of one that can not be read, to start over."""
    try:
        return fitted_files.read(path) if path.is_file() else FittedFile((), ())
    except InputError as error:
        if not start_over:
            raise
        told(f"{error}; written anew, and `datahall calibrate fit` adds our own measurements again")
        return FittedFile((), ())


def _merged(old: FittedFile, fits: list[FittedKernel | FittedPower], replaced: _Replaced) -> FittedFile:
    kernels = [each for each in fits if isinstance(each, FittedKernel)]
    powers = [each for each in fits if isinstance(each, FittedPower)]
    return FittedFile(
        tuple(sorted([*(each for each in old.kernels if not replaced(each)), *kernels], key=_name)),
        tuple(sorted([*(each for each in old.powers if not replaced(each)), *powers], key=_name)),
    )


def _name(fit: FittedKernel | FittedPower) -> tuple[str, str, str]:
    return fit.operation, fit.dtype, fit.framework


def held_out_rows(paths: Iterable[Path]) -> list[Mapping[str, Any]]:
    """Return one row for each fit of the files: accelerator, operation, dtype, framework, and held-out errors."""
    rows: list[Mapping[str, Any]] = []
    for path in sorted(paths):
        for record in fitted_files.records(path):
            errors = record["held_out"] or {}
            rows.append(
                {
                    "accelerator": path.stem,
                    "quantity": record["quantity"],
                    "operation": record["operation"],
                    "dtype": record["dtype"],
                    "framework": record["framework"],
                    "rows": record["rows"],
                    "held_out_rows": errors.get("rows", 0),
                    "median_error": errors.get("median"),
                    "p95_error": errors.get("p95"),
                    "closed_form_median_error": errors.get("closed_form_median"),
                    "closed_form_p95_error": errors.get("closed_form_p95"),
                    "fallback_share": errors.get("fallback_share"),
                    "source": record["source"],
                    "device": record["device"],
                }
            )
    return rows
