"""What an objective is, and how objectives are found."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


class Objective(ABC):
    """Something that a plan wants little of. A kind is a subclass in a module of this package; nothing else
    names it."""

    kind: ClassVar[str]
    """Its name, in plans and caps."""
    unit: ClassVar[str]
    rank: ClassVar[int]
    """Its place among the objectives."""
    scale: ClassVar[float]
    """What 1 of its sum in the model is in its unit."""

    @abstractmethod
    def terms(self, formulation: Formulation) -> Terms:
        """Return its sum over a formulation's variables; variables and rows of its own are added there. Called once."""

    def penalty(self, formulation: Formulation) -> Terms | None:  # noqa: ARG002
        """Return what is minimised with it, in the same unit, and yet is no part of its value."""
        return None

    def value(self, formulation: Formulation, terms: Terms, read: Callable[[Terms], float]) -> float:  # noqa: ARG002
        """Return its value in its unit at a solution; `read` gives the value of a sum there."""
        return self.scale * read(terms)


@functools.cache
def objectives() -> dict[str, Objective]:
    """Return the objectives by kind, in their usual order.

    They are those of this package's modules and third parties' classes under the entry-point group
    `datahall.optimizers.objectives`.
    """
    package = importlib.import_module("optimizers.objectives")
    found: dict[str, type[Objective]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Objective) and value is not Objective:
                found[value.kind] = value
    for entry in importlib.metadata.entry_points().select(group="datahall.optimizers.objectives"):
        found.setdefault(entry.name, entry.load())
    ordered = sorted(found.items(), key=lambda each: (each[1].rank, each[0]))
    return {kind: each() for kind, each in ordered}
