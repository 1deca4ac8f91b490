"""Why no plan exists: the fewest limits that would have to give, by how much, and what else would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ..instance.instance import Instance
from .dates import DateChange, earlier_or_later
from .elastic import Elastic, Group, elastic
from .limits.limit import Limit
from .limits.registry import kinds

_NEGLIGIBLE = 1e-6
"""Of the yardstick of a limit: what the solver's own tolerance leaves behind."""


@dataclass(frozen=True)
class Relaxation:
    """A limit that gives, and by how much."""

    limit: Limit
    by: float
    """In the limit's unit, above 0."""
    sentence: str


@dataclass(frozen=True)
class Alternative:
    """Limits that, all relaxed together, leave a plan; any of them less, and there is none."""

    relaxations: tuple[Relaxation, ...]
    proven: bool = True
    """Whether the amounts are least; not so where the solve ended at its nodes."""


@dataclass(frozen=True)
class Infeasible:
    """Why there is no plan."""

    alternatives: tuple[Alternative, ...]
    """Sets of limits, no limit in two of them: the means of the plan first, what it promises last."""
    dates: tuple[DateChange, ...]
    """Single dates each of which, moved, leaves a plan with all limits as they are."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        lines = ["No plan keeps all limits."]
        for number, each in enumerate(self.alternatives):
            least = "" if each.proven else " (a plan with less was not ruled out)"
            lines.append(f"It needs{least}:" if number == 0 else f"Or else{least}:")
            lines += [f"  {relaxation.sentence}" for relaxation in each.relaxations]
        for number, change in enumerate(self.dates):
            lines.append(f"{'Or else' if number or self.alternatives else 'It needs'}: {change.sentence}")
        if len(lines) == 1:
            lines.append("No limit, promise or date, relaxed alone or with the others, would leave one either.")
        return tuple(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "alternatives": [asdict(each) for each in self.alternatives],
            "dates": [asdict(each) for each in self.dates],
            "sentences": list(self.sentences),
        }


def why_infeasible(
    instance: Instance,
    *,
    build: Callable[[Instance], Any] | None = None,
    most_alternatives: int = 3,
    dates: bool = True,
) -> Infeasible:
    """Return why an instance has no plan.

    Parameters
    ----------
    build
        Makes the Pyomo model of an instance; the capacity model where it is not given.
    most_alternatives
        Sets of limits to look for: one over the plan's means, then others without their limits, then one over promises.
    dates
        Whether lead times and deadlines are tried too: a solve or two for each.
    """
    build = build or _capacity_model
    model = elastic(instance, build)
    means = [group for group in model.groups if not kinds()[group[0]].promise]
    promises = [group for group in model.groups if kinds()[group[0]].promise]
    found: list[Alternative] = []
    while len(found) < max(most_alternatives - 1, 1):
        each = _alternative(instance, model, means)
        if each is None:
            break
        found.append(each)
        if not each.relaxations:
            return Infeasible((), ())
        used = {relaxation.limit.group for relaxation in each.relaxations}
        means = [group for group in means if group not in used]
    if len(found) < most_alternatives:
        each = _alternative(instance, model, promises)
        if each is None and not found:
            each = _alternative(instance, model, model.groups)
        if each is not None:
            found.append(each)
    return Infeasible(tuple(found), earlier_or_later(instance, build) if dates else ())


def _alternative(instance: Instance, model: Elastic, allowed: list[Group] | tuple[Group, ...]) -> Alternative | None:
    limits = {"most_nodes": instance.most_nodes, "seed": instance.seed}
    groups = model.fewest(allowed, **limits)
    if groups is None:
        return None
    solved = model.amounts(groups, **limits)
    if not solved.found:
        return None
    relaxations = []
    for limit, column, size in zip(model.limits, model.given, model.size, strict=True):
        given = float(solved.values[column])
        if given > _NEGLIGIBLE:
            kind = kinds()[limit.kind]
            by = float(round(given)) if kind.whole else given * float(size)
            relaxations.append(Relaxation(limit, by, kind.sentence(limit, by)))
    return Alternative(tuple(relaxations), proven=solved.status == "optimal")


def _capacity_model(instance: Instance) -> Any:
    from ..capacity_model import CapacityModel

    return CapacityModel(instance).model
