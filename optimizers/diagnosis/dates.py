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


@dataclass(frozen=True)
class _Date:
    """A date of an instance that can be moved."""

    kind: str
    what: str
    now: str
    longest: int
    """By how many quarters it can be moved at most."""
    moved: Callable[[int], Instance]
    """What moving it by some quarters makes of the instance."""
    words: str
    """What stands now, as a sentence begins."""
    way: str
    """`sooner`, `earlier` or `later`."""

    def by(self, quarters: int) -> DateChange:
        sentence = f"{self.words}; {amount_text(quarters, 'quarter')} {self.way} would do"
        return DateChange(self.kind, self.what, self.now, quarters, sentence)


def earlier_or_later(instance: Instance, build: Callable[[Instance], Any]) -> tuple[DateChange, ...]:
    """Return the dates each of which alone leaves a plan, with the least change that does.

    Dates for which a plan is hard to find are left out: what is returned is sure, what is not is not ruled out.
    """
    found = []
    for date in _dates(instance):
        if not any_plan(date.moved(date.longest), build)[1].found:
            continue
        for quarters in range(1, date.longest + 1):
            if quarters == date.longest or any_plan(date.moved(quarters), build)[1].found:
                found.append(date.by(quarters))
                break
    return tuple(found)


def _dates(instance: Instance) -> Iterator[_Date]:
    names = [each.name for each in instance.quarters]
    for field in _THINGS:
        for position, thing in enumerate(getattr(instance, field)):
            if thing.lead > 0:
                lead = amount_text(thing.lead, "quarter")
                moved, words = _sooner(instance, field, position), f"{thing.name} takes {lead} from order to service"
                yield _Date("lead time", thing.name, lead, thing.lead, moved, words, "sooner")
    for position, node in enumerate(instance.nodes):
        if node.on_sale > 0:
            now = names[node.on_sale]
            moved, words = _on_sale(instance, position), f"{node.name} is on sale from {now} on"
            yield _Date("release", node.name, now, node.on_sale, moved, words, "earlier")
    for position, gang in enumerate(instance.gangs):
        if gang.last < len(names) - 1:
            now, longest = names[gang.last], len(names) - 1 - gang.last
            moved, words = _later(instance, position), f"{gang.name} must be done by the end of {now}"
            yield _Date("deadline", gang.name, now, longest, moved, words, "later")


def _sooner(instance: Instance, field: str, position: int) -> Callable[[int], Instance]:
    thing = getattr(instance, field)[position]
    return lambda quarters: _with(instance, field, position, replace(thing, lead=thing.lead - quarters))


def _on_sale(instance: Instance, position: int) -> Callable[[int], Instance]:
    node = instance.nodes[position]

    def moved(quarters: int) -> Instance:
        supply = node.supply.copy()
        supply[node.on_sale - quarters : node.on_sale] = supply[node.on_sale]
        return _with(instance, "nodes", position, replace(node, supply=supply))

    return moved


def _later(instance: Instance, position: int) -> Callable[[int], Instance]:
    gang = instance.gangs[position]
    return lambda quarters: _with(instance, "gangs", position, replace(gang, last=gang.last + quarters))


def _with(instance: Instance, field: str, position: int, thing: Any) -> Instance:
    """Return an instance with one of its things replaced."""
    things = list(getattr(instance, field))
    things[position] = thing
    changes: dict[str, Any] = {field: tuple(things)}
    return replace(instance, **changes)
