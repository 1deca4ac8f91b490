"""`datahall calibrate`: where the times and powers of kernels come from, and how well they are predicted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ..terminal.options import checked_data_root, data_root_option

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("calibrate")
def command() -> None:
    """Import, measure, fit and check the times and powers of kernels."""


_into = click.option(
    "--into", type=_FOLDER, metavar="FOLDER", help="Where to write; by default the checkout's own folder."
)


@command.command("import")
@click.argument("accelerators", metavar="[ACCELERATOR]...", nargs=-1)
@_into
@data_root_option
def import_measurements(accelerators: tuple[str, ...], into: Path | None, data_root: Path | None) -> None:
    """Fit published kernel measurements, of every accelerator or of those named.

    Reads the distribution aiconfigurator-core (`pip install 'datahall[kernels]'`), and the folder `kernels` of the data
    root where there is one. Takes minutes; running a scenario never needs it.
    """
    import os

    from models import catalog
    from models.calibration.importing import fit_public
    from models.data_file import DATA_ROOT_VARIABLE
    from models.problems import InputError, Problem

    for name in accelerators:
        catalog.entry("accelerators", name)
    named = os.environ.get(DATA_ROOT_VARIABLE)
    public = checked_data_root(data_root) or (Path(named) if named else None)
    if public is None:
        click.echo(
            f"no data root ({DATA_ROOT_VARIABLE}): power on H200, TPU v6e and networks are left as they are", err=True
        )
    try:
        paths = fit_public(_folder(into, "fitted"), public, accelerators or None, _told)
    except FileNotFoundError as error:
        raise InputError(Problem("calibrate import", "", str(error))) from None
    if paths:
        _say_written(paths)
        _fit_overheads(into)
    unknown = [name for name in accelerators if name not in {path.stem for path in paths}]
    if unknown:
        where = "aiconfigurator-core and the data root" if public else "aiconfigurator-core, and there is no data root"
        raise InputError(
            Problem("calibrate import", "", f"nothing is known of {name}: looked in {where}") for name in unknown
        )


@command.command("measure")
@_into
@click.option("--only", multiple=True, metavar="FAMILY", help="Measure only such rows; repeatable.")
@click.option("--budget", metavar="TIME", help="Stop after so long, such as '8 min'; the next call goes on from there.")
def measure(into: Path | None, only: tuple[str, ...], budget: str | None) -> None:
    """Measure this machine's GPU: needs CUDA and PyTorch."""
    from models.calibration.measuring import measure as run

    path = run(_folder(into, "measured"), only=only or None, budget_s=_seconds(budget), on_progress=_told)
    click.echo(f"{path} written; `datahall calibrate fit` makes predictions of it")


@command.command("fit")
@click.option("--measured", type=_FOLDER, metavar="FOLDER", help="Folder of measurements; by default the checkout's.")
@_into
def fit(measured: Path | None, into: Path | None) -> None:
    """Fit our own measurements into the predictions, beside what was imported."""
    from models.calibration.importing import fit_own

    folder = _folder(measured, "measured")
    paths = fit_own(_folder(into, "fitted"), folder, _told)
    if not paths:
        raise _no_measurements(folder)
    _say_written(paths)
    _fit_overheads(into)


@command.command("check")
@click.argument("accelerators", metavar="[ACCELERATOR]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.option("--measured", type=_FOLDER, metavar="FOLDER", help="Folder of measurements; by default the checkout's.")
def check(accelerators: tuple[str, ...], as_json: bool, measured: Path | None) -> None:
    """Print how far predictions are from measurements that their fits did not see.

    Whole families of shapes are held out: errors are those of a new model, not of one more batch size. Where there are
    measurements of our own, whole layers and decode loops are compared with the sum of their kernels, and our kernels
    with fits of other software stacks.
    """
    import json

    from models import catalog
    from models.calibration.fits import FOLDER, fitted_file
    from models.calibration.importing import held_out_rows
    from models.calibration.validation import other_stack_rows, validation_rows

    for name in accelerators:
        catalog.entry("accelerators", name)
    names = accelerators or sorted(path.stem for path in FOLDER.glob("*.npz"))
    rows = held_out_rows(path for name in names if (path := fitted_file(name)) is not None)
    folder = FOLDER.with_name("measured") if measured is None else measured
    compared = [*validation_rows(folder), *other_stack_rows(folder)]
    if measured is not None and not compared:
        raise _no_measurements(folder)
    compared = [row for row in compared if not accelerators or row["accelerator"] in accelerators]
    if as_json:
        for row in ({"role": "held out"} | dict(row) for row in (*rows, *compared)):
            click.echo(json.dumps(row))
        return
    _print_errors(rows)
    _print_comparisons(compared)
    for name in names:
        if fitted_file(name) is None:
            click.echo(f"{name}: nothing was measured; its datasheet answers")


def _print_errors(rows: list[Mapping[str, Any]]) -> None:
    for accelerator in dict.fromkeys(row["accelerator"] for row in rows):
        click.echo(f"{accelerator}: error on held-out families, %; rows are those held out")
        _print_table(
            ("operation", "dtype", "framework"),
            ("rows", "median", "p95", "closed form", "fallback"),
            (
                (
                    row["operation"] if row["quantity"] == "time" else f"{row['operation']}, power",
                    row["dtype"],
                    row["framework"],
                    f"{row['held_out_rows']:,}",
                    _percent(row["median_error"]),
                    _percent(row["p95_error"]),
                    f"{_percent(row['closed_form_median_error'])}/{_percent(row['closed_form_p95_error'])}",
                    _percent(row["fallback_share"]),
                )
                for row in rows
                if row["accelerator"] == accelerator
            ),
        )


def _print_comparisons(rows: list[Mapping[str, Any]]) -> None:
    headings = {
        "validation": "layers and decode loops of {stack} against the sum of their kernels, %",
        "other stack": "kernels of {stack} against fits of other stacks, %",
    }
    tables = dict.fromkeys((row["accelerator"], row["role"], row["measured_framework"]) for row in rows)
    for accelerator, role, stack in tables:
        click.echo(f"{accelerator}: {headings[role].format(stack=stack)}")
        _print_table(
            ("operation", "dtype", "predicted by"),
            ("rows", "median", "p95", "bias", "fallback"),
            (
                (
                    row["operation"],
                    row["dtype"],
                    row["framework"],
                    f"{row['rows']:,}",
                    _percent(row["median_error"]),
                    _percent(row["p95_error"]),
                    f"{100 * (row['median_ratio'] - 1.0):+.1f}",
                    _percent(row["fallback_share"]),
                )
                for row in rows
                if (row["accelerator"], row["role"], row["measured_framework"]) == (accelerator, role, stack)
            ),
        )


def _print_table(words: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    from ..terminal.summary import print_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in words:
        # Frameworks that answered together may be a long list.
        table.add_column(heading, no_wrap=heading != "predicted by")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    print_table(table)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _seconds(budget: str | None) -> float | None:
    if budget is None:
        return None
    from models.problems import InputError, Problem
    from models.units import DIMENSIONS

    try:
        return float(DIMENSIONS["duration"].quantity(budget))
    except ValueError as error:
        raise InputError(Problem("--budget", "", str(error))) from None


def _no_measurements(folder: Path) -> Exception:
    from models.problems import InputError, Problem

    message = "holds no measurements; make some with `datahall calibrate measure` on a machine with a GPU"
    return InputError(Problem(str(folder), "", message))


def _folder(given: Path | None, name: str) -> Path:
    """Return the folder to write to or read from: the one given, else the checkout's; a wheel's is not written to."""
    from models.calibration.fits import FOLDER
    from models.problems import InputError, Problem

    if given is not None:
        return given
    if not (FOLDER.parents[2] / "pyproject.toml").is_file():
        raise InputError(Problem("--into", "", "name a folder: this datahall is installed, and no checkout"))
    return FOLDER.with_name(name)


def _fit_overheads(into: Path | None) -> None:
    """Fit what steps and iterations take beyond their kernels, which have just changed; only to the checkout's fits."""
    if into is not None:
        click.echo("the factors of training steps and serving iterations stay those of the checkout's fits", err=True)
        return
    from models.calibration.fits import kernels_for
    from models.workload.inference.serving_points import refit_host_overheads
    from models.workload.training.overhead import FILE, fit_overheads, save_overheads

    save_overheads(fit_overheads(kernels_for), kernels_for)
    _say_written([FILE])
    try:
        refit_host_overheads()
    except FileNotFoundError as error:
        click.echo(f"serving iterations keep their factors: {error}", err=True)


def _told(text: str) -> None:
    click.echo(text, err=True)


def _say_written(paths: list[Path]) -> None:
    for path in paths:
        click.echo(f"{path} written")
