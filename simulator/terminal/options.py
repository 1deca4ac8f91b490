"""Arguments that several verbs share: a scenario's file, and which of its variants is meant."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..scenario.loading import LoadedScenario
    from ..scenario.plan_file import LoadedPlan

Command = Callable[..., Any]

data_root_option = click.option(
    "--data-root",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where data files are looked for first; by default the variable DATAHALL_DATA.",
)


def scenario_options(command: Command) -> Command:
    """Give a verb FILE and the options that choose a variant; it gets them as one argument `load`.

    `load()` returns the loaded scenario, or raises InputError with all of its problems. `load(*sets)` adds
    assignments that win over those of the command line.
    """

    def load_file(path: Path, **variant: Any) -> LoadedScenario:
        from ..scenario.loading import load_scenario

        return load_scenario(path, **variant)

    return _with_variant(command, load_file)


def plan_options(command: Command) -> Command:
    """Give a verb FILE and the options that choose a variant, as `scenario_options` does, of a plan file."""

    def load_file(path: Path, **variant: Any) -> LoadedPlan:
        from ..scenario.plan_file import load_plan

        return load_plan(path, **variant)

    return _with_variant(command, load_file)


def _with_variant(command: Command, load_file: Callable[..., Any]) -> Command:
    @click.argument("file")
    @click.option("--scenario", metavar="NAME", help="One of the file's named scenarios.")
    @click.option("--override", "overrides", multiple=True, metavar="NAME", help="One of its overrides; repeatable.")
    @click.option("--set", "sets", multiple=True, metavar="A.B=VALUE", help="One value, such as seed=3; repeatable.")
    @data_root_option
    @functools.wraps(command)
    def with_file(
        file: str,
        scenario: str | None,
        overrides: tuple[str, ...],
        sets: tuple[str, ...],
        data_root: Path | None,
        **others: Any,
    ) -> Any:
        def load(*further: str) -> Any:
            return load_file(
                scenario_file(file),
                scenario=scenario,
                overrides=overrides,
                sets=(*sets, *further),
                data_root=checked_data_root(data_root),
            )

        return command(load=load, **others)

    return with_file


def scenario_file(given: str) -> Path:
    """Return the path of a scenario's or plan's file, or of the example of that name where there is no such file."""
    from ..scenario.examples import example_names, example_path, plan_names

    path = Path(given)
    return example_path(given) if not path.exists() and given in (*example_names(), *plan_names()) else path


def writeable(folder: Path) -> Path:
    """Return the folder once it exists and a file can be written there: better known before the run than after."""
    import tempfile

    from models.problems import InputError, Problem

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        message = f"results can not be written into '{folder}': {error.strerror}; choose another with --output"
        raise InputError(Problem("--output", "", message)) from None


def checked_data_root(data_root: Path | None) -> Path | None:
    """Return the data root; raise InputError where it, or the folder that DATAHALL_DATA names, does not exist."""
    import os

    from models.data_file import DATA_ROOT_VARIABLE
    from models.problems import InputError, Problem

    named = os.environ.get(DATA_ROOT_VARIABLE)
    for where, folder in (("--data-root", data_root), (DATA_ROOT_VARIABLE, Path(named) if named else None)):
        if folder is not None:
            if not folder.is_dir():
                raise InputError(Problem(where, "", f"there is no folder '{folder}'"))
            break
    return data_root
