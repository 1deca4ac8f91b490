"""`datahall validate`: is a scenario or plan right, without running or solving it?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..terminal.options import checked_data_root, data_root_option, scenario_file

if TYPE_CHECKING:
    from models.problems import Problem

    from ..scenario.loading import LoadedScenario
    from ..scenario.plan_file import LoadedPlan


@click.command("validate")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--data",
    is_flag=True,
    help="Read the files that the scenarios name, too; tell what is sized for a simulated building, and what is too "
    "small; compute a plan's figures.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
@data_root_option
def command(files: tuple[str, ...], data: bool, as_json: bool, data_root: Path | None) -> None:
    """Check scenario and plan files and print every problem.

    Named scenarios are checked too. Nothing is simulated or solved. Of a plan, what takes data or computing is left to
    --data.
    """
    from models.problems import InputError

    root = checked_data_root(data_root)
    problems: list[Problem] = []
    outcomes: list[dict[str, Any]] = []
    for given in files:
        found: list[Problem] = []
        told: list[dict[str, Any]] = []
        try:
            for name, loaded in _load_every(scenario_file(given), root).items():
                outcome: dict[str, Any] = {"file": given, "scenario": name}
                found += _read(loaded, outcome) if data else _leave_unread(loaded, outcome)
                told.append(outcome)
        except InputError as error:
            found += error.problems
        if not found:
            outcomes += told
            if not as_json:
                _print(given, told, several=len(files) > 1)
        problems += (problem for problem in found if problem not in problems)
    if problems:
        raise InputError(problems)
    unchecked = next((outcome["not_checked"] for outcome in outcomes if "not_checked" in outcome), None)
    if unchecked is not None and not as_json:
        click.echo(f"not checked without --data: {unchecked}", err=True)
    if as_json:
        import json

        click.echo(json.dumps({"scenarios": outcomes}, allow_nan=False))


def _load_every(path: Path, data_root: Path | None) -> Mapping[str, LoadedScenario | LoadedPlan]:
    from ..scenario.reading import is_plan_file

    if is_plan_file(path):
        from ..scenario.plan_file import load_every_plan

        return load_every_plan(path, data_root=data_root)
    from ..scenario.loading import load_every

    return load_every(path, data_root=data_root)


def _read(loaded: LoadedScenario | LoadedPlan, outcome: dict[str, Any]) -> tuple[Problem, ...]:
    """Read a file's data into an outcome; return what is wrong with it."""
    from ..scenario.loading import LoadedScenario

    return _read_scenario(loaded, outcome) if isinstance(loaded, LoadedScenario) else _read_plan(loaded, outcome)


def _leave_unread(loaded: LoadedScenario | LoadedPlan, outcome: dict[str, Any]) -> tuple[Problem, ...]:
    """Put what a plan's file says by itself into an outcome, and what is left to its data; nothing is wrong."""
    from ..scenario.loading import LoadedScenario

    if not isinstance(loaded, LoadedScenario):
        from optimizers.stated.checks import NOT_CHECKED

        outcome["warnings"], outcome["not_checked"] = list(loaded.plan_file.notes), NOT_CHECKED
    return ()


def _read_plan(loaded: LoadedPlan, outcome: dict[str, Any]) -> tuple[Problem, ...]:
    """Compute a plan's figures; notes on them are its warnings."""
    from models.problems import InputError

    from ..planning.solving import instance_for

    try:
        instance = instance_for(loaded)
    except InputError as error:
        return error.problems
    outcome["sizing"], outcome["warnings"] = None, list(instance.notes)
    return ()


def _read_scenario(loaded: LoadedScenario, outcome: dict[str, Any]) -> tuple[Problem, ...]:
    """Read a scenario's files into an outcome: what is sized, and warnings; return what is wrong with them."""
    from models.problems import InputError

    from ..assembly.sizing import sizing
    from ..simulation import read_every, set_up

    try:
        inputs = read_every(loaded)
        set_up(loaded, inputs)
    except InputError as error:
        return error.problems
    building = inputs.building
    outcome["sizing"] = None if building is None else sizing(building, inputs.fleet, inputs.loads)
    outcome["warnings"] = list(inputs.warnings)
    return ()


def _print(given: str, told: list[dict[str, Any]], *, several: bool) -> None:
    """Say that a file is right, what is sized for it, and, on standard error, its warnings."""
    click.echo(f"{given}: ok" if several else "ok")
    warned: set[str] = set()
    for outcome in told:
        if outcome.get("sizing") is not None:
            from ..terminal.sizing import print_sizing

            if several or len(told) > 1:
                click.echo(f"\n{given}{': scenario ' if outcome['scenario'] else ''}{outcome['scenario']}")
            print_sizing(outcome["sizing"])
        for text in (text for text in outcome.get("warnings", ()) if text not in warned):
            warned.add(text)
            of = f"{given}: " if several else ""
            of += f"scenario {outcome['scenario']}: " if outcome["scenario"] else ""
            click.echo(f"warning: {of}{text}", err=True)
