"""`datahall init`: a scenario, or a plan, to start from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--example", default="starter", show_default=True, metavar="NAME", help="Which example to copy.")
def command(folder: Path, example: str) -> None:
    """Write a scenario to start from.

    It is commented, and written into FOLDER or here; nothing is overwritten. `--example two_sites` writes a plan.
    """
    from models.problems import InputError, Problem

    from ..scenario.examples import example_path, plan_names

    text = example_path(example).read_bytes()
    target = folder / f"{example}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(text)
    except FileExistsError:
        exists = target if folder.is_dir() else folder
        message = f"'{exists}' exists and is not overwritten; move it, or give another folder"
        raise InputError(Problem(str(exists), "", message)) from None
    except OSError as error:
        raise InputError(Problem(str(target), "", f"can not be written: {error.strerror}")) from None
    verb = "plan" if example in plan_names() else "run"
    click.echo(f"{target} written; next: datahall {verb} {target}")
