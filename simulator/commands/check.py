"""`datahall check`: do scenarios still come out as they should?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.compilation import announce_compilation
from ..terminal.exit_codes import CHECK_FAILED
from ..terminal.options import checked_data_root, data_root_option
from ..terminal.progress import progress

if TYPE_CHECKING:
    from ..results.expectations import Case, Verdict


@click.command("check")
@click.argument("given", metavar="FOLDER_OR_FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write the outcomes into the scenarios as what they expect from now on.")
@data_root_option
@click.pass_context
def command(ctx: click.Context, given: tuple[Path, ...], update: bool, data_root: Path | None) -> None:
    """Run scenarios and compare with what they expect.

    Every scenario and named scenario with an `expect:` section of its own is run. Exits with 4 where an outcome
    leaves its tolerance. Scenarios whose data is not there are skipped, and said so.
    """
    from models.problems import InputError, Problem

    from ..results.expectations import cases_of, scenario_files, write_outcomes
    from ..results.kpis import MEANINGS

    cases = cases_of(scenario_files(given), MEANINGS, checked_data_root(data_root))
    if not cases:
        message = "no scenario here has an `expect:` section"
        raise InputError(Problem(" ".join(map(str, given)), "", message))
    announce_compilation()
    verdicts = {case.label: _verdicts(case) for case in cases if not case.skipped}
    for case in cases:
        if case.skipped:
            click.echo(f"{case.label}: SKIPPED: {case.skipped}")
        else:
            _report(case, verdicts[case.label])
    if update:
        found = [(case.loaded, verdicts[case.label]) for case in cases if case.loaded is not None]
        for path in write_outcomes(found):
            click.echo(f"{path} updated")
        # An outcome that a run does not have can not be written down: it stays a failure.
        failed = sum(any(verdict.outcome is None for verdict in of_case) for of_case in verdicts.values())
    else:
        failed = sum(not all(verdict.met for verdict in of_case) for of_case in verdicts.values())
    skipped = len(cases) - len(verdicts)
    click.echo(f"{len(verdicts) - failed} as expected, {failed} not, {skipped} skipped")
    if failed:
        ctx.exit(CHECK_FAILED)


def _verdicts(case: Case) -> list[Verdict]:
    from ..results.expectations import judged
    from ..simulation import simulate

    assert case.loaded is not None  # only skipped cases have none
    with progress(case.label) as told:
        result = simulate(case.loaded, progress=told)
    return judged(case.expected, result.kpis)


def _report(case: Case, verdicts: list[Verdict]) -> None:
    wrong = [verdict for verdict in verdicts if not verdict.met]
    if not wrong:
        click.echo(f"{case.label}: ok, {len(verdicts)} outcomes")
        return
    from rich import box
    from rich.table import Table

    from ..terminal.summary import print_table

    click.echo(f"{case.label}: {len(wrong)} of {len(verdicts)} outcomes are not as expected")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome", no_wrap=True)
    for heading in ("is", "expected", "difference", "tolerance"):
        table.add_column(heading, justify="right")
    for verdict in verdicts:
        expectation = verdict.expectation
        difference = "none" if verdict.outcome is None else f"{verdict.outcome - expectation.value:+.6g}"
        table.add_row(
            verdict.name if verdict.met else f"{verdict.name} *",
            "none" if verdict.outcome is None else _number(verdict.outcome),
            _number(expectation.value),
            difference,
            f"{expectation.tolerance(verdict.name):.6g}",
        )
    print_table(table)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"
