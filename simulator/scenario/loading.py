"""Load a scenario file: the one way from YAML to a `Scenario`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from models.data_file import DataFolders, FromFile
from models.problems import InputError, Problem

from .document import Node, is_text
from .names import ScenarioContext
from .overlays import Overlaid, overlaid, read_chain
from .refusals import in_file_order, problems_of
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
        return tuple(sorted(set(_files_of(self.scenario))))

    def placed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return problems that were found later, those that name a key but no place at where the key, or what holds
        it, was written."""
        return tuple(
            problem
            if problem.where or not problem.path
            else replace(problem, where=_place(self.positions, problem.path))
            for problem in problems
        )


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
    path = Path(path)
    read = overlaid(read_chain(path), scenario=scenario, overrides=overrides, sets=sets)
    return _loaded(path, read, data_root)


def load_every(path: str | Path, *, data_root: Path | None = None) -> dict[str, LoadedScenario]:
    """Return the scenario in a YAML file as it stands, under "", and each of its named scenarios under its name.

    Raises InputError with the problems of all of them, each once.
    """
    path = Path(path)
    documents = read_chain(path)
    found: dict[str, LoadedScenario] = {}
    problems: list[Problem] = []
    for name in ("", *overlaid(documents).scenarios):
        try:
            found[name] = _loaded(path, overlaid(documents, scenario=name or None), data_root)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(in_file_order(problems))
    return found


def resolved_yaml(loaded: LoadedScenario) -> str:
    """Return the scenario as YAML with every default written out; loaded from the same folder it is equal again."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = False
    writer.width = 120
    stream = io.StringIO()
    writer.dump(_quoted(loaded.tree), stream)
    return stream.getvalue()


def _loaded(path: Path, read: Overlaid, data_root: Path | None) -> LoadedScenario:
    root = _named(read.root, path)
    folders = DataFolders.of(path.parent, data_root)
    context = ScenarioContext(folders.scenario_folder, folders.data_root, _names_in(root), _groups_in(root))
    problems = list(read.problems)
    try:
        loaded = Scenario.model_validate(root.plain(), context=context)
    except ValidationError as error:
        refused = {problem.path for problem in problems if problem.path}
        # What was refused is left out of its section, of which it may now be said that something is missing.
        hidden = {path.rpartition(".")[0] for path in refused} | refused
        problems += [problem for problem in problems_of(error, root, Scenario) if problem.path not in hidden]
    if problems:
        raise InputError(in_file_order(problems))
    files = {document.file: document.sha256 for document in read.documents}
    return LoadedScenario(loaded, path, files, read.scenarios, root)


def _place(root: Node, path: str) -> str:
    node = root
    for name, index in re.findall(r"([^.\[\]]+)|\[([0-9]+)\]", path):
        child = node.child(name or int(index))
        if child is None:
            break
        node = child
    return node.where


def _named(root: Node, path: Path) -> Node:
    """Return the tree with the file's name as the scenario's, where it gives none."""
    if not isinstance(root.value, dict) or "name" in root.value:
        return root
    return Node({"name": Node(path.stem, root.where), **root.value}, root.where)


def _names_in(root: Node) -> frozenset[str] | None:
    nodes = root.child("nodes")
    if nodes is None:
        return frozenset()
    return frozenset(nodes.value) if isinstance(nodes.value, dict) else None


def _groups_in(root: Node) -> frozenset[str] | None:
    fleet = root.child("fleet")
    groups = fleet.child("groups") if fleet is not None else None
    if groups is None or not isinstance(groups.value, list):
        return None
    names = (group.child("name") for group in groups.value)
    return frozenset(name.value for name in names if name is not None and isinstance(name.value, str))


def _files_of(value: object) -> Iterator[Path]:
    if isinstance(value, FromFile):
        yield value.path
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _files_of(getattr(value, name))
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from _files_of(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _files_of(child)


def _quoted(value: Any) -> Any:
    """Return a tree with those texts in quotes that would be read as something else without."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, Mapping):
        return {key: _quoted(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_quoted(child) for child in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) and not is_text(value) else value
