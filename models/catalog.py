"""The catalogue: accelerators, nodes, racks, switches, chillers and models that come with datahall, one YAML file each.

A file is read when its entry is asked for, and no other. Its name without `.yaml` is the entry's name.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Literal, overload

from .catalog_files import InCatalog as InCatalog
from .catalog_files import names as names
from .catalog_files import read_entry
from .catalog_files import rooms as rooms
from .dimension import DIMENSIONS
from .sourced import Entry, numbers
from .units import format_quantity

if TYPE_CHECKING:
    from .accelerators.accelerator import Accelerator
    from .chillers.chiller import Chiller
    from .neural_networks.perceptron import Perceptron
    from .neural_networks.transformer import Transformer
    from .nodes.node import Node
    from .racks.rack import Rack
    from .switches.switch import Switch


_SECTIONS = {
    "accelerators": ("models.accelerators.accelerator:Accelerator",),
    "nodes": ("models.nodes.node:Node",),
    "racks": ("models.racks.rack:Rack",),
    "switches": ("models.switches.switch:Switch",),
    "chillers": ("models.chillers.chiller:Chiller",),
    "models": ("models.neural_networks.transformer:Transformer", "models.neural_networks.perceptron:Perceptron"),
}
"""The sections that each room holds ("module:Class"), imported when one is asked for; several are told apart by
`kind:`."""


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
    return read_entry(room, name, *_sections(room))


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
def _sections(room: str) -> tuple[type[Entry], ...]:
    classes: list[type[Entry]] = []
    for path in _SECTIONS.get(room, ()):
        module, _, name = path.partition(":")
        classes.append(getattr(importlib.import_module(module), name))
    return tuple(classes)


def _printed(value: float, unit: str) -> str:
    for dimension in DIMENSIONS.values():
        if unit and dimension.si == unit:
            exact = dimension.write(value)
            return exact if len(exact) <= 13 else format_quantity(value, dimension.name, digits=5)
    return f"{value:g}" if isinstance(value, float) else str(value)
