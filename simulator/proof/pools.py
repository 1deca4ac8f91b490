"""Fluid work on the nodes of a type that no gang holds: services, and work that can wait, as one service a pool.

The plan shares nodes among classes hour by hour. A simulated service holds whole nodes, so all classes on a type of
node are one service, which has all these nodes; what it answers is shared out again afterwards, services first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.nodes.node import Node
from optimizers.given.demand.serving import ServingDemand
from optimizers.instance.instance import Instance
from optimizers.problem import Problem

from .clear_work import ClearWork, clear_work
from .hall_quarter import HallQuarter
from .week import DAY_H, HOUR_S, ProofWeek

if TYPE_CHECKING:
    from numpy.typing import NDArray

WAITS_H = 24.0
"""How long work that can wait may wait in the simulation: a day, after which hours are as they were (assumption)."""


@dataclass(frozen=True, eq=False)
class Pool:
    """A service that stands for every class of fluid work on a type of node in a hall."""

    name: str
    node: int
    node_type: str
    nodes: int
    per_node_s: float
    """Requests that a node answers each second at full clock; what a request is, `units` says."""
    activity: float
    serving: tuple[str, ...]
    waiting: tuple[str, ...]
    """Classes that can wait."""
    demand: Mapping[str, NDArray[np.float64]]
    """Requests a second that are sent here in the mean of each representative hour, by class, each of shape (hour,): of
    a service the file's demand times the share of it that the plan serves here."""
    units: Mapping[str, float]
    """Units of work of one request, by class: 1 where the pool has but one class."""
    within: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """What each hour of the day is asked for over the mean of the representative hour that stands for it, by class,
    each of shape (hour of the day,); 1 for a class that is not there."""

    def asked(self, name: str, week: ProofWeek) -> NDArray[np.float64]:
        """Return the requests a second of a class in each simulated hour."""
        asked = self.demand[name][week.hour]
        return asked * np.resize(self.within[name], len(asked)) if name in self.within else asked

    def tree(self, week: ProofWeek) -> dict[str, Any]:
        """Return it as an entry of `services`."""
        asked = sum((self.asked(name, week) for name in self.demand), np.zeros(len(week.hour)))
        hourly: dict[str, Any] = {"kind": "hourly", "requests_per_s": asked.tolist()}
        if np.array_equal(asked, np.resize(asked[:DAY_H], len(asked))):
            hourly |= {"requests_per_s": asked[:DAY_H].tolist(), "repeat": "day"}
        return {
            "name": self.name,
            "node_type": self.node_type,
            "nodes": self.nodes,
            "requests_per_s": self.per_node_s,
            "demand": hourly,
            "patience": f"{WAITS_H:g} h" if self.waiting else "0 s",
            "activity": self.activity,
        }

    def shared_out(
        self, week: ProofWeek, served: NDArray[np.float64], capacity: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the units of work that each class got, a second, by simulated hour.

        `served` and `capacity` are requests of each simulated hour. Services are answered first, in proportion where
        they are short; what can wait gets the rest, as much of it as has been asked for by then.
        """
        asked = {name: self.asked(name, week) * HOUR_S for name in (*self.serving, *self.waiting)}
        now = sum((asked[name] for name in self.serving), np.zeros(len(week.hour)))
        answered = np.minimum(np.minimum(now, capacity), served)
        found = {name: answered * _shares(asked[name], now) for name in self.serving}
        later = sum((asked[name] for name in self.waiting), np.zeros(len(week.hour)))
        done = _no_sooner_than_asked(served - answered, later)
        found |= {name: done * float(_shares(asked[name].sum(), later.sum())) for name in self.waiting}
        return {name: self.units[name] * values / HOUR_S for name, values in found.items()}


def pools_of(problem: Problem, nodes: Mapping[str, Node], instance: Instance, hall: HallQuarter) -> tuple[Pool, ...]:
    """Return the pools of a hall; one without any demand where it has no work at all, so that its nodes draw idle.

    A service is asked for what the file demands in the future that `hall` was taken from, hour by hour as its profile
    has it, times the share of the demand that the plan serves here: never for more than there is, whatever the plan
    makes of it. Work that can wait comes as the plan lays it over the hours, in all no more than its demand.
    """
    found = [pool for node in hall.nodes if (pool := _pool(problem, nodes, instance, hall, node)) is not None]
    if not found and not hall.gangs:
        node = next(iter(hall.nodes))
        kind = problem.skus[instance.nodes[node].name].node
        found = [Pool("idle", node, kind, hall.nodes[node], 1.0, 0.0, (), (), {}, {})]
    return tuple(found)


def _pool(problem: Problem, nodes: Mapping[str, Node], instance: Instance, hall: HallQuarter, node: int) -> Pool | None:
    names = hall.classes_on(node)
    if not names:
        return None
    sku = instance.nodes[node].name
    figures = {each.name: each for each in (*instance.serving, *instance.batch)}
    clear: dict[str, ClearWork] = {name: clear_work(problem, nodes, name, sku) for name in names}
    units = {name: 1.0 if len(names) == 1 else clear[name].per_s for name in names}
    planned = {name: hall.work[name, node] * float(figures[name].rate[node, hall.mode]) for name in names}
    demand = {name: planned[name] * hall.asked_of_served.get(name, 1.0) / units[name] for name in names}
    weight_h = instance.hours.weight_h[hall.quarter]
    # What a node does is so much of what it could do in the clear; each class is as busy as that makes it.
    done = {name: float((demand[name] * weight_h).sum()) * units[name] / clear[name].per_s for name in names}
    total = sum(done.values())
    waiting = tuple(name for name in names if name in {each.name for each in instance.batch})
    return Pool(
        name=f"{sku}: {' + '.join(names)}",
        node=node,
        node_type=problem.skus[sku].node,
        nodes=hall.free_nodes(node),
        per_node_s=clear[names[0]].per_s if len(names) == 1 else 1.0,
        activity=sum(clear[name].activity * done[name] for name in names) / total if total > 0.0 else 0.0,
        serving=tuple(name for name in names if name not in waiting),
        waiting=waiting,
        demand=demand,
        units=units,
        within={name: within_steps(problem, name) for name in names if name not in waiting},
    )


def within_steps(problem: Problem, work: str) -> NDArray[np.float64]:
    """Return what a service is asked for in each hour of the day over the mean of the step that the hour lies in, shape
    (24,): 1 in every hour where a step is an hour, or nothing is asked for in it."""
    demand = problem.demand[work]
    assert isinstance(demand, ServingDemand)
    hourly = np.array(demand.profile, dtype=np.float64)
    means = np.repeat(hourly.reshape(-1, problem.hours.step_hours).mean(axis=1), problem.hours.step_hours)
    return np.asarray(np.divide(hourly, means, where=means > 0.0, out=np.ones(DAY_H)))


def _shares(part: NDArray[np.float64] | float, whole: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return part over whole, 0 where both are."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.asarray(np.divide(part, whole, where=whole > 0.0, out=np.zeros(np.broadcast(part, whole).shape)))


def _no_sooner_than_asked(done: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what was done, cut to what had been asked for and not been done by the end of each hour."""
    found, waits = np.zeros(len(asked)), 0.0
    for hour, (amount, more) in enumerate(zip(done.tolist(), asked.tolist(), strict=True)):
        found[hour] = min(amount, waits + more)
        waits += more - found[hour]
    return found
