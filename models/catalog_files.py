"""The files of the catalogue: which there are in each room, and one of them read as the section that its room holds.

A file is read when its entry is asked for, and no other. Its name without `.yaml` is the entry's name. Rooms build on
each other (a rack names its nodes), so that this knows none of their sections; `models.catalog` knows them all.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from .problems import InputError, Problem, nearest
from .sourced import Entry

EntryT = TypeVar("EntryT", bound=Entry)

_PACKAGES = {
    "accelerators": "models.accelerators",
    "nodes": "models.nodes",
    "racks": "models.racks",
    "switches": "models.switches",
    "chillers": "models.chillers",
    "models": "models.neural_networks",
}
"""Where the files of each room lie: in the folder `catalog` of its package."""


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
    return tuple(_PACKAGES)


@functools.cache
def names(room: str) -> tuple[str, ...]:
    """Return the names of a room's entries, sorted; raise InputError where there is no such room."""
    if room not in _PACKAGES:
        given = (
            f"'{room}' is not a room of the catalogue; the rooms are {', '.join(_PACKAGES)}{nearest(room, _PACKAGES)}"
        )
        raise InputError(Problem("", "", given))
    found = (file.name for file in _folder(room).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def read_entry(room: str, name: str, *sections: type[EntryT]) -> EntryT:
    """Return an entry read as the section of its room, or of several that which is of its `kind`, else the first.

    The same entry is the same object each time. Raises InputError where the room or the name is unknown or the file is
    wrong.
    """
    return cast(EntryT, _entry(room, name, sections))


@functools.cache
def _entry(room: str, name: str, sections: tuple[type[Entry], ...]) -> Entry:
    if name not in names(room):
        raise InputError(Problem("", "", _missing(room, name)))
    file = _folder(room) / f"{name}.yaml"
    given = _read(file)
    try:
        return _section(sections, given).model_validate(given)
    except ValidationError as error:
        raise InputError(
            Problem(str(file), ".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()
        ) from None


def _folder(room: str) -> Traversable:
    return files(_PACKAGES[room]) / "catalog"


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


def _section(sections: tuple[type[Entry], ...], given: dict[str, Any]) -> type[Entry]:
    if len(sections) == 1:
        return sections[0]
    kinds = {section.model_fields["kind"].default: section for section in sections}
    return kinds.get(given.get("kind"), sections[0])
