"""What one plan decides differently from another, in words."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnosis.amounts import amount_text
from ..plan import Decision, Plan

_VERBS = {
    "open": "opens",
    "buy": "buys",
    "retire": "retires",
    "module": "builds",
    "fabric": "builds",
    "storage": "buys",
    "battery": "buys",
    "photovoltaics": "builds",
    "power-purchase": "contracts",
    "bridging": "rents",
    "gang": "trains",
    "mode": "is run",
}
_UNITS = {"battery": "battery units", "photovoltaics": "photovoltaic units", "bridging": "units of bridging"}
"""What is counted in units of the site's own, which have no name."""
_CHOSEN = frozenset({"open", "mode", "gang"})
"""Kinds that are chosen, not counted."""


def changed_decisions(before: Plan, after: Plan) -> tuple[str, ...]:
    """Return what a plan decides differently from an earlier one: totals by site and thing, and first quarters.

    >>> from ..plan import Plan
    >>> def plan(*made: Decision) -> Plan:
    ...     return Plan("p", "optimal", "cost", 0.0, 0.0, 0.0, {}, {}, made, (), ())
    >>> changed_decisions(plan(Decision("a", "Q1", "buy", "h100", 8)), plan(Decision("a", "Q2", "buy", "h100", 12)))
    ('a buys 12 of h100 instead of 8, from Q2 on instead of Q1',)
    """
    old, new = _totals(before.decisions), _totals(after.decisions)
    found = []
    for key in dict.fromkeys((*old, *new)):
        sentence = _sentence(key, old.get(key), new.get(key))
        if sentence:
            found.append(sentence)
    return tuple(found)


def _totals(decisions: Iterable[Decision]) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Return the count and the first quarter of each thing; decisions come in order of quarters."""
    totals: dict[tuple[str, str, str], tuple[float, str]] = {}
    for each in decisions:
        key = each.site, each.kind, each.what
        count, first = totals.get(key, (0.0, each.quarter))
        totals[key] = count + each.count, first
    return totals


def _power(power_w: float) -> str:
    return amount_text(power_w, "W")


def _sentence(key: tuple[str, str, str], old: tuple[float, str] | None, new: tuple[float, str] | None) -> str:
    site, kind, what = key
    thing = "" if kind == "open" else f" {what}"
    if kind in _CHOSEN:
        if new is None:
            return f"{site} no longer {_VERBS[kind]}{thing}"
        if old is None:
            return f"{site} {_VERBS[kind]}{thing} from {new[1]} on"
        return f"{site} {_VERBS[kind]}{thing} from {new[1]} on instead of {old[1]}" if new[1] != old[1] else ""
    old_count, new_count = old[0] if old else 0.0, new[0] if new else 0.0
    words = []
    count = _power if kind == "power-purchase" else "{:.0f}".format
    if count(new_count) != count(old_count):
        of = _UNITS.get(kind, f"of {what}")
        words.append(f"{count(new_count)} {of} instead of {count(old_count)}")
    if old and new and old[1] != new[1]:
        named = "" if words else f"{_UNITS.get(kind, what)} "
        words.append(f"{named}from {new[1]} on instead of {old[1]}")
    return f"{site} {_VERBS[kind]} {', '.join(words)}" if words else ""
