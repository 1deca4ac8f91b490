"""`datahall doctor`: is this installation sound, and does something of the user's stand in its way?"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

OURS = ("simulator", "optimizers", "models")
"""Our import packages, whose names others like too."""
LEAST_COLUMNS = 80


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do where it is wrong ("" where it is not)."""

    what: str
    found: str
    remedy: str = ""


@click.command("doctor")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Look for what is wrong with the installation."""
    findings = list(_findings())
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        click.echo(f"{'WRONG' if finding.remedy else 'ok':<6}{finding.what:<{width}}  {finding.found}")
        if finding.remedy:
            click.echo(f"{'':<6}{'':<{width}}  -> {finding.remedy}")
    wrong = sum(bool(finding.remedy) for finding in findings)
    click.echo(f"{wrong} wrong" if wrong else "nothing wrong")
    if wrong:
        ctx.exit(1)


def _findings() -> Iterator[Finding]:
    yield python_version(sys.version_info[:3])
    yield from package_versions(importlib.metadata.requires("datahall") or ())
    yield from shadows(Path(__file__).resolve().parents[2], sys.path, Path.cwd())
    yield compiled_code()
    yield results_folder(Path("results"))
    yield data_folder(os.environ.get("DATAHALL_DATA"))
    yield terminal(shutil.get_terminal_size().columns)


def python_version(version: tuple[int, ...]) -> Finding:
    """Return whether this Python is new enough."""
    found = ".".join(map(str, version))
    return Finding("python", found, "" if version >= (3, 11) else "install Python 3.11 or later")


def package_versions(requirements: Iterable[str]) -> Iterator[Finding]:
    """Yield whether each package that we require, such as `numpy>=2.0`, is there and new enough."""
    for requirement in requirements:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9.]+)", requirement.strip())
        if match is None:  # an extra's
            continue
        name, least = match.groups()
        remedy = f"pip install '{name}>={least}'"
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "missing", remedy)
            continue
        is_old = _release(version) < _release(least)
        yield Finding(name, f"{version} (at least {least})", remedy if is_old else "")


def shadows(home: Path, search_path: Iterable[str], working_folder: Path) -> Iterator[Finding]:
    """Yield whether our packages, which lie in `home`, are found before others of their names.

    `python` and notebooks look into the working folder first, the command `datahall` does not.
    """
    folders: list[Path] = [working_folder]
    for entry in search_path:
        folder = Path(entry or working_folder).resolve()
        if folder == home:
            break
        folders.append(folder)
    for package in OURS:
        others = [
            path
            for folder in dict.fromkeys(folders)
            if folder != home
            for path in (folder / package / "__init__.py", folder / f"{package}.py")
            if path.is_file()
        ]
        if not others:
            yield Finding(package, str(home / package))
            continue
        other = others[0].parent if others[0].name == "__init__.py" else others[0]
        yield Finding(
            package,
            f"'{other}' hides ours, '{home / package}'",
            f"rename '{other}', or start Python elsewhere and leave that folder out of PYTHONPATH",
        )


def compiled_code() -> Finding:
    """Return whether the machine code of the loops is stored already, and can be."""
    if importlib.util.find_spec("numba") is None:
        return Finding("compiled loops", "not looked at: numba is missing")
    import numba

    from models.compiled import is_compiled_before

    settings: Any = numba.config  # made at run time
    folder = Path(settings.CACHE_DIR)
    if not _is_writeable(folder):
        return Finding("compiled loops", f"'{folder}' can not be written", "set XDG_CACHE_HOME to a folder of yours")
    state = "stored" if is_compiled_before() else "not compiled yet: the first run takes some seconds longer"
    return Finding("compiled loops", f"{state} ({folder})")


def results_folder(folder: Path) -> Finding:
    """Return whether results can be written here."""
    if _is_writeable(folder):
        return Finding("results", f"can be written into '{folder.absolute()}'")
    return Finding("results", f"'{folder.absolute()}' can not be written", "choose another with run --output FOLDER")


def data_folder(given: str | None) -> Finding:
    """Return whether the folder of data that DATAHALL_DATA names is there."""
    if not given:
        return Finding("DATAHALL_DATA", "not set: data files are looked for beside each scenario")
    if Path(given).is_dir():
        return Finding("DATAHALL_DATA", given)
    return Finding("DATAHALL_DATA", f"there is no folder '{given}'", "correct or unset the variable")


def terminal(columns: int) -> Finding:
    """Return whether tables fit the terminal."""
    narrow = "" if columns >= LEAST_COLUMNS else f"; tables need {LEAST_COLUMNS}"
    return Finding("terminal", f"{columns} columns{narrow}")


def _release(version: str) -> tuple[int, ...]:
    match = re.match(r"[0-9]+(\.[0-9]+)*", version)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    while numbers and numbers[-1] == 0:  # 2.0 is 2
        numbers.pop()
    return tuple(numbers)


def _is_writeable(folder: Path) -> bool:
    """Return whether a folder can be written, or made where it does not exist."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)
