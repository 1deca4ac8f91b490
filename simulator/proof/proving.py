"""The proof loop: plan, simulate, compare, derate, plan anew, until the plan delivers what it promises."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models.nodes.node import Node
from optimizers.derates import Derates
from optimizers.instance.instance import Instance
from optimizers.plan import Plan
from optimizers.problem import Problem

from .accounts import delivered_account, planned_account
from .bases import bases_of
from .causes import derated
from .comparison import ComparisonRow, compared, worst_miss
from .halls_of_plan import hall_quarters
from .loading import write_scenario
from .observed import Observed
from .proof import Proof, Round
from .proven_futures import proven_futures
from .running import Simulations
from .scenarios import ProofCase, hall_scenario
from .site_accounts import hall_accounts, site_accounts

if TYPE_CHECKING:
    from .scenarios import HallScenario

__all__ = ["Planner", "Progress", "Proof", "Round", "prove", "solved_from"]

Progress = Callable[[str], None]
"""Told, in words, what is being done."""


class Planner(Protocol):
    """What makes a plan of an instance."""

    def __call__(self, instance: Instance, start: Any, /) -> tuple[Plan, Any]:
        """Return the plan, and what the next solve can begin from; `start` is what the last one gave, None at first."""


def prove(
    problem: Problem,
    nodes: Mapping[str, Node],
    *,
    name: str,
    seed: int = 0,
    folder: Path | None = None,
    data_root: Path | None = None,
    workers: int = 2,
    planner: Planner | None = None,
    simulations: Simulations | None = None,
    progress: Progress | None = None,
    scenarios_into: Path | None = None,
) -> Proof:
    """Return the proof of a plan: solves and simulations until every figure is within `plan.proof.tolerance`.

    `nodes` are the plan file's own node types; files that the plan names are looked for below `data_root` and in
    `folder`. The scenarios of the best plan's first replica are written into `scenarios_into`, to be run with
    `datahall run`. Raises InputError where an instance or a scenario can not be made.
    """
    where = Path.cwd() if folder is None else folder
    plans = solved_from if planner is None else planner
    own = Simulations(where, data_root, workers) if simulations is None else simulations
    with own as running:
        loop = _Loop(problem, nodes, name, seed, plans, running, progress or _silent)
        found = loop.proof()
    if scenarios_into is not None and found.best is not None:
        for scenario in loop.scenarios[found.best][:: problem.proof.replicas]:
            write_scenario(scenario.tree, scenarios_into)
    return found


class _Loop:
    def __init__(
        self,
        problem: Problem,
        nodes: Mapping[str, Node],
        name: str,
        seed: int,
        planner: Planner,
        simulations: Simulations,
        progress: Progress,
    ) -> None:
        self.problem, self.nodes, self.name, self.seed = problem, nodes, name, seed
        self.planner, self.simulations, self.tell = planner, simulations, progress
        self.rounds: list[Round] = []
        self.scenarios: list[list[HallScenario]] = []
        """Of each round: every hall in every quarter, its replicas one after the other."""
        self.notes: list[str] = []
        self.futures: tuple[int, ...] = ()
        """Positions of those that were simulated; none before the first round."""

    def proof(self) -> Proof:
        terms, derates, start = self.problem.proof, Derates(), None
        for number in range(terms.most_rounds):
            self.tell(f"round {number + 1}: planning")
            instance = self._instance(derates)
            plan, start = self.planner(instance, start)
            if not plan.found:
                text = f"round {number + 1}: there is no plan with the factors that the simulation asks for"
                self.notes += [text] if number else []
                break
            latest, changed = self._round(instance, plan, derates, number, last=number + 1 == terms.most_rounds)
            self.rounds.append(latest)
            if latest.confirmed or not latest.rows:
                break
            if changed == derates:
                self.notes.append("what is left of the differences has no cause that a plan could learn from")
                break
            derates = changed
        return self._ended()

    def _round(
        self, instance: Instance, plan: Plan, derates: Derates, number: int, *, last: bool
    ) -> tuple[Round, Derates]:
        terms = self.problem.proof
        case = ProofCase(self.name, self.problem, self.nodes, instance, derates, self.seed)
        self.futures = proven_futures(self.problem, instance)
        halls = [
            hall
            for future in self.futures
            for hall in hall_quarters(instance, plan, quarters=terms.quarters, future=future)
        ]
        scenarios: list[HallScenario] = [
            hall_scenario(case, hall, replica) for hall in halls for replica in range(terms.replicas)
        ]
        self.scenarios.append(scenarios)
        before = self.simulations.simulated
        outcomes = self.simulations.outcomes(
            scenarios, lambda done, of: self.tell(f"round {number + 1}: {done} of {of} weeks simulated")
        )
        seen = []
        for place, hall in enumerate(halls):
            mine = slice(place * terms.replicas, (place + 1) * terms.replicas)
            scenario = scenarios[mine.start]
            delivered = tuple(delivered_account(instance, hall, scenario, outcome) for outcome in outcomes[mine])
            planned = planned_account(instance, hall)
            seen.append(Observed(hall, scenario, outcomes[mine], planned, delivered))
        accounts = [*hall_accounts(seen), *site_accounts(instance, plan, seen)]
        rows: tuple[ComparisonRow, ...] = ()
        if accounts:
            bases = bases_of(self.problem)
            rows = compared(instance, plan, accounts, tolerance=terms.tolerance, bases=bases)
        else:
            self.notes.append("the plan has no nodes in the quarters that are simulated: there is nothing to prove")
        latest = Round(plan, derates, rows, (), self.simulations.simulated - before)
        if latest.confirmed or last or not rows:
            return latest, derates
        changed, causes = derated(case, seen, largest=terms.largest_derate)
        return dataclasses.replace(latest, causes=causes), changed

    def _instance(self, derates: Derates) -> Instance:
        from optimizers.figures.instance_of import instance_of

        return instance_of(self.problem, self.nodes, name=self.name, seed=self.seed, derates=derates)

    def _said_of_futures(self, *, confirmed: bool) -> list[str]:
        """Return in which futures the plan was simulated, where it was and they are not all."""
        futures = self.problem.futures
        if len(self.futures) in (0, len(futures)):
            return []
        names = ", ".join(f"'{futures[each].name}'" for each in self.futures)
        return [
            f"{'proven' if confirmed else 'simulated'} in {names}, of {len(futures)} futures (`proof.futures: all` "
            f"{'proves' if confirmed else 'simulates'} the others); the cost is of all"
        ]

    def _ended(self) -> Proof:
        tolerance = self.problem.proof.tolerance
        confirmed = [number for number, each in enumerate(self.rounds) if each.confirmed]
        best: int | None = None
        if confirmed:
            best = min(confirmed, key=lambda number: self.rounds[number].plan.objective)
        elif self.rounds:
            best = min(range(len(self.rounds)), key=lambda number: worst_miss(self.rounds[number].rows))
        notes = [
            *self._said_of_futures(confirmed=bool(confirmed)),
            *self.notes,
        ]
        if best is not None:
            notes += _beyond(self.rounds[best].rows)
        return Proof(bool(confirmed), tuple(self.rounds), best, tolerance, tuple(notes))


def solved_from(instance: Instance, start: Any) -> tuple[Plan, Any]:
    """Return the plan of least objective, the solve begun from the point of an earlier one."""
    from optimizers.capacity_model import CapacityModel

    model = CapacityModel(instance)
    # An earlier point is of use only to a model of the same columns: rates that became 0 leave some out.
    usable = start is not None and len(start) == len(model.solver.columns)
    solution = model.solve(start=start if usable else None)
    return model.plan(solution), solution.point


def _beyond(rows: tuple[ComparisonRow, ...]) -> list[str]:
    """Return what is said of single quarters that miss the tolerance."""
    missed = [row for row in rows if row.quarter and not row.within]
    if not missed:
        return []
    worst = max(missed, key=lambda row: abs(row.difference) if row.difference == row.difference else 0.0)
    about = f"{worst.measure} of {worst.work}" if worst.work else worst.measure
    return [
        f"{len(missed)} figures of single quarters and sites miss the tolerance; the most is {worst.difference:+.2%}: "
        f"{about} at {worst.site} in {worst.quarter}"
    ]


def _silent(text: str) -> None:
    del text
