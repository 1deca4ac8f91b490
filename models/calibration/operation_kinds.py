"""Find the operations: every class of `models.calibration.operations` that has a name."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from . import operations as package
from .operation import Operation


@functools.cache
def operations() -> dict[str, Operation]:
    """Return the operations by name, sorted."""
    found: dict[str, Operation] = {}
    for module in pkgutil.iter_modules(package.__path__):
        for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Operation) and hasattr(value, "name"):
                found[value.name] = value()
    return dict(sorted(found.items()))
