"""What was chosen for a building, as a person reads it: tables of what `assembly.sizing` tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.units import format_quantity

from .summary import print_table

if TYPE_CHECKING:
    from rich.table import Table

_ENDINGS = {"_kg_per_s": "kg/s", "_m3_per_s": "m³/s", "_pa": "Pa", "_c": "°C", "_k": "K"}
_MOST_ROWS = 12
"""Rows of racks beyond which only the fullest are printed, and their sum."""
_ROUNDING = 1e-6
"""What is left of a heat, relative to it, below which nothing is left."""


def print_sizing(told: Mapping[str, Any]) -> None:
    """Print to standard output what `assembly.sizing.sizing` returns."""
    import click

    day, power, heat = told["design_day"], told["it_power"], told["heat"]
    click.echo(
        f"design day: {day['dry_bulb_c']:.1f} °C dry bulb, {day['wet_bulb_c']:.1f} °C wet bulb, "
        f"{day['pressure_pa'] / 1e3:.1f} kPa ({day['source']})"
    )
    click.echo(
        f"sized for {_watts(power['sized_for_w'])} of IT (nodes and other loads are provisioned for "
        f"{_watts(power['fleet_provisioned_w'])}); heat on that day: {_watts(heat['air_w'])} into the hall's air, "
        f"{_watts(heat['liquid_w'])} into a coolant"
    )
    print_table(_machines(told["cooling"]))
    print_table(_capacities(told["capacity"]))
    chain = told["power"]
    click.echo(
        f"\nfrom the utility {_watts(chain['utility_w'])}, of which cooling takes {_watts(chain['on_ups_w'])} behind "
        f"the UPS; cooling and lighting take {_watts(chain['beside_ups_w'])} beside it"
    )
    print_table(_stages(chain["stages"]))
    if "feeds" in chain:
        print_table(_feeds(chain["feeds"]))
    if "rows" in chain:
        print_table(_rows(chain["rows"]))
        for line in chain["safety"]:
            click.echo(f"note: {line}")


def _machines(cooling: Mapping[str, Mapping[str, Any]]) -> Table:
    table = _table("machines", text=("path", "machines"), numbers=("units",), last="sizes")
    for name, path in cooling.items():
        table.add_row(name, path["kind"], _units(path), _sizes(path, {"supply_c": path["supply_c"]}))
        plant = path.get("plant")
        if plant is not None:
            towers = {"towers": float(plant["towers"])} if plant["towers"] else {}
            table.add_row("", f"plant {plant['kind']}", _units(plant), _sizes(plant, towers))
    return table


def _capacities(parts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "heat that a path can take on the design day, all else at work",
        text=("path", "part"),
        numbers=("units at work", "can take", "has to take", "left"),
    )
    for part in parts:
        left_w = part["capacity_w"] - part["heat_w"]
        left_w = 0.0 if abs(left_w) < _ROUNDING * part["heat_w"] else left_w
        units = f"{part['working']} of {part['units']}"
        watts = (_watts(part["capacity_w"]), _watts(part["heat_w"]), _watts(left_w))
        table.add_row(part["path"], part["part"], units, *watts)
    return table


def _stages(stages: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "power chain at the power sized for, from IT to the utility",
        text=("stage",),
        numbers=("units", "each", "all can", "deliver", "load", "spare out", "loss"),
        last="heats",
    )
    for stage in stages:
        without = "none left" if stage["load_without_spare"] is None else f"{stage['load_without_spare']:.0%}"
        table.add_row(
            stage["stage"], _units(stage), _watts(stage["rating_w"]), _watts(stage["capacity_w"]),
            _watts(stage["output_w"]), f"{stage['load']:.0%}", without, _watts(stage["loss_w"]), stage["space"],
        )  # fmt: skip
    return table


def _feeds(feeds: Sequence[Mapping[str, float]]) -> Table:
    table = _table("utility feeds", numbers=("from", "deliver", "needed", "left"))
    for feed in feeds:
        start = format_quantity(feed["from_s"], "duration") if feed["from_s"] else "the start"
        left_w = feed["capacity_w"] - feed["needed_w"]
        table.add_row(start, _watts(feed["capacity_w"]), _watts(feed["needed_w"]), _watts(left_w))
    return table


def _rows(rows: Sequence[Mapping[str, Any]]) -> Table:
    *single, total = rows
    fullest = sorted(single, key=lambda row: -float(row["load"]))[:_MOST_ROWS]
    title = "rows" if len(fullest) == len(single) else f"the {len(fullest)} fullest of {len(single)} rows"
    table = _table(title, text=("row",), numbers=("racks", "nameplate", "provisioned", "bears", "load", "stranded"))
    for row in (*(single if len(single) <= _MOST_ROWS else fullest), total):
        watts = (_watts(row["nameplate_w"]), _watts(row["provisioned_w"]), _watts(row["capacity_w"]))
        table.add_row(row["row"], str(row["racks"]), *watts, f"{row['load']:.0%}", _watts(row["stranded_w"]))
    return table


def _table(title: str, *, text: Iterable[str] = (), numbers: Iterable[str] = (), last: str = "") -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        title=f"\n{title}",
        title_justify="left",
        title_style="bold",
        pad_edge=False,
    )
    for name in text:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    if last:
        table.add_column(last)
    return table


def _units(machines: Mapping[str, Any]) -> str:
    """Return how many units there are, such as "3, 1 spare"."""
    return f"{machines['units']}, {machines['spare']} spare" if machines["spare"] else str(machines["units"])


def _sizes(machines: Mapping[str, Any], more: Mapping[str, float]) -> str:
    """Return sizes in words, such as "unit capacity 150 kW, water supply 21.3 °C", but for the number of units."""
    sizes = {**more, **machines["sizes"]}
    counts = ("units", "cells", "coolers", "chillers")
    return ", ".join(_size(name, value) for name, value in sizes.items() if name not in counts)


def _size(name: str, value: float) -> str:
    """Return a size whose name ends in its unit in words.

    >>> _size("cell_heat_w", 97_300.0), _size("water_supply_c", 19.2), _size("units", 3.0)
    ('cell heat 97.3 kW', 'water supply 19.2 °C', 'units 3')
    """
    if name.endswith("_w"):
        return f"{name[:-2].replace('_', ' ')} {_watts(value)}"
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    words = name.removesuffix(ending).replace("_", " ")
    return f"{words} {value:.3g} {_ENDINGS[ending]}" if ending else f"{words} {value:g}"


def _watts(power_w: float) -> str:
    return format_quantity(power_w, "power")
