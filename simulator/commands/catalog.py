"""`datahall catalog`: the equipment and models that come with datahall."""

from __future__ import annotations

import click


@click.group("catalog")
def command() -> None:
    """List and show accelerators, nodes, racks, chillers and models."""


@command.command("list")
@click.argument("room", required=False)
@click.option("--long", "in_long", is_flag=True, help="Beside each name what it is, and what one chooses it by.")
def list_names(room: str | None, in_long: bool) -> None:
    """Print the names of the entries of ROOM, or of every room."""
    from models import catalog

    for each in catalog.rooms() if room is None else (room,):
        names = catalog.names(each)
        if room is None:
            click.echo(f"{each}:")
        width = max((len(name) for name in names), default=0)
        for name in names:
            line = name
            if in_long:
                entry = catalog.entry(each, name)
                line = f"{name:<{width}}  {entry.title}{'; ' if entry.in_brief else ''}{entry.in_brief}"
            click.echo(line if room is not None else f"  {line}")


@command.command("show")
@click.argument("room")
@click.argument("name")
def show(room: str, name: str) -> None:
    """Print what is known of the entry NAME of ROOM: every number with its status and source."""
    from models import catalog

    click.echo(catalog.describe(room, name))
