"""`datahall drills`: what does the hall do without each of its components?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..terminal.compilation import announce_compilation
from ..terminal.options import scenario_options
from ..terminal.progress import progress

if TYPE_CHECKING:
    from models.operations.every_single import EverySingle

    from ..results.result import Result
    from ..scenario.loading import LoadedScenario


@click.command("drills")
@scenario_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
def command(load: Callable[..., LoadedScenario], as_json: bool) -> None:
    """Run a scenario's drills, then take out each component in turn.

    The scenario runs once with the drills of `operations.drills`. Then, from the hour of greatest IT power (or
    `operations.every_single.at`) on, one component of each class is taken out, and then two, with the air outdoors that
    plants are sized for.
    """
    loaded = load()
    announce_compilation()
    from ..simulation import simulate

    with progress(loaded.scenario.name, quiet=as_json) as told:
        whole = simulate(loaded, progress=told)
    at_s = design_hour_s(loaded, whole)
    single = simulate(taking_out_each(loaded, at_s))
    drills = whole.tables["drills"].to_pylist() if "drills" in whole.tables else []
    losses = single.tables["every_single"].to_pylist() if "every_single" in single.tables else []
    if as_json:
        click.echo(json.dumps({"at_s": at_s, "drills": drills, "every_single": losses}))
        return
    for note in whole.notes:
        if note.startswith("drill"):
            click.echo(note)
    _print(losses, at_s)
    click.echo(
        "Nodes, power, cooling and bandwidth are what drops, °C the hottest air inlet, work the share that is missed."
    )
    for note in single.notes:
        if note.startswith("every single") and "; two: " not in note:
            click.echo(note)


def design_hour_s(loaded: LoadedScenario, whole: Result) -> float:
    """Return from when on the hall is looked at: as stated, or so that it has settled by the interval of greatest mean
    IT power [s from the scenario's start]."""
    terms = _every_single(loaded)
    if terms.at is not None:
        return float(terms.at)
    power = whole.tables["power"]
    mean_w = power.column("it_power_mean_w").to_numpy()
    peak_s = float(power.column("from_s").to_numpy()[mean_w.argmax()])
    return max(peak_s - float(terms.settle), 0.0)


def taking_out_each(loaded: LoadedScenario, at_s: float) -> LoadedScenario:
    """Return a scenario that runs to an instant [s] and takes each component out from there, without its drills."""
    import dataclasses

    from models.operations.operations import Operations

    scenario = loaded.scenario
    operations = scenario.operations or Operations()
    single = _every_single(loaded).model_copy(update={"at": at_s})
    operations = operations.model_copy(update={"drills": (), "every_single": single})
    changed = scenario.model_copy(update={"operations": operations, "until": at_s + 1.0})
    return dataclasses.replace(loaded, scenario=changed)


def _print(losses: Sequence[Mapping[str, Any]], at_s: float) -> None:
    from rich import box
    from rich.table import Table

    from models.units import format_quantity

    from ..terminal.summary import print_table

    click.echo(f"without each component, from {format_quantity(at_s, 'duration', 3)} on: what drops, and for how long")
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1))
    shown.add_column("one of", no_wrap=True)
    headings = ("nodes", "IT kW", "cool kW", "links", "°C", "work", "down", "two: work", "down")
    for heading in headings:
        shown.add_column(heading, justify="right", no_wrap=True, min_width=6 if heading == "down" else None)
    for row in losses:
        shown.add_row(f"{row['component']} {row['class']} ({row['count']:,})", *_dropped(row), *_felt(row, ""),
                      *(_felt(row, "second_") if row["second"] else ("-", "-")))  # fmt: skip
    print_table(shown)


def _dropped(row: Mapping[str, Any]) -> list[str]:
    bandwidth = max(row["fabric_drop_share"], row["storage_drop_share"])
    return [
        f"{row['nodes_out']:,.0f}",
        _kilowatts(row["it_power_drop_w"]),
        _kilowatts(row["cooling_drop_w"]),
        f"{bandwidth:.1%}" if bandwidth else "-",
        "-" if row["inlet_greatest_c"] is None else f"{row['inlet_greatest_c']:.1f}",
    ]


def _kilowatts(dropped_w: float | None) -> str:
    return "-" if dropped_w is None or dropped_w < 50.0 else f"{dropped_w / 1e3:,.1f}"


def _felt(row: Mapping[str, Any], before: str) -> tuple[str, str]:
    """Return the share of the work that is missed, and how long until jobs work as before."""
    from models.units import format_quantity

    if not row[f"{before}jobs_hit"]:
        return "-", "-"
    down_s, missed = row[f"{before}down_s"], row[f"{before}work_missed_share"]
    return (
        "-" if missed is None else f"{max(missed, 0.0):.1%}",
        "not back" if down_s is None else format_quantity(down_s, "duration", 2),
    )


def _every_single(loaded: LoadedScenario) -> EverySingle:
    from models.operations.every_single import EverySingle

    operations = loaded.scenario.operations
    return EverySingle() if operations is None or operations.every_single is None else operations.every_single
