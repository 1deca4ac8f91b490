"""Components that are taken for equal: of one kind, alike in name and in the nodes that stop with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.fleet import Fleet

from ..engine.batch import Batch
from ..operations.component import Component, Components

_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class ComponentClass:
    """A class, with the one that stands for all and another that fails with it, None where there is no other."""

    kind: str
    name: str
    """Their names with # in place of numbers."""
    count: int
    first: Component
    second: Component | None


def component_classes(
    components: Components, kinds: Sequence[str], fleet: Fleet, batch: Batch
) -> tuple[ComponentClass, ...]:
    """Return the classes of some kinds, of every kind where none is named.

    Of each class those stand for all that hold most tasks of running jobs now, the first among equals.
    """
    chosen = tuple(kinds) or tuple(components.kinds)
    alike: dict[tuple[str, str, tuple[tuple[int, int], ...]], list[Component]] = {}
    for kind in chosen:
        for component in components.of_kind(kind):
            models = Counter(fleet.model[list(component.nodes)].tolist())
            key = (kind, _NUMBERS.sub("#", component.name), tuple(sorted(models.items())))
            alike.setdefault(key, []).append(component)
    residents = batch.state.nodes["residents"]
    found = []
    for (kind, pattern, _), members in alike.items():
        held = np.array([residents[list(each.nodes)].sum() if each.nodes else 0 for each in members])
        order = np.argsort(-held, kind="stable")
        second = members[order[1]] if len(members) > 1 else None
        found.append(ComponentClass(kind, pattern, len(members), members[order[0]], second))
    return tuple(found)
