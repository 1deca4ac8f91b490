"""Start what fails: each mode with its own random numbers, so that one more leaves the others as they are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError, Problem
from models.reliability.hazards import Hazard, InfantHazard, Population, hazard_of
from models.reliability.modes.component_failures import ComponentFailures
from models.reliability.modes.failure_mode import FailureMode, RandomFailures
from models.reliability.modes.shock import Shock
from models.reliability.outcomes import Outcome, Outcomes
from models.reliability.reliability import Reliability

from ..operations.component import Component
from ..operations.running import Running
from ..random_streams import stream
from .accounts import OutageAccounts
from .break_down import BreakDowns
from .failing import Companions, FailureProcess, Renewal, Struck, can_fail, follow_failures
from .records import ModeRecord
from .targets import ComponentTargets, JobTargets, neighbours_within

_FAILURES = "reliability.failures"


def start_reliability(running: Running) -> None:
    """Put the failures that the scenario asks for on the timeline, and account for every outage at the run's end.

    Raises InputError with every mode that is about something that the hall does not have.
    """
    given = running.given.reliability
    records: list[ModeRecord] = []
    if given is not None:
        _Starting(running, given, records).start()
    running.parts.append(OutageAccounts(running, records))


class _Starting:
    """What is needed while modes are started, and what is found wrong with them."""

    def __init__(self, running: Running, given: Reliability, records: list[ModeRecord]) -> None:
        operations = running.given.operations
        self._running, self._given, self._records = running, given, records
        self._operations = operations
        self._draws: Callable[..., np.random.Generator] = functools.partial(stream, running.given.seed, "failures")
        self._break_downs = BreakDowns(
            running, None if operations is None else operations.monitoring, self._draws("monitoring")
        )
        self._neighbours: dict[int, NDArray[np.int64]] | None = None
        self._problems: list[Problem] = []

    def start(self) -> None:
        if self._given.common_cause is not None:
            try:
                self._neighbours = neighbours_within(self._running, self._given.common_cause.within)
            except ValueError as error:
                self._problems.append(Problem("", "reliability.common_cause.within", str(error)))
        for number, mode in enumerate(self._given.failures):
            try:
                self._start(mode)
            except ValueError as error:
                self._problems.append(Problem("", f"{_FAILURES}[{number}]", str(error)))
        if self._problems:
            raise InputError(self._problems)

    def _start(self, given: FailureMode) -> None:
        for mode in given.modes():
            if isinstance(mode, ComponentFailures):
                self._start_components(mode, alone=mode is given)
            else:
                self._start_jobs(mode)
        self._start_listed(given)

    def _start_components(self, mode: ComponentFailures, *, alone: bool) -> None:
        targets = ComponentTargets(self._running, mode)
        parts = int(targets.population.parts.sum())
        if parts == 0:
            if alone:
                raise ValueError(f"counts {mode.counts}s, and no node of the hall has any")
            return  # A published set is about what its cluster had.
        lacking = None if self._operations is None else self._operations.lacks_skill(mode.skill)
        if lacking is not None:
            raise ValueError(lacking)
        record = ModeRecord(mode.label, mode.component, mode.counts, parts)
        record.expected = _expected(self._running, mode, targets)
        companions = None
        if self._given.common_cause is not None and self._neighbours is not None:
            companions = Companions(
                self._running, self._break_downs, self._given.common_cause, self._neighbours,
                self._draws(mode.label, "companions"),
            )  # fmt: skip
        below = _Below(self._running, mode, self._draws(mode.label, "below"))

        def struck(part: int, outcome: Outcome, *, renew: Renewal) -> bool:
            component = targets.hit(part)
            if component is None or self._break_downs.is_unnoticed(component):
                return False
            hit = [each for each in below.struck(component) if can_fail(self._running, self._break_downs, each)]
            hit += companions.of(component) if companions is not None else ()
            self._break_downs.strike(record, hit, outcome, part=mode.spare_part, skill=mode.skill, mended=renew)
            if not hit:
                renew(outcome.permanent)
            return True

        processes = self._add(mode, record, targets.population, struck)
        if self._running.repairs is not None:
            self._running.repairs.when_renewed.append(functools.partial(_replaced, targets, processes))

    def _start_jobs(self, mode: RandomFailures) -> None:
        targets = JobTargets(self._running)
        record = ModeRecord(mode.label, mode.component, mode.counts, len(targets.population.parts))
        record.expected = lambda _: mode.between.rate_per_s * targets.exposure_s

        def struck(part: int, outcome: Outcome, *, renew: Renewal) -> bool:
            job = targets.hit(part)
            if job is None:
                return False
            self._break_downs.strike_job(record, job, outcome)
            renew(outcome.permanent)
            return True

        self._add(mode, record, targets.population, struck)

    def _add(
        self, mode: RandomFailures, record: ModeRecord, population: Population, struck: Struck
    ) -> list[FailureProcess]:
        self._records.append(record)
        between, timeline, label = mode.between, self._running.hall.timeline, mode.label
        hazards: list[tuple[tuple[str, ...], Hazard]] = [((label,), hazard_of(between, population, self._draws(label)))]
        infant = mode.infant_mortality if isinstance(mode, ComponentFailures) else None
        if infant is not None:
            names = (label, "infancy")
            hazards.append((names, InfantHazard(infant, between.rate_per_s, population, self._draws(*names))))
        processes = [
            FailureProcess(timeline, record, hazard, Outcomes(mode, self._draws(*names, "outcomes")), struck)
            for names, hazard in hazards
        ]
        for process in processes:
            timeline.process(process.run())
        return processes

    def _start_listed(self, given: FailureMode) -> None:
        listed = given.listed()
        if not listed:
            return
        found, problems = [], []
        for failure in listed:
            try:
                found.append((failure, self._running.components.find(failure.component, failure.name)))
            except ValueError as error:
                problems.append(Problem(failure.where, "name", str(error)))
        self._problems += problems
        for cause in dict.fromkeys(failure.cause for failure, _ in found):
            of_cause = [(failure, component) for failure, component in found if failure.cause == cause]
            kinds = dict.fromkeys(component.kind for _, component in of_cause)
            record = ModeRecord(cause, ", ".join(kinds), "listed failure", len(of_cause))
            self._records.append(record)
            self._running.hall.timeline.process(follow_failures(self._running, self._break_downs, record, of_cause))


def _replaced(targets: ComponentTargets, processes: Sequence[FailureProcess], kind: str, name: str) -> None:
    """All parts of a component that was taken apart or replaced are new ones."""
    for part in targets.parts_of(kind, name):
        for process in processes:
            process.renew(part, True)


class _Below:
    """What a failure takes out: its component, or by chance each node below it."""

    def __init__(self, running: Running, mode: ComponentFailures, generator: np.random.Generator) -> None:
        self._each = mode.each if isinstance(mode, Shock) else 1.0
        self._generator = generator
        self._running = running

    @functools.cached_property
    def _nodes(self) -> dict[int, Component]:
        return {component.nodes[0]: component for component in self._running.components.of_kind("node")}

    def struck(self, component: Component) -> list[Component]:
        """Return the components that a failure of one takes out, in order."""
        if self._each == 1.0:
            return [component]
        hit = self._generator.random(len(component.nodes)) < self._each
        return [self._nodes[node] for node, is_hit in zip(component.nodes, hit.tolist(), strict=True) if is_hit]


def _expected(running: Running, mode: ComponentFailures, targets: ComponentTargets) -> Callable[[float], float]:
    """Return the failures to expect while parts were in service, a figure that only a steady hazard has."""
    if not mode.between.memoryless or (mode.component != "node" and running.fleet.retire_s.min() < np.inf):
        return lambda _: float("nan")
    population, rate_per_s, infant = targets.population, mode.between.rate_per_s, mode.infant_mortality
    nodes = np.array([each.nodes[0] if each.nodes else -1 for each in targets.components], np.int64)

    def expected(end_s: float) -> float:
        in_service_s = np.maximum(end_s - np.maximum(population.since_s, 0.0), 0.0)
        if mode.component == "node":
            in_service_s = running.hall.batch.state.nodes["service_s"][nodes]
        weights_s = in_service_s
        if infant is not None:
            age_s = np.maximum(-population.since_s, 0.0)
            first = np.exp(-age_s / infant.decay) - np.exp(-(age_s + in_service_s) / infant.decay)
            weights_s = in_service_s + infant.expected * first
        return float(rate_per_s * (population.parts * weights_s).sum())

    return expected
