"""A plan as one JSON object: what `datahall plan --json` prints and `plan.json` holds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from optimizers.plan import GROUPS, Plan

SIGNIFICANT_DIGITS = 12
"""Digits of what is reported: the rest is the order in which a computer adds."""
NOTHING = 1e-12
"""Below this, in any unit that is reported, nothing is left of a number."""
SHARES = frozenset(("risk", "slo-shortfall"))
"""Objectives that lie between 0 and 1; NaN stays NaN."""


def outcome(plan: Plan, proof: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """Return a plan as plain mappings, lists and scalars.

    Keys are `status`, `objective`, `bound` and `gap` (share) of what was minimised, the five `groups` of cost [USD],
    each of the `objectives` in its unit, `plan`: the decisions in order, `proof`: what the proof came to, empty where
    none was asked for; `groups_by_quarter`, `site_quarters` and `served`: what the tables of a printed plan have; and
    the further `parts` that were asked for. With `taken_over` (nodes that stand there before) and `left_at_end` the
    quarters sum up to `groups`; `resale_by_quarter` is in their C. A number that does not exist is null; others have 12
    significant digits.
    """
    told = {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap if math.isnan(plan.gap) else max(rounded(plan.gap), 0.0),
        "groups": {group: plan.groups.get(group) for group in GROUPS},
        "objectives": {
            kind: min(max(value, 0.0), 1.0) if kind in SHARES else value for kind, value in plan.objectives.items()
        },
        "plan": [dataclasses.asdict(decision) for decision in plan.decisions],
        "proof": proof or {},
        "groups_by_quarter": [
            {"quarter": quarter, **groups}
            for quarter, groups in zip(_quarters(plan), plan.groups_by_quarter, strict=False)
        ],
        "taken_over": plan.taken_over,
        "left_at_end": plan.left_at_end,
        "resale_by_quarter": [
            {"quarter": quarter, "C": usd}
            for quarter, usd in zip(_quarters(plan), plan.resale_by_quarter, strict=False)
        ],
        "site_quarters": plan.site_quarters,
        "served": plan.served,
        **parts,
    }
    plain: dict[str, Any] = as_plain(told)
    return plain


def as_plain(value: Any) -> Any:
    """Return a value that JSON can hold: frozen data as mappings, arrays and tuples as lists, NaN and infinity as null.

    >>> as_plain({"gap": float("nan"), "points": (1, 2.5)})
    {'gap': None, 'points': [1, 2.5]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): as_plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_plain(child) for child in value]
    if hasattr(value, "tolist"):  # numpy's arrays and numbers
        return as_plain(value.tolist())
    if isinstance(value, float):
        return rounded(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def rounded(value: float) -> float:
    """Return a number as it is reported: with the digits that a solve can mean, and nothing for what is none.

    >>> rounded(392414.99999999994), rounded(1.25e-16), rounded(-0.0)
    (392415.0, 0.0, 0.0)
    """
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if abs(value) >= NOTHING else 0.0


def _quarters(plan: Plan) -> list[str]:
    return list(dict.fromkeys(row.quarter for row in plan.site_quarters))


def _key(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
