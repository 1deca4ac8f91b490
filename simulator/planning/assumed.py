"""What a plan file leaves to defaults that are assumptions: a reader of the plan must know them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from models.docstrings import described_fields
from models.section import Section

_SPACES = re.compile(r"\s+")


class Assumed(NamedTuple):
    """A key that the file does not give and whose default is an assumption."""

    path: str
    value: Any
    meaning: str
    """What the key is, with the reason of its default."""


def assumed(section: Section, path: str = "") -> tuple[Assumed, ...]:
    """Return the keys of a section, and of those in it, that stand at a default which its docstring calls an
    assumption, in order of declaration."""
    return tuple(_walk(section, path))


def _walk(value: Any, path: str) -> Iterator[Assumed]:
    if isinstance(value, Section):
        tree = value.model_dump(mode="json", by_alias=True)
        for name, field in described_fields(type(value)).items():
            inside = f"{path}.{name}" if path else name
            meaning = _SPACES.sub(" ", field.description or "")
            if name not in value.model_fields_set and "assumption" in meaning.lower():
                yield Assumed(inside, tree.get(field.alias or name), meaning)
            else:
                yield from _walk(getattr(value, name), inside)
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield from _walk(child, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from _walk(child, f"{path}[{index}]")
