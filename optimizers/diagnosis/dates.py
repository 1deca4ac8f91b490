"""Dates that stand in the way: lead times that are too long, releases too late, deadlines too near."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..instance.instance import Instance
from .amounts import amount_text
from .possible import any_plan

_THINGS = ("nodes", "modules", "fabrics", "stores")


@dataclass(frozen=True)
class DateChange:
    """A date that, moved by itself, leaves a plan."""

    kind: str
    """`lead time`, `release` or `deadline`."""
    what: str
    now: str
    """Quarters of lead, the first quarter of sale, or the last before the deadline."""
    quarters: int
    """By how many quarters it has to move: earlier for deliveries and releases, later for a deadline."""
    sentence: str


def earlier_or_later(instance: Instance, build: Callable[[Instance], Any]) -> tuple[DateChange, ...]:
    """Return the dates each of which alone leaves a plan, with the least change that does.

    Dates for which a plan is hard to find are left out: what is returned is sure, what is not is not ruled out.
    """
    found = []
    for longest, change in _changes(instance):
        if not any_plan(change(longest)[0], build)[1].found:
            continue
        for quarters in range(1, longest + 1):
            changed, date = change(quarters)
            if quarters == longest or any_plan(changed, build)[1].found:
                found.append(date)
                break
    return tuple(found)


def _changes(instance: Instance) -> Iterator[tuple[int, Callable[[int], tuple[Instance, DateChange]]]]:
    """Yield how far each date can move, and what moving it by some quarters makes of the instance."""
    for field in _THINGS:
        for position, thing in enumerate(getattr(instance, field)):
            if thing.lead > 0:
                yield thing.lead, _sooner(instance, field, position)
    for position, node in enumerate(instance.nodes):
        if node.on_sale > 0:
            yield node.on_sale, _on_sale(instance, position)
    last = len(instance.quarters) - 1
    for position, gang in enumerate(instance.gangs):
        if gang.last < last:
            yield last - gang.last, _later(instance, position)


def _sooner(instance: Instance, field: str, position: int) -> Callable[[int], tuple[Instance, DateChange]]:
    def change(quarters: int) -> tuple[Instance, DateChange]:
        things = list(getattr(instance, field))
        thing = things[position]
        things[position] = replace(thing, lead=thing.lead - quarters)
        lead, less = amount_text(thing.lead, "quarter"), amount_text(quarters, "quarter")
        changes: dict[str, Any] = {field: tuple(things)}
        return replace(instance, **changes), DateChange(
            "lead time",
            thing.name,
            lead,
            quarters,
            f"{thing.name} takes {lead} from order to service; {less} sooner would do",
        )

    return change


def _on_sale(instance: Instance, position: int) -> Callable[[int], tuple[Instance, DateChange]]:
    def change(quarters: int) -> tuple[Instance, DateChange]:
        nodes = list(instance.nodes)
        node = nodes[position]
        supply = node.supply.copy()
        supply[node.on_sale - quarters : node.on_sale] = supply[node.on_sale]
        nodes[position] = replace(node, supply=supply)
        now = instance.quarters[node.on_sale].name
        return replace(instance, nodes=tuple(nodes)), DateChange(
            "release",
            node.name,
            now,
            quarters,
            f"{node.name} is on sale from {now} on; {amount_text(quarters, 'quarter')} earlier would do",
        )

    return change


def _later(instance: Instance, position: int) -> Callable[[int], tuple[Instance, DateChange]]:
    def change(quarters: int) -> tuple[Instance, DateChange]:
        gangs = list(instance.gangs)
        gang = gangs[position]
        gangs[position] = replace(gang, last=gang.last + quarters)
        now = instance.quarters[gang.last].name
        return replace(instance, gangs=tuple(gangs)), DateChange(
            "deadline",
            gang.name,
            now,
            quarters,
            f"{gang.name} must be done by the end of {now}; {amount_text(quarters, 'quarter')} later would do",
        )

    return change
