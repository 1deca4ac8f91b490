"""Energy of a site: the grid and its bill, power purchases, batteries, photovoltaics and rented generation.

What a site draws is `fixed modules + slope IT power`, and comes from the grid, the sun, a battery or bridging
generation. A power purchase is money alone: a contract for difference moves no power.
"""

from __future__ import annotations

from .formulation import MW, THOUSAND, Formulation
from .most import buildable
from .sites import only_if_open
from .surges import surges_mw
from .terms import Terms

DAY_H = 24.0
"""Hours of the day that a day's steps stand for."""
BATTERY_LASTING = 60
"""Quarters over which a battery's price is written off in a straight line."""
PHOTOVOLTAICS_LASTING = 100
"""Quarters over which the price of panels is written off in a straight line."""


def build(f: Formulation) -> None:
    """Add `grid[s,t,h,o]` [MW], `peak[s,t,o]`, what can be built beside it, the modules' `fixed_power[s,t]`, and the
    balance of every hour."""
    instance = f.instance
    hours = range(instance.hours.count)
    futures = range(len(instance.futures))
    quarters = range(f.quarters)
    sites = range(len(instance.sites))
    keys = [(s, t, h, o) for s in sites for o in futures for t in quarters for h in hours]
    grid = f.variables("grid", "stho", keys)
    balance = {}
    granted = [(site.grid_w / MW).tolist() for site in instance.sites]
    for key, variable in grid.items():
        s, t, h, o = key
        variable.setub(granted[s][o][t])
        balance[key] = row = Terms()
        row.coefficients.append(1.0)
        row.variables.append(variable)
    _bill(f)
    _power_purchases(f)
    _batteries(f, balance)
    _photovoltaics(f, balance)
    _bridging(f, balance)
    fixed = [(module.fixed_w / MW).tolist() for module in instance.modules]
    slope = [module.slope.tolist() for module in instance.modules]
    for (s, p, t, h, o), variable in f.found["it_power"].items():
        row = balance[s, t, h, o]
        row.add(-slope[p][s][t][h], variable)
    fixed_power = f.variables("fixed_power", "st", [(s, t) for s in sites for t in quarters])
    for (s, t), variable in fixed_power.items():
        row = Terms()
        row.add(1.0, variable)
        for p in buildable(f, s):
            row.add(-fixed[p][s], f.found["modules"][s, p, t])
        f.equal("fixed_balance", "st", (s, t), row)
    for key, row in balance.items():
        row.add(-1.0, fixed_power[key[0], key[1]])
        f.equal("energy_balance", "stho", key, row)


def _bill(f: Formulation) -> None:
    """Pay for energy, its carbon, and for the highest power of the hours that count, at the busiest moment of each."""
    instance = f.instance
    charged = [s for s, site in enumerate(instance.sites) if site.demand_charge_usd_per_kw > 0.0]
    futures = range(len(instance.futures))
    peak = f.variables("peak", "sto", [(s, t, o) for s in charged for o in futures for t in range(f.quarters)])
    for (s, t, o), variable in peak.items():
        charge = instance.sites[s].demand_charge_usd_per_kw * THOUSAND
        f.spend("O", t, f.probability[o] * charge, variable)
    surges = surges_mw(f, charged)
    prices = [site.price_usd_per_kwh.tolist() for site in instance.sites]
    intensities = [site.carbon_kg_per_kwh.tolist() for site in instance.sites]
    for (s, t, h, o), variable in f.found["grid"].items():
        weight_h = f.probability[o] * f.weight_h[t][h]
        if weight_h <= 0.0:
            continue
        f.spend("O", t, weight_h * prices[s][o][t][h] * THOUSAND, variable)
        f.carbon[t].add(weight_h * intensities[s][t][h], variable)
        if (s, t, o) in peak:
            row = Terms()
            row.coefficients = [1.0, -1.0]
            row.variables = [peak[s, t, o], variable]
            if (s, t, h, o) in surges:
                row.add_all(-1.0, surges[s, t, h, o])
            f.at_least("billed_peak", "stho", (s, t, h, o), row)


def _power_purchases(f: Formulation) -> None:
    """A contract covers at most what the site draws from the grid over the horizon, in expectation.

    Beyond that it would be a bet on prices, not a purchase of power.
    """
    instance = f.instance
    bought = f.variables(
        "power_purchase", "s", [(s,) for s, site in enumerate(instance.sites) if site.power_purchase is not None]
    )
    for (s,), variable in bought.items():
        site = instance.sites[s]
        assert site.power_purchase is not None
        variable.setub(site.power_purchase.most_w / MW)
        for t in range(f.quarters):
            usd = 0.0
            for o, probability in enumerate(f.probability):
                for h in f.counted[t]:
                    difference = site.power_purchase.strike_usd_per_kwh - float(site.price_usd_per_kwh[o, t, h])
                    usd += probability * f.weight_h[t][h] * difference * THOUSAND
            f.spend("O", t, usd, variable)
        drawn = Terms()
        horizon_h = sum(f.weight_h[t][h] for t in range(f.quarters) for h in f.counted[t])
        drawn.add(horizon_h / THOUSAND, variable)
        for o, probability in enumerate(f.probability):
            for t in range(f.quarters):
                for h in f.counted[t]:
                    drawn.add(-probability * f.weight_h[t][h] / THOUSAND, f.found["grid"][s, t, h, o])
        f.at_most("power_purchase_of_what_is_drawn", "s", s, drawn)
        if not site.exists:
            # Its price is paid from the start on: only for a site that opens at all.
            row = Terms()
            row.add(1.0, variable)
            row.add(-site.power_purchase.most_w / MW, f.found["open"][s, f.last])
            f.at_most("power_purchase_needs_site", "s", s, row)


def _units(f: Formulation, name: str, offers: dict[int, tuple[int, float, int]]) -> None:
    """Add `buy_<name>[s,t]` and `<name>[s,t]` units in service, for sites with an offer: most, price, lasting."""
    buy = f.variables(f"buy_{name}", "st", [(s, t) for s in offers for t in range(f.quarters)], integer=True)
    units = f.variables(name, "st", list(buy))
    for (s, t), variable in buy.items():
        most, price_usd, lasting = offers[s]
        variable.setub(most)
        units[s, t].setub(most)
        only_if_open(f, f"{name}_needs_open_site", "st", (s, t), variable)
        f.buy("O", t, price_usd, variable, left=f.left_of(t, lasting))
        row = Terms()
        row.add(1.0, units[s, t])
        for when in range(t + 1):
            row.add(-1.0, buy[s, when])
        f.equal(f"{name}_in_service", "st", (s, t), row)


def _batteries(f: Formulation, balance: dict[tuple[int, int, int, int], Terms]) -> None:
    """A battery ends each day as it began it; what it is charged with fills it by the round trip's share.

    A day of n steps has steps of 24/n hours. Charge and discharge together keep to a unit's power: at a negative price
    a battery that did both at once would burn twice what it can. It may still do half of each.
    """
    instance = f.instance
    batteries = {s: site.battery for s, site in enumerate(instance.sites) if site.battery is not None}
    _units(f, "battery", {s: (each.most, each.price_usd, BATTERY_LASTING) for s, each in batteries.items()})
    days = [day for day in instance.hours.days if day.count > 1]
    keys = [
        (s, t, h, o)
        for s in batteries
        for o in range(len(instance.futures))
        for t in range(f.quarters)
        for day in days
        for h in range(day.first, day.first + day.count)
    ]
    charge = f.variables("charge", "stho", keys)
    discharge = f.variables("discharge", "stho", keys)
    stored = f.variables("stored", "stho", keys)
    step_h = {day.first + place: DAY_H / day.count for day in days for place in range(day.count)}
    after = {day.first + place: day.first + (place + 1) % day.count for day in days for place in range(day.count)}
    for key in keys:
        s, t, h, o = key
        battery, units = batteries[s], f.found["battery"][s, t]
        balance[key].add(-1.0, charge[key])
        balance[key].add(1.0, discharge[key])
        for name, variables, unit in (
            ("battery_power", (charge[key], discharge[key]), battery.unit_w / MW),
            ("battery_energy", (stored[key],), battery.unit_j / 3600.0 / MW),
        ):
            row = Terms()
            for variable in variables:
                row.add(1.0, variable)
            row.add(-unit, units)
            f.at_most(name, "stho", key, row)
        row = Terms()
        row.add(1.0, stored[s, t, after[h], o])
        row.add(-1.0, stored[key])
        row.add(-battery.round_trip * step_h[h], charge[key])
        row.add(step_h[h], discharge[key])
        f.equal("battery_balance", "stho", key, row)


def _photovoltaics(f: Formulation, balance: dict[tuple[int, int, int, int], Terms]) -> None:
    instance = f.instance
    panels = {s: site.photovoltaics for s, site in enumerate(instance.sites) if site.photovoltaics is not None}
    _units(f, "panels", {s: (each.most, each.price_usd, PHOTOVOLTAICS_LASTING) for s, each in panels.items()})
    for (s, t), variable in f.found["buy_panels"].items():
        f.carbon[t].add(panels[s].embodied_kg / THOUSAND, variable)
    keys = [
        (s, t, h, o)
        for s, each in panels.items()
        for o in range(len(instance.futures))
        for t in range(f.quarters)
        for h in range(instance.hours.count)
        if each.output[t, h] > 0.0
    ]
    for key, variable in f.variables("sun", "stho", keys).items():
        s, t, h, _ = key
        balance[key].add(1.0, variable)
        row = Terms()
        row.add(1.0, variable)
        row.add(-float(panels[s].output[t, h]) * panels[s].unit_w / MW, f.found["panels"][s, t])
        f.at_most("sunshine", "stho", key, row)


def _bridging(f: Formulation, balance: dict[tuple[int, int, int, int], Terms]) -> None:
    instance = f.instance
    offers = {s: site.bridging for s, site in enumerate(instance.sites) if site.bridging is not None}
    rent = f.variables("rent_bridging", "st", [(s, t) for s in offers for t in range(f.quarters)], integer=True)
    for (s, t), variable in rent.items():
        variable.setub(offers[s].most)
        only_if_open(f, "bridging_needs_open_site", "st", (s, t), variable)
        f.spend("O", t, offers[s].rent_usd, variable)
    keys = [
        (s, t, h, o)
        for s in offers
        for o in range(len(instance.futures))
        for t in range(f.quarters)
        for h in range(instance.hours.count)
    ]
    for key, variable in f.variables("bridging", "stho", keys).items():
        s, t, h, o = key
        balance[key].add(1.0, variable)
        row = Terms()
        row.add(1.0, variable)
        row.add(-offers[s].unit_w / MW, rent[s, t])
        f.at_most("bridging_power", "stho", key, row)
        weight_h = f.probability[o] * f.weight_h[t][h]
        f.spend("O", t, weight_h * offers[s].fuel_usd_per_kwh * THOUSAND, variable)
        f.carbon[t].add(weight_h * offers[s].carbon_kg_per_kwh, variable)
