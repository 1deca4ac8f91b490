"""`datahall plan`: what to buy, build, staff, protect and contract, where and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..terminal.exit_codes import INFEASIBLE, STOPPED_AT_LIMIT
from ..terminal.options import plan_options, writeable

if TYPE_CHECKING:
    from ..planning.solving import Solved
    from ..scenario.plan_file import LoadedPlan


@click.command("plan")
@plan_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write the plan into a folder of its own there: JSON, and tables as Parquet and CSV.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
@click.pass_context
def command(ctx: click.Context, load: Callable[..., LoadedPlan], output: Path | None, as_json: bool) -> None:
    """Plan what to buy, build and run, where and when.

    FILE is a plan file: YAML with a section `plan`; it may be the name of one that comes with datahall, such as
    two_sites. Exits with 3 where no plan keeps every limit, and with 5 where the solve ends at its limit of nodes or
    iterations without the gap asked for.
    """
    loaded = load()
    parent = writeable(output) if output is not None else None
    from ..planning.solving import solve_plan

    solved = solve_plan(loaded)
    parts: dict[str, Any] = {}
    folder = _saved(solved, parent, parts) if parent is not None and solved.plan.found else None
    if as_json:
        from ..planning.outcome import outcome

        click.echo(json.dumps(outcome(solved.plan, **parts), allow_nan=False))
    else:
        from ..terminal.plan import print_plan

        print_plan(solved.plan, solved.quarters, solved.probabilities)
        _print_notes(solved)
        if folder is not None:
            click.echo(f"plan in {folder}")
    if solved.plan.status == "limit":
        click.echo(_limit_told(solved), err=True)
        ctx.exit(STOPPED_AT_LIMIT)
    if not solved.plan.found:
        ctx.exit(INFEASIBLE)


def _saved(solved: Solved, parent: Path, parts: dict[str, Any]) -> Path:
    from ..planning.outcome import outcome
    from ..planning.provenance import describe_plan
    from ..planning.saving import save_plan
    from ..planning.tables import plan_tables

    told = outcome(solved.plan, **{"notes": solved.notes, **parts})
    return save_plan(parent, told, describe_plan(solved.loaded), plan_tables(solved.plan, solved.quarters))


def _limit_told(solved: Solved) -> str:
    """Say that the solve ended early, with the gap that is left, and what to do."""
    terms, plan = solved.loaded.plan_file.plan.solve, solved.plan
    left = f"with a gap of {100.0 * plan.gap:.2f} %" if plan.found else "without a plan"
    return (
        f"stopped at a limit {left}; asked for: {100.0 * terms.gap:g} % within {terms.most_nodes:,} nodes. Give more "
        f"`plan.solve.most_nodes`, ask for less with `plan.solve.gap`, or decide in windows with `plan.rolling`"
    )


def _print_notes(solved: Solved) -> None:
    """Print what a reader must know: the figures' notes and errors, and what is assumed."""
    for note in solved.notes:
        click.echo(f"note: {note}")
