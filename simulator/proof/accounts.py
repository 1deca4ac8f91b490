"""What a hall's quarter comes to: as the plan has it, and as a simulated week delivers it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from optimizers.instance.instance import Instance

from .hall_quarter import HallQuarter
from .outcome import Outcome
from .scenarios import HallScenario
from .week import HOUR_S

KWH_PER_WH = 1e-3


@dataclass(frozen=True)
class Account:
    """Sums over a quarter, which add up over halls, sites and quarters. A hall has what is its own; what feeds it is
    its site's, and in the site's account."""

    it_kwh: float = 0.0
    facility_kwh: float = 0.0
    water_m3: float = 0.0
    """Water that cooling draws."""
    node_h: float = 0.0
    """Node-hours installed."""
    available_node_h: float = 0.0
    """Node-hours in which nodes could work."""
    grid_kwh: float = 0.0
    """Energy from the grid."""
    own_kwh: float = 0.0
    """Energy of panels and bridging, and through batteries: 0 where the grid feeds all."""
    withheld_kwh: float = 0.0
    """Energy that halls draw and nothing brings."""
    energy_usd: float = 0.0
    """What energy, its highest power, rents, fuel and the contract cost at the site's prices, not discounted."""
    discounted_usd: float = 0.0
    """The same at the plan's start."""
    carbon_kg: float = 0.0
    """Of the grid's energy at its intensity, and of bridging's fuel."""
    served: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Work by class and SKU: requests, units of work, tokens."""
    peaks_kw: Mapping[tuple[int, int], float] = field(default_factory=dict)
    """The highest power from the grid, by site and quarter."""

    def of(self, work: str) -> float:
        """Return the work of a class, on all SKUs together."""
        return sum(amount for (name, _), amount in self.served.items() if name == work)

    @property
    def peak_kw(self) -> float:
        """The highest power of a site in any quarter, summed over the sites."""
        by_site: dict[int, float] = {}
        for (site, _), peak_kw in self.peaks_kw.items():
            by_site[site] = max(by_site.get(site, 0.0), peak_kw)
        return sum(by_site.values())

    @property
    def fed(self) -> float:
        """Share of what the facilities draw that grid, panels, batteries and bridging bring; NaN where they draw
        nothing."""
        return 1.0 - self.withheld_kwh / self.facility_kwh if self.facility_kwh > 0.0 else float("nan")

    @property
    def pue(self) -> float:
        """Facility energy over IT energy; NaN without any."""
        return self.facility_kwh / self.it_kwh if self.it_kwh > 0.0 else float("nan")

    @property
    def availability(self) -> float:
        """Share of the node-hours in which nodes could work; NaN without any."""
        return self.available_node_h / self.node_h if self.node_h > 0.0 else float("nan")

    def __add__(self, other: Account) -> Account:
        sums = {name: getattr(self, name) + getattr(other, name) for name in _SUMS}
        keys = {*self.served, *other.served}
        served = {key: self.served.get(key, 0.0) + other.served.get(key, 0.0) for key in sorted(keys)}
        return Account(**sums, served=served, peaks_kw={**self.peaks_kw, **other.peaks_kw})


_SUMS = tuple(each.name for each in dataclasses.fields(Account) if each.name not in ("served", "peaks_kw"))


def total(accounts: Iterable[Account]) -> Account:
    """Return the sum of accounts, of which at most one is a site's own in each quarter."""
    found = Account()
    for each in accounts:
        found += each
    return found


def planned_account(instance: Instance, hall: HallQuarter) -> Account:
    """Return what the plan counts on in a hall's quarter, in the future that the hall is of."""
    weight_h = instance.hours.weight_h[hall.quarter]
    figures = {each.name: each for each in (*instance.serving, *instance.batch)}
    served: dict[tuple[str, str], float] = {}
    for (name, node), nodes in hall.work.items():
        per_s = float(figures[name].rate[node, hall.mode])
        served[name, instance.nodes[node].name] = float((nodes * weight_h).sum()) * HOUR_S * per_s
    for gang in hall.gangs:
        served[instance.gangs[gang.work].name, instance.nodes[gang.node].name] = gang.tokens
    it_w = hall.it_w(instance)
    water = instance.modules[hall.module].water_m3_per_kwh[hall.site, hall.quarter]
    hours_h = float(weight_h.sum())
    available = sum(count * float(instance.modes[hall.mode].availability[node]) for node, count in hall.nodes.items())
    return Account(
        it_kwh=float((KWH_PER_WH * it_w * weight_h).sum()),
        facility_kwh=float((KWH_PER_WH * hall.facility_w(instance) * weight_h).sum()),
        water_m3=float((KWH_PER_WH * it_w * weight_h * water).sum()),
        node_h=hours_h * sum(hall.nodes.values()),
        available_node_h=hours_h * available,
        served=served,
    )


def delivered_account(instance: Instance, hall: HallQuarter, scenario: HallScenario, outcome: Outcome) -> Account:
    """Return what a simulated week makes of a hall's quarter: means over the instances of each representative hour,
    times the hours that it stands for."""
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
    water_m3 = week.of_quarter(week.over_hours(outcome.water_m3)) / HOUR_S if len(outcome.water_m3) else 0.0
    return Account(
        it_kwh=float((KWH_PER_WH * week.over_hours(outcome.it_w) * week.weight_h).sum()),
        facility_kwh=float((KWH_PER_WH * week.over_hours(outcome.facility_w) * week.weight_h).sum()),
        water_m3=water_m3,
        node_h=hours_h * sum(hall.nodes.values()),
        available_node_h=hours_h * available,
        served=served,
    )
