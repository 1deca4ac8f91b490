"""`datahall schema`: what a scenario or plan file may hold, for editors and for people."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("schema")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write into a file, not to the screen.")
@click.option("--reference", is_flag=True, help="Print the reference page (Markdown) in place of the JSON Schema.")
@click.option("--plan", is_flag=True, help="What plan files may hold, in place of scenario files.")
def command(output: Path | None, reference: bool, plan: bool) -> None:
    """Print the JSON Schema of scenario files, or of plan files.

    Editors complete and explain keys from it.
    """
    if reference:
        from ..scenario import reference_page

        text = reference_page.plan_reference_page() if plan else reference_page.reference_page()
    else:
        from ..scenario import schema

        text = json.dumps(schema.plan_json_schema() if plan else schema.json_schema(), indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        from models.problems import InputError, Problem

        raise InputError(Problem("--output", "", f"'{output}' can not be written: {error.strerror}")) from None
    click.echo(f"{output} written")
