"""What was bought and made for a run: the cost of an accelerator's hour, and embodied carbon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models import catalog
from models.accounting.accounting import Accounting
from models.carbon.embodied import EmbodiedCarbonOfRun, embodied_carbon, node_embodied_kg
from models.economics.accelerator_hour import AcceleratorHour, CapitalStock, accelerator_hour, nodes_bought_usd
from models.fleet import Fleet
from models.nodes.node import Node
from models.power.distribution.rack_powers import planned_power

from ..engine import state as layout
from ..engine.state import State
from .columns import texts
from .kpis import Kpis
from .tables import table


@dataclass(frozen=True, eq=False)
class CapitalAccounts:
    """Cost of an accelerator's hour and embodied carbon; None where no node has a price, or none has a figure."""

    hour: AcceleratorHour | None
    embodied: EmbodiedCarbonOfRun | None
    without_tariff: bool = False

    def kpis(self) -> Kpis:
        """Return the figures of capital and embodied carbon."""
        return {
            "cost_per_accelerator_hour_usd": None if self.hour is None else self.hour.per_hour_in_service_usd,
            "cost_per_busy_accelerator_hour_usd": None if self.hour is None else self.hour.per_hour_busy_usd,
            "carbon_embodied_kg": None if self.embodied is None else self.embodied.carbon_embodied_kg,
        }

    def tables(self) -> dict[str, pa.Table]:
        """Return what the run bears of each cost, and of making each thing, where they are known."""
        found = {}
        if self.hour is not None:
            found["cost"] = table(
                {
                    "item": texts([item.name for item in self.hour.items]),
                    "capital_usd": np.array([item.capital_usd for item in self.hour.items]),
                    "run_usd": np.array([item.run_usd for item in self.hour.items]),
                }
            )
        if self.embodied is not None:
            found["embodied"] = table(
                {
                    "item": texts([item.name for item in self.embodied.items]),
                    "made_kg": np.array([item.made_kg for item in self.embodied.items]),
                    "run_kg": np.array([item.run_kg for item in self.embodied.items]),
                }
            )
        return found

    def notes(self) -> tuple[str, ...]:
        """Return what is left out, one sentence each."""
        notes = [*(self.hour.notes if self.hour else ()), *(self.embodied.notes if self.embodied else ())]
        if self.hour is not None and self.without_tariff:
            notes.append("the cost of an accelerator's hour is without electricity: the site has no tariff")
        return tuple(notes)


def capital_accounts(
    terms: Accounting,
    fleet: Fleet,
    state: State,
    *,
    planned_it_w: float,
    operating_usd: Mapping[str, float],
    battery_w: float = 0.0,
    battery_j: float = 0.0,
    genset_w: float = 0.0,
) -> CapitalAccounts:
    """Return what the run bears of what was bought and made for it.

    Nodes and network cost from commissioning to retirement, used or not; making a node is spread over its time in
    service. The building is that of an IT power `planned_it_w` [W]. `operating_usd` is what was paid besides, by name,
    the bill for electricity under "electricity". Batteries and gensets are those that the building does not come with.
    """
    run_s = float(state.clock[0]["now_s"])
    if not run_s > 0.0:
        return CapitalAccounts(None, None)
    integral = state.meters["integral"]
    hour = embodied = None
    price_usd = _of_nodes(fleet, [np.nan if each.price is None else each.price.value for each in fleet.models])
    accelerators = _of_nodes(fleet, [float(each.accelerators) for each in fleet.models])
    if accelerators.any() and (terms.capital.node is not None or not np.isnan(price_usd).all()):
        # Nodes that come or go during the run bear the part of it in which they are owned.
        owned = (np.minimum(fleet.retire_s, run_s) - np.minimum(fleet.commission_s, run_s)) / run_s
        stock = CapitalStock(
            nodes_usd=float(np.where(np.isnan(price_usd), terms.capital.node or 0.0, price_usd) @ owned),
            accelerators=float(accelerators @ owned),
            construction_w=planned_it_w,
            battery_w=battery_w,
            battery_j=battery_j,
            genset_w=genset_w,
            nodes_without_price=nodes_bought_usd(price_usd[owned > 0.0], terms.capital)[1],
        )
        hour = accelerator_hour(
            terms.capital,
            terms.lives,
            stock,
            run_s=run_s,
            in_service_s=float(integral[layout.ACCELERATORS_IN_SERVICE]),
            busy_s=float(integral[layout.ACTIVE]),
            operating_usd=operating_usd,
        )
    made_kg = _of_nodes(fleet, [_made_kg(each) for each in fleet.models])
    if terms.embodied.node is not None or not np.isnan(made_kg).all():
        embodied = embodied_carbon(
            terms.embodied,
            terms.lives,
            node_kg=made_kg,
            node_service_s=state.nodes["service_s"],
            run_s=run_s,
            construction_w=planned_it_w,
            battery_j=battery_j,
            genset_w=genset_w,
        )
    return CapitalAccounts(hour, embodied, without_tariff="electricity" not in operating_usd)


def planned_it_w(fleet: Fleet, loads_w: float) -> float:
    """Return the IT power that a building for the fleet and other loads [W] is planned for [W]."""
    return planned_power(fleet)[0].greatest_w + loads_w


def _of_nodes(fleet: Fleet, of_models: list[float]) -> NDArray[np.float64]:
    return np.array(of_models, np.float64)[fleet.model]


def _made_kg(node: Node) -> float:
    named = isinstance(node.accelerator, str)
    return node_embodied_kg(node, catalog.entry("accelerators", str(node.accelerator)) if named else None)
