"""Gangs that stand in the way because they are whole: the largest that would find a place, and where."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..instance.instance import Instance
from .possible import any_plan

_SIZES = 64
"""Sizes of a gang that are told apart at most, so that a search among them takes six solves."""


@dataclass(frozen=True)
class SmallerGang:
    """A size of a gang that leaves a plan, where the whole gang leaves none."""

    gang: str
    site: str
    """Where it would stand."""
    node: str
    whole: int
    """Nodes of the whole gang on this type of node."""
    nodes: int
    """Nodes of it that would find a place."""
    done: bool
    """Whether so few would have trained all of its tokens before the deadline."""
    sentence: str


def smaller_gangs(instance: Instance, build: Callable[[Instance], Any]) -> tuple[SmallerGang, ...]:
    """Return for each gang the largest size that was found to leave a plan, none for those whose size is not the cause.

    A smaller gang is slower in proportion. Each is looked at by itself: first how many nodes of it find a place for as
    long as the whole gang would hold them, then whether these are done with all its tokens in time. Both are solved.
    """
    found = []
    for position, gang in enumerate(instance.gangs):
        smaller = _smaller(instance, position, build) if gang.least_served > 0.0 else None
        if smaller is not None:
            found.append(smaller)
    return tuple(found)


def _smaller(instance: Instance, position: int, build: Callable[[Instance], Any]) -> SmallerGang | None:
    gang = instance.gangs[position]
    whole = int(gang.nodes.max())
    step = math.ceil(whole / _SIZES)
    low, high = 0, math.ceil(whole / step)  # `low` steps find a place, `high` do not
    place: tuple[str, str] | None = None
    # The smallest first: where not even that leaves a plan, its size is not the cause.
    tried = 1
    while high - low > 1:
        where = _place(_sized(instance, position, tried * step, in_proportion=True), gang.name, build)
        if where is None:
            if low == 0:
                return None
            high = tried
        else:
            low, place = tried, where
        tried = (low + high) // 2
    if place is None:
        return None
    site, name = place
    node = next(each for each in instance.nodes if each.name == name)
    at = instance.nodes.index(node)
    sized = _sized(instance, position, low * step, in_proportion=False)
    nodes, all_of_it = int(sized.gangs[position].nodes[at]), int(gang.nodes[at])
    there = _place(sized, gang.name, build)
    accelerators = f" ({nodes * node.accelerators} accelerators, with any spare nodes)" if node.accelerators else ""
    words = f"{gang.name} needs all of its {all_of_it} nodes of {name} at one site at once; "
    last = instance.quarters[min(gang.last, len(instance.quarters) - 1)].name
    if there is None:
        words += f"{nodes} would find a place at {site}, and be too slow to be done by the end of {last}"
    else:
        site = there[0]
        words += f"{nodes}{accelerators} at {site} would do, slower in proportion"
    return SmallerGang(gang.name, site, name, all_of_it, nodes, there is not None, words)


def _sized(instance: Instance, position: int, nodes: int, *, in_proportion: bool) -> Instance:
    """Return an instance in which a gang has so many nodes of the type of which it has most, of others its share; its
    rate is in proportion, and its tokens too where that is asked for."""
    import numpy as np

    gang = instance.gangs[position]
    share = nodes / int(gang.nodes.max())
    counts = np.ceil(gang.nodes * share - 1e-9).astype(np.int64)
    kept = np.divide(counts, gang.nodes, out=np.zeros(len(counts)), where=gang.nodes > 0)
    smaller = replace(
        gang,
        nodes=counts,
        rate=gang.rate * kept[:, np.newaxis],
        tokens=gang.tokens * share if in_proportion else gang.tokens,
    )
    gangs = tuple(smaller if each is gang else each for each in instance.gangs)
    return replace(instance, gangs=gangs)


def _place(instance: Instance, gang: str, build: Callable[[Instance], Any]) -> tuple[str, str] | None:
    """Return the site and type of node of a gang in some plan; None where none was found, or the gang is nowhere."""
    matrix, solved = any_plan(instance, build)
    if not solved.found:
        return None
    for (family, index), value in zip(matrix.columns, solved.values, strict=True):
        if family == "placed" and str(index[0]) == gang and value > 0.5:
            return str(index[1]), str(index[2])
    return None
