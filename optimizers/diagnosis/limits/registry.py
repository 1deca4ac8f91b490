"""All kinds of limits, found by scanning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules

from ...instance.instance import Instance
from ..ample import Ample
from .limit import Limit, LimitKind


@cache
def kinds() -> dict[str, LimitKind]:
    """Return every kind of limit by its name, in the order of modules and of classes in them."""
    package = __name__.rpartition(".")[0]
    found: dict[str, LimitKind] = {}
    for module in sorted(each.name for each in iter_modules(import_module(package).__path__)):
        for made in vars(import_module(f"{package}.{module}")).values():
            if isinstance(made, type) and issubclass(made, LimitKind) and not isabstract(made) and "kind" in vars(made):
                found.setdefault(made.kind, made())
    return found


def limits_of(instance: Instance) -> Iterator[Limit]:
    """Yield every limit of an instance."""
    for kind in kinds().values():
        yield from kind.of(instance)


def relaxed(instance: Instance, limit: Limit, by: float) -> Instance:
    """Return an instance with one limit relaxed, by an amount in its unit."""
    return kinds()[limit.kind].relaxed(instance, limit, by)


def generous(instance: Instance, ample: Ample) -> Instance:
    """Return an instance with as much as any plan could want of all that bounds columns.

    Bounds on columns shape other rows too (the hull of modes, orders at open sites), which must not hold a plan back
    when the bound gives. Limits that stand in rows of their own stay as they are.
    """
    for limit in list(limits_of(instance)):
        kind = kinds()[limit.kind]
        if kind.whole:
            instance = kind.relaxed(instance, limit, kind.ample(limit, ample))
    return instance
