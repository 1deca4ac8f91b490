"""Numbers that say where they come from: a value, its source, and whether it was measured, published or assumed."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .dimension import Dimension
from .problems import nearest
from .section import Section

Status = Literal["measured", "datasheet", "derived", "assumption", "scenario"]
"""measured: observed by somebody, on hardware or as a price paid. datasheet: published by the maker. derived: computed
from such figures, the source says how. assumption: nobody published it, the source gives the reason. scenario: written
in the user's file."""

IN_SCENARIO = "written in the scenario"

ValueT = TypeVar("ValueT")


class Source(Section):
    """Where numbers come from."""

    text: str
    """The document, or the reason of an assumption."""
    status: Status
    """What kind of number it vouches for."""


class Sourced(Section, Generic[ValueT]):
    """A number with its source, written `{value: 3.35 TB/s, source: datasheet}` or just `3.35 TB/s`."""

    value: ValueT
    """The number, with its unit where it has one."""
    source: str = ""
    """A key of the entry's `sources`, or the source itself, which then takes a `status`; by default the entry's own."""
    status: Status | None = None
    """By default that of the source."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return a name for the schema, such as SourcedPower."""
        dimension = next(_dimensions(params), None)
        words = dimension.name.split("_") if dimension else [getattr(params[0], "__name__", "value")]
        return "Sourced" + "".join(word.capitalize() for word in words)

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping | Sourced) else {"value": given}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        mapping = super().__get_pydantic_json_schema__(schema, handler)
        return {"anyOf": [handler.resolve_ref_schema(mapping)["properties"]["value"], mapping]}


class Entry(Section):
    """A thing of the catalogue, or its like written out in a scenario. Each of its numbers has a source."""

    title: str = ""
    """What it is, in words."""
    source: str = ""
    """The key of `sources` that holds for every number that names no source of its own."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """The sources that this entry's numbers name, by a short key."""

    @model_validator(mode="after")
    def _sources_resolve(self) -> Self:
        numbers(self)
        return self

    @property
    def in_brief(self) -> str:
        """What, beside its title, one chooses it by, in a line; "" where the title says it all."""
        return ""


class Number(NamedTuple):
    """A number of a section: dotted path, value in SI, unit ("" for a plain number), and where it comes from."""

    path: str
    value: float
    unit: str
    status: Status
    source: str


def numbers(section: Section) -> tuple[Number, ...]:
    """Return every number of a section and of the sections in it, in order of declaration.

    Raises ValueError where a number names a source that its entry does not list.
    """
    return tuple(_walk(section, "", Source(text=IN_SCENARIO, status="scenario"), {}, None))


def _walk(item: Any, path: str, default: Source, sources: Mapping[str, Source], unit: str | None) -> Iterator[Number]:
    if isinstance(item, Entry):
        sources = item.sources
        default = _resolved(item.source, None, path, default, sources)
    if isinstance(item, Sourced):
        named = _resolved(item.source, item.status, path, default, sources)
        yield from _walk(item.value, path, named, sources, _unit_of(type(item), "value"))
    elif isinstance(item, Section):
        for name in type(item).model_fields:
            inside = f"{path}.{name}" if path else name
            yield from _walk(getattr(item, name), inside, default, sources, _unit_of(type(item), name))
    elif isinstance(item, Mapping):
        for key, value in item.items():
            yield from _walk(value, f"{path}.{key}", default, sources, unit)
    elif isinstance(item, list | tuple):
        for index, value in enumerate(item):
            yield from _walk(value, f"{path}[{index}]", default, sources, unit)
    elif isinstance(item, int | float) and not isinstance(item, bool):
        yield Number(path, item, unit or "", default.status, default.text)


def _resolved(named: str, status: Status | None, path: str, default: Source, sources: Mapping[str, Source]) -> Source:
    """Return the source that a number (or an entry as a whole) names; its own status wins over the source's."""
    if not named:
        found = default
    elif named in sources:
        found = sources[named]
    elif status is not None:
        found = Source(text=named, status=status)
    else:
        where = f"{path}: " if path else ""
        allowed = ", ".join(sources) or "none are listed"
        raise ValueError(
            f"{where}source '{named}' is not among the entry's sources ({allowed}); "
            f"name one of them, or give a status beside it{nearest(named, sources)}"
        )
    return found if status is None else Source(text=found.text, status=status)


def _unit_of(section: type[Section], field: str) -> str | None:
    info = section.model_fields[field]
    dimension = next(_dimensions(info.metadata), None) or next(_dimensions([info.annotation]), None)
    return dimension.si if dimension else None


def _dimensions(annotations: typing.Iterable[Any]) -> Iterator[Dimension]:
    for annotation in annotations:
        if isinstance(annotation, Dimension):
            yield annotation
        else:
            yield from _dimensions(typing.get_args(annotation))
