"""Numbers that are too great to plan with: refused where they are given, before sums of them lose their digits."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.dimension import Dimension

from ..problem import Problem
from ..refusals import Refusals

_MOST = 1e15
"""In SI: a double carries 15 digits, and the solver takes no greater coefficient."""
_MOST_OF = {"money": 1e12, "power": 1e13, "data": 1e24, "energy": 1e21}
"""USD as many datacenters as there are do not cost; W as all power plants do not have; B and J are small units."""
_MOST_NODES = 1e8
"""More than all that were ever built. Beyond it what one node serves is within the solver's tolerance of nothing."""


def refuse_magnitudes(problem: Problem, refusals: Refusals) -> None:
    """Refuse what is stated beyond any fleet: a price of 1e300 USD is a slip of the pen."""
    for path, value, dimension in _numbers(problem, "plan"):
        most = _MOST_OF.get(dimension.name, _MOST) if dimension is not None else _MOST
        if abs(value) > most:
            unit = f" {dimension.si}" if dimension is not None else ""
            refusals.refuse(path, f"is {value:g}{unit}; allowed: at most {most:g}{unit}")


def refuse_fleets(asked: Mapping[str, float], refusals: Refusals) -> None:
    """Refuse a demand that takes more nodes than there can be; `asked` is by class, on the SKU that takes most."""
    for name, nodes in asked.items():
        if nodes > _MOST_NODES:
            text = f"takes {nodes:.3g} nodes of the slowest SKU at its greatest; allowed: at most {_MOST_NODES:g}"
            refusals.refuse(f"plan.demand.{name}", text)


def _numbers(given: object, path: str, unit: Dimension | None = None) -> Iterator[tuple[str, float, Dimension | None]]:
    """Yield the path, value and dimension of every number in a section."""
    if isinstance(given, BaseModel):
        for name, field in type(given).model_fields.items():
            yield from _numbers(getattr(given, name), f"{path}.{field.alias or name}", next(_dimensions(field), None))
    elif isinstance(given, Mapping):
        for key, each in given.items():
            yield from _numbers(each, f"{path}.{key}", unit)
    elif isinstance(given, list | tuple):
        for number, each in enumerate(given):
            yield from _numbers(each, f"{path}[{number}]", unit)
    elif isinstance(given, int | float) and not isinstance(given, bool):
        yield path, given, unit


def _dimensions(annotation: Any) -> Iterator[Dimension]:
    """Yield the dimensions of a field: pydantic keeps that of a plain one in its metadata, others in their types."""
    if isinstance(annotation, FieldInfo):
        yield from (each for each in annotation.metadata if isinstance(each, Dimension))
        annotation = annotation.annotation
    for each in typing.get_args(annotation):
        if isinstance(each, Dimension):
            yield each
        else:
            yield from _dimensions(each)
