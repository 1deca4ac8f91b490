"""What each class of work gets out of each SKU in each mode, and what it draws: the demands of a plan in numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError
from models.security.security import WorkClass

from ..derates import Derates
from ..given.demand.batch import BatchDemand
from ..given.demand.demand import Demand
from ..given.demand.serving import ServingDemand
from ..given.demand.training import TrainingDemand
from ..given.quarter import AmountCurve, by_quarter, quarter_number
from ..instance.hardware import NodeFigures
from ..instance.modes import ModeFigures
from ..instance.time import Hours
from ..instance.work import BatchFigures, GangFigures, ServingFigures
from ..problem import Problem
from .modes import population
from .node_figures import busy_w
from .refusals import Refusals
from .security_terms import secured
from .serving_rate import CanNotServe, serving_rate
from .training_rate import TrainingRate, effective_share, on_oversubscribed, training_rate

if TYPE_CHECKING:
    from models.nodes.node import Node

Array = NDArray[np.float64]
RateOf = Callable[[int, str, "Node"], tuple[float, float]]
"""What returns (rate, activity) on a SKU, given its index, its name and its node; it raises CanNotServe."""
_HOUR_S = 3600.0


class Work:
    """The demands of a plan, on its SKUs and in its modes. What can not be had is refused or noted."""

    def __init__(
        self,
        problem: Problem,
        nodes: Mapping[str, Node],
        figures: tuple[NodeFigures, ...],
        modes: tuple[ModeFigures, ...],
        hours: Hours,
        derates: Derates,
        refusals: Refusals,
    ) -> None:
        self._problem, self._nodes, self._figures, self._modes = problem, nodes, figures, modes
        self._hours, self._derates, self._refusals = hours, derates, refusals
        self._weights = sum(demand.weight for demand in problem.demand.values())
        self._factor = np.array([future.demand_factor for future in problem.futures])
        self._population = population(problem, figures)

    def serving(self) -> tuple[ServingFigures, ...]:
        """Return the services. `demand` is by future, quarter and hour; a design hour has the busiest hour's."""
        found = []
        for name, demand in self._problem.demand.items():
            if not isinstance(demand, ServingDemand):
                continue
            rates, activity = self._of_skus(name, demand, functools.partial(self._serving_rate, demand))
            asked = self._amounts(demand.requests_per_s)[:, None] * self._profile(demand)[None, :]
            rate = self._by_mode(name, demand, rates, "batch")
            found.append(
                ServingFigures(
                    name, rate, self._busy_w(name, activity), demand.least_served, self._unserved(demand),
                    demand.weight / self._weights, self._factor[:, None, None] * asked[None],
                )
            )  # fmt: skip
        return tuple(found)

    def batch(self) -> tuple[BatchFigures, ...]:
        """Return the work that can wait. A node does speed x accelerators / 3600 accelerator-hours a second."""
        found = []
        for name, demand in self._problem.demand.items():
            if not isinstance(demand, BatchDemand):
                continue
            rates, activity = self._of_skus(name, demand, functools.partial(self._batch_rate, demand))
            asked = self._factor[:, None] * self._amounts(demand.accelerator_hours)[None, :]
            rate = self._by_mode(name, demand, rates, "batch")
            found.append(
                BatchFigures(
                    name, rate, self._busy_w(name, activity), demand.least_served, self._unserved(demand),
                    demand.weight / self._weights, asked,
                )
            )  # fmt: skip
        return tuple(found)

    def gangs(self) -> tuple[GangFigures, ...]:
        """Return the training runs. The rate of each SKU is that of the whole gang, times its ETTR."""
        return tuple(
            self._gang(name, demand)
            for name, demand in self._problem.demand.items()
            if isinstance(demand, TrainingDemand)
        )

    def _gang(self, name: str, demand: TrainingDemand) -> GangFigures:
        problem, path = self._problem, f"plan.demand.{name}"
        gangs: dict[int, TrainingRate] = {}

        def rate_of(index: int, sku: str, node: Node) -> tuple[float, float]:
            try:
                gang = training_rate(demand, sku, node)
            except InputError as error:
                raise CanNotServe("; ".join(fault.message for fault in error.problems)) from None
            gangs[index] = gang
            for text in gang.notes:
                self._refusals.note(f"{name} on {sku}: {text}")
            ettr = effective_share(
                problem.reliability, node, gang.nodes, write_s=demand.checkpoint_write, restart_s=demand.restart
            )
            return gang.tokens_per_s * ettr, gang.activity

        rates, activity = self._of_skus(name, demand, rate_of)
        first, last = self._span(demand, path)
        self._check_gang(demand, path, gangs, last)
        sizes = [gang.checkpoint_b for gang in gangs.values()]
        nodes = np.array(
            [gangs[i].nodes + demand.spare_nodes if i in gangs else 0 for i in range(len(self._figures))], np.int64
        )
        factors = []
        for fabric_name, fabric in problem.fabrics.items():
            each = [on_oversubscribed(gang, fabric.oversubscription) for gang in gangs.values()]
            factors.append(min(each, default=1.0))
            if each and max(each) - min(each) > 0.01:
                text = f"{name} on {fabric_name}: every SKU is slowed as the one that is slowed most"
                self._refusals.note(text)
        size_b = max(sizes, default=0.0)
        write = demand.write_b_per_s
        return GangFigures(
            name, self._by_mode(name, demand, rates, "training", gangs), self._busy_w(name, activity),
            demand.least_served, self._unserved(demand), demand.weight / self._weights,
            self._factor * demand.tokens, first, last, nodes, np.array(factors, dtype=np.float64),
            float(size_b / demand.checkpoint_write if write is None else write), demand.checkpoints_kept * size_b,
        )  # fmt: skip

    def _span(self, demand: TrainingDemand, path: str) -> tuple[int, int]:
        """Return the first and the last quarter in which a gang may train, counted from the plan's first."""
        start = quarter_number(self._problem.first_quarter)
        last = quarter_number(demand.by) - start
        first = 0 if demand.start is None else max(quarter_number(demand.start) - start, 0)
        if first > last:
            text = f"training may begin in {demand.start} and must end by {demand.by}: there is no quarter for it"
            self._refusals.refuse(f"{path}.start", text)
        return min(first, last), last

    def _check_gang(self, demand: TrainingDemand, path: str, gangs: Mapping[int, TrainingRate], last: int) -> None:
        """Refuse a gang that no network takes in one, or that no SKU can be had for in time."""
        if not gangs:
            return
        fabrics, existing = self._problem.fabrics, self._problem.existing
        least = min(gang.nodes for gang in gangs.values()) + demand.spare_nodes
        most = max((fabric.largest_gang for fabric in fabrics.values()), default=least)
        if least > most:
            text = f"the gang takes at least {least} nodes, and no design of network takes more than {most} in one"
            self._refusals.refuse(f"{path}.accelerators", text)
        short = []
        for index, gang in gangs.items():
            kind = self._figures[index]
            ordered = int(kind.supply[: max(last + 1 - kind.lead, 0)].sum()) * kind.batch
            has = ordered + sum(each.count for each in existing if each.sku == kind.name)
            if has >= gang.nodes + demand.spare_nodes:
                return
            short.append(f"{gang.nodes + demand.spare_nodes} of {kind.name}, of which {has} can be had")
        text = f"the gang takes {' or '.join(short)} by {demand.by}"
        if demand.least_served > 0.0:
            self._refusals.refuse(f"{path}.accelerators", text)
        else:
            self._refusals.note(f"{path}.accelerators: {text}; nothing of it is served")

    def _serving_rate(self, demand: ServingDemand, index: int, sku: str, node: Node) -> tuple[float, float]:  # noqa: ARG002
        stated = demand.stated.get(sku)
        if stated is not None:
            return stated.requests_per_s, stated.activity
        found = serving_rate(demand, node)
        if found.in_pieces:
            text = "one piece of a prompt in an iteration is its limit; engines that take several serve more"
            self._refusals.note(f"{sku}: {text}")
        return found.requests_per_s, found.activity

    def _batch_rate(self, demand: BatchDemand, index: int, sku: str, node: Node) -> tuple[float, float]:  # noqa: ARG002
        stated = demand.stated[sku]
        return stated.speed * node.accelerators / _HOUR_S, stated.activity

    def _of_skus(self, name: str, demand: Demand, rate_of: RateOf) -> tuple[Array, Array]:
        """Return (rate of a node or gang, activity) by SKU: 0 where it may not or can not; refused where unknown."""
        rates, activity = np.zeros(len(self._figures)), np.zeros(len(self._figures))
        stated = getattr(demand, "stated", {})
        reasons = []
        for index, kind in enumerate(self._figures):
            sku = kind.name
            if demand.skus is not None and sku not in demand.skus:
                continue
            if sku not in stated and getattr(demand, "model", None) is None:
                text = f"says nothing of '{sku}': state it, give a 'model', or leave it out of 'skus'"
                self._refusals.refuse(f"plan.demand.{name}.stated", text)
                continue
            try:
                rates[index], activity[index] = rate_of(index, sku, self._nodes[sku])
            except CanNotServe as error:
                reasons.append(f"{sku}: {error}")
        for reason in reasons:
            self._refusals.note(f"{name} does not run on {reason}")
        if reasons and not rates.any():
            self._refusals.refuse(f"plan.demand.{name}", "runs on no SKU: " + "; ".join(reasons))
        return rates, activity

    def _by_mode(
        self, name: str, demand: Demand, rates: Array, sort: WorkClass, gangs: Mapping[int, TrainingRate] | None = None
    ) -> Array:
        """Return rates by SKU and mode: times what security leaves of speed, 0 where its level is not enough."""
        found = np.zeros((len(self._figures), len(self._modes)))
        for index, kind in enumerate(self._figures):
            if not rates[index]:
                continue
            network = None if gangs is None else gangs[index].network_b_per_s
            for place, mode in enumerate(self._modes):
                if demand.security is not None and mode.security not in demand.security:
                    continue
                level = self._problem.security[mode.security]
                speed = 0.0
                with self._refusals.within(f"plan.security.{mode.security}"):
                    summary = secured(level, sort, self._nodes[kind.name], self._population, network)
                    speed = summary.cost.throughput_factor
                derate = self._derates.rate.get((name, kind.name, mode.security), 1.0)
                found[index, place] = rates[index] * speed * derate
        return found

    def _busy_w(self, name: str, activity: Array) -> Array:
        return np.array(
            [
                busy_w(self._nodes[kind.name], float(busy)) * self._derates.it_power.get((name, kind.name), 1.0)
                for kind, busy in zip(self._figures, activity, strict=True)
            ]
        )

    def _amounts(self, given: AmountCurve) -> Array:
        problem = self._problem
        return np.array(by_quarter(given, problem.first_quarter, problem.quarters, 0.0), dtype=np.float64)

    def _profile(self, demand: ServingDemand) -> Array:
        """Return the share of the busiest hour's requests by representative hour: means over steps, 1 in design."""
        step = self._problem.hours.step_hours
        one_day = np.array(demand.profile).reshape(-1, step).mean(axis=1)
        design = [max(demand.profile)] if self._problem.hours.design_hour else []
        return np.array([*np.tile(one_day, self._problem.hours.days), *design])

    def _unserved(self, demand: Demand) -> float:
        return 0.0 if demand.unserved_price is None else float(demand.unserved_price)
