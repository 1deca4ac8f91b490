"""`datahall check`: do scenarios and plans still come out as they should?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.compilation import announce_compilation
from ..terminal.exit_codes import CHECK_FAILED
from ..terminal.options import checked_data_root, data_root_option
from ..terminal.progress import progress

if TYPE_CHECKING:
    from rich.table import Table

    from ..planning.expectations import PlanCase
    from ..planning.verdicts import PlanVerdict
    from ..results.expectations import Case, Verdict


@click.command("check")
@click.argument("given", metavar="FOLDER_OR_FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write the outcomes into the scenarios as what they expect from now on.")
@data_root_option
@click.pass_context
def command(ctx: click.Context, given: tuple[Path, ...], update: bool, data_root: Path | None) -> None:
    """Run scenarios, solve plans, and compare with what they expect.

    Every scenario, plan and named scenario with an `expect:` section of its own is held to it; a plan is proven where
    it expects something of its proof. Exits with 4 where an outcome leaves its tolerance. What needs data that is not
    there is skipped, and said so.
    """
    from models.problems import InputError, Problem

    from ..results.expectations import cases_of, scenario_files, write_outcomes
    from ..results.kpis import MEANINGS

    root = checked_data_root(data_root)
    files = scenario_files(given)
    plans = [path for path in files if _is_plan(path)]
    cases = cases_of([path for path in files if path not in plans], MEANINGS, root)
    plan_cases = _plan_cases(plans, root)
    if not cases and not plan_cases:
        message = "no scenario or plan here has an `expect:` section"
        raise InputError(Problem(" ".join(map(str, given)), "", message))
    announce_compilation()
    verdicts = {case.label: _verdicts(case) for case in cases if not case.skipped}
    of_plans = {case.label: _plan_verdicts(case) for case in plan_cases if not case.skipped}
    for case in cases:
        if case.skipped:
            click.echo(f"{case.label}: SKIPPED: {case.skipped}")
        else:
            _report(case, verdicts[case.label])
    for plan_case in plan_cases:
        if plan_case.skipped:
            click.echo(f"{plan_case.label}: SKIPPED: {plan_case.skipped}")
        else:
            _report_plan(plan_case, of_plans[plan_case.label])
    if update:
        changed = write_outcomes([(case.loaded, verdicts[case.label]) for case in cases if case.loaded is not None])
        if plan_cases:
            from ..planning.expectations import write_plan_outcomes

            changed += write_plan_outcomes([(case, of_plans[case.label]) for case in plan_cases if not case.skipped])
        for path in changed:
            click.echo(f"{path} updated")
        # What can not be written down, such as an outcome that a run does not have, stays a failure.
        failed = sum(any(verdict.outcome is None for verdict in of_case) for of_case in verdicts.values())
        failed += sum(
            any(not verdict.met and verdict.written is None for verdict in of_case) for of_case in of_plans.values()
        )
    else:
        failed = sum(not all(verdict.met for verdict in of_case) for of_case in verdicts.values())
        failed += sum(not all(verdict.met for verdict in of_case) for of_case in of_plans.values())
    done = len(verdicts) + len(of_plans)
    click.echo(f"{done - failed} as expected, {failed} not, {len(cases) + len(plan_cases) - done} skipped")
    if failed:
        ctx.exit(CHECK_FAILED)


def _is_plan(path: Path) -> bool:
    """Return whether a file is a plan; what can not be read is told as scenarios are."""
    from models.problems import InputError

    from ..scenario.reading import is_plan_file

    try:
        return is_plan_file(path)
    except InputError:
        return False


def _plan_cases(files: list[Path], data_root: Path | None) -> list[PlanCase]:
    if not files:
        return []
    from ..planning.expectations import plan_cases_of

    return plan_cases_of(files, data_root)


def _plan_verdicts(case: PlanCase) -> list[PlanVerdict]:
    from ..planning.solving import prove_plan, solve_plan
    from ..planning.verdicts import judged_plan

    assert case.loaded is not None  # only skipped cases have none
    expect = case.loaded.plan_file.expect
    assert expect is not None
    solved, proof = prove_plan(case.loaded) if case.proves else (solve_plan(case.loaded), None)
    return judged_plan(expect, case.held, solved, proof)


def _report_plan(case: PlanCase, verdicts: list[PlanVerdict]) -> None:
    wrong = [verdict for verdict in verdicts if not verdict.met]
    if not wrong:
        click.echo(f"{case.label}: ok, {len(verdicts)} outcomes")
        return
    from ..terminal.summary import print_table

    click.echo(f"{case.label}: {len(wrong)} of {len(verdicts)} outcomes are not as expected")
    table = _table("is", "expected")
    for verdict in verdicts:
        table.add_row(verdict.name if verdict.met else f"{verdict.name} *", verdict.outcome, verdict.expected)
    print_table(table)


def _table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


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
    from ..terminal.summary import print_table

    click.echo(f"{case.label}: {len(wrong)} of {len(verdicts)} outcomes are not as expected")
    table = _table("is", "expected", "difference", "tolerance")
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
