"""What pydantic refuses, in plain words and at the place in the file where it was given."""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from models.dimension import Dimension
from models.docstrings import described_fields
from models.problems import Problem, nearest
from optimizers.given.quarter import QuarterName

from .document import Node, described, path_text

_SPACES = re.compile(r"\s+")
# What each sort of value is called; `given; allowed: this`.
_ALLOWED = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "string": "a text (put it in quotes)",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "a mapping of names to values",
    "mapping": "a mapping of names to values",
    "datetime": "a time with its zone, such as 2023-01-01T00:00:00Z",
    "timezone": "a time with its zone, such as 2023-01-01T00:00:00Z",
    "finite": "a finite number",
    "none": "nothing",
}
_BOUNDS = {"greater_than_equal": ("ge", "{} or more"), "greater_than": ("gt", "above {}")} | {
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "below {}"),
}

_BY_QUARTER = "; or one such value for each of some quarters, which holds until the next: {2027-Q1: ..., 2027-Q3: ...}"
"""What else is allowed where a value may change from quarter to quarter."""


@dataclass(frozen=True)
class _Spot:
    """Where an error leads to: the path in the file, the node there (or the closest above), and the type expected.

    `union` is the path of the innermost union that is not told apart by `kind:`, `fits` whether the member tried
    takes what was given there (a section and a mapping of names take a mapping, anything else takes the rest),
    `instead` the plain words that may stand at the path in place of a section, such as `none`, `by_quarter` whether a
    value for each of some quarters may stand there too.
    """

    path: tuple[str | int, ...]
    node: Node
    exists: bool
    annotation: Any
    union: tuple[str | int, ...] | None
    fits: bool
    instead: tuple[str, ...] = ()
    by_quarter: bool = False


def problems_of(error: ValidationError, root: Node, model: type[BaseModel]) -> list[Problem]:
    """Return every fault that pydantic found in `root`, as a person reads it, in the order of the file."""
    found = [(_spot(fault["loc"], root, model), fault) for fault in error.errors(include_url=False)]
    fitting = {spot.union for spot, _ in found if spot.union is not None and spot.fits}
    kept = [
        (spot, fault) for spot, fault in found if (spot.union not in fitting or spot.fits) and not _follows(spot, fault)
    ]
    told: dict[tuple[str, str], list[str]] = {}
    for path, message, where in (each for spot, fault in kept for each in _told_each(spot, fault)):
        said_by_place = where == f"--set {path}"
        messages = told.setdefault((where, "" if said_by_place else path), [])
        if message not in messages:
            messages.append(message)
    return in_file_order(Problem(where, path, "; or ".join(said)) for (where, path), said in told.items())


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems sorted by file, line and column, each once."""

    def position(problem: Problem) -> tuple[str, list[int]]:
        match = re.fullmatch(r"(.*?)((?::[0-9]+){0,2})", problem.where)
        assert match is not None
        return match[1], [int(number) for number in match[2].split(":") if number]

    return sorted(dict.fromkeys(problems), key=position)


def _follows(spot: _Spot, fault: ErrorDetails) -> bool:
    """Return whether a list is only called too short because entries of it, named by other faults, were refused."""
    given = spot.node.value
    return fault["type"] == "too_short" and isinstance(given, list) and len(given) >= fault["ctx"]["min_length"]


def _told_each(spot: _Spot, fault: ErrorDetails) -> Iterator[tuple[str, str, str]]:
    """Yield path, message and place of each key that one fault is about.

    A section that holds its keys against each other says `one.key: text; other.key: text`, and each of them is told
    where it stands.
    """
    path, message, where = _told(spot, fault)
    keys = "|".join(re.escape(key) for key in _keys(spot.annotation))
    parts = re.split(rf"(?:^|; )((?:{keys})(?:[.\[][^:;]*)?): ", message) if keys else []
    if fault["type"] != "value_error" or len(parts) < 3 or parts[0]:
        yield path, message, where
        return
    for inner, text in zip(parts[1::2], parts[2::2], strict=True):
        yield ".".join(each for each in (path, inner) if each), text, spot.node.at(inner).where


def _told(spot: _Spot, fault: ErrorDetails) -> tuple[str, str, str]:
    """Return path, message and place of one fault."""
    sort = fault["type"]
    path, where = spot.path, spot.node.where
    if sort == "missing":
        return path_text(path), _missing(spot.annotation), where
    if sort == "extra_forbidden":
        return path_text(path), _unknown_key(str(path[-1]), spot.annotation), where
    if sort in ("union_tag_invalid", "union_tag_not_found"):
        return _kind_told(spot)
    if sort == "literal_error":
        return path_text(path), _choice(spot.node.plain(), _literals(spot.annotation, fault)), where
    message = _message(spot, fault)
    if spot.by_quarter and sort not in _BOUNDS and not isinstance(spot.node.value, dict):
        message += _BY_QUARTER
    return path_text(path), message, where


def _message(spot: _Spot, fault: ErrorDetails) -> str:
    sort, context = fault["type"], fault.get("ctx", {})
    given = f"{_given(spot)}; allowed:"
    if sort in ("value_error", "assertion_error"):
        return str(context["error"])
    if sort in _BOUNDS:
        key, words = _BOUNDS[sort]
        unit = next((f" {dimension.si}" for dimension in _dimensions(spot.annotation)), "")
        bound = context[key]
        bound = f"{bound:g}" if isinstance(bound, float) and abs(bound) >= 1e6 else bound
        return f"{given} {words.format(bound)}{unit}"
    if sort in ("too_short", "too_long"):
        bound = f"at least {context['min_length']}" if sort == "too_short" else f"at most {context['max_length']}"
        return f"has {context['actual_length']} entries; allowed: {bound}"
    if sort == "string_pattern_mismatch":
        return f"{given} what matches {context['pattern']}"
    if sort in ("model_type", "model_attributes_type", "dataclass_type"):
        words = "".join(f"{word}, or " for word in spot.instead)
        return f"{given} {words}a mapping with the keys {', '.join(_keys(spot.annotation)) or 'of this section'}"
    if sort.startswith(("float", "decimal")) and isinstance(spot.node.value, str):
        return f"{given} a number{_without_unit(spot.node.value)}"
    if sort.startswith("timezone"):
        return f"{_given(spot)} has no zone; write it like 2023-01-01T00:00:00Z"
    allowed = _ALLOWED.get(sort.partition("_")[0])
    if allowed == "a list" and spot.node.value is not None:
        allowed += "; put it between [ and ]"
    return f"{given} {allowed}" if allowed else f"{_given(spot)}; {fault['msg']}"


def _without_unit(text: str) -> str:
    """Return how a number that was given with a unit or as a percentage is written where it has none."""
    match = re.fullmatch(r"([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S.*)", text)
    try:
        number = float(match[1]) if match else math.nan
    except ValueError:
        return ""
    if match is None:
        return ""
    return f"; write {number / 100.0:g}" if match[2] == "%" else f" without a unit; write {number:g}"


def _given(spot: _Spot) -> str:
    return f"is {described(None)}" if spot.node.value is None else described(spot.node.plain())


def _missing(annotation: Any) -> str:
    """Say that a key is missing, and the first sentence of what it is for."""
    text = annotation.description if isinstance(annotation, FieldInfo) else None
    first = _SPACES.sub(" ", text or "").partition(". ")[0].removesuffix(".")
    example = next((f", written like '{dimension.example}'" for dimension in _dimensions(annotation)), "")
    if first[1:2].islower():
        first = first[0].lower() + first[1:]
    return f"is missing{f': {first}' if first else ''}{example}"


def _unknown_key(key: str, annotation: Any) -> str:
    keys = _keys(annotation)
    return f"is not a known key; allowed: {', '.join(keys) or 'none'}{nearest(key, keys)}"


def _kind_told(spot: _Spot) -> tuple[str, str, str]:
    kinds = [name for member in _members(spot.annotation) if (name := _kind(member))]
    if not isinstance(spot.node.value, dict):
        hint = f"; write {{kind: {spot.node.value}}}" if spot.node.value in kinds else ""
        allowed = f"a mapping with a kind of {', '.join(kinds)}{hint}"
        return path_text(spot.path), f"{_given(spot)}; allowed: {allowed}", spot.node.where
    path = path_text((*spot.path, "kind"))
    kind = spot.node.child("kind")
    if kind is None:
        return path, f"is missing; allowed: {', '.join(kinds)}", spot.node.where
    return path, _choice(kind.plain(), kinds), kind.where


def _choice(given: object, allowed: Sequence[str]) -> str:
    said = f"'{given}'" if isinstance(given, str) else described(given)
    return f"{said} is not one of {', '.join(allowed)}{nearest(str(given), allowed)}"


def _literals(annotation: Any, fault: ErrorDetails) -> list[str]:
    values = [value for member in _members(annotation) for value in typing.get_args(member)]
    literal = any(_is_literal(member) for member in _members(annotation))
    return [str(value) for value in values] if literal else re.findall(r"'([^']*)'", fault["ctx"]["expected"])


def _spot(loc: tuple[str | int, ...], root: Node, model: type[BaseModel]) -> _Spot:
    """Follow pydantic's location through the types and the file: it names union members too, which no file does."""
    annotation: Any = model
    node, exists = root, True
    path: tuple[str | int, ...] = ()
    union: tuple[str | int, ...] | None = None
    fits = True
    instead: tuple[str, ...] = ()
    curve: tuple[str | int, ...] | None = None
    for part in loc:
        members = _members(annotation)
        if len(members) > 1:
            tried = _unwrapped(part)
            chosen = next((member for member in members if _is_tried(member, tried)), None)
            instead = tuple(str(word) for member in members if _is_literal(member) for word in typing.get_args(member))
            curve = path if any(_is_by_quarter(member) for member in members) else None
            if not all(_kind(member) for member in members):
                union = path
                fits = isinstance(node.value, dict) == (chosen is not None and _takes_mapping(chosen))
            annotation = chosen
            continue
        annotation, instead = members[0] if members else None, ()
        if part == "[key]":
            continue
        if _is_model(annotation) and part not in _keys(annotation):
            # An unknown key: the type of the section that refuses it says which keys there are.
            path, node = (*path, part), node.child(part) or node
            return _Spot(path, node, True, annotation, union, fits)
        annotation = _inside(annotation, part)
        child = node.child(part) if exists else None
        if child is not None:
            path, node = (*path, part), child
        elif isinstance(node.value, dict | list) and exists:
            path, exists = (*path, part), False
        # Otherwise a plain value stands for a section that wraps it: `memory: 1 TB`.
    return _Spot(path, node, exists, annotation, union, fits, instead, by_quarter=exists and path == curve)


def _unwrapped(part: str | int) -> str | int:
    """Return the name of a union's member without the validators that pydantic names around it."""
    while isinstance(part, str) and (match := re.fullmatch(r"function-\w+\[[^,]*\(\), (.*)\]", part)):
        part = match[1]
    return part


def _is_tried(member: Any, tried: str | int) -> bool:
    """Return whether pydantic names this member of a union; it names mappings with what is in them: `dict[str,int]`."""
    if _takes_mapping(member) and not _is_model(member):
        return str(tried).startswith("dict[")
    return tried in (_kind(member), _name(member))


def _takes_mapping(member: Any) -> bool:
    origin = typing.get_origin(member)
    return _is_model(member) or (isinstance(origin, type) and issubclass(origin, Mapping))


def _is_by_quarter(member: Any) -> bool:
    """Return whether a type is a mapping of quarters to values."""
    return typing.get_origin(member) is dict and typing.get_args(member)[0] == QuarterName


def _members(annotation: Any) -> list[Any]:
    """Return the types that an annotation allows, None left out, unions within unions opened."""
    annotation = _bare(annotation)
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return [inner for member in typing.get_args(annotation) for inner in _members(member)]
    return [] if annotation in (None, type(None)) else [annotation]


def _bare(annotation: Any) -> Any:
    while True:
        if isinstance(annotation, FieldInfo):
            annotation = annotation.annotation
        elif typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        else:
            return annotation


def _inside(annotation: Any, part: str | int) -> Any:
    """Return the type of an entry of this type."""
    if _is_model(annotation):
        return next(
            field
            for name, field in described_fields(annotation).items()
            if part in (name, field.alias, field.validation_alias)
        )
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is tuple and isinstance(part, int):
        return arguments[0] if arguments[-1] is Ellipsis else arguments[min(part, len(arguments) - 1)]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return arguments[1]
    return arguments[0] if arguments else None


def _keys(annotation: Any) -> list[str]:
    annotation = next(iter(_members(annotation)), None)
    if not _is_model(annotation):
        return []
    return [field.alias or name for name, field in annotation.model_fields.items()]


def _kind(member: Any) -> str | None:
    if _is_model(member) and "kind" in member.model_fields:
        default = member.model_fields["kind"].default
        return default if isinstance(default, str) else None
    return None


def _name(member: Any) -> str:
    return getattr(member, "__name__", str(member))


def _is_literal(annotation: Any) -> bool:
    return typing.get_origin(annotation) is Literal


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _dimensions(annotation: Any) -> list[Dimension]:
    """Return the dimension of a field, if it is a quantity: pydantic keeps it in the field's metadata."""
    if isinstance(annotation, FieldInfo):
        own = [item for item in annotation.metadata if isinstance(item, Dimension)]
        return own or _dimensions(annotation.annotation)
    found = [item for item in typing.get_args(annotation) if isinstance(item, Dimension)]
    return found or [item for inner in typing.get_args(annotation) for item in _dimensions(inner)]
