"""`datahall validate`: is a scenario right, without running it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.options import checked_data_root, data_root_option, scenario_file

if TYPE_CHECKING:
    from models.problems import Problem

    from ..scenario.loading import LoadedScenario


@click.command("validate")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--data", is_flag=True, help="Read the files that the scenarios name, too; not only find them.")
@data_root_option
def command(files: tuple[str, ...], data: bool, data_root: Path | None) -> None:
    """Check scenario files and print every problem.

    Named scenarios are checked too. Nothing is simulated.
    """
    from models.problems import InputError

    from ..scenario.loading import load_every

    root = checked_data_root(data_root)
    problems: list[Problem] = []
    for given in files:
        found: list[Problem] = []
        try:
            for loaded in load_every(scenario_file(given), data_root=root).values():
                found += _problems_of_data(loaded) if data else ()
        except InputError as error:
            found += error.problems
        if not found:
            click.echo("ok" if len(files) == 1 else f"{given}: ok")
        problems += (problem for problem in found if problem not in problems)
    if problems:
        raise InputError(problems)


def _problems_of_data(loaded: LoadedScenario) -> tuple[Problem, ...]:
    from models.problems import InputError

    from ..simulation import read_inputs

    try:
        read_inputs(loaded.scenario)
    except InputError as error:
        return error.problems
    return ()
