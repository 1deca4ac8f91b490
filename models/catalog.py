"""The catalogue: accelerators, nodes, racks, switches, chillers and models that come with datahall, one YAML file each.

A file is read when its entry is asked for, and no other. Its name without `.yaml` is the entry's name.
"""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Literal, overload

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from .dimension import DIMENSIONS
from .problems import InputError, Problem, nearest
from .sourced import Entry, numbers
from .units import format_quantity

if TYPE_CHECKING:
    from .accelerators.accelerator import Accelerator
    from .chillers.chiller import Chiller
    from .nodes.node import Node
    from .racks.rack import Rack
    from .switches.switch import Switch
    from .workload.perceptron import Perceptron
    from .workload.transformer import Transformer


@dataclass(frozen=True)
class _Room:
    """Where a room's files lie and which sections they hold ("module:Class"); several are told apart by `kind:`."""

    package: str
    sections: tuple[str, ...]


_ROOMS = {
    "accelerators": _Room("models.accelerators", ("models.accelerators.accelerator:Accelerator",)),
    "nodes": _Room("models.nodes", ("models.nodes.node:Node",)),
    "racks": _Room("models.racks", ("models.racks.rack:Rack",)),
    "switches": _Room("models.switches", ("models.switches.switch:Switch",)),
    "chillers": _Room("models.chillers", ("models.chillers.chiller:Chiller",)),
    "models": _Room(
        "models.workload", ("models.workload.transformer:Transformer", "models.workload.perceptron:Perceptron")
    ),
}


@dataclass(frozen=True)
class InCatalog:
    """In `Annotated[str, InCatalog("nodes")]`: a name of that room; refused with the nearest name otherwise."""

    room: str

    def check(self, name: str) -> str:
        if name not in names(self.room):
            raise ValueError(_missing(self.room, name))
        return name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": list(names(self.room))}


def rooms() -> tuple[str, ...]:
    """Return the names of the catalogue's rooms."""
    return tuple(_ROOMS)


@functools.cache
def names(room: str) -> tuple[str, ...]:
    """Return the names of a room's entries, sorted; raise InputError where there is no such room."""
    if room not in _ROOMS:
        given = f"'{room}' is not a room of the catalogue; the rooms are {', '.join(_ROOMS)}{nearest(room, _ROOMS)}"
        raise InputError(Problem("", "", given))
    found = (file.name for file in _folder(room).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@overload
def entry(room: Literal["accelerators"], name: str) -> Accelerator: ...
@overload
def entry(room: Literal["nodes"], name: str) -> Node: ...
@overload
def entry(room: Literal["racks"], name: str) -> Rack: ...
@overload
def entry(room: Literal["switches"], name: str) -> Switch: ...
@overload
def entry(room: Literal["chillers"], name: str) -> Chiller: ...
@overload
def entry(room: Literal["models"], name: str) -> Transformer | Perceptron: ...
@overload
def entry(room: str, name: str) -> Entry: ...
def entry(room: str, name: str) -> Entry:
    """Return an entry of the catalogue; raise InputError where the room or the name is unknown or the file is wrong."""
    return _entry(room, name)


def describe(room: str, name: str) -> str:
    """Return an entry as text: a line for each thing known of it, numbers with their status and source."""
    shown = entry(room, name)
    lines = [f"{name}: {shown.title}"]
    texts = {key: getattr(shown, key) for key in type(shown).model_fields if key not in ("title", "source")}
    rows = [(path, _printed(value, unit), status, source) for path, value, unit, status, source in numbers(shown)] + [
        (key, text, "", "") for key, text in texts.items() if isinstance(text, str)
    ]
    # A source is written out once and referred to by its number.
    cited = list(dict.fromkeys(source for *_, source in rows if source))
    path_width = max(len(path) for path, *_ in rows)
    value_width = max(len(value) for _, value, *_ in rows)
    for path, value, status, source in rows:
        reference = f"[{cited.index(source) + 1}]" if source else ""
        lines.append(f"  {path:<{path_width}}  {value:<{value_width}}  {status:<10}  {reference}".rstrip())
    return "\n".join([*lines, "sources", *(f"  [{index}] {text}" for index, text in enumerate(cited, start=1))])


@functools.cache
def _entry(room: str, name: str) -> Entry:
    if name not in names(room):
        raise InputError(Problem("", "", _missing(room, name)))
    file = _folder(room) / f"{name}.yaml"
    given = _read(file)
    try:
        return _section(room, given).model_validate(given)
    except ValidationError as error:
        raise InputError(
            Problem(str(file), ".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()
        ) from None


def _folder(room: str) -> Traversable:
    return files(_ROOMS[room].package) / "catalog"


def _missing(room: str, name: str) -> str:
    return f"'{name}' is not in the catalogue of {room}{nearest(name, names(room)) or '; see datahall catalog list'}"


def _read(file: Traversable) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        given = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise InputError(Problem(str(file), "", " ".join(str(error).split()))) from None
    if not isinstance(given, dict):
        raise InputError(Problem(str(file), "", "a catalogue file holds one mapping"))
    missing = [Problem(str(file), key, "is missing") for key in ("title", "source", "sources") if not given.get(key)]
    if missing:
        raise InputError(missing)
    return given


def _section(room: str, given: dict[str, Any]) -> type[Entry]:
    """Return the class of an entry: the room's only one, or that of its `kind`, the first where none fits."""
    classes: list[type[Entry]] = []
    for path in _ROOMS[room].sections:
        module, _, name = path.partition(":")
        classes.append(getattr(importlib.import_module(module), name))
    if len(classes) == 1:
        return classes[0]
    kinds = {section.model_fields["kind"].default: section for section in classes}
    return kinds.get(given.get("kind"), classes[0])


def _printed(value: float, unit: str) -> str:
    for dimension in DIMENSIONS.values():
        if unit and dimension.si == unit:
            exact = dimension.write(value)
            return exact if len(exact) <= 13 else format_quantity(value, dimension.name, digits=5)
    return f"{value:g}" if isinstance(value, float) else str(value)
