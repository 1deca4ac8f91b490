"""From a file to the one tree that is simulated: `extends:`, `overrides:`, `scenarios:` and `--set`.

Later wins: the file that is extended, the file, the overrides of the chosen scenario in their order, further
overrides, the `--set` assignments. Mappings merge key by key, lists and scalars replace, and a mapping that changes its
`kind` replaces too, since the keys of one kind mean nothing to another. Every value keeps the place it came from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.problems import InputError, Problem, nearest

from .document import DEEPEST_LEVEL, Document, Node, described, path_text, read_document, read_text

OVERLAY_KEYS = ("extends", "overrides", "scenarios")
"""Keys that say how the tree is put together; they are gone once it is."""
DEFAULT_KINDS: Mapping[tuple[str, ...], str] = {("fleet",): "groups"}
"""Sections whose `kind:` may be left out, and what it then is."""

ALTERNATIVES: Mapping[str, tuple[str, ...]] = {"facility": ("pue", "cooling")}
"""Keys of which one stands for each kind of a section, by the section's key: a scenario has one `facility`, a plan one
for each design of module."""

_SET_PART = re.compile(r"([^.\[\]=]+)((?:\[[0-9]+\])*)")


@dataclass(frozen=True)
class Overlaid:
    """The tree that is simulated, the files it was read from (first the scenario's), and what is wrong so far."""

    root: Node
    documents: tuple[Document, ...]
    scenarios: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_chain(path: Path) -> list[Document]:
    """Return the file, the file it extends, and so on; a file is looked for beside the one that names it.

    Raises InputError where one of them can not be read, or extends itself.
    """
    documents: list[Document] = []
    seen: list[str] = []
    named_at: str | None = None
    while True:
        key = os.path.realpath(path)
        if key in seen:
            chain = "' extends '".join(document.file for document in documents[seen.index(key) :])
            message = f"'{chain}' extends '{os.path.normpath(path)}': a file can not extend itself"
            raise InputError(Problem(named_at or str(path), "extends", message))
        document = read_document(path, named_at=named_at)
        seen.append(key)
        documents.append(document)
        extends = document.root.child("extends")
        if extends is None:
            return documents
        if not isinstance(extends.value, str) or "\0" in extends.value:
            given = described(extends.plain())
            raise InputError(Problem(extends.where, "extends", f"is {given}; allowed: one file name"))
        named_at = extends.where
        path = path.parent / extends.value


def overlaid(
    documents: Sequence[Document],
    *,
    scenario: str | None = None,
    overrides: Sequence[str] = (),
    sets: Sequence[str] = (),
) -> Overlaid:
    """Return the tree of a file with a named scenario, further overrides and `--set key=value` texts applied.

    `documents` are the file and those that it extends, as `read_chain` returns them. Faults are in `problems`, so
    that they are told together with those of the values.
    """
    problems = [problem for document in documents for problem in document.problems]
    tree = documents[-1].root
    for document in reversed(documents[:-1]):
        tree = merge(tree, document.root)
    base = Node(
        {key: child for key, child in _entries(tree).items() if key not in OVERLAY_KEYS}, documents[0].root.where
    )
    known = _mapping_of(tree, "overrides", "names with the keys that each changes", problems)
    choices = _mapping_of(tree, "scenarios", "names with a list of overrides each", problems)
    for name, override in known.items():
        problems += _override_problems(name, override)
    chosen = {name: _listed(name, listed, known, problems) for name, listed in choices.items()}
    names = list(overrides)
    if scenario is not None:
        if scenario in chosen:
            names = [*chosen[scenario], *overrides]
        else:
            problems.append(_unknown("--scenario", "scenarios", scenario, choices))
    for name in names:
        if name in known:
            base = Node(merge(base, known[name]).value, base.where)
        elif name in overrides:
            problems.append(_unknown("--override", "overrides", name, known))
    for text in sets:
        try:
            base = assigned(base, text)
        except InputError as error:
            problems += error.problems
    return Overlaid(base, tuple(documents), tuple(choices), tuple(problems))


def merge(under: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """Return `under` with what `over` says: mappings key by key, everything else and another `kind` replaced."""
    if not isinstance(under.value, dict) or not isinstance(over.value, dict):
        return over
    if "kind" in over.value and over.value["kind"].value != _kind(under, path):
        return over
    if any(key in over.value for key in _alternatives(path)) and _kind(over, path) != _kind(under, path):
        return over
    merged = dict(under.value)
    for key, child in over.value.items():
        merged[key] = merge(merged[key], child, (*path, key)) if key in merged else child
    return Node(merged, over.where)


def assigned(root: Node, text: str) -> Node:
    """Return the tree with `path=value` set, such as `fleet.groups[0].count=8`; the value is YAML.

    Raises InputError, told at `--set path`, where the text is no assignment or the path leads through a value that
    is no mapping or list.
    """
    path, equals, value = text.partition("=")
    where = f"--set {path}"
    parts: list[str | int] = []
    for piece in path.split("."):
        match = _SET_PART.fullmatch(piece)
        if match is None or not equals:
            raise InputError(Problem(f"--set {text}", "", "is no assignment; write it like fleet.groups[0].count=8"))
        parts.append(match[1])
        parts += [int(index) for index in re.findall(r"[0-9]+", match[2])]
    if len(parts) > DEEPEST_LEVEL:
        raise InputError(Problem(f"{where[:80]}...", "", f"is nested deeper than {DEEPEST_LEVEL} levels"))
    node, problems = read_text(value, where, positions=False)
    if problems:
        raise InputError(Problem(where, "", problem.message) for problem in problems)
    return _set(root, parts, node, ())


def _set(node: Node, parts: list[str | int], value: Node, path: tuple[str | int, ...]) -> Node:
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if isinstance(part, int):
        if not isinstance(node.value, list):
            raise InputError(Problem(value.where, "", f"'{path_text(path)}' is {described(node.plain())}, not a list"))
        if part >= len(node.value):
            allowed = f"allowed: 0 to {len(node.value) - 1}" if node.value else "it is empty"
            message = f"'{path_text(path)}' has no entry {part}; {allowed}"
            raise InputError(Problem(value.where, "", message))
        children = list(node.value)
        children[part] = _set(children[part], rest, value, (*path, part))
        return Node(children, node.where)
    if node.value is None:
        node = Node({}, value.where)
    if not isinstance(node.value, dict):
        raise InputError(Problem(value.where, "", f"'{path_text(path)}' is {described(node.plain())}, not a mapping"))
    keys = tuple(str(part) for part in path)
    if part == "kind" and not rest and value.value != _kind(node, keys):
        return Node({"kind": value}, value.where)
    under = node.value.get(part, Node(None, value.where))
    return Node({**node.value, part: _set(under, rest, value, (*path, part))}, node.where)


def _mapping_of(root: Node, key: str, meaning: str, problems: list[Problem]) -> dict[str, Node]:
    node = root.child(key)
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        problems.append(Problem(node.where, key, f"is {described(node.plain())}; allowed: {meaning}"))
        return {}
    return node.value


def _override_problems(name: str, override: Node) -> list[Problem]:
    path = f"overrides.{name}"
    if not isinstance(override.value, dict):
        given = described(override.plain())
        return [Problem(override.where, path, f"is {given}; allowed: a mapping of the sections that it changes")]
    inside = [key for key in OVERLAY_KEYS if key in override.value]
    return [Problem(override.value[key].where, f"{path}.{key}", f"an override can not hold '{key}'") for key in inside]


def _listed(name: str, node: Node, known: Mapping[str, Node], problems: list[Problem]) -> list[str]:
    """Return the overrides of a scenario, those that exist; name the others."""
    path = f"scenarios.{name}"
    if not isinstance(node.value, list):
        problems.append(Problem(node.where, path, f"is {described(node.plain())}; allowed: a list of overrides"))
        return []
    names = []
    for index, entry in enumerate(node.value):
        if isinstance(entry.value, str) and entry.value in known:
            names.append(entry.value)
        else:
            given = f"'{entry.value}'" if isinstance(entry.value, str) else described(entry.plain())
            message = f"{given} is not an override; {_choice(known)}{nearest(str(entry.value), known)}"
            problems.append(Problem(entry.where, f"{path}[{index}]", message))
    return names


def _unknown(option: str, section: str, name: str, known: Mapping[str, Node]) -> Problem:
    return Problem(
        option, "", f"'{name}' is not one of the {section} of this file; {_choice(known)}{nearest(name, known)}"
    )


def _choice(known: Mapping[str, Node]) -> str:
    return f"allowed: {', '.join(known)}" if known else "there are none"


def _kind(node: Node, path: tuple[str, ...]) -> object:
    kind = node.child("kind")
    if kind is not None:
        return kind.value
    chosen = next((key for key in _alternatives(path) if key in _entries(node)), None)
    return chosen if chosen is not None else DEFAULT_KINDS.get(path)


def _alternatives(path: tuple[str, ...]) -> tuple[str, ...]:
    of_module = len(path) == 4 and path[:2] == ("plan", "modules")
    return ALTERNATIVES.get(path[-1], ()) if len(path) == 1 or of_module else ()


def _entries(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}
