"""From YAML to a checked section and the places of its keys: what scenario files and plan files have in common."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from models.data_file import DataFolders, FromFile
from models.problems import InputError, Problem
from models.section import Section

from .document import Node, is_text
from .names import ScenarioContext
from .overlays import Overlaid, overlaid, read_chain
from .refusals import in_file_order, problems_of

SectionT = TypeVar("SectionT", bound=Section)
LoadedT = TypeVar("LoadedT")

PLAN_KEY = "plan"
"""A file with this section is a plan file; every other one is a scenario."""


@dataclass(frozen=True)
class Read(Generic[SectionT]):
    """The root section of a file and where it came from.

    `files` maps each YAML file that was read to the SHA-256 of its bytes, the file's own first; `named` are the
    scenarios that it offers by name; `positions` is the tree of what was written, every value with its file and line.
    """

    section: SectionT
    path: Path
    files: Mapping[str, str]
    named: tuple[str, ...]
    positions: Node


def read_file(
    path: Path,
    load: Callable[[Path, Overlaid, Path | None], LoadedT],
    *,
    scenario: str | None,
    overrides: Sequence[str],
    sets: Sequence[str],
    data_root: Path | None,
) -> LoadedT:
    """Return what `load` makes of a file with a named scenario, further overrides and `--set` texts applied."""
    return load(path, overlaid(read_chain(path), scenario=scenario, overrides=overrides, sets=sets), data_root)


def read_every(
    path: Path, load: Callable[[Path, Overlaid, Path | None], LoadedT], *, data_root: Path | None
) -> dict[str, LoadedT]:
    """Return what `load` makes of a file as it stands, under "", and of each of its named scenarios under its name.

    Raises InputError with the problems of all of them, each once.
    """
    documents = read_chain(path)
    found: dict[str, LoadedT] = {}
    problems: list[Problem] = []
    for name in ("", *overlaid(documents).scenarios):
        try:
            found[name] = load(path, overlaid(documents, scenario=name or None), data_root)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(in_file_order(problems))
    return found


def is_plan_file(path: Path) -> bool:
    """Return whether a file, or one that it extends, has the section `plan`; raise InputError where it can not be
    read."""
    return any(document.root.child(PLAN_KEY) is not None for document in read_chain(path))


def checked(model: type[SectionT], path: Path, read: Overlaid, data_root: Path | None) -> Read[SectionT]:
    """Return the section in a tree; raise InputError with every problem, each at its `file:line:column`."""
    root = _named(read.root, path)
    folders = DataFolders.of(path.parent, data_root)
    context = ScenarioContext(folders.scenario_folder, folders.data_root, _names_in(root), _groups_in(root))
    problems = list(read.problems)
    try:
        section = model.model_validate(root.plain(), context=context)
    except ValidationError as error:
        refused = {problem.path for problem in problems if problem.path}
        # What was refused is left out of its section, of which it may now be said that something is missing.
        hidden = {path.rpartition(".")[0] for path in refused} | refused
        problems += [problem for problem in problems_of(error, root, model) if problem.path not in hidden]
    if problems:
        raise InputError(in_file_order(problems))
    files = {document.file: document.sha256 for document in read.documents}
    return Read(section, path, files, read.scenarios, root)


def placed(positions: Node, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems that were found later, those that name a key but no place at where the key, or what holds it,
    was written."""
    return tuple(problem if problem.where or not problem.path else _at(positions, problem) for problem in problems)


def _at(positions: Node, problem: Problem) -> Problem:
    where = positions.at(problem.path).where
    return replace(problem, where=where, path="" if where == f"--set {problem.path}" else problem.path)


def data_files(section: Section) -> tuple[Path, ...]:
    """Return the files of data that a section names, sorted, each once; they exist, unread."""
    return tuple(sorted(set(_files_of(section))))


def as_yaml(tree: Mapping[str, Any]) -> str:
    """Return a tree of plain values as YAML, so that the same values are read from it."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = False
    writer.width = 120
    stream = io.StringIO()
    writer.dump(_quoted(tree), stream)
    return stream.getvalue()


def _named(root: Node, path: Path) -> Node:
    """Return the tree with the file's name as its own, where it gives none."""
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
