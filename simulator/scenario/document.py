"""A YAML file as a tree in which every value knows the line it stands on."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.problems import InputError, Problem

from .yaml_faults import fault_in

LARGEST_FILE_B = 1_048_576
"""A scenario is read by a person; a longer table belongs in a CSV file."""
MOST_VALUES = 100_000
"""Values of one file, an alias counted as what it stands for, so that a few lines can not stand for billions."""
DEEPEST_LEVEL = 64

# The plain scalars of the YAML 1.2 core schema, with `_` between digits.
_INTEGER = re.compile(r"[-+]?[0-9]+(_[0-9]+)*")
_OTHER_BASE = re.compile(r"0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_NUMBER = re.compile(r"[-+]?([0-9]+(_[0-9]+)*(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.inf|[-+]?\.Inf|[-+]?\.INF|\.nan|\.NaN|\.NAN")
_NAMED: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True)
class Node:
    """A value and where it was given: `file:line:column`, of its key where it has one.

    `value` is a mapping of names to nodes, a list of nodes, or a text, number, bool or None.
    """

    value: dict[str, Node] | list[Node] | str | float | bool | None
    where: str

    def plain(self) -> Any:
        """Return the value as dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, key: str | int) -> Node | None:
        """Return the entry of a mapping or list, or None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(key) if isinstance(key, str) else None
        if isinstance(self.value, list) and isinstance(key, int):
            return self.value[key] if 0 <= key < len(self.value) else None
        return None

    def find(self, *path: str | int) -> Node | None:
        """Return the node at a path of names and indices, or None where there is none."""
        node: Node | None = self
        for part in path:
            node = node.child(part) if node is not None else None
        return node

    def at(self, path: str) -> Node:
        """Return the node at a path as messages write it, such as `fleet.groups[0].node`, or the last one on the way
        there."""
        node, rest = self, path
        while rest:
            whole = node.child(rest)  # a name may hold dots
            match = re.match(r"\[([0-9]+)\]\.?|([^.\[\]]+)\.?", rest)
            if whole is not None or match is None:
                return whole or node
            child = node.child(match[2] or int(match[1]))
            if child is None:
                return node
            node, rest = child, rest[match.end() :]
        return node


@dataclass(frozen=True)
class Document:
    """A file that was read: its tree, the digest of its bytes, and the faults that do not keep it from being read."""

    file: str
    sha256: str
    root: Node
    problems: tuple[Problem, ...]


def read_document(path: Path, *, named_at: str | None = None) -> Document:
    """Return the YAML mapping in `path`.

    `named_at` is the place in another file that names this one: a file that can not be opened is reported there.
    Raises InputError where there is no such file, it is too large, not UTF-8, not YAML, or no mapping.
    """
    file = os.path.normpath(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_B + 1)
    except FileNotFoundError:
        raise InputError(Problem(named_at or file, "", f"there is no file '{file}'")) from None
    except OSError as error:
        raise InputError(Problem(named_at or file, "", f"'{file}' can not be read: {error.strerror}")) from None
    if len(content) > LARGEST_FILE_B:
        raise InputError(Problem(file, "", f"is larger than {LARGEST_FILE_B} bytes; put long tables into a CSV file"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise InputError(Problem(f"{file}:{line}:{column}", "", "is not UTF-8 text")) from None
    root, problems = read_text(text, file)
    if not isinstance(root.value, dict):
        given = "is empty" if root.value is None else f"is {described(root.value)}"
        raise InputError([*problems, Problem(root.where, "", f"{given}; a scenario is a mapping of sections")])
    return Document(file, hashlib.sha256(content).hexdigest(), root, problems)


def read_text(text: str, name: str, *, positions: bool = True) -> tuple[Node, tuple[Problem, ...]]:
    """Return the YAML value of a text and its faults; `name` stands for the file in every message.

    Raises InputError where the text is not YAML or too large.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    builder = _Builder(name, positions)
    try:
        events = iter(YAML(typ="safe", pure=True).parse(io.StringIO(text)))
        return builder.document(events), tuple(builder.problems)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = builder.where(mark) if mark else name
        raise InputError(Problem(where, "", f"is not YAML: {fault_in(text, error)}")) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"holds a control character (code {error.character}); allowed: printable text"
        raise InputError(Problem(f"{name}:{line}" if positions else name, "", message)) from None
    except YAMLError as error:
        raise InputError(Problem(name, "", f"is not YAML: {error}")) from None


def path_text(path: Sequence[str | int]) -> str:
    """Return a path as it is written in messages and in `--set`: `fleet.groups[0].node`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def described(value: object) -> str:
    """Return what a person would call this value."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "empty"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"'{value[:80]}'" if isinstance(value, str) else str(value)


def is_text(text: str) -> bool:
    """Return whether YAML reads this as a text without quotes, not as a number, a bool or nothing."""
    special = (_OTHER_BASE, _NUMBER, _NOT_FINITE)
    return text not in _NAMED and not any(pattern.fullmatch(text) for pattern in special)


class _Builder:
    """Builds nodes from parser events, one pass, nothing expanded: an alias shares the node that it names."""

    def __init__(self, name: str, positions: bool) -> None:
        self.name = name
        self.positions = positions
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Node, int]] = {}

    def where(self, mark: Any) -> str:
        return f"{self.name}:{mark.line + 1}:{mark.column + 1}" if self.positions else self.name

    def document(self, events: Iterator[Any]) -> Node:
        root = Node(None, self.name)
        documents = 0
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise InputError(Problem(self.where(event.start_mark), "", "starts a second document; one is read"))
            elif kind not in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                root, _ = self.node(event, events, ())
        return root

    def node(self, event: Any, events: Iterator[Any], path: tuple[str | int, ...]) -> tuple[Node, int]:
        """Return the node that starts with this event and the number of values in it, aliases expanded."""
        kind, where = type(event).__name__, self.where(event.start_mark)
        if kind == "AliasEvent":
            if event.anchor not in self.anchors:
                raise InputError(Problem(where, path_text(path), f"'*{event.anchor}' names no value given before it"))
            return self.anchors[event.anchor]
        if len(path) > DEEPEST_LEVEL:
            raise InputError(Problem(where, "", f"is nested deeper than {DEEPEST_LEVEL} levels"))
        if event.tag:
            self.problems.append(
                Problem(where, path_text(path), f"the tag '{event.tag}' is not read; give a plain value")
            )
        count = 1
        if kind == "ScalarEvent":
            node = Node(self.scalar(event, path), where)
        elif kind == "SequenceStartEvent":
            node, count = self.sequence(events, path, where)
        else:
            node, count = self.mapping(events, path, where)
        if event.anchor:
            self.anchors[event.anchor] = (node, count)
        return node, count

    def sequence(self, events: Iterator[Any], path: tuple[str | int, ...], where: str) -> tuple[Node, int]:
        children: list[Node] = []
        count = 1
        while type(event := next(events)).__name__ != "SequenceEndEvent":
            child, inside = self.node(event, events, (*path, len(children)))
            count = self.counted(count + inside, event)
            children.append(dataclasses.replace(child, where=self.where(event.start_mark)))
        return Node(children, where), count

    def mapping(self, events: Iterator[Any], path: tuple[str | int, ...], where: str) -> tuple[Node, int]:
        children: dict[str, Node] = {}
        count = 1
        while type(event := next(events)).__name__ != "MappingEndEvent":
            key_at = self.where(event.start_mark)
            if type(event).__name__ != "ScalarEvent":
                raise InputError(Problem(key_at, path_text(path), "a key must be a plain name"))
            key = self.text(event)
            child, inside = self.node(next(events), events, (*path, key))
            count = self.counted(count + inside, event)
            if key in children:
                first = children[key].where
                self.problems.append(Problem(key_at, path_text((*path, key)), f"is given twice; first at {first}"))
                continue
            children[key] = dataclasses.replace(child, where=key_at)
        return Node(children, where), count

    def text(self, event: Any) -> str:
        """Return a scalar's text; refuse the halves of characters that escapes can name, which no output can hold."""
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError(Problem(self.where(event.start_mark), "", "holds half a character (a lone surrogate)"))
        return text

    def counted(self, count: int, event: Any) -> int:
        if count > MOST_VALUES:
            message = f"stands for more than {MOST_VALUES} values, aliases counted; put long tables into a CSV file"
            raise InputError(Problem(self.where(event.start_mark), "", message))
        return count

    def scalar(self, event: Any, path: tuple[str | int, ...]) -> str | float | bool | None:
        text = self.text(event)
        if not event.implicit[0]:  # quoted, or a block of text
            return text
        if text in _NAMED:
            return _NAMED[text]
        if _OTHER_BASE.fullmatch(text):
            return int(text, 0)
        if _NUMBER.fullmatch(text):
            value = float(text)
            if math.isfinite(value):
                return int(text) if _INTEGER.fullmatch(text) else value
        elif not _NOT_FINITE.fullmatch(text):
            return text
        self.problems.append(
            Problem(self.where(event.start_mark), path_text(path), f"'{text[:40]}' is not a finite number")
        )
        return None
