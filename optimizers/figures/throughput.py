"""What each class of work gets out of each SKU in each mode, and what it draws: the demands of a plan in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.security.security import WorkClass

from ..derates import Derates
from ..given.demand.batch import BatchDemand
from ..given.demand.demand import Demand
from ..given.demand.serving import ServingDemand
from ..given.demand.training import TrainingDemand
from ..given.quarter import AmountCurve, by_quarter, quarter_number
from ..instance.hardware import NodeFigures
from ..instance.modes import ModeFigures
from ..instance.work import BatchFigures, GangFigures, ServingFigures
from ..problem import Problem
from ..refusals import Refusals
from .node_figures import busy_w
from .rates import ClassRates, population
from .security_terms import secured
from .training_rate import TrainingRate, on_oversubscribed

if TYPE_CHECKING:
    from models.nodes.node import Node

Array = NDArray[np.float64]


class Work:
    """The demands of a plan, on its SKUs and in its modes. What can not be had is refused or noted."""

    def __init__(
        self,
        problem: Problem,
        nodes: Mapping[str, Node],
        figures: tuple[NodeFigures, ...],
        modes: tuple[ModeFigures, ...],
        rates: Mapping[str, ClassRates],
        derates: Derates,
        refusals: Refusals,
    ) -> None:
        self._problem, self._nodes, self._figures, self._modes = problem, nodes, figures, modes
        self._rates, self._derates, self._refusals = rates, derates, refusals
        self._weights = sum(demand.weight for demand in problem.demand.values())
        self._factor = np.array([future.demand_factor for future in problem.futures])
        self._population = population(problem, figures, rates)

    def serving(self) -> tuple[ServingFigures, ...]:
        """Return the services. `demand` is by future, quarter and hour; a design hour has the busiest hour's.

        `peak` is what the busiest hour of a step asks over the step's mean: nodes are held for it.
        """
        found = []
        for name, demand in self._problem.demand.items():
            if not isinstance(demand, ServingDemand):
                continue
            mean, peak = self._profile(demand)
            asked = self._amounts(demand.requests_per_s)[:, None] * mean[None, :]
            rate = self._by_mode(name, demand, "batch")
            found.append(
                ServingFigures(
                    name, rate, self._busy_w(name), demand.least_share, self._unserved(demand),
                    demand.weight / self._weights, self._factor[:, None, None] * asked[None],
                    peak=np.tile(peak, (self._problem.quarters, 1)),
                    least_served_in_quarter=self._in_each_quarter(demand),
                )
            )  # fmt: skip
        return tuple(found)

    def batch(self) -> tuple[BatchFigures, ...]:
        """Return the work that can wait. A node does speed x accelerators / 3600 accelerator-hours a second."""
        found = []
        for name, demand in self._problem.demand.items():
            if not isinstance(demand, BatchDemand):
                continue
            asked = self._factor[:, None] * self._amounts(demand.accelerator_hours)[None, :]
            rate = self._by_mode(name, demand, "batch")
            found.append(
                BatchFigures(
                    name, rate, self._busy_w(name), demand.least_share, self._unserved(demand),
                    demand.weight / self._weights, asked, least_served_in_quarter=self._in_each_quarter(demand),
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
        gangs = self._rates[name].gangs
        first, last = self._span(demand)
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
        # Nodes that stand by are idle: what those that train draw is spread over all.
        training = np.array([gangs[i].nodes if i in gangs else 0 for i in range(len(self._figures))])
        busy_w = self._busy_w(name) * training / np.maximum(nodes, 1)
        size_b = max(sizes, default=0.0)
        write = demand.write_b_per_s
        return GangFigures(
            name, self._by_mode(name, demand, "training"), busy_w,
            demand.least_share, self._unserved(demand), demand.weight / self._weights,
            self._factor * demand.tokens, first, last, nodes, np.array(factors, dtype=np.float64),
            float(size_b / demand.checkpoint_write if write is None else write), demand.checkpoints_kept * size_b,
        )  # fmt: skip

    def _span(self, demand: TrainingDemand) -> tuple[int, int]:
        """Return the first and the last quarter in which a gang may train, counted from the plan's first."""
        start = quarter_number(self._problem.first_quarter)
        last = quarter_number(demand.by) - start
        first = 0 if demand.start is None else max(quarter_number(demand.start) - start, 0)
        return first, last

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
        if demand.least_share > 0.0:
            self._refusals.refuse(f"{path}.accelerators", text)
        else:
            self._refusals.note(f"{path}.accelerators: {text}; nothing of it is served")

    def _by_mode(self, name: str, demand: Demand, sort: WorkClass) -> Array:
        """Return rates by SKU and mode: times what security leaves of speed, 0 where its level is not enough."""
        found, rates = np.zeros((len(self._figures), len(self._modes))), self._rates[name]
        for index, kind in enumerate(self._figures):
            if not rates.rate[index]:
                continue
            network = rates.gangs[index].network_b_per_s if index in rates.gangs else None
            for place, mode in enumerate(self._modes):
                if demand.security is not None and mode.security not in demand.security:
                    continue
                level = self._problem.security[mode.security]
                speed = 0.0
                with self._refusals.within(f"plan.security.{mode.security}"):
                    summary = secured(level, sort, self._nodes[kind.name], self._population, network)
                    speed = summary.cost.throughput_factor
                    if speed == 0.0:
                        raise ValueError(f"its controls find no free core for {sort} work on {kind.name}")
                derate = self._derates.rate.get((name, kind.name, mode.security), 1.0)
                found[index, place] = rates.rate[index] * speed * derate
        return found

    def _busy_w(self, name: str) -> Array:
        return np.array(
            [
                busy_w(self._nodes[kind.name], float(busy)) * self._derates.it_power.get((name, kind.name), 1.0)
                for kind, busy in zip(self._figures, self._rates[name].activity, strict=True)
            ]
        )

    def _amounts(self, given: AmountCurve) -> Array:
        problem = self._problem
        return np.array(by_quarter(given, problem.first_quarter, problem.quarters, 0.0), dtype=np.float64)

    def _profile(self, demand: ServingDemand) -> tuple[Array, Array]:
        """Return by representative hour the mean share of the busiest hour's requests, and the greatest over the mean.

        A design hour is the busiest hour itself: its peak is 1. So is that of a step in which nothing is asked.
        """
        hours = self._problem.hours
        steps = np.array(demand.profile, dtype=np.float64).reshape(-1, hours.step_hours)
        mean = steps.mean(axis=1)
        peak = np.divide(steps.max(axis=1), mean, out=np.ones_like(mean), where=mean > 0.0)
        # The mean of equal numbers may lie a bit above them.
        peak = np.maximum(peak, 1.0)
        design = hours.design_hour
        return (
            np.array([*np.tile(mean, hours.days), *([float(steps.max())] if design else [])]),
            np.array([*np.tile(peak, hours.days), *([1.0] if design else [])]),
        )

    def _in_each_quarter(self, demand: Demand) -> Array | None:
        least = demand.least_share_in_quarter
        return np.full(self._problem.quarters, least) if least > 0.0 else None

    def _unserved(self, demand: Demand) -> float:
        return 0.0 if demand.unserved_price is None else float(demand.unserved_price)
