"""The figures of a run as a person reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from ..results.result import Result

_UNITS = {"l_per_kwh": "L/kWh", "kg_per_kwh": "kg/kWh", "kwh": "kWh", "kw": "kW", "usd": "USD", "kg": "kg", "l": "L"}
_UNITS |= {"node_hours": "node-h", "hours": "h", "s": "s"}
_DURATIONS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))
PLAIN_WIDTH = 100
"""Width of a table that is written into a file or a pipe [characters]."""


def unit_of(name: str) -> str:
    """Return the unit that an outcome's name ends in; "" for counts and ratios.

    >>> unit_of("it_energy_kwh"), unit_of("jobs_completed")
    ('kWh', '')
    """
    return next((unit for ending, unit in _UNITS.items() if name.endswith(f"_{ending}")), "")


def readable(name: str, value: float | None) -> str:
    """Return an outcome with its unit, durations also in days, hours or minutes; ratios of time as per cent.

    >>> readable("wait_mean_s", 5400.0), readable("node_utilization", 0.625), readable("energy_cost_usd", None)
    ('5,400 s (1.5 h)', '62.5 %', 'none')
    """
    if value is None:
        return "none"
    unit = unit_of(name)
    if name.endswith(("_utilization", "_allocation")):
        return f"{100.0 * value:.1f} %"
    if isinstance(value, int):
        return f"{value:,}"
    digits = 0 if abs(value) >= 1_000.0 else 3 if not unit else 1
    text = f"{value:,.{digits}f}" + (f" {unit}" if unit else "")
    if unit == "s":
        large = next((f" ({value / size:,.1f} {word})" for size, word in _DURATIONS if abs(value) >= size), "")
        return text + large
    return text


def words(name: str) -> str:
    """Return an outcome's name without its unit, in words.

    >>> words("peak_facility_power_kw")
    'peak facility power'
    """
    ending = next((ending for ending in _UNITS if name.endswith(f"_{ending}")), "")
    return name.removesuffix(f"_{ending}").replace("_", " ")


def kpi_table(kpis: Mapping[str, float | int | None]) -> Table:
    """Return the figures as a table: what, how much."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column("outcome")
    table.add_column("value", justify="right")
    for name, value in kpis.items():
        table.add_row(words(name), readable(name, value))
    return table


def print_table(table: Table) -> None:
    """Print a table to standard output, as wide as the terminal, or `PLAIN_WIDTH` where there is none."""
    import sys

    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(table)


def print_summary(result: Result, folder: str, *, told: Collection[str] = ()) -> None:
    """Print what came of a run and where it was written to standard output; notes `told` before are not repeated."""
    import click

    click.echo(f"{result.name}, seed {result.seed}: {result.status}")
    print_table(kpi_table(result.kpis))
    for note in (note for note in result.notes if note not in told):
        click.echo(f"note: {note}")
    click.echo(f"results in {folder}")
