"""How far a run is: a bar on a terminal, a line now and then elsewhere. Always on standard error."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click

Progress = Callable[[float, int, int], None]
"""Told the instant reached [s], the jobs that have ended, and all jobs."""

LEAST_PAUSE_S = 2.0
"""Time between two lines, so that a short run prints none (assumption: what nobody minds to wait)."""


@contextlib.contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Progress | None]:
    """Give what a run tells its progress to; nothing where it is `quiet` and nobody watches a terminal."""
    if sys.stderr.isatty():
        with _bar(what) as told:
            yield told
    else:
        yield None if quiet else lines(what)


def lines(what: str, clock: Callable[[], float] = time.monotonic, say: Callable[[str], None] | None = None) -> Progress:
    """Return a progress that says a line every tenth of the jobs, but none within two seconds of the last."""
    said_s, next_tenth = clock(), 1

    def told(now_s: float, ended: int, jobs: int) -> None:
        nonlocal said_s, next_tenth
        tenth = 10 * ended // jobs if jobs else 0
        if tenth < next_tenth or clock() - said_s < LEAST_PAUSE_S:
            return
        said_s, next_tenth = clock(), tenth + 1
        text = f"{what}: {100 * ended // jobs} %, {ended:,} of {jobs:,} jobs, {now_s / 86_400.0:,.1f} d simulated"
        if say is not None:
            say(text)
        else:
            click.echo(text, err=True)

    return told


@contextlib.contextmanager
def _bar(what: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("jobs, {task.fields[days]:,.1f} d"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, days=0.0)

        def told(now_s: float, ended: int, jobs: int) -> None:
            bar.update(task, completed=ended, total=jobs, days=now_s / 86_400.0)

        yield told
