"""Load a scenario file: the one way from YAML to a `Scenario`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.problems import InputError, Problem

from .document import Node
from .overlays import Overlaid
from .reading import PLAN_KEY, as_yaml, checked, data_files, placed, read_every, read_file
from .scenario import Scenario


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario and where it came from.

    `files` maps each YAML file that was read to the SHA-256 of its bytes, the scenario's own first; `named` are the
    scenarios that it offers by name; `positions` is the tree of what was written, every value with its file and line.
    """

    scenario: Scenario
    path: Path
    files: Mapping[str, str]
    named: tuple[str, ...]
    positions: Node

    @property
    def tree(self) -> Mapping[str, Any]:
        """The resolved scenario as plain mappings, lists and scalars, every default written out."""
        return self.scenario.as_tree()

    def data_files(self) -> tuple[Path, ...]:
        """Return the files of data that the scenario names, sorted, each once; they exist, unread."""
        return data_files(self.scenario)

    def placed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return problems that were found later, those that name a key but no place at where the key, or what holds
        it, was written."""
        return placed(self.positions, problems)


def load_scenario(
    path: str | Path,
    *,
    scenario: str | None = None,
    overrides: Sequence[str] = (),
    sets: Sequence[str] = (),
    data_root: Path | None = None,
) -> LoadedScenario:
    """Return the scenario in a YAML file.

    `scenario` chooses one of the file's named scenarios, `overrides` applies further ones of its overrides, `sets`
    holds `--set` texts such as `fleet.groups[0].count=8`. Data files are looked for below `data_root` (by default
    DATAHALL_DATA), then in the scenario's folder; they are not read. Raises InputError with every problem found, each
    at its `file:line:column`.
    """
    return read_file(Path(path), _loaded, scenario=scenario, overrides=overrides, sets=sets, data_root=data_root)


def load_every(path: str | Path, *, data_root: Path | None = None) -> dict[str, LoadedScenario]:
    """Return the scenario in a YAML file as it stands, under "", and each of its named scenarios under its name.

    Raises InputError with the problems of all of them, each once.
    """
    return read_every(Path(path), _loaded, data_root=data_root)


def resolved_yaml(loaded: LoadedScenario) -> str:
    """Return the scenario as YAML with every default written out; loaded from the same folder it is equal again."""
    return as_yaml(loaded.tree)


def _loaded(path: Path, read: Overlaid, data_root: Path | None) -> LoadedScenario:
    plan = read.root.child(PLAN_KEY)
    if plan is not None:
        message = f"is what a plan file holds, not a scenario; `datahall plan {path}` solves it"
        raise InputError(Problem(plan.where, PLAN_KEY, message))
    found = checked(Scenario, path, read, data_root)
    return LoadedScenario(found.section, found.path, found.files, found.named, found.positions)
