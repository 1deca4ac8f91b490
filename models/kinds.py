"""Find the kinds of a contract: one module a kind, in the contract's package or behind an entry point.

A kind is a frozen pydantic model derived from the contract, with a field `kind: Literal["its-name"] = "its-name"`.
Adding one is adding its module: nothing else names it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import operator
import pkgutil
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Discriminator, Tag

from .section import Section

ContractT = TypeVar("ContractT", bound=Section)


@functools.cache
def kinds_of(package: str, contract: type[ContractT]) -> dict[str, type[ContractT]]:
    """Return the kinds of `contract` by name, sorted: those of the modules of `package`, then third parties'.

    Modules whose name ends in `_kernel` hold compiled loops and are not imported. Third parties register a class
    under the entry-point group `datahall.<package>`, for example `datahall.simulator.scheduling`.
    """
    found: dict[str, type[ContractT]] = {}
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__):
        if module.name.endswith("_kernel") or module.ispkg:
            continue
        for value in vars(importlib.import_module(f"{package}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, contract) and "kind" in value.model_fields:
                found[value.model_fields["kind"].default] = value
    for entry in _entry_points().select(group=f"datahall.{package}"):
        found.setdefault(entry.name, entry.load())
    return dict(sorted(found.items()))


@functools.cache
def _entry_points() -> Any:  # of another type before Python 3.12
    """Return the entry points of every package installed, to be selected from; each package is opened for them."""
    return importlib.metadata.entry_points()


def selected_from(package: str, contract: type[Section]) -> Any:
    """Return the type of a field that holds any kind of `contract` found in `package` or behind an entry point."""
    return selected(kinds_of(package, contract))


def selected(kinds: Mapping[str, type[Section]], default: str | None = None) -> Any:
    """Return the type of a field that holds one of `kinds`; without `kind:` it is the kind named `default`."""

    def kind_of(given: object) -> object:
        return given.get("kind", default) if isinstance(given, Mapping) else getattr(given, "kind", None)

    members = [Annotated[kind, Tag(name)] for name, kind in kinds.items()]
    return Annotated[functools.reduce(operator.or_, members), Discriminator(kind_of)]
