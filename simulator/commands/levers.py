"""`datahall levers`: what does each named variant of a scenario save?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..terminal.compilation import announce_compilation
from ..terminal.options import checked_data_root, data_root_option, scenario_file

if TYPE_CHECKING:
    from ..results.levers import Comparison
    from ..results.result import Result


@click.command("levers")
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
@data_root_option
def command(file: str, as_json: bool, data_root: Path | None) -> None:
    """Run a scenario and each of its named scenarios, and rank what they save.

    The rank is by the facility's energy for the same work, not by PUE: what moves energy from the building into the
    computers lowers PUE and saves nothing.
    """
    from models.problems import InputError, Problem

    from ..scenario.loading import load_every

    loaded = load_every(scenario_file(file), data_root=checked_data_root(data_root))
    base = loaded.pop("")
    if not loaded:
        raise InputError(Problem(file, "scenarios", "there is no named scenario to compare with; add 'scenarios:'"))
    announce_compilation()
    from ..results.levers import bottlenecks
    from ..simulation import simulate

    without = simulate(base)
    comparison = bottlenecks(without, {name: simulate(variant) for name, variant in loaded.items()})
    if as_json:
        parts = {"base": without.kpis, **dataclasses.asdict(comparison.bottlenecks)}
        click.echo(json.dumps({**parts, "levers": [dataclasses.asdict(row) for row in comparison.outcomes]}))
        return
    _print(without, comparison)


def _print(base: Result, comparison: Comparison) -> None:
    from rich import box
    from rich.table import Table

    from ..terminal.summary import print_table

    where = comparison.bottlenecks
    click.echo(
        f"{base.name}: {where.facility_kwh:,.0f} kWh, {where.kwh_per_work:.3f} kWh for each {where.work_unit}, "
        f"PUE {base.kpis['pue'] or 0.0:.3f}\n\nwhere the energy goes"
    )
    ends = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    ends.add_column("to")
    for heading in ("kWh", "share"):
        ends.add_column(heading, justify="right")
    ends.add_column("best lever that shrinks it")
    for end in where.destinations:
        if end.energy_kwh:
            ends.add_row(end.destination, f"{end.energy_kwh:,.0f}", f"{end.share:.1%}", end.best_lever)
    print_table(ends)
    click.echo("levers, by energy for the same work")
    levers = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "lever"):
        levers.add_column(heading, no_wrap=True)
    for heading in ("saves", "kWh", "PUE", "USD", "kg CO2e", "m3 water", "h longer"):
        levers.add_column(heading, justify="right")
    for row in comparison.outcomes:
        levers.add_row(
            str(row.rank),
            row.lever,
            f"{row.saves_share:.1%}",
            f"{-row.saves_kwh:+,.0f}",
            "-" if row.pue is None else f"{row.pue:.3f}",
            _change(row.cost_change_usd, 1.0),
            _change(row.carbon_change_kg, 1.0),
            _change(row.water_change_l, 1e3),
            _change(row.makespan_change_s, 3600.0),
        )
    print_table(levers)
    click.echo("All but the hours are for the same work as without the lever.")


def _change(change: float | None, per: float) -> str:
    return "-" if change is None else f"{change / per:+,.0f}"
