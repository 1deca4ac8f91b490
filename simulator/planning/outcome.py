"""A plan as one JSON object: what `datahall plan --json` prints and `plan.json` holds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from optimizers.plan import GROUPS, Plan


def outcome(plan: Plan, proof: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """Return a plan as plain mappings, lists and scalars.

    Keys are `status`, `objective`, `bound` and `gap` (share) of what was minimised, the five `groups` of cost [USD],
    each of the `objectives` in its unit, `plan`: the decisions in order, `proof`: what the proof came to, empty where
    none was asked for; and the further `parts` that were asked for. A number that does not exist is null.
    """
    told = {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "groups": {group: plan.groups.get(group) for group in GROUPS},
        "objectives": dict(plan.objectives),
        "plan": [dataclasses.asdict(decision) for decision in plan.decisions],
        "proof": proof or {},
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
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _key(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)
