"""Names that one section gives and another uses, checked where they are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models import catalog
from models.data_file import DataFolders
from models.nodes.node import Node
from models.problems import nearest


@dataclass(frozen=True)
class ScenarioContext(DataFolders):
    """What a section must know of the rest of its scenario; pydantic's validation context."""

    node_types: frozenset[str] | None = None
    """Names that the section `nodes` gives; None where that section can not be read."""
    groups: frozenset[str] | None = None
    """Names of the fleet's groups; None where the fleet has none or they can not be read."""


def known_node_type(name: str, local: Iterable[str]) -> str:
    """Return `name` if the catalogue or the scenario's own `nodes` has it; raise ValueError otherwise."""
    allowed = (*local, *catalog.names("nodes"))
    if name not in allowed:
        hint = nearest(name, allowed) or "; see `datahall catalog list`, or describe it under 'nodes'"
        raise ValueError(f"'{name}' is not in the catalogue{hint}")
    return name


def known_group(name: str, groups: Iterable[str]) -> str:
    """Return `name` if the fleet has such a group; raise ValueError otherwise."""
    groups = list(groups)
    if name not in groups:
        raise ValueError(f"'{name}' is not a group of the fleet; allowed: {', '.join(groups)}{nearest(name, groups)}")
    return name


def _node_type(name: str, info: ValidationInfo) -> str:
    # Without a scenario around it a section can not know the local names; the scenario checks them again.
    context = info.context
    if isinstance(context, ScenarioContext) and context.node_types is not None:
        return known_node_type(name, sorted(context.node_types))
    return name


def _group(name: str, info: ValidationInfo) -> str:
    context = info.context
    if isinstance(context, ScenarioContext) and context.groups is not None:
        return known_group(name, sorted(context.groups))
    return name


class _CompletedFromCatalogue:
    """Lets editors offer the catalogue's nodes; the scenario's own are as good."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "examples": list(catalog.names("nodes"))}


def _own_names(nodes: dict[str, Node]) -> dict[str, Node]:
    taken = [name for name in nodes if name in catalog.names("nodes")]
    if taken:
        raise ValueError(f"the catalogue has {', '.join(taken)} already; choose another name")
    return nodes


OwnNodes = Annotated[dict[str, Node], AfterValidator(_own_names)]
"""Node types of a file's own, by name, beside those of the catalogue."""
NodeTypeName = Annotated[str, AfterValidator(_node_type), _CompletedFromCatalogue()]
"""A node of the catalogue or of the section `nodes`."""
GroupName = Annotated[str, AfterValidator(_group)]
"""A group of the fleet."""
