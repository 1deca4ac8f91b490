"""A plan: what to buy, build and run, where and when, and what it comes to. Pure data, free of any solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

GROUPS = ("C", "B", "M", "S", "O")
"""The five groups of cost: compute and facility, network, operations and maintenance, security, energy."""

Status = Literal["optimal", "limit", "infeasible", "unbounded"]
"""`optimal`: within the gap asked for. `limit`: nodes or iterations ran out first; there may be a plan even so."""


@dataclass(frozen=True)
class Decision:
    """A row of a plan: something bought, built, chosen, retired or run at a site in a quarter."""

    site: str
    quarter: str
    kind: Literal[
        "open", "buy", "retire", "module", "fabric", "storage", "mode", "battery", "photovoltaics", "power-purchase",
        "bridging", "gang",
    ]  # fmt: skip
    what: str
    """Name of the node type, module, design of network, store, mode or class of work."""
    count: float
    """Nodes, modules, units; W for a power purchase; 1 for what is chosen."""
    in_service: str = ""
    """Quarter in which it serves, where that is another one."""
    cost_usd: float = 0.0
    """What it costs when it is ordered, not discounted."""


@dataclass(frozen=True)
class SiteQuarter:
    """What is installed and used at a site in a quarter, in expectation over the futures unless said otherwise."""

    site: str
    quarter: str
    nodes: Mapping[str, float]
    """Nodes in service, by type."""
    modules: Mapping[str, float]
    fabrics: Mapping[str, float]
    stores: Mapping[str, float]
    mode: str
    it_energy_kwh: float
    facility_energy_kwh: float
    grid_energy_kwh: float
    grid_peak_kw: float
    """Greatest over futures and the hours that count, at the busiest moment of what an hour stands for."""
    pue: float | None
    provisioned_kw: Mapping[str, float]
    """IT power provisioned, by module."""
    stranded_kw: Mapping[str, float]
    """Capacity that is neither spare nor provisioned, by module."""
    energy_usd: float
    carbon_kg: float
    water_m3: float
    grid_limit_kw: float | None = None
    """What the grid grants in the future in which the peak is greatest; None where nobody limits it."""
    shared_kw: Mapping[str, float] = field(default_factory=dict)
    """IT power of networks and storage, by the class of cooling of the modules that they stand in."""
    nodes_between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Fewest and most nodes in service in any future, by type."""
    upkeep_usd: Mapping[str, float] = field(default_factory=dict)
    """What `crew`, `spares` and `contracts` cost, discounted: of all sites together the group M of the quarter."""


@dataclass(frozen=True)
class Served:
    """How much of a class of work is served in a quarter and a future."""

    work: str
    quarter: str
    future: str
    demand: float
    """Requests, units of work, or tokens."""
    served: float
    by_site: Mapping[str, float] = field(default_factory=dict)
    """Of what is served, by site."""
    nodes_busy: Mapping[str, float] = field(default_factory=dict)
    """Mean nodes at work for it, by `site/node type`."""
    done: float | None = None
    """Share of a training run's tokens that is done by the quarter's end; None of other work."""


@dataclass(frozen=True)
class Plan:
    """What a solve came to. Money is discounted to the start, in USD; without a plan every number is NaN."""

    name: str
    status: Status
    objective_kind: str
    objective: float
    bound: float
    """No plan can have a lower objective."""
    gap: float
    """(objective - bound) / |objective|."""
    groups: Mapping[str, float]
    """By `GROUPS`; they sum up to the cost."""
    objectives: Mapping[str, float]
    """Each objective's value in this plan, by kind."""
    decisions: tuple[Decision, ...]
    site_quarters: tuple[SiteQuarter, ...]
    served: tuple[Served, ...]
    groups_by_quarter: tuple[Mapping[str, float], ...] = ()
    """The five groups by quarter, discounted, less what nodes bring that are sold in it."""
    taken_over: Mapping[str, float] = field(default_factory=dict)
    """The five groups before the first quarter: the worth of the nodes that stand there."""
    left_at_end: Mapping[str, float] = field(default_factory=dict)
    """The five groups at the horizon's end, discounted: less what is left is worth. With `taken_over` and all quarters
    they sum up to `groups`."""
    resale_by_quarter: tuple[float, ...] = ()
    """What nodes that are sold bring by quarter, discounted, as it is in compute: 0 or less."""
    branch_nodes: int = 0
    notes: tuple[str, ...] = ()
    """What the reader must know, such as what CVaR means with few futures."""
    allocation: tuple[Mapping[str, Any], ...] = ()
    """Rows of the hourly operation in each future: what the proof simulates. Keys: site, quarter, future, hour, work,
    node, mode, nodes."""
    supply: tuple[Mapping[str, Any], ...] = ()
    """Rows of what feeds a site in each hour, where it has batteries, panels or bridging. Keys: site, quarter, future,
    hour; batteries, panels and bridging (units in service); grid_kw, panels_kw, charge_kw, discharge_kw, bridging_kw
    (means of the hour), stored_kwh (at its begin)."""

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.status == "optimal" or (self.status == "limit" and self.objective == self.objective)
