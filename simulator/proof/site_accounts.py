"""What feeds a site in a quarter comes to: energy from the grid, its bill, its carbon, as planned and as delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizers.instance.instance import Instance
from optimizers.plan import Plan

from .accounts import KWH_PER_WH, Account
from .hall_quarter import HallQuarter
from .halls_of_plan import halls_without_nodes
from .observed import Observed
from .own_supply import W_PER_KW, Flows, OwnSupply, own_supply

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PlaceAccounts:
    """What is accounted for at a site in a quarter, of one of its halls or of what feeds them all: as planned, and as
    each replica delivered it."""

    site: int
    quarter: int
    future: int
    planned: Account
    delivered: tuple[Account, ...]


def hall_accounts(seen: Sequence[Observed]) -> list[PlaceAccounts]:
    """Return the accounts of halls."""
    return [
        PlaceAccounts(each.hall.site, each.hall.quarter, each.hall.future, each.planned, each.delivered)
        for each in seen
    ]


def site_accounts(instance: Instance, plan: Plan, seen: Sequence[Observed]) -> list[PlaceAccounts]:
    """Return the accounts of what feeds the sites, in order of future, quarter and site: the halls of a site together,
    each replica of one with the same replica of the others."""
    places: dict[tuple[int, int, int], list[Observed]] = {}
    for each in seen:
        places.setdefault((each.hall.future, each.hall.quarter, each.hall.site), []).append(each)
    found = []
    for (future, quarter, site), halls in sorted(places.items()):
        supply = own_supply(instance, plan, site, quarter, future)
        idle = halls_without_nodes(instance, plan, [each.hall for each in halls])
        bill = _Bill(instance, plan, supply, site, quarter, future, idle)
        delivered = tuple(bill.delivered(halls, replica) for replica in range(len(halls[0].outcomes)))
        found.append(PlaceAccounts(site, quarter, future, bill.planned(halls), delivered))
    return found


@dataclass(frozen=True, eq=False)
class _Bill:
    instance: Instance
    plan: Plan
    supply: OwnSupply
    site: int
    quarter: int
    future: int
    idle: tuple[HallQuarter, ...]
    """Halls of the site that no simulation has, for want of nodes: the plan's power is theirs on both sides."""

    def planned(self, halls: Sequence[Observed]) -> Account:
        fed = [*(each.hall for each in halls), *self.idle]
        mean_w, busiest_w = (
            np.sum([each.facility_w(self.instance, busiest=busiest) for each in fed], axis=0)
            for busiest in (False, True)
        )
        counted = self.instance.hours.weight_h[self.quarter] > 0.0
        flows = self.supply.planned(mean_w)
        busier_w = busiest_w - mean_w
        # A plan bills every moment's power as if nothing gave way, so that it is never billed less than it thinks.
        billed_w = float((flows.grid_w + busier_w)[counted].max())
        return self._account(flows, billed_w, float(self.supply.busiest_w(flows, busier_w)[counted].max()))

    def delivered(self, halls: Sequence[Observed], replica: int) -> Account:
        # All halls of a site are simulated over the same week: it is the quarter's, warmed up as the site's tier asks.
        week = halls[0].scenario.week
        facility_w = np.sum([each.outcomes[replica].facility_w for each in halls], axis=0)
        for each in self.idle:
            facility_w = facility_w + each.facility_w(self.instance)[week.hour]
        flows = self.supply.delivered(facility_w, week)
        peak_w = float(flows.grid_w[week.warm_up_h :].max())
        return self._account(flows.over_hours(week), peak_w, peak_w)

    def _account(self, flows: Flows, billed_w: float, peak_w: float) -> Account:
        """Return the account of flows by representative hour, and of the highest power from the grid: as it is billed,
        and as it is drawn."""
        site, quarter = self.instance.sites[self.site], self.instance.quarters[self.quarter]
        price = site.price_usd_per_kwh[self.future, self.quarter]
        own_w = flows.panels_w + flows.bridging_w + np.abs(flows.battery_w)
        grid_kwh, own_kwh, bridging_kwh, withheld_kwh = (
            self._kwh(flow_w) for flow_w in (flows.grid_w, own_w, flows.bridging_w, flows.withheld_w)
        )
        usd = float((grid_kwh * price).sum()) + site.demand_charge_usd_per_kw * billed_w / W_PER_KW
        usd += self._contract_usd(price)
        carbon_kg = float((grid_kwh * site.carbon_kg_per_kwh[self.quarter]).sum())
        if site.bridging is not None:
            units = self.supply.most_bridging_w / site.bridging.unit_w
            usd += units * site.bridging.rent_usd + site.bridging.fuel_usd_per_kwh * float(bridging_kwh.sum())
            carbon_kg += site.bridging.carbon_kg_per_kwh * float(bridging_kwh.sum())
        return Account(
            it_kwh=sum(float(self._kwh(each.it_w(self.instance)).sum()) for each in self.idle),
            facility_kwh=sum(float(self._kwh(each.facility_w(self.instance)).sum()) for each in self.idle),
            grid_kwh=float(grid_kwh.sum()),
            own_kwh=float(own_kwh.sum()),
            withheld_kwh=float(withheld_kwh.sum()),
            energy_usd=usd,
            discounted_usd=usd * quarter.discount,
            carbon_kg=carbon_kg,
            peaks_kw={(self.site, self.quarter): peak_w / W_PER_KW},
        )

    def _contract_usd(self, price: NDArray[np.float64]) -> float:
        """Return what a contract for difference costs beyond the market in the quarter; below 0 where it earns."""
        terms, name = self.instance.sites[self.site].power_purchase, self.instance.sites[self.site].name
        if terms is None:
            return 0.0
        bought_w = sum(each.count for each in self.plan.decisions if (each.kind, each.site) == ("power-purchase", name))
        weight_h = self.instance.hours.weight_h[self.quarter]
        return float(((terms.strike_usd_per_kwh - price) * weight_h).sum()) * bought_w / W_PER_KW

    def _kwh(self, flow_w: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(KWH_PER_WH * flow_w * self.instance.hours.weight_h[self.quarter])
