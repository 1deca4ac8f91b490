"""The plan of every tiny instance is the best of all: each first decision is tried, and the rest solved on its own.

Nothing here goes through the formulation: what a set of decisions costs and allows is worked out from the instance,
and the operation that is left is a small linear program in SI units for scipy.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import instances as made
from optimizers.capacity_model import CapacityModel
from optimizers.instance.hardware import Cohort, NodeFigures
from optimizers.instance.instance import Instance
from optimizers.instance.places import Battery, Bridging
from optimizers.instance.time import Future, Quarter
from optimizers.instance.work import BatchFigures, ServingFigures

MOST_TRIED = 20_000
"""Sets of first decisions that are tried for an instance."""
MOST_SOLVED = 30_000
"""Ways to place gangs that are tried for it, a linear program for each that can be: about a minute."""


@dataclass(frozen=True)
class Choice:
    """All whole-number decisions of one site."""

    opens: int
    """Quarter in which it opens; one past the last where it never does."""
    mode: int
    bought: tuple[tuple[int, ...], ...]
    """Batches by node type and quarter."""
    retired: tuple[tuple[int, ...], ...]
    """Nodes by cohort and quarter."""
    design: int
    built: tuple[int, ...]
    """Modules by quarter."""
    batteries: tuple[int, ...]
    rented: tuple[int, ...]


class Program:
    """A linear program, variable by variable."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.uppers: list[float | None] = []
        self.rows: list[tuple[dict[int, float], float, bool]] = []

    def variable(self, cost: float = 0.0, upper: float | None = None) -> int:
        self.costs.append(cost)
        self.uppers.append(upper)
        return len(self.costs) - 1

    def at_most(self, terms: dict[int, float], limit: float) -> None:
        self.rows.append((terms, limit, False))

    def equal(self, terms: dict[int, float], limit: float) -> None:
        self.rows.append((terms, limit, True))

    def least(self) -> float:
        def matrix(*, equal: bool) -> tuple[Any, Any]:
            rows = [row for row in self.rows if row[2] is equal]
            dense = np.zeros((len(rows), len(self.costs)))
            for place, (terms, _, _) in enumerate(rows):
                for column, value in terms.items():
                    dense[place, column] += value
            return (dense, [limit for _, limit, _ in rows]) if rows else (None, None)

        (below, limits), (same, values) = matrix(equal=False), matrix(equal=True)
        found = linprog(
            self.costs, A_ub=below, b_ub=limits, A_eq=same, b_eq=values,
            bounds=[(0.0, upper) for upper in self.uppers], method="highs",
        )  # fmt: skip
        return float(found.fun) if found.status == 0 else math.inf


def best_by_trying(given: Instance) -> float:
    """Return the least cost, with what unserved work costs; infinity where nothing is allowed."""
    sites = range(len(given.sites))
    options = [list(site_choices(given, s)) for s in sites]
    refuse_more_than(MOST_TRIED, math.prod(len(each) for each in options), "sets of first decisions")
    combined = [
        (sum(first_cost(given, s, choices[s]) for s in sites), choices)
        for choices in itertools.product(*options)
        if supplied(given, choices) and within_budget(given, choices)
    ]
    bounded = [(cost + least_penalty(given, choices), cost, choices) for cost, choices in combined]
    bounded.sort(key=lambda each: each[0])
    best, solved = math.inf, 0
    for bound, cost, choices in bounded:
        if bound >= best:
            break
        for placing in gang_choices(given, choices):
            if bound + untrained_usd(given, choices, placing) >= best:
                continue
            solved += 1
            refuse_more_than(MOST_SOLVED, solved, "ways to place gangs: the bound rules out too few")
            best = min(best, cost + operation(given, choices, placing))
    return best


def refuse_more_than(most: int, count: int, what: str) -> None:
    """Fail at once, rather than seem to hang, where an instance is not tiny."""
    assert count <= most, f"the instance is too large to try all: {count:,} {what}, above {most:,}"


def site_choices(given: Instance, s: int) -> Iterator[Choice]:
    site, quarters = given.sites[s], len(given.quarters)
    times = range(quarters)
    openings = [0] if site.exists else range(quarters + 1)
    orders = itertools.product(
        *(itertools.product(*(range(int(kind.supply[t]) + 1) for t in times)) for kind in given.nodes)
    )
    all_orders = list(orders)
    cohorts = [cohort for cohort in given.cohorts if cohort.site == s]
    retirements = list(
        itertools.product(
            *(
                [
                    each
                    for each in itertools.product(range(cohort.count + 1), repeat=quarters)
                    if sum(each) <= cohort.count
                ]
                for cohort in cohorts
            )
        )
    )
    standing = [p for p, module in enumerate(given.modules) if module.exists[s] > 0]
    energy = [
        list(itertools.product(range(offer.most + 1), repeat=quarters)) if offer is not None else [(0,) * quarters]
        for offer in (site.battery, site.bridging)
    ]
    size = len(all_orders) * len(retirements) * math.prod(map(len, energy)) * len(given.modes)
    refuse_more_than(MOST_TRIED, size, f"orders, sales and modes at site {s}, for each building")
    for opens, p in itertools.product(openings, standing or range(len(given.modules))):
        module = given.modules[p]
        most = int(module.most - module.exists[s])
        builds = [each for each in itertools.product(range(most + 1), repeat=quarters) if sum(each) <= most]
        if p > 0 and not standing:
            builds = [each for each in builds if sum(each)]
        slip = min(future.delivery_slip for future in given.futures)
        leads = [*(kind.lead + slip for kind in given.nodes), module.lead, 0, 0]

        def before(lead: int, opens: int = opens) -> int:
            """Return how many of the first quarters are too early to order in: nothing is there to receive it."""
            return opens if opens == quarters else max(opens - lead, 0)

        for bought, retired, built, batteries, rented in itertools.product(
            all_orders, retirements, builds, energy[0], energy[1]
        ):
            orders_of = [*bought, built, batteries, rented]
            if any(sum(each[: before(lead)]) for each, lead in zip(orders_of, leads, strict=True)) or (
                site.battery is not None and sum(batteries) > site.battery.most
            ):
                continue
            if sum(built) * module.floor_m2 + float(module.exists[s]) * module.floor_m2 > site.floor_m2 + 1e-9:
                continue
            chosen = Choice(opens, 0, bought, retired, p, built, batteries, rented)
            if fits(given, s, chosen):
                for mode in range(len(given.modes)) if opens < quarters else [0]:
                    yield Choice(opens, mode, bought, retired, p, built, batteries, rented)


def stock(given: Instance, s: int, choice: Choice, g: int, t: int, slip: int) -> int:
    """Return the nodes of a type in service."""
    kind = given.nodes[g]
    total = sum(
        kind.batch * choice.bought[g][ordered]
        for ordered in range(t + 1)
        if ordered + kind.lead + slip <= t < ordered + kind.lead + slip + kind.life
    )
    cohorts = [cohort for cohort in given.cohorts if cohort.site == s]
    for cohort, retired in zip(cohorts, choice.retired, strict=True):
        if cohort.node == g and cohort.age + t < kind.life:
            total += cohort.count - sum(retired[: t + 1])
    return total


def in_service(given: Instance, s: int, choice: Choice, t: int) -> int:
    """Return the modules in service."""
    module = given.modules[choice.design]
    return int(module.exists[s]) + sum(choice.built[: max(t - module.lead + 1, 0)])


def fits(given: Instance, s: int, choice: Choice) -> bool:
    module = given.modules[choice.design]
    for t, slip in itertools.product(range(len(given.quarters)), {each.delivery_slip for each in given.futures}):
        count = in_service(given, s, choice, t)
        usable = max(count - given.sites[s].spare_modules, 0)
        numbers = [stock(given, s, choice, g, t, slip) for g in range(len(given.nodes))]
        # A node stands in one module: each type fills whole numbers of nodes a module.
        filled = 0.0
        for n, kind in zip(numbers, given.nodes, strict=True):
            per_module = int(module.capacity_w / kind.provisioned_w + 1e-9)
            if n and not per_module:
                return False
            filled += n / per_module if n else 0.0
        rated = sum(n * kind.rated_w for n, kind in zip(numbers, given.nodes, strict=True))
        racks = 0.0
        for n, kind in zip(numbers, given.nodes, strict=True):
            per_rack = min(kind.nodes_per_rack, int(module.rack_w / kind.provisioned_w + 1e-9))
            if n and not per_rack:
                return False
            racks += n / per_rack if n else 0.0
        if filled > usable + 1e-9 or rated > count * module.breaker_w or racks > usable * module.racks:
            return False
    return True


def supplied(given: Instance, choices: tuple[Choice, ...]) -> bool:
    return all(
        sum(choice.bought[g][t] for choice in choices) <= kind.supply[t]
        for g, kind in enumerate(given.nodes)
        for t in range(len(given.quarters))
    )


def within_budget(given: Instance, choices: tuple[Choice, ...]) -> bool:
    for t in range(len(given.quarters)):
        spent = 0.0
        for s, choice in enumerate(choices):
            spent += sum(kind.price_usd[t] * kind.batch * choice.bought[g][t] for g, kind in enumerate(given.nodes))
            spent += given.modules[choice.design].price_usd[t] * choice.built[t]
            battery = given.sites[s].battery
            spent += battery.price_usd * choice.batteries[t] if battery is not None else 0.0
            spent += given.sites[s].opening_usd if choice.opens == t and not given.sites[s].exists else 0.0
            spent += spares_usd(given, s, choice, t)
        if spent > given.budget_usd[t] + 1e-6:
            return False
    return True


def spares_usd(given: Instance, s: int, choice: Choice, t: int) -> float:
    """Return what is paid in a quarter for spares of the site's mode: with each node that is bought, and in the first
    for each that stood there and serves on."""
    each_usd = given.modes[choice.mode].spares_usd_per_node
    nodes = [kind.batch * choice.bought[g][t] for g, kind in enumerate(given.nodes)]
    if t == 0:
        for cohort, retired in zip([each for each in given.cohorts if each.site == s], choice.retired, strict=True):
            if cohort.age < given.nodes[cohort.node].life:
                nodes[cohort.node] += cohort.count - retired[0]
    return sum(count * float(each) for count, each in zip(nodes, each_usd, strict=True))


def first_cost(given: Instance, s: int, choice: Choice) -> float:
    """Return everything but energy and water: purchases less what is left of them, crews, security, rents."""
    quarters = len(given.quarters)
    site, mode = given.sites[s], given.modes[choice.mode]
    module = given.modules[choice.design]
    end = discounts(given)[quarters]
    usd = 0.0
    for t, quarter in enumerate(given.quarters):
        discount = quarter.discount
        if choice.opens == t and not site.exists:
            usd += discount * site.opening_usd
        if choice.opens <= t:
            usd += discount * (site.fixed_usd + mode.maintenance_usd + mode.security_usd)
        usd += discount * spares_usd(given, s, choice, t)
        for g, kind in enumerate(given.nodes):
            nodes = kind.batch * choice.bought[g][t]
            usd += discount * nodes * kind.price_usd[t]
            for future in given.futures:
                arrives = t + kind.lead + future.delivery_slip
                usd -= future.probability * nodes * sold_usd(given, kind, kind.price_usd[t], arrives)
                standing = stock(given, s, choice, g, t, future.delivery_slip)
                each = mode.maintenance_usd_per_node[g] + mode.security_usd_per_node[g]
                usd += discount * future.probability * standing * each
        age = max(quarters - t - module.lead, 0)
        usd += choice.built[t] * module.price_usd[t] * (discount - end * (1.0 - age / 80.0))
        if site.battery is not None:
            usd += choice.batteries[t] * site.battery.price_usd * (discount - end * (1.0 - (quarters - t) / 60.0))
        if site.bridging is not None:
            usd += discount * choice.rented[t] * site.bridging.rent_usd
    return float(usd) + resale(given, s, choice)


def resale(given: Instance, s: int, choice: Choice) -> float:
    """Return what nodes that stand there lose of their worth; infinity for a dead one sold."""
    usd, discount = 0.0, discounts(given)
    for cohort, retired in zip([each for each in given.cohorts if each.site == s], choice.retired, strict=True):
        kind = given.nodes[cohort.node]
        for t, count in enumerate(retired):
            if cohort.age + t >= kind.life and count:
                return math.inf
            usd -= discount[t] * count * old_usd(given, kind, cohort.price_usd, cohort.age + t, t)
        if cohort.age < kind.life:
            usd += discount[0] * cohort.count * old_usd(given, kind, cohort.price_usd, cohort.age, 0)
            usd -= (cohort.count - sum(retired)) * sold_usd(given, kind, cohort.price_usd, -cohort.age)
    return float(usd)


def discounts(given: Instance) -> list[float]:
    """Return what money is worth at the start of each quarter, and last at the horizon's end."""
    of_quarters = [quarter.discount for quarter in given.quarters]
    return [*of_quarters, of_quarters[-1] if given.end_discount is None else given.end_discount]


def sold_usd(given: Instance, kind: NodeFigures, paid_usd: float, arrives: int) -> float:
    """Return what a node brings that serves until it is worn out or the horizon ends, discounted."""
    when = arrives
    while when < len(given.quarters) and when - arrives < kind.life:
        when += 1
    when = min(when, len(given.quarters))
    return discounts(given)[when] * old_usd(given, kind, paid_usd, max(when - arrives, 0), when)


def old_usd(given: Instance, kind: NodeFigures, paid_usd: float, age: int, when: int) -> float:
    """Return what an old node is worth: nobody pays more than for a new one of the same age."""
    of_new = float(kind.price_usd[when]) if when < len(given.quarters) else float(kind.price_usd[-1])
    usd = min(of_new, paid_usd)
    for _ in range(age):
        usd *= kind.value_kept
    return usd


def least_penalty(given: Instance, choices: tuple[Choice, ...]) -> float:
    """Return what must go unserved at the least, for want of nodes, times its price; infinity where that breaks a
    promise."""
    usd = 0.0
    lost: dict[tuple[str, int], float] = defaultdict(float)
    asked: dict[tuple[str, int], float] = defaultdict(float)
    for (o, future), t in itertools.product(enumerate(given.futures), range(len(given.quarters))):

        def most(work: Any, t: int = t, future: Future = future) -> float:
            return sum(
                stock(given, s, choice, g, t, future.delivery_slip)
                * float(given.modes[choice.mode].availability[g])
                * float(work.rate[g, choice.mode])
                for s, choice in enumerate(choices)
                for g in range(len(given.nodes))
            )

        weight_s = 3600.0 * given.hours.weight_h[t]
        for service in given.serving:
            lost[service.name, t] += future.probability * float(
                np.maximum(service.demand[o, t] - most(service), 0.0) @ weight_s
            )
            asked[service.name, t] += future.probability * float(service.demand[o, t] @ weight_s)
        for work in given.batch:
            demand = float(work.demand[o, t])
            lost[work.name, t] += future.probability * max(demand - most(work) * float(weight_s.sum()), 0.0)
            asked[work.name, t] += future.probability * demand
    for each in (*given.serving, *given.batch):
        quarters = range(len(given.quarters))
        total = sum(lost[each.name, t] for t in quarters)
        usd += each.unserved_usd * total
        whole = sum(asked[each.name, t] for t in quarters)
        promises = [(total, whole, each.least_served)]
        if each.least_served_in_quarter is not None:
            promises += [(lost[each.name, t], asked[each.name, t], each.least_served_in_quarter[t]) for t in quarters]
        if any(missing > (1.0 - least) * demand + 1e-6 * demand for missing, demand, least in promises):
            return math.inf
    return usd


def untrained_usd(given: Instance, choices: tuple[Choice, ...], placing: tuple[Any, ...]) -> float:
    """Return what gangs leave undone at the least, for want of quarters in which they train, times its price."""
    usd = 0.0
    for gang, place in zip(given.gangs, placing, strict=True):
        for o, future in enumerate(given.futures):
            done = 0.0
            if place is not None:
                rate = float(gang.rate[place[1], choices[place[0]].mode])
                done = sum(3600.0 * given.quarters[t].hours_h * rate for t in place[2][o])
            usd += future.probability * gang.unserved_usd * max(float(gang.tokens[o]) - done, 0.0)
    return usd


def gang_choices(given: Instance, choices: tuple[Choice, ...]) -> list[tuple[Any, ...]]:
    """Return every place of every gang with the quarters in which it trains in each future."""
    options = []
    for gang in given.gangs:
        own: list[Any] = [None]
        quarters = range(gang.first, gang.last + 1)
        for s, g in itertools.product(range(len(given.sites)), range(len(given.nodes))):
            if choices[s].opens >= len(given.quarters) or gang.nodes[g] <= 0:
                continue
            subsets = [each for size in range(1, len(quarters) + 1) for each in itertools.combinations(quarters, size)]
            own += [(s, g, each) for each in itertools.product([(), *subsets], repeat=len(given.futures)) if any(each)]
        options.append(own)
    return list(itertools.product(*options))


def operation(given: Instance, choices: tuple[Choice, ...], placing: tuple[Any, ...]) -> float:
    """Return the least cost of energy, water and unserved work when all else is decided."""
    program = Program()
    unserved: dict[str, dict[int, float]] = defaultdict(dict)
    for o in range(len(given.futures)):
        if not _future(given, choices, placing, program, unserved, o):
            return math.inf
    asked = [
        *((each, 3600.0 * (each.demand * given.hours.weight_h).sum(axis=(1, 2))) for each in given.serving),
        *((each, each.demand.sum(axis=1)) for each in given.batch),
        *((each, each.tokens) for each in given.gangs),
    ]
    for work, demand in asked:
        total = float(np.dot([future.probability for future in given.futures], demand))
        program.at_most(unserved[work.name], (1.0 - work.least_served) * total)
    _promises_of_quarters(given, program, unserved)
    return program.least()


def _promises_of_quarters(given: Instance, program: Program, unserved: dict[str, dict[int, float]]) -> None:
    """Serve the stated share of what each quarter is expected to ask for."""
    works: tuple[ServingFigures | BatchFigures, ...] = (*given.serving, *given.batch)
    for work in works:
        if work.least_served_in_quarter is None:
            continue
        for t, least in enumerate(work.least_served_in_quarter):
            seconds = 3600.0 * given.hours.weight_h[t]
            asked = sum(
                future.probability * float(work.demand[o, t] if work.demand.ndim == 2 else work.demand[o, t] @ seconds)
                for o, future in enumerate(given.futures)
            )
            program.at_most(unserved[f"{work.name} in quarter {t}"], (1.0 - least) * asked)


def _future(
    given: Instance, choices: tuple[Choice, ...], placing: tuple[Any, ...], program: Program,
    unserved: dict[str, dict[int, float]], o: int,
) -> bool:  # fmt: skip
    future = given.futures[o]
    short_gang = {}
    for j, gang in enumerate(given.gangs):
        short_gang[j] = program.variable(future.probability * gang.unserved_usd, float(gang.tokens[o]))
        unserved[gang.name][short_gang[j]] = future.probability
    trained: dict[int, dict[int, float]] = {j: {short_gang[j]: -1.0} for j in short_gang}
    for t, quarter in enumerate(given.quarters):
        seconds = 3600.0 * quarter.hours_h
        held: dict[tuple[int, int], float] = defaultdict(float)
        busy: dict[int, dict[int, float]] = defaultdict(dict)
        for j, place in enumerate(placing):
            if place is not None and t in place[2][o]:
                gang, (s, g, _) = given.gangs[j], place
                held[s, g] += float(gang.nodes[g])
                share = program.variable(0.0, 1.0)
                rate = gang.rate[g, choices[s].mode]
                if rate <= 0.0:
                    return False
                trained[j][share] = -rate * seconds
                busy[s][share] = float(gang.nodes[g]) * gang.busy_w[g]
        work = _nodes_at_work(given, choices, program, (t, o), held)
        if work is None:
            return False
        _demand(given, choices, program, unserved, (t, o), work)
        for s, choice in enumerate(choices):
            _power(given, program, choice, (s, t, o), work, busy[s])
    for j, gang in enumerate(given.gangs):
        program.at_most(trained[j], -float(gang.tokens[o]))
    return True


def _nodes_at_work(
    given: Instance, choices: tuple[Choice, ...], program: Program, when: tuple[int, int],
    held: dict[tuple[int, int], float],
) -> dict[tuple[Any, ...], int] | None:  # fmt: skip
    """Add the nodes at work by site, type, hour and class, beside those that gangs hold; None if these are too many."""
    (t, o), hours = when, range(given.hours.count)
    works = (*given.serving, *given.batch)
    work: dict[tuple[Any, ...], int] = {}
    for s, g in itertools.product(range(len(choices)), range(len(given.nodes))):
        mode = choices[s].mode
        available = given.modes[mode].availability[g]
        free = available * stock(given, s, choices[s], g, t, given.futures[o].delivery_slip) - held[s, g]
        if free < -1e-9:
            return None
        for h in hours:
            columns = {each.name: program.variable() for each in works if each.rate[g, mode] > 0.0}
            work |= {(s, g, h, name): column for name, column in columns.items()}
            peaks = {each.name: float(each.peak[t, h]) for each in given.serving if each.peak is not None}
            program.at_most({column: peaks.get(name, 1.0) for name, column in columns.items()}, max(free, 0.0))
    return work


def _demand(
    given: Instance, choices: tuple[Choice, ...], program: Program, unserved: dict[str, dict[int, float]],
    when: tuple[int, int], work: dict[tuple[Any, ...], int],
) -> None:  # fmt: skip
    (t, o), future = when, given.futures[when[1]]
    for service in given.serving:
        for h in range(given.hours.count):
            weight_s = 3600.0 * given.hours.weight_h[t, h]
            demand = float(service.demand[o, t, h])
            short = program.variable(future.probability * service.unserved_usd * weight_s, demand)
            for name in (service.name, f"{service.name} in quarter {t}"):
                unserved[name][short] = future.probability * weight_s
            row = {
                column: -service.rate[key[1], choices[key[0]].mode]
                for key, column in work.items()
                if key[2:] == (h, service.name)
            }
            program.at_most({**row, short: -1.0}, -demand)
    for each in given.batch:
        demand = float(each.demand[o, t])
        short = program.variable(future.probability * each.unserved_usd, demand)
        for name in (each.name, f"{each.name} in quarter {t}"):
            unserved[name][short] = future.probability
        row = {
            column: -each.rate[key[1], choices[key[0]].mode] * 3600.0 * given.hours.weight_h[t, key[2]]
            for key, column in work.items()
            if key[3] == each.name
        }
        program.at_most({**row, short: -1.0}, -demand)


def _power(
    given: Instance, program: Program, choice: Choice, where: tuple[int, int, int],
    work: dict[tuple[Any, ...], int], gangs: dict[int, float],
) -> None:  # fmt: skip
    s, t, o = where
    site, module, future = given.sites[s], given.modules[choice.design], given.futures[o]
    count = in_service(given, s, choice, t)
    paid = given.quarters[t].discount * future.probability
    peak = program.variable(paid * site.demand_charge_usd_per_kw / 1e3)
    idle = sum(stock(given, s, choice, g, t, future.delivery_slip) * kind.idle_w for g, kind in enumerate(given.nodes))
    works = {each.name: each for each in (*given.serving, *given.batch)}
    named = {column: key[3] for key, column in work.items()}
    water: dict[int, float] = {}
    levels = []
    units = sum(choice.batteries[: t + 1])
    for h in range(given.hours.count):
        weight_h = float(given.hours.weight_h[t, h])
        it = program.variable(0.0, max(count - site.spare_modules, 0) * module.capacity_w)
        drawn = {column: works[key[3]].busy_w[key[1]] for key, column in work.items() if key[0] == s and key[2] == h}
        program.equal({it: 1.0, **{column: -watts for column, watts in {**drawn, **gangs}.items()}}, idle)
        price = float(site.price_usd_per_kwh[o, t, h])
        grid = program.variable(paid * weight_h * price / 1e3, float(site.grid_w[o, t]))
        balance = {grid: 1.0, it: -float(module.slope[s, t, h])}
        # At its busiest moment the hour draws more than in its mean, and gangs that train at all do so at full power.
        slope = float(module.slope[s, t, h])
        busier = {each.name: float(each.peak[t, h]) - 1.0 for each in given.serving if each.peak is not None}
        billed = {column: slope * watts * busier.get(named[column], 0.0) for column, watts in drawn.items()}
        billed |= {column: -slope * watts for column, watts in gangs.items()}
        program.at_most({grid: 1.0, peak: -1.0, **billed}, -slope * sum(gangs.values()))
        if site.bridging is not None:
            bridge = program.variable(
                paid * weight_h * site.bridging.fuel_usd_per_kwh / 1e3, choice.rented[t] * site.bridging.unit_w
            )
            balance[bridge] = 1.0
        if site.battery is not None:
            charge, discharge = (program.variable(0.0, units * site.battery.unit_w) for _ in range(2))
            level = program.variable(0.0, units * site.battery.unit_j)
            program.at_most({charge: 1.0, discharge: 1.0}, units * site.battery.unit_w)
            balance |= {charge: -1.0, discharge: 1.0}
            levels.append((level, charge, discharge))
        program.equal(balance, count * float(module.fixed_w[s]))
        water[it] = weight_h * float(module.water_m3_per_kwh[s, t, h]) / 1e3
    step_s = 86_400.0 / max(len(levels), 1)
    for place, (level, charge, discharge) in enumerate(levels):
        assert site.battery is not None
        after = levels[(place + 1) % len(levels)][0]
        row: dict[int, float] = defaultdict(float)
        row[after] += 1.0
        row[level] -= 1.0
        row[charge] -= site.battery.round_trip * step_s
        row[discharge] += step_s
        program.equal(dict(row), 0.0)
    if any(water.values()):
        used = program.variable(paid * site.water_usd_per_m3, site.water_m3 if math.isfinite(site.water_m3) else None)
        program.equal({used: 1.0, **{column: -each for column, each in water.items()}}, 0.0)


@st.composite
def tiny(draw: st.DrawFn) -> Instance:
    """Draw an instance with few enough decisions to try all of them."""
    sites, types = draw(st.sampled_from([(1, 1), (1, 2), (2, 1)]))
    quarters, count, futures = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    modes, designs = draw(st.integers(1, 2)), draw(st.integers(1, 2)) if sites == 1 else 1
    few = 1 if sites == 2 or types == 2 else 2
    energy = draw(st.sampled_from(["none", "none", "battery", "bridging"])) if sites == 1 else "none"

    there = [draw(st.sampled_from([True, True, False])), False][:sites]

    def some(*values: float) -> float:
        return draw(st.sampled_from(values))

    def array(shape: tuple[int, ...], *values: float) -> Any:
        size = int(np.prod(shape))
        return np.array([some(*values) for _ in range(size)]).reshape(shape)

    nodes = tuple(
        made.node(
            quarters, name=f"node {g}", batch=draw(st.integers(1, 2)), supply=few, lead=draw(st.integers(0, 1)),
            life=draw(st.sampled_from([20, 2, 1])), price_usd=array((quarters,), 60e3, 90e3, 130e3),
            value_kept=some(0.0, 0.8), nodes_per_rack=draw(st.sampled_from([1, 2])),
            provisioned_w=some(10e3, 14e3), idle_w=some(1e3, 3e3),
        )
        for g in range(types)
    )  # fmt: skip
    modules = tuple(
        made.module(
            sites, quarters, count, name=f"block {p}", capacity_w=some(45e3, 20e3), breaker_w=some(60e3, 24e3),
            racks=draw(st.sampled_from([3, 1])), rack_w=some(30e3, 10e3), price_usd=some(10e3, 40e3),
            lead=draw(st.integers(0, 1)), most=draw(st.sampled_from([2, 1])) if few == 2 else 1,
            exists=array((sites,), 1, 0) * there if p == 0 else 0, fixed_w=some(0.0, 1e3), floor_m2=100.0,
            slope=array((sites, quarters, count), 1.0, 1.15, 1.4), water_m3_per_kwh=some(0.0, 2e-3),
        )
        for p in range(designs)
    )  # fmt: skip
    ways = tuple(
        made.mode(
            types, name=f"mode {m}", availability=some(0.9, 1.0), spares_usd_per_node=some(0.0, 3e3),
            maintenance_usd=some(0.0, 5e3), maintenance_usd_per_node=some(0.0, 2e3), security_usd=some(0.0, 4e3),
            security_usd_per_node=some(0.0, 1e3),
        )
        for m in range(modes)
    )  # fmt: skip
    battery = Battery(20e3 * 3600.0, 10e3, 0.85, some(500.0, 20e3), 1) if energy == "battery" else None
    bridging = Bridging(10e3, some(500.0, 8e3), 0.2, 0.5, 1) if energy == "bridging" else None
    places = tuple(
        made.site(
            futures, quarters, count, name=f"site {s}", exists=there[s], opening_usd=30e3,
            fixed_usd=some(0.0, 3e3), grid_w=array((futures, quarters), 60e3, 26e3, 12e3),
            price_usd_per_kwh=array((futures, quarters, count), 0.03, 0.1, 0.6),
            demand_charge_usd_per_kw=some(0.0, 25.0), floor_m2=some(np.inf, 100.0), water_m3=some(np.inf, 40.0),
            water_usd_per_m3=some(0.0, 3.0), spare_modules=draw(st.sampled_from([1, 0])) if few == 2 else 0,
            battery=battery, bridging=bridging,
        )
        for s in range(sites)
    )  # fmt: skip
    kinds = draw(st.sampled_from([("serving",), ("batch",), ("gang",), ("serving", "batch"), ("serving", "gang")]))
    least = some(0.0, 0.0, 0.4)
    slips = [draw(st.integers(0, 1)) if o else 0 for o in range(futures)]
    chances = (0.7, 0.3) if futures == 2 else (1.0,)
    quarter_s = made.QUARTER_H * 3600.0
    serving = made.serving(
        futures, quarters, count, types, modes, rate=array((types, modes), 1.5, 1.0, 0.0), least_served=least,
        unserved_usd=0.06, demand=array((futures, quarters, count), 2.5, 1.0, 0.0),
        peak=array((quarters, count), 1.0, 1.6) if draw(st.booleans()) else None,
    )  # fmt: skip
    batch = made.batch(
        futures, quarters, types, modes, rate=array((types, modes), 1.5, 1.0, 0.0), least_served=0.0,
        unserved_usd=0.05, demand=array((futures, quarters), 1.7 * quarter_s, 0.8 * quarter_s, 0.0),
    )  # fmt: skip
    gang = made.gang(
        futures, quarters, types, modes, rate=array((types, modes), 1.0, 2.0), least_served=0.0, unserved_usd=0.05,
        tokens=array((futures,), 0.7 * quarter_s, 1.5 * quarter_s), nodes=draw(st.integers(1, 2)),
    )  # fmt: skip
    cohorts = (
        (Cohort(0, 0, draw(st.integers(1, 2)), draw(st.integers(0, 1)), 90e3),)
        if there[0] and draw(st.booleans())
        else ()
    )
    drawn: Instance = made.changed(
        made.instance(quarters), hours=made.hours(quarters, count),
        quarters=tuple(Quarter(f"Q{t}", 0.0, made.QUARTER_H, 0.97**t) for t in range(quarters)),
        futures=tuple(
            Future(f"future {o}", chance, slip) for o, (chance, slip) in enumerate(zip(chances, slips, strict=True))
        ),
        sites=places, nodes=nodes, cohorts=cohorts, modules=modules, modes=ways,
        serving=(serving,) if "serving" in kinds else (), batch=(batch,) if "batch" in kinds else (),
        gangs=(gang,) if "gang" in kinds else (), budget_usd=array((quarters,), 1e9, 1e9, 130e3),
        end_discount=0.97**quarters if count < 3 else None,
    )  # fmt: skip
    in_quarters = array((quarters,), 0.0, 0.3) if draw(st.booleans()) else None
    return made.changed(  # type: ignore[no-any-return]
        drawn, serving=tuple(made.changed(each, least_served_in_quarter=in_quarters) for each in drawn.serving),
        batch=tuple(made.changed(each, least_served_in_quarter=in_quarters) for each in drawn.batch),
    )  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(tiny())
def test_plan_of_a_tiny_instance_is_the_best_of_all_that_can_be_tried(given: Instance) -> None:
    model = CapacityModel(given)
    solution = model.solve()
    best = best_by_trying(given)
    if math.isinf(best):
        assert solution.status == "infeasible"
        return
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(best, rel=1e-6, abs=1e-3)
    plan = model.plan(solution)
    assert sum(plan.groups.values()) == pytest.approx(plan.objectives["cost"], rel=1e-9, abs=1e-3)
    assert plan.objectives["cost"] + solution.values["unserved_usd"] == pytest.approx(best, rel=1e-6, abs=1e-3)
