"""Say why the first run after an installation takes longer."""

from __future__ import annotations

import click


def announce_compilation() -> None:
    """Say on standard error that the loops are compiled now, where no earlier run left their machine code."""
    from models.compiled import is_compiled_before

    if not is_compiled_before():
        click.echo("compiling the simulation's loops, this once; it takes up to a minute", err=True)
