"""What a hall's quarter comes to: as the plan has it, and as a simulated week delivers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from optimizers.instance.instance import Instance

from .hall_quarter import HallQuarter
from .outcome import Outcome
from .scenarios import HallScenario
from .week import HOUR_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

KWH_PER_WH = 1e-3


@dataclass(frozen=True)
class Account:
    """Sums over a quarter, which add up over halls and quarters."""

    it_kwh: float = 0.0
    facility_kwh: float = 0.0
    energy_usd: float = 0.0
    """What the facility's energy and its highest power cost at the site's prices, not discounted: before batteries,
    panels, contracts and bridging, none of which is simulated."""
    discounted_usd: float = 0.0
    """The same at the plan's start."""
    carbon_kg: float = 0.0
    """Of the facility's energy at the grid's intensity."""
    water_m3: float = 0.0
    """Water that cooling draws."""
    node_h: float = 0.0
    """Node-hours installed."""
    available_node_h: float = 0.0
    """Node-hours in which nodes could work."""
    served: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Work by class and SKU: requests, units of work, tokens."""
    power_w: Mapping[tuple[int, int], NDArray[np.float64]] = field(default_factory=dict)
    """Power of the facility in every hour that counts, by site and quarter."""

    def of(self, work: str) -> float:
        """Return the work of a class, on all SKUs together."""
        return sum(amount for (name, _), amount in self.served.items() if name == work)

    @property
    def peak_kw(self) -> float:
        """The highest power of a site in any quarter, summed over the sites."""
        by_site: dict[int, float] = {}
        for (site, _), power_w in self.power_w.items():
            by_site[site] = max(by_site.get(site, 0.0), float(power_w.max(initial=0.0)) / 1e3)
        return sum(by_site.values())

    @property
    def pue(self) -> float:
        """Facility energy over IT energy; NaN without any."""
        return self.facility_kwh / self.it_kwh if self.it_kwh > 0.0 else float("nan")

    @property
    def availability(self) -> float:
        """Share of the node-hours in which nodes could work; NaN without any."""
        return self.available_node_h / self.node_h if self.node_h > 0.0 else float("nan")

    def __add__(self, other: Account) -> Account:
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in (
                "it_kwh", "facility_kwh", "energy_usd", "discounted_usd", "carbon_kg", "water_m3", "node_h",
                "available_node_h",
            )
        }  # fmt: skip
        keys = {*self.served, *other.served}
        served = {key: self.served.get(key, 0.0) + other.served.get(key, 0.0) for key in sorted(keys)}
        power_w = dict(self.power_w)
        for place, values in other.power_w.items():
            power_w[place] = power_w[place] + values if place in power_w else values
        return Account(**sums, served=served, power_w=power_w)


def total(accounts: Iterable[Account]) -> Account:
    """Return the sum of accounts."""
    found = Account()
    for each in accounts:
        found += each
    return found


def planned_account(instance: Instance, hall: HallQuarter, future: int) -> Account:
    """Return what the plan counts on in a hall's quarter, in one future."""
    weight_h = instance.hours.weight_h[hall.quarter]
    figures = {each.name: each for each in (*instance.serving, *instance.batch)}
    served: dict[tuple[str, str], float] = {}
    for (name, node), nodes in hall.work.items():
        per_s = float(figures[name].rate[node, hall.mode])
        served[name, instance.nodes[node].name] = float((nodes * weight_h).sum()) * HOUR_S * per_s
    for gang in hall.gangs:
        served[instance.gangs[gang.work].name, instance.nodes[gang.node].name] = gang.tokens
    facility_w, it_w = hall.facility_w(instance), hall.it_w(instance)
    counted = weight_h > 0.0
    busiest_w = hall.facility_w(instance, busiest=True)[counted]
    water = instance.modules[hall.module].water_m3_per_kwh[hall.site, hall.quarter]
    hours_h = float(weight_h.sum())
    available = sum(count * float(instance.modes[hall.mode].availability[node]) for node, count in hall.nodes.items())
    return _account(
        instance, hall, future, it_w, facility_w, float(busiest_w.max()),
        available_node_h=hours_h * available, served=served, power_w=busiest_w,
        water_m3=float((KWH_PER_WH * it_w * weight_h * water).sum()),
    )  # fmt: skip


def delivered_account(
    instance: Instance, hall: HallQuarter, scenario: HallScenario, outcome: Outcome, future: int
) -> Account:
    """Return what a simulated week makes of a hall's quarter: means over the instances of each representative hour,
    times the hours that it stands for. The highest power is that of any counted hour."""
    week = scenario.week
    served: dict[tuple[str, str], float] = {}
    for pool in scenario.pools:
        shared = pool.shared_out(week, outcome.served[pool.name], outcome.capacity[pool.name])
        for name, per_s in shared.items():
            served[name, instance.nodes[pool.node].name] = week.of_quarter(week.over_hours(per_s))
    for gang in hall.gangs:
        name = instance.gangs[gang.work].name
        done = outcome.tokens.get(name, 0.0) / week.counted_s * week.quarter_s
        served[name, instance.nodes[gang.node].name] = done
    hours_h = float(week.weight_h.sum())
    available = sum(count * outcome.availability[instance.nodes[node].name] for node, count in hall.nodes.items())
    power_w = outcome.facility_w[week.warm_up_h :]
    water_m3 = week.of_quarter(week.over_hours(outcome.water_m3)) / HOUR_S if len(outcome.water_m3) else 0.0
    return _account(
        instance, hall, future, week.over_hours(outcome.it_w), week.over_hours(outcome.facility_w),
        float(power_w.max()), available_node_h=hours_h * available, served=served, power_w=power_w, water_m3=water_m3,
    )  # fmt: skip


def _account(
    instance: Instance,
    hall: HallQuarter,
    future: int,
    it_w: NDArray[np.float64],
    facility_w: NDArray[np.float64],
    peak_w: float,
    *,
    available_node_h: float,
    served: Mapping[tuple[str, str], float],
    power_w: NDArray[np.float64],
    water_m3: float,
) -> Account:
    site, quarter = instance.sites[hall.site], instance.quarters[hall.quarter]
    weight_h = instance.hours.weight_h[hall.quarter]
    facility_kwh = KWH_PER_WH * facility_w * weight_h
    usd = float((facility_kwh * site.price_usd_per_kwh[future, hall.quarter]).sum())
    usd += site.demand_charge_usd_per_kw * peak_w / 1e3
    return Account(
        it_kwh=float((KWH_PER_WH * it_w * weight_h).sum()),
        facility_kwh=float(facility_kwh.sum()),
        energy_usd=usd,
        discounted_usd=usd * quarter.discount,
        carbon_kg=float((facility_kwh * site.carbon_kg_per_kwh[hall.quarter]).sum()),
        node_h=float(weight_h.sum()) * sum(hall.nodes.values()),
        available_node_h=available_node_h,
        served=dict(served),
        water_m3=water_m3,
        power_w={(hall.site, hall.quarter): power_w},
    )
