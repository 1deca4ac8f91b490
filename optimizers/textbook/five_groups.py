"""Least C + B + M + S + O under a demand, on one site and one type of node: the plan in its smallest form.

Every group pulls on the others. Better maintenance costs M and leaves more nodes at work, which saves C, B and O; a
level of security costs S and slows the work, which costs C. None can be chosen alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..plan import GROUPS
from .exact_solve import solve_exactly


class Tier(NamedTuple):
    """A tier of maintenance."""

    name: str
    usd: float
    """Crew and contracts over the horizon."""
    usd_per_node: float
    """Parts over the horizon."""
    availability: float
    """Share of time in which a node can work."""


class SecurityLevel(NamedTuple):
    """A level of security."""

    name: str
    usd: float
    """People, licences and audits over the horizon."""
    usd_per_node: float
    throughput: float
    """What it leaves of a node's rate."""
    suffices: bool
    """Whether the demand may be served under it."""


@dataclass(frozen=True)
class FiveGroups:
    """The case. Every default is an assumption: round numbers of the order of nodes with eight accelerators."""

    demand: float = 100.0
    """Requests a second, at all times."""
    hours_h: float = 4 * 8760.0
    """The horizon: four years, after which nodes are worth nothing."""
    node_usd: float = 300_000.0
    rate: float = 10.0
    """Requests a second of a node that is available."""
    provisioned_w: float = 10_000.0
    """Of a node, what modules are filled with."""
    idle_w: float = 2_000.0
    """Of a node."""
    busy_w: float = 6_000.0
    """What it draws beside that while it works."""
    ports: int = 8
    """Of the network, of a node."""
    most_nodes: int = 1000
    module_usd: float = 600_000.0
    module_w: float = 62_000.0
    """Provisioned IT power that a module of the building takes: six nodes and their part of the network."""
    fixed_w: float = 3_000.0
    """What a module draws without any load."""
    slope: float = 1.2
    """Facility power over IT power beside that."""
    block_usd: float = 40_000.0
    block_ports: int = 32
    block_w: float = 500.0
    """Of a block of network; part of IT power."""
    usd_per_kwh: float = 0.08
    demand_usd_per_kw: float = 400.0
    """Of the highest power, over the horizon."""
    tiers: tuple[Tier, ...] = field(
        default=(Tier("lean", 400_000.0, 6_000.0, 0.90), Tier("staffed", 680_000.0, 9_000.0, 0.97))
    )
    levels: tuple[SecurityLevel, ...] = field(
        default=(
            SecurityLevel("basic", 80_000.0, 500.0, 1.0, suffices=False),
            SecurityLevel("strict", 360_000.0, 2_000.0, 0.96, suffices=True),
        )
    )

    def __post_init__(self) -> None:
        if not 0.0 < self.demand < math.inf:
            raise ValueError(f"the demand ({self.demand:g} requests a second) must be above 0")


@dataclass(frozen=True)
class FiveGroupsPlan:
    """What is bought and chosen, and what it costs by group [USD]."""

    nodes: int
    modules: int
    blocks: int
    tier: str
    level: str
    nodes_at_work: float
    power_w: float
    """Facility power."""
    groups: Mapping[str, float]
    """By C, B, M, S, O."""

    @property
    def cost_usd(self) -> float:
        """The sum of the groups."""
        return sum(self.groups.values())


def least_cost(case: FiveGroups) -> FiveGroupsPlan:
    """Return the plan of least cost, a mixed-integer program solved to no gap by HiGHS on one thread.

    Nodes stand in one copy for each mode (tier and level); those of the mode that is not chosen are none. Raises
    ValueError where no plan serves the demand.
    """
    import pyomo.environ as pyo

    model = _program(case)
    if not solve_exactly(model):
        raise ValueError(f"no plan serves {case.demand:g} requests a second with {case.most_nodes} nodes at most")
    tier, level = next(mode for mode in model.modes if pyo.value(model.chosen[mode]) > 0.5)
    return FiveGroupsPlan(
        nodes=round(pyo.value(model.nodes)),
        modules=round(pyo.value(model.modules)),
        blocks=round(pyo.value(model.blocks)),
        tier=case.tiers[tier].name,
        level=case.levels[level].name,
        nodes_at_work=sum(pyo.value(model.at_work[mode]) for mode in model.modes),
        power_w=1e3 * pyo.value(model.facility_kw),
        groups={group: 1e3 * pyo.value(model.kusd[group]) for group in GROUPS},
    )


def by_mode(case: FiveGroups) -> tuple[FiveGroupsPlan, ...]:
    """Return the plan of least cost for each mode that serves the demand, cheapest first."""
    plans = []
    for tier in case.tiers:
        for level in case.levels:
            if level.suffices:
                plans.append(least_cost(replace(case, tiers=(tier,), levels=(level,))))
    return tuple(sorted(plans, key=lambda plan: plan.cost_usd))


def _program(case: FiveGroups) -> Any:
    """Return the Pyomo model: powers in kW and money in thousands, so that the solver sees numbers near 1."""
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    modes = [(tier, level) for tier in range(len(case.tiers)) for level in range(len(case.levels))]
    model.modes = pyo.Set(initialize=modes, doc="(tier, level)")
    model.chosen = pyo.Var(model.modes, domain=pyo.Binary)
    model.copies = pyo.Var(model.modes, domain=pyo.NonNegativeIntegers, doc="nodes, in the mode that is chosen")
    model.at_work = pyo.Var(model.modes, domain=pyo.NonNegativeReals, doc="mean nodes at work")
    model.modules = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.blocks = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.nodes = pyo.Expression(expr=sum(model.copies[mode] for mode in modes))

    model.one_mode = pyo.Constraint(expr=sum(model.chosen[mode] for mode in modes) == 1)
    model.copies_of_chosen = pyo.Constraint(
        modes, rule=lambda m, *mode: m.copies[mode] <= case.most_nodes * m.chosen[mode]
    )
    model.available = pyo.Constraint(
        modes,
        rule=lambda m, tier, level: m.at_work[tier, level] <= case.tiers[tier].availability * m.copies[tier, level],
    )
    rates = {mode: case.rate * case.levels[mode[1]].throughput * case.levels[mode[1]].suffices for mode in modes}
    model.demand = pyo.Constraint(expr=sum(rates[mode] * model.at_work[mode] for mode in modes) >= case.demand)
    provisioned_w = case.provisioned_w * model.nodes + case.block_w * model.blocks
    model.filled = pyo.Constraint(expr=provisioned_w <= case.module_w * model.modules)
    # No node stands in two modules.
    whole_nodes = math.floor(case.module_w / case.provisioned_w)
    model.whole = pyo.Constraint(expr=model.nodes <= whole_nodes * model.modules)
    model.plugged = pyo.Constraint(expr=case.ports * model.nodes <= case.block_ports * model.blocks)

    busy_kw = case.busy_w / 1e3 * sum(model.at_work[mode] for mode in modes)
    it_kw = case.idle_w / 1e3 * model.nodes + busy_kw + case.block_w / 1e3 * model.blocks
    model.facility_kw = pyo.Expression(expr=case.fixed_w / 1e3 * model.modules + case.slope * it_kw)
    kusd = {
        "C": case.node_usd * model.nodes + case.module_usd * model.modules,
        "B": case.block_usd * model.blocks,
        "M": sum(_of_mode(case.tiers[t], model.chosen[t, s], model.copies[t, s]) for t, s in modes),
        "S": sum(_of_mode(case.levels[s], model.chosen[t, s], model.copies[t, s]) for t, s in modes),
        "O": (case.usd_per_kwh * case.hours_h + case.demand_usd_per_kw) * model.facility_kw,
    }
    model.kusd = pyo.Expression(GROUPS, rule=lambda _, group: kusd[group] / 1e3)
    model.cost = pyo.Objective(expr=sum(model.kusd[group] for group in GROUPS))
    return model


def _of_mode(priced: Tier | SecurityLevel, chosen: Any, nodes: Any) -> Any:
    return priced.usd * chosen + priced.usd_per_node * nodes
