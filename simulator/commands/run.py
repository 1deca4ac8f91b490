"""`datahall run`: simulate a scenario."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.compilation import announce_compilation
from ..terminal.exit_codes import INTERRUPTED
from ..terminal.interruption import stop_on_interrupt
from ..terminal.options import scenario_options, writeable
from ..terminal.progress import progress

if TYPE_CHECKING:
    from ..scenario.loading import LoadedScenario


@click.command("run")
@scenario_options
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Another seed than the scenario's.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the result's folder is written; by default the scenario's `results.folder`.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
@click.pass_context
def command(
    ctx: click.Context,
    load: Callable[..., LoadedScenario],
    seed: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Simulate a scenario: print its outcome, write its results.

    FILE may be the name of an example that comes with datahall, such as quickstart.
    """
    loaded = load() if seed is None else load(f"seed={seed}")
    parent = writeable(Path(loaded.scenario.results.folder) if output is None else output)

    announce_compilation()
    from ..simulation import simulate

    warned: list[str] = []

    def warn(text: str) -> None:
        warned.append(text)
        click.echo(f"warning: {text}", err=True)

    with progress(loaded.scenario.name, quiet=as_json) as told, stop_on_interrupt() as should_stop:
        result = simulate(loaded, progress=told, should_stop=should_stop, warn=warn)
        if result.status == "interrupted" and not result.kpis["simulated_s"]:
            raise KeyboardInterrupt  # before the first event: there is nothing to keep
        folder = str(result.save(parent))
    if as_json:
        outcome = {"scenario": result.name, "seed": result.seed, "kpis": result.kpis, "result_dir": folder}
        click.echo(json.dumps(outcome, allow_nan=False))
    else:
        from ..terminal.summary import print_summary

        print_summary(result, folder, told=warned)
    if result.status == "interrupted":
        reached_d = (result.kpis.get("simulated_s") or 0.0) / 86_400.0
        ended = result.kpis.get("jobs_completed")
        text = f"interrupted after {reached_d:,.1f} simulated days and {ended:,} completed jobs; kept in {folder}"
        click.echo(text, err=True)
        ctx.exit(INTERRUPTED)
