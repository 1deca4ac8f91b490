"""Demand and what is not served of it, by class of work and future."""

from __future__ import annotations

import math
from typing import Any

from .formulation import Formulation
from .gangs import rate
from .terms import Terms

SECONDS = 3600.0
"""In an hour."""
LEAST_FRACTION = 0.01
"""Of a quarter, below which a gang's time is not rounded up: the row would have coefficients of more than 100."""


def build(f: Formulation) -> None:
    """Add `work[s,g,m,v,t,h,o]` nodes at work and `short_...`: what is not served, in what the best node does.

    The mode of `work` is the first of those that are alike.
    """
    _allocation(f)
    _serving(f)
    _batch(f)
    _gangs(f)
    _least_served(f)
    _least_served_in_quarter(f)


def best_rate(f: Formulation, v: int) -> float:
    """Return the greatest rate of a node for a class: the unit in which the model counts its shortfall."""
    return float(f.work[v].rate.max()) or 1.0


def _allocation(f: Formulation) -> None:
    """Nodes go to work only where they can: in stock, with a rate, in an hour that counts and has demand."""
    instance = f.instance
    keys: list[tuple[int, ...]] = []
    for o in range(len(instance.futures)):
        for t in range(f.quarters):
            for v, service in enumerate(instance.serving):
                hours = [h for h in f.counted[t] if service.demand[o, t, h] > 0.0]
                workers = f.workers[v, t, o] = _workers(f, v, t, o)
                keys += [(s, g, m, v, t, h, o) for s, g, m in workers for h in hours]
            for v, work in enumerate(instance.batch, start=len(instance.serving)):
                if work.demand[o, t] > 0.0:
                    workers = f.workers[v, t, o] = _workers(f, v, t, o)
                    keys += [(s, g, m, v, t, h, o) for s, g, m in workers for h in f.counted[t]]
    f.variables("work", "sgmvtho", keys)


def _workers(f: Formulation, v: int, t: int, o: int) -> list[tuple[int, int, int]]:
    return [
        (s, g, m)
        for s in range(len(f.instance.sites))
        for g in range(len(f.instance.nodes))
        if f.most_nodes.get((s, g, t, f.slip_of[o]), 0.0) > 0.0
        for m in range(len(f.instance.modes))
        if f.alike[m] == m and f.work[v].rate[g, m] > 0.0
    ]


def _serving(f: Formulation) -> None:
    instance = f.instance
    futures = range(len(instance.futures))
    classes = list(enumerate(instance.serving))
    demands = {v: work.demand.tolist() for v, work in classes}
    keys = [
        (v, t, h, o)
        for v, _ in classes
        for o in futures
        for t in range(f.quarters)
        for h in f.counted[t]
        if demands[v][o][t][h] > 0.0
    ]
    short = f.variables("short_serving", "vtho", keys)
    work = f.found["work"]
    for v, each in classes:
        best = best_rate(f, v)
        share = (each.rate / best).tolist()
        for o in futures:
            f.unserved[each.name, o] = Terms()
            f.demand[each.name, o] = 0.0
        for o in futures:
            unserved = f.unserved[each.name, o]
            for t in range(f.quarters):
                workers = [(s, g, m, share[g][m]) for s, g, m in f.workers[v, t, o]]
                for h in f.counted[t]:
                    demanded = demands[v][o][t][h]
                    if demanded <= 0.0:
                        continue
                    variable = short[v, t, h, o]
                    variable.setub(demanded / best)
                    row = Terms()
                    row.coefficients = [1.0] + [each_share for *_, each_share in workers]
                    row.variables = [variable] + [work[s, g, m, v, t, h, o] for s, g, m, _ in workers]
                    f.equal("serving", "vtho", (v, t, h, o), row, demanded / best)
                    counted_s = SECONDS * f.weight_h[t][h]
                    unserved.add(counted_s * best, variable)
                    f.demand[each.name, o] += counted_s * demanded


def _batch(f: Formulation) -> None:
    instance = f.instance
    first = len(instance.serving)
    classes = [(first + each, work) for each, work in enumerate(instance.batch)]
    futures = range(len(instance.futures))
    keys = [(v, t, o) for v, work in classes for o in futures for t in range(f.quarters) if work.demand[o, t] > 0.0]
    short = f.variables("short_batch", "vto", keys)
    for _, work in classes:
        for o in futures:
            f.unserved[work.name, o] = Terms()
            f.demand[work.name, o] = float(work.demand[o].sum())
    for (v, t, o), variable in short.items():
        work = instance.batch[v - first]
        unit = SECONDS * instance.quarters[t].hours_h * best_rate(f, v)
        demanded = float(work.demand[o, t])
        variable.setub(demanded / unit)
        row = Terms()
        row.add(1.0, variable)
        for s, g, m in f.workers[v, t, o]:
            each_h = float(work.rate[g, m]) * SECONDS / unit
            for h in f.counted[t]:
                row.add(each_h * f.weight_h[t][h], f.found["work"][s, g, m, v, t, h, o])
        f.equal("batch", "vto", (v, t, o), row, demanded / unit)
        f.unserved[work.name, o].add(unit, variable)


def _gangs(f: Formulation) -> None:
    instance = f.instance
    futures = range(len(instance.futures))
    keys = [(j, o) for j, gang in enumerate(instance.gangs) for o in futures if gang.tokens[o] > 0.0]
    short = f.variables("short_gang", "jo", keys)
    for gang in instance.gangs:
        for o in futures:
            f.unserved[gang.name, o] = Terms()
            f.demand[gang.name, o] = float(gang.tokens[o])
    for (j, o), variable in short.items():
        gang = instance.gangs[j]
        unit = float(gang.tokens[o])
        variable.setub(1.0)
        row = Terms()
        row.add(1.0, variable)
        for (which, _, g, m, n, t, future), share in f.found["trained"].items():
            if which == j and future == o:
                quarter_s = SECONDS * instance.quarters[t].hours_h
                row.add(quarter_s * rate(f, j, g, m, n) / unit, share)
        f.equal("training_tokens", "jo", (j, o), row, 1.0)
        f.unserved[gang.name, o].add(unit, variable)
        _whole_quarters(f, j, o, variable)


def _whole_quarters(f: Formulation, j: int, o: int, short: Any) -> None:
    """Say that a gang trains for whole quarters, which the relaxation would buy by the hour.

    Where a quarter trains at most a share r of the tokens, T quarters and what is short keep `T + short/r >= 1/r`; T is
    whole, so `T + short/(r e) >= ceil(1/r)` with e the fraction of 1/r (mixed-integer rounding, Nemhauser and Wolsey,
    A recursive procedure to generate all cuts for 0-1 mixed integer programs, 1990). A gang is in one place, or short
    of everything, so each place's row over its ceil(1/r) holds for their sum.
    """
    gang = f.instance.gangs[j]
    most: dict[tuple[int, int], float] = {}
    for which, s, g, m, n, t, future in f.found["trained"]:
        if which == j and future == o:
            quarter_s = SECONDS * f.instance.quarters[t].hours_h
            share = quarter_s * rate(f, j, g, m, n) / float(gang.tokens[o])
            most[s, g] = max(most.get((s, g), 0.0), share)
    whole: dict[tuple[int, int], float] = {}
    shortest = 0.0
    for place, share in most.items():
        quarters = 1.0 / share
        fraction = quarters - math.floor(quarters)
        if fraction < LEAST_FRACTION:
            # A fraction near 0 rounds nothing up, and would divide by next to nothing.
            fraction = 1.0
        whole[place] = max(math.ceil(quarters) if fraction < 1.0 else math.floor(quarters), 1.0)
        shortest = max(shortest, quarters / (fraction * whole[place]))
    row = Terms()
    for (which, s, g, _, future), variable in f.found["training"].items():
        if which == j and future == o:
            row.add(1.0 / whole[s, g], variable)
    if row:
        row.add(max(shortest, 1.0), short)
        f.at_least("whole_quarters", "jo", (j, o), row, 1.0)


def _least_served(f: Formulation) -> None:
    """Serve at least the stated share of each class's expected demand over the horizon."""
    for work in (*f.work, *f.instance.gangs):
        if work.least_served <= 0.0:
            continue
        demanded = sum(probability * f.demand[work.name, o] for o, probability in enumerate(f.probability))
        if demanded <= 0.0:
            continue
        row = Terms()
        for o, probability in enumerate(f.probability):
            row.add_all(probability / demanded, f.unserved[work.name, o])
        rows = f.family("least_served")
        if row:
            rows.add(work.name, (None, row.expression(), 1.0 - work.least_served))


def unserved_in_quarter(f: Formulation, v: int, t: int, o: int) -> tuple[Terms, float]:
    """Return what is not served of a class in a quarter and future, and what is demanded, in the class's unit."""
    unserved, best, services = Terms(), best_rate(f, v), len(f.instance.serving)
    if v >= services:
        variable = f.found["short_batch"].get((v, t, o))
        if variable is not None:
            unserved.add(SECONDS * f.instance.quarters[t].hours_h * best, variable)
        return unserved, float(f.instance.batch[v - services].demand[o, t])
    demanded = 0.0
    for h in f.counted[t]:
        variable = f.found["short_serving"].get((v, t, h, o))
        if variable is not None:
            counted_s = SECONDS * f.weight_h[t][h]
            unserved.add(counted_s * best, variable)
            demanded += counted_s * float(f.instance.serving[v].demand[o, t, h])
    return unserved, demanded


def _least_served_in_quarter(f: Formulation) -> None:
    """Serve at least the stated share of each quarter's expected demand."""
    for v, work in enumerate(f.work):
        if work.least_served_in_quarter is None:
            continue
        for t, least in enumerate(work.least_served_in_quarter.tolist()):
            each = [unserved_in_quarter(f, v, t, o) for o in range(len(f.instance.futures))]
            demanded = sum(p * demand for p, (_, demand) in zip(f.probability, each, strict=True))
            if least <= 0.0 or demanded <= 0.0:
                continue
            row = Terms()
            for probability, (unserved, _) in zip(f.probability, each, strict=True):
                row.add_all(probability / demanded, unserved)
            f.at_most("least_served_in_quarter", "vt", (v, t), row, 1.0 - least)
