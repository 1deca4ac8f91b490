"""From the section `services` to jobs of the workload, and to the engine's rows for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fleet import Fleet
from models.problems import InputError, Problem, nearest
from models.workload.building import build
from models.workload.demand.demand import OfferedRates
from models.workload.job import Workload
from models.workload.service import Service

from ..engine import state as layout
from ..engine.state import State
from .training import NO_MARK

_LONGER_THAN_THE_RUN = 2.0
"""The work of a service's node, in lengths of the run from its submission: it never ends by itself."""


@dataclass(frozen=True)
class ServicePlan:
    """A service with what the hall and its files say of it."""

    service: Service
    node_type: str
    until_s: float
    """When it ends, from the scenario's start [s]; no later than the run."""
    offered: OfferedRates
    """What it is asked for from its submission to its end, and nothing before and after."""
    accelerators: int
    """Accelerators of a node."""

    @property
    def names(self) -> list[str]:
        """The names of its jobs, one a node."""
        return [f"{self.service.name}/{number}" for number in range(self.service.nodes)]


def service_plans(
    services: Sequence[Service], fleet: Fleet, *, start_utc_s: float, until_s: float
) -> tuple[ServicePlan, ...]:
    """Return the services as the hall runs them to `until_s`; raises InputError with each that it can not."""
    plans, problems = [], []
    for number, service in enumerate(services):
        try:
            plans.append(_plan(service, fleet, start_utc_s, until_s))
        except InputError as error:
            problems += [
                Problem(each.where, f"services[{number}].{'demand' if each.where else each.path}", each.message)
                for each in error.problems
            ]
    if problems:
        raise InputError(problems)
    return tuple(plans)


def _plan(service: Service, fleet: Fleet, start_utc_s: float, run_until_s: float) -> ServicePlan:
    model = _model(service, fleet)
    has = int(np.count_nonzero(fleet.model == model))
    name = fleet.model_names[model]
    if service.nodes > has:
        raise InputError(Problem("", "nodes", f"it holds {service.nodes} nodes of type '{name}'; the hall has {has}"))
    if service.submit >= run_until_s:
        raise InputError(Problem("", "submit", "it begins no earlier than the run ends"))
    until_s = run_until_s if service.until is None else min(float(service.until), run_until_s)
    try:
        offered = service.demand.offered(start_utc_s, until_s)
    except InputError as error:
        raise InputError(
            [each if each.where else Problem("", f"demand.{each.path}", each.message) for each in error.problems]
        ) from None
    accelerators = fleet.models[model].accelerators
    return ServicePlan(service, name, until_s, _within(offered, service.submit, until_s, run_until_s), accelerators)


def _within(offered: OfferedRates, submit_s: float, until_s: float, run_until_s: float) -> OfferedRates:
    """Return rates that are 0 before the submission and after the end, and change where they differ."""
    from_s, rates = offered
    inside = (from_s > submit_s) & (from_s < until_s)
    first = rates[np.searchsorted(from_s, submit_s, "right") - 1]
    edges = np.concatenate(([submit_s], from_s[inside]))
    values = np.concatenate(([first], rates[inside]))
    if submit_s > 0.0:
        edges, values = np.concatenate(([0.0], edges)), np.concatenate(([0.0], values))
    if until_s < run_until_s:
        edges, values = np.concatenate((edges, [until_s])), np.concatenate((values, [0.0]))
    changes = np.concatenate(([True], values[1:] != values[:-1]))
    return OfferedRates(edges[changes], values[changes])


def _model(service: Service, fleet: Fleet) -> int:
    allowed = ", ".join(fleet.model_names)
    if service.node_type is None:
        if len(fleet.model_names) != 1:
            raise InputError(Problem("", "node_type", f"give the type that it needs; the hall has several: {allowed}"))
        return 0
    if service.node_type not in fleet.model_names:
        message = f"the hall has no nodes of type '{service.node_type}'{nearest(service.node_type, fleet.model_names)}"
        raise InputError(Problem("", "node_type", f"{message}; it has {allowed}"))
    return fleet.model_names.index(service.node_type)


def service_workload(plans: Sequence[ServicePlan], run_until_s: float) -> Workload:
    """Return the nodes of services as jobs of one whole node each, in order of submission."""
    listed = [(plan.service, plan, name) for plan in plans for name in plan.names]
    work_s = [_LONGER_THAN_THE_RUN * (run_until_s - service.submit) for service, _, _ in listed]
    return build(
        where="services",
        name=[name for _, _, name in listed],
        submit_s=[service.submit for service, _, _ in listed],
        work_s=work_s,
        activity=0.0,
        compute_share=[service.compute_share for service, _, _ in listed],
        estimate_s=work_s,
        priority=[service.priority for service, _, _ in listed],
        user=[service.user for service, _, _ in listed],
        constraint=[frozenset([plan.node_type]) for _, plan, _ in listed],
    )


def jobs_of(plans: Sequence[ServicePlan], workload: Workload) -> list[NDArray[np.int64]]:
    """Return the indices of each service's jobs; raises InputError where another job has the name of one."""
    if not plans:
        return []
    places: dict[str, int] = {}
    twice: set[str] = set()
    for index, name in enumerate(workload.name):
        if name in places:
            twice.add(name)
        places[name] = index
    problems = [
        Problem("", f"services[{number}].name", f"another job is called '{name}', as one of its nodes is")
        for number, plan in enumerate(plans)
        for name in plan.names
        if name in twice
    ]
    if problems:
        raise InputError(problems[:1])
    return [np.array([places[name] for name in plan.names], np.int64) for plan in plans]


def with_services(state: State, plans: Sequence[ServicePlan], jobs: Sequence[NDArray[np.int64]]) -> State:
    """Return the state with a row of `trainings` for each node of a service, after those of training jobs.

    So the engine tells of their starts, their ends and what holds them up, and lets them load before they work.
    """
    rows = np.zeros(sum(map(len, jobs)), layout.TRAINING)
    rows["checkpoint_left_s"] = rows["evaluation_left_s"] = NO_MARK
    rows["gang_speed"] = 1.0
    rows["wanted_tasks"] = 1
    first = 0
    for plan, chosen in zip(plans, jobs, strict=True):
        own = slice(first, first + len(chosen))
        rows["restart_s"][own] = plan.service.startup
        # What is there from the start has been there before: see `Services`, which sets it for later starts.
        rows["startup_s"][own] = plan.service.startup if plan.service.submit > 0.0 else 0.0
        state.jobs["training"][chosen] = len(state.trainings) + np.arange(own.start, own.stop)
        state.jobs["kill_on_overrun"][chosen] = 0
        first = own.stop
    return state._replace(trainings=np.concatenate((state.trainings, rows)))
