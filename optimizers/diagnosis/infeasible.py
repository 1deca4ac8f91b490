"""Why no plan exists: the fewest limits that would have to give, by how much, and what else would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..instance.instance import Instance
from ..matrix import Solved, matrix_of, solve_matrix, values_of
from .dates import DateChange, earlier_or_later
from .elastic import Elastic, Group, elastic
from .gangs import SmallerGang, smaller_gangs
from .limits.limit import Limit
from .limits.registry import kinds
from .possible import any_plan

_NEGLIGIBLE = 1e-6
"""Of the yardstick of a limit: what the solver's own tolerance leaves behind."""


@dataclass(frozen=True)
class Relaxation:
    """A limit that gives, and by how much."""

    limit: Limit
    by: float
    """In the limit's unit, above 0; the least there is, rounded up to what the sentence says."""
    sentence: str


@dataclass(frozen=True)
class Alternative:
    """Limits that, all relaxed together, leave a plan."""

    relaxations: tuple[Relaxation, ...]
    proven: bool = True
    """Whether the amounts are least; not so where the solve ended at its nodes or rounds."""
    enough: bool = True
    """Whether a plan was found with limits relaxed so; without, at least so much is needed."""
    fewest: bool = True
    """Whether it was shown that no fewer limits would do, whatever their amounts."""

    @property
    def doubt(self) -> str:
        """What is not known of it, as a heading says it."""
        if not self.enough:
            return " at least (that it is enough was not shown)"
        if not self.fewest:
            return " (a plan with fewer limits relaxed was not ruled out)"
        return "" if self.proven else " (a plan with less of it was not ruled out)"


@dataclass(frozen=True)
class Infeasible:
    """Why there is no plan."""

    alternatives: tuple[Alternative, ...]
    """Sets of limits, no limit in two of them: the means of the plan first, what it promises last."""
    dates: tuple[DateChange, ...]
    """Single dates each of which, moved, leaves a plan with all limits as they are."""
    gangs: tuple[SmallerGang, ...] = ()
    """Gangs that leave a plan where they are smaller, and how small they have to be to find a place."""
    hopeless: bool = False
    """Whether it is proven that all limits and promises relaxed together leave no plan either."""
    exact: bool = False
    """Whether what keeps it from a plan is smaller than the solver tells apart."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        lines = ["No plan keeps all limits."]
        if self.exact:
            return (
                *lines,
                "It misses one by less than a solver tells apart: some limit that is met exactly is too tight.",
            )
        for number, each in enumerate(self.alternatives):
            lines.append(f"It needs{each.doubt}:" if number == 0 else f"Or else{each.doubt}:")
            lines += [f"  {relaxation.sentence}" for relaxation in each.relaxations]
        for change in self.dates:
            lines.append(f"{'Or else' if len(lines) > 1 else 'It needs'}: {change.sentence}")
        for gang in self.gangs:
            begin = "" if not gang.done else "Or else: " if len(lines) > 1 else "It needs: "
            lines.append(f"{begin}{gang.sentence}")
        if len(lines) == 1:
            limits = (
                "All limits and promises relaxed together leave none either"
                if self.hopeless
                else "Which limits and promises would have to give was not found"
            )
            lines.append(f"{limits}; nor was a date found that, moved alone, would do.")
        return tuple(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "alternatives": [asdict(each) for each in self.alternatives],
            "dates": [asdict(each) for each in self.dates],
            "gangs": [asdict(each) for each in self.gangs],
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
        Whether lead times, deadlines and smaller gangs are tried too: a solve or two for a date, seven for a gang.
    """
    build = build or _capacity_model
    model = elastic(instance, build)
    means = [group for group in model.groups if not kinds()[group[0]].promise]
    promises = [group for group in model.groups if kinds()[group[0]].promise]
    found: list[Alternative] = []
    while len(found) < max(most_alternatives - 1, 1):
        each = _alternative(instance, model, means, build)
        if each is None:
            break
        found.append(each)
        if not each.relaxations:
            return Infeasible((), (), exact=True)
        used = {relaxation.limit.group for relaxation in each.relaxations}
        means = [group for group in means if group not in used]
    if len(found) < most_alternatives:
        each = _alternative(instance, model, promises, build)
        if each is None and not found:
            each = _alternative(instance, model, model.groups, build)
        if each is not None:
            found.append(each)
    return Infeasible(
        tuple(found),
        earlier_or_later(instance, build) if dates else (),
        smaller_gangs(instance, build) if dates else (),
        hopeless=not found and model.hopeless(),
    )


def _alternative(
    instance: Instance, model: Elastic, allowed: Iterable[Group], build: Callable[[Instance], Any]
) -> Alternative | None:
    """Return the fewest of the allowed limits that leave a plan, with amounts as they are told and tried; None where
    none were found."""
    fewest = model.fewest(allowed)
    if fewest is None:
        return None
    solved = model.amounts(fewest.groups)
    if not solved.found:
        return None
    relaxations = []
    eased = instance
    for limit, column, size in zip(model.limits, model.given, model.size, strict=True):
        given = float(solved.values[column])
        if given > _NEGLIGIBLE:
            kind = kinds()[limit.kind]
            by = kind.told(limit, given * float(size))
            relaxations.append(Relaxation(limit, by, kind.sentence(limit, by)))
            eased = kind.relaxed(eased, limit, by)
    enough = _leaves_a_plan(eased, model, solved, build)
    proven = solved.status == "optimal"
    return Alternative(tuple(relaxations), proven=proven, enough=enough, fewest=fewest.shown)


def _leaves_a_plan(eased: Instance, model: Elastic, solved: Solved, build: Callable[[Instance], Any]) -> bool:
    """Return whether an instance whose limits were relaxed has a plan: that of the elastic model, or any."""
    matrix = matrix_of(build(eased))
    decided = values_of(matrix, dict(zip(model.matrix.columns, solved.values.tolist(), strict=True)))
    same = replace(matrix, cost=0.0 * matrix.cost, offset=0.0).fixed(matrix.integer, decided)
    return (model.matrix.is_whole(solved.values) and solve_matrix(same.relaxed()).found) or any_plan(eased, build)[
        1
    ].found


def _capacity_model(instance: Instance) -> Any:
    from ..capacity_model import CapacityModel

    return CapacityModel(instance).model
