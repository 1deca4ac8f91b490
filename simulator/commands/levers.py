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
    from collections.abc import Mapping

    from models.accounting.energy_bottleneck import EnergyBottlenecks

    from ..results.levers import LeverOutcome
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
    from ..results.levers import bottlenecks, outcomes
    from ..simulation import simulate

    without = simulate(base)
    results = {name: simulate(variant) for name, variant in loaded.items()}
    found, where = outcomes(without, results), bottlenecks(without, results)
    if as_json:
        click.echo(json.dumps({**dataclasses.asdict(where), "levers": [dataclasses.asdict(row) for row in found]}))
        return
    _print(without, where, found)


def _print(base: Result, where: EnergyBottlenecks, found: list[LeverOutcome]) -> None:
    from rich import box
    from rich.table import Table

    from ..terminal.summary import print_table

    kwh_per_work = where.kwh_per_work
    click.echo(
        f"{base.name}: {where.facility_kwh:,.0f} kWh, {kwh_per_work:.3f} kWh for each {where.work_unit}, "
        f"PUE {base.kpis['pue'] or 0.0:.3f}\n\nwhere the energy goes"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("to")
    for heading in ("kWh", "share", "lever that shrinks it and saves most", "kWh saved"):
        table.add_column(heading, justify="left" if heading.startswith("lever") else "right")
    for end in where.destinations:
        if end.energy_kwh:
            saves = f"{end.saves_kwh:,.0f}" if end.best_lever else ""
            table.add_row(end.destination, f"{end.energy_kwh:,.0f}", f"{end.share:.1%}", end.best_lever, saves)
    print_table(table)
    click.echo("levers, by energy for the same work")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "lever"):
        table.add_column(heading)
    for heading in ("saves", "kWh", "PUE", "USD", "kg CO2e", "m3 water", "makespan h"):
        table.add_column(heading, justify="right")
    for row in found:
        changes = row.changes
        table.add_row(
            str(row.rank),
            row.name,
            f"{row.saves_share:.1%}",
            f"{-row.saves_kwh:+,.0f}",
            f"{row.pue or 0.0:.3f}",
            *(_change(changes, name, per) for name, per in _COLUMNS),
        )
    print_table(table)
    click.echo("kWh are those for the same work as without the lever; money, carbon, water and time are the runs' own.")


_COLUMNS = (("energy_cost_usd", 1.0), ("carbon_operational_kg", 1.0), ("water_l", 1e3), ("makespan_s", 3600.0))


def _change(changes: Mapping[str, float], name: str, per: float) -> str:
    return f"{changes[name] / per:+,.0f}" if name in changes else "-"
