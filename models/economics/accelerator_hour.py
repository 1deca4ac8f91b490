"""What an hour of an accelerator costs, capital included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from ..section import Section
from ..units import EnergyPrice, Money, PowerPrice, quantity
from .service_lives import ServiceLives

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_YEAR_S = 31_557_600.0  # the Julian year of `models.units`


class CapitalCosts(Section):
    """What things cost to buy, and the terms on which capital is paid off. Nodes have their prices in the catalogue."""

    node: Money | None = None
    """Price of a node for which none is published; by default such nodes are left out and counted."""
    network_per_accelerator: Money = quantity("10 kUSD")
    """Switches, cables and optics for each accelerator. Derived: 46.9 to 51.6 kUSD for an H100 with its share of node
    and network, less an eighth of a node at 310 to 317 kUSD (price sheet of August 2024, secondary)."""
    construction: PowerPrice = quantity("11.7 USD/W")
    """Building, cooling and power chain per IT power that they are built for: mean of 19 US markets, 9.3 to 15.0
    (Cushman and Wakefield, Data Center Development Cost Guide 2025); without land, soft costs and equipment that the
    owner furnishes. Tokyo 15.2, Frankfurt 11.6 (Turner and Townsend, 2025-26)."""
    construction_premium: float = Field(default=0.0, ge=0.0)
    """Added share for liquid-cooled halls: 0.07 to 0.10 (Turner and Townsend, 2025-26)."""
    battery_power: PowerPrice = quantity("968 USD/kW")
    """Battery storage per power (REopt, electric_storage.jl)."""
    battery_energy: EnergyPrice = quantity("253 USD/kWh")
    """Battery storage per energy that it holds, besides (REopt, electric_storage.jl)."""
    genset: PowerPrice = quantity("650 USD/kW")
    """Generator sets that run in outages only; 800 where they also run on the grid, 880 off it (REopt,
    generator.jl)."""
    discount_rate: float = Field(default=0.08, ge=0.0)
    """Cost of capital for a year (assumption)."""
    maintenance_share: float = Field(default=0.03, ge=0.0)
    """Operation and maintenance in a year, staff included, as a share of capital (assumption: no source was found)."""


@dataclass(frozen=True)
class CapitalStock:
    """What was bought: nodes [USD, count of those without a price], accelerators, and the sizes of the rest in W and J.

    Of nodes that are owned for a part of the run price and accelerators count by that part.
    `construction_w` is the IT power that the building is built for. Batteries and gensets are those not in the price of
    construction, which includes what the builder furnishes.
    """

    nodes_usd: float
    accelerators: float
    construction_w: float
    battery_w: float = 0.0
    battery_j: float = 0.0
    genset_w: float = 0.0
    nodes_without_price: int = 0


@dataclass(frozen=True)
class CostItem:
    """One cost: the capital behind it, 0 for what is paid as one goes, and the part that the run bears [USD]."""

    name: str
    capital_usd: float
    run_usd: float


@dataclass(frozen=True)
class AcceleratorHour:
    """Cost of an accelerator for an hour [USD], in service and busy, and the items that it is made of.

    None where no accelerator was in service, or busy.
    """

    items: tuple[CostItem, ...]
    per_hour_in_service_usd: float | None
    per_hour_busy_usd: float | None
    notes: tuple[str, ...]

    @property
    def run_usd(self) -> float:
        """What the run bears in all [USD]."""
        return math.fsum(item.run_usd for item in self.items)


def capital_recovery_factor(discount_rate: float, life_years: float) -> float:
    """Return the share of capital that is paid each year of its life, with interest [1/a].

    i / (1 - (1 + i)^-n), and 1 / n without interest. Raises ValueError where the rate is negative or the life not above
    0.

    Source: any textbook of engineering economics; NREL, A Manual for the Economic Evaluation of Energy Efficiency and
    Renewable Energy Technologies, TP-462-5173, 1995.

    >>> round(capital_recovery_factor(0.08, 5.0), 5)
    0.25046
    """
    if not (discount_rate >= 0.0 and life_years > 0.0):
        raise ValueError(f"a rate of {discount_rate:g} over {life_years:g} years has no recovery factor")
    if discount_rate == 0.0:
        return 1.0 / life_years
    # Of a small rate the difference from 1 would lose its digits.
    return discount_rate / -math.expm1(-life_years * math.log1p(discount_rate))


def nodes_bought_usd(node_price_usd: ArrayLike, costs: CapitalCosts) -> tuple[float, int]:
    """Return what nodes cost together [USD], and how many have no price at all.

    `node_price_usd` has one value a node, NaN where none is published; for these the costs' own price stands if given.
    """
    import numpy as np

    prices = np.atleast_1d(np.asarray(node_price_usd, dtype=np.float64))
    unknown = int(np.count_nonzero(np.isnan(prices)))
    bought_usd = float(np.nansum(prices))
    return (bought_usd, unknown) if costs.node is None else (bought_usd + unknown * costs.node, 0)


def accelerator_hour(
    costs: CapitalCosts,
    lives: ServiceLives,
    stock: CapitalStock,
    *,
    run_s: float,
    in_service_s: float,
    busy_s: float,
    operating_usd: Mapping[str, float],
) -> AcceleratorHour:
    """Return what an accelerator costs for an hour.

    All capital is paid off in equal yearly amounts, of which the run of `run_s` [s] bears its part of a year, whether
    accelerators are busy or not. `in_service_s` and `busy_s` are accelerator-seconds, `operating_usd` what else was
    paid during the run by name, such as the energy bill [USD].

    >>> stock = CapitalStock(nodes_usd=250_000.0, accelerators=8, construction_w=10_000.0)
    >>> costs = CapitalCosts.model_validate({"discount_rate": 0.0, "maintenance_share": 0.0})
    >>> year_s = 365.25 * 86400.0
    >>> hour = accelerator_hour(
    ...     costs, ServiceLives(), stock, run_s=year_s, in_service_s=8 * year_s, busy_s=4 * year_s, operating_usd={}
    ... )
    >>> [(item.name, round(item.run_usd)) for item in hour.items]
    [('nodes', 50000), ('network', 16000), ('construction', 5850)]
    >>> round(hour.per_hour_in_service_usd, 3), round(hour.per_hour_busy_usd, 3)
    (1.025, 2.049)
    """
    construction_usd = costs.construction * (1.0 + costs.construction_premium) * stock.construction_w
    battery_usd = costs.battery_power * stock.battery_w + costs.battery_energy * stock.battery_j
    bought = [
        ("nodes", stock.nodes_usd, lives.nodes),
        ("network", costs.network_per_accelerator * stock.accelerators, lives.nodes),
        ("construction", construction_usd, lives.construction),
        ("batteries", battery_usd, lives.batteries),
        ("gensets", costs.genset * stock.genset_w, lives.gensets),
    ]
    years = run_s / _YEAR_S
    items = [
        CostItem(name, usd, usd * capital_recovery_factor(costs.discount_rate, life_s / _YEAR_S) * years)
        for name, usd, life_s in bought
        if usd
    ]
    maintenance_usd = costs.maintenance_share * math.fsum(item.capital_usd for item in items) * years
    if maintenance_usd:
        items.append(CostItem("maintenance", 0.0, maintenance_usd))
    items += [CostItem(name, 0.0, usd) for name, usd in operating_usd.items()]
    run_usd = math.fsum(item.run_usd for item in items)
    notes = []
    if stock.nodes_without_price:
        notes.append(f"{stock.nodes_without_price:,} nodes have no published price and cost nothing here")
    return AcceleratorHour(
        tuple(items),
        run_usd / (in_service_s / 3600.0) if in_service_s > 0.0 else None,
        run_usd / (busy_s / 3600.0) if busy_s > 0.0 else None,
        tuple(notes),
    )
