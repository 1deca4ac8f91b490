"""The command `datahall`: finds its verbs, and turns what goes wrong into messages and exit codes."""

from __future__ import annotations

import contextlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from types import TracebackType
from typing import Any, NoReturn

import click

from . import commands
from .terminal.exit_codes import BAD_INPUT, INTERRUPTED

TRACEBACK_VARIABLE = "DATAHALL_TRACEBACK"


class Refused(click.ClickException):
    """Bad input: every problem is printed, one a line."""

    exit_code = BAD_INPUT

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


class Verbs(click.Group):
    """The verbs: one module of `simulator.commands` each, which holds the click command `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        verb: click.Command = import_module(f"{commands.__name__}.{cmd_name}").command
        return verb

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        verbs = self.list_commands(ctx)
        if args and args[0] not in verbs and not args[0].startswith("-"):
            near = get_close_matches(args[0], verbs, n=1)
            hint = f"; nearest: '{near[0]}'" if near else ""
            ctx.fail(f"'{args[0]}' is not a command; allowed: {', '.join(verbs)}{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _said_plainly(ctx):
            return super().invoke(ctx)


@click.group("datahall", cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="datahall", prog_name="datahall")
def group() -> None:
    """Plan an AI datacenter and prove the plan by simulation."""


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    sys.excepthook = _say_internal_error
    group.main(prog_name="datahall")
    sys.exit()


@contextlib.contextmanager
def _said_plainly(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo("interrupted; nothing was kept", err=True)
        ctx.exit(INTERRUPTED)
    except _input_error() as error:
        raise Refused(str(error)) from None


def _input_error() -> tuple[type[BaseException], ...]:
    """Return the class of bad input, if any verb has loaded it: until then nobody can have raised it."""
    problems = sys.modules.get("models.problems")
    return (problems.InputError,) if problems is not None else ()


def _say_internal_error(sort: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say an error that nobody foresaw in one line; Python then exits with 1."""
    if os.environ.get(TRACEBACK_VARIABLE):
        sys.__excepthook__(sort, error, trace)
        return
    first = (str(error).splitlines() or [""])[0]
    click.echo(f"datahall: internal error: {sort.__name__}: {first}", err=True)
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] in ("models", "optimizers", "simulator"):
        click.echo("A file or folder of yours may bear the name of one of ours; `datahall doctor` finds it.", err=True)
    click.echo(f"Set {TRACEBACK_VARIABLE}=1 to see where; this is a fault of datahall, not of your input.", err=True)


if __name__ == "__main__":
    main()
