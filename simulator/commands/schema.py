"""`datahall schema`: what a scenario file may hold, for editors and for people."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("schema")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write into a file, not to the screen.")
@click.option("--reference", is_flag=True, help="Print the reference page (Markdown) in place of the JSON Schema.")
def command(output: Path | None, reference: bool) -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and explain keys from it.
    """
    from ..scenario.reference_page import reference_page
    from ..scenario.schema import json_schema

    text = reference_page() if reference else json.dumps(json_schema(), indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        from models.problems import InputError, Problem

        raise InputError(Problem("--output", "", f"'{output}' can not be written: {error.strerror}")) from None
    click.echo(f"{output} written")
