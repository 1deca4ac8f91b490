"""The type of a section whose `kind:` selects one of a contract's kinds."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from models.kinds import kinds_of
from models.section import Section


def selected_from(package: str, contract: type[Section]) -> Any:
    """Return the type of a field that holds any kind of `contract` found in `package` or behind an entry point."""
    return selected(kinds_of(package, contract))


def selected(kinds: Mapping[str, type[Section]], default: str | None = None) -> Any:
    """Return the type of a field that holds one of `kinds`; without `kind:` it is the kind named `default`."""

    def kind_of(given: object) -> object:
        return given.get("kind", default) if isinstance(given, Mapping) else getattr(given, "kind", None)

    members = [Annotated[kind, Tag(name)] for name, kind in kinds.items()]
    return Annotated[functools.reduce(operator.or_, members), Discriminator(kind_of)]
