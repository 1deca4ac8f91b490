"""`datahall plan`: what to buy, build, staff, protect and contract, where and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.compilation import announce_compilation
from ..terminal.exit_codes import INFEASIBLE, STOPPED_AT_LIMIT
from ..terminal.options import plan_options, writeable

if TYPE_CHECKING:
    from ..planning.study import Study
    from ..scenario.plan_file import LoadedPlan


@click.command("plan")
@plan_options
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write the plan into a folder of its own there: JSON, tables as Parquet and CSV, the proof's scenarios.",
)
@click.option("--front", is_flag=True, help="Trace the plans that trade objectives off, as `plan.front` says.")
@click.option("--prove", is_flag=True, help="Prove the plan by simulation, and plan anew until it delivers.")
@click.option("--sensitivity", is_flag=True, help="Tell how the plan reacts to prices, growth, lead times and slips.")
@click.option("--information", is_flag=True, help="Tell what knowing the future, and planning for all, are worth.")
@click.option("--explain", is_flag=True, help="Tell which limits make the plan dear, and what one unit more saves.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
@click.pass_context
def command(
    ctx: click.Context,
    load: Callable[..., LoadedPlan],
    output: Path | None,
    front: bool,
    prove: bool,
    sensitivity: bool,
    information: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """Plan what to buy, build and run, where and when.

    FILE is a plan file: YAML with a section `plan`; it may be the name of one that comes with datahall, such as
    two_sites. Exits with 3 where no plan keeps every limit, and says why; with 5 where a solve, a front or a proof ends
    at its limit without what was asked for.
    """
    loaded = load()
    parent = writeable(output) if output is not None else None
    if prove:
        announce_compilation()
    import tempfile

    from ..planning.study import studied

    with tempfile.TemporaryDirectory(prefix=".scenarios-", dir=parent) as scratch:
        scenarios = Path(scratch) / "scenarios"
        study = studied(
            loaded,
            front=front,
            prove=prove,
            sensitivity=sensitivity,
            information=information,
            explain=explain,
            tell=lambda text: None if as_json else click.echo(text, err=True),
            scenarios_into=scenarios,
        )
        folder = _saved(study, parent, scenarios) if parent is not None and study.solved.plan.found else None
    if as_json:
        click.echo(json.dumps(study.outcome, allow_nan=False))
    else:
        _print(study)
        if folder is not None:
            click.echo(f"plan in {folder}")
    for told in study.limits():
        click.echo(told, err=True)
    if not study.solved.plan.found and study.solved.plan.status != "limit":
        ctx.exit(INFEASIBLE)
    if study.limits():
        ctx.exit(STOPPED_AT_LIMIT)


def _print(study: Study) -> None:
    from ..terminal.plan import print_plan
    from ..terminal.plan_studies import print_front, print_notes, print_proof, print_sentences

    solved = study.solved
    print_plan(solved.plan, solved.quarters, solved.probabilities)
    if study.proof is not None:
        print_proof(study.proof)
    if study.front is not None:
        print_front(study.front)
    if study.explanation is not None:
        heading = "what makes it dear" if solved.plan.found else "why"
        print_sentences(heading, study.explanation.sentences)
    if study.reactions is not None:
        print_sentences("how it reacts", study.reactions.sensitivity.sentences)
        print_sentences("what a month costs", study.reactions.months.sentences)
    if study.information is not None:
        print_sentences("what information is worth", study.information.sentences)
    print_notes(solved.notes)


def _saved(study: Study, parent: Path, scenarios: Path) -> Path:
    from ..planning.provenance import describe_plan
    from ..planning.saving import save_plan
    from ..planning.tables import front_table, plan_tables, proof_table

    solved = study.solved
    tables = plan_tables(solved.plan, solved.quarters)
    if study.proof is not None:
        tables |= proof_table(study.proof.table)
    if study.front is not None:
        tables |= front_table(study.front.front.points, study.front.groups)
    told = {**study.outcome, "notes": list(solved.notes)}
    return save_plan(parent, told, describe_plan(solved.loaded), tables, scenarios)
