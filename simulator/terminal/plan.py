"""A plan as a person reads it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from optimizers.plan import GROUPS, Decision, Plan, SiteQuarter

from .summary import print_table

if TYPE_CHECKING:
    from rich.table import Table

GROUP_NAMES = {"C": "compute", "B": "network", "M": "upkeep", "S": "security", "O": "energy"}
"""The five groups of cost, short enough for a column."""
UNITS = {"cost": "USD", "unserved_usd": "USD", "carbon": "kg", "water": "m3"}
"""Units of objectives; others are shares."""
CHOICES = ("open", "mode", "gang", "power-purchase")
"""Decisions of which nothing is counted."""


def print_plan(plan: Plan, quarters: Sequence[str], probabilities: Mapping[str, float]) -> None:
    """Print a plan to standard output: its cost in five groups, what to order, what runs where, what is served.

    `quarters` are the plan's, `probabilities` those of its futures by name.
    """
    import click

    click.echo(headline(plan))
    if not plan.found:
        return
    sales = " (C sold: in C, for nodes that are sold)" if any(plan.resale_by_quarter) else ""
    click.echo(f"\ncost in thousands of USD, discounted{sales}")
    print_table(groups_table(plan, quarters))
    _print_choices(plan)
    orders = orders_table(plan.decisions)
    if orders.row_count:
        click.echo("what to order")
        print_table(orders)
    if plan.site_quarters:
        click.echo("sites by quarter")
        print_table(sites_table(plan.site_quarters))
    if plan.served:
        runs = "; of a training run: tokens done by then" if any(each.done is not None for each in plan.served) else ""
        click.echo(f"served of what is demanded, per cent, expected (in the worst future){runs}")
        print_table(served_table(plan, quarters, probabilities))


def headline(plan: Plan) -> str:
    """Return a plan in a line or two: how the solve ended, what it came to, and how much better another may be."""
    if not plan.found:
        words = {
            "infeasible": "no plan keeps every limit",
            "unbounded": "the objective has no least value",
            "limit": "the solve ended at its limit of nodes or iterations before any plan was found",
            "optimal": "no plan",
        }
        return f"{plan.name}: {plan.status}: {words[plan.status]}"
    ended = "" if plan.status == "optimal" else "; the solve ended at its limit of nodes or iterations"
    value, unit = shown(plan.objective_kind, plan.objective)
    least, _ = shown(plan.objective_kind, plan.bound)
    others = [
        f"{kind} {' '.join(shown(kind, number)).strip()}"
        for kind, number in plan.objectives.items()
        if not math.isnan(number) and not (kind == plan.objective_kind and _same(number, plan.objective))
    ]
    counted = plan.objective_kind == "cost" and not _same(plan.objectives.get("cost", plan.objective), plan.objective)
    aim = "cost and unserved work" if counted else plan.objective_kind
    first = f"{plan.name}: {plan.status}: {aim} {value} {unit}".rstrip()
    within = f"no plan is below {least} {unit}".rstrip() + f" (gap {max(100.0 * plan.gap, 0.0):.2f} %)"
    return "\n".join([first, f"{within}{ended}", *([", ".join(others)] if others else [])])


def shown(kind: str, value: float) -> tuple[str, str]:
    """Return an objective's value and unit.

    >>> shown("cost", 41_234_567.0), shown("risk", 0.0123)
    (('41,234,567', 'USD'), ('1.23 %', ''))
    """
    if kind in UNITS:
        return f"{value:,.0f}" if abs(value) >= 0.5 else "0", UNITS[kind]
    return f"{100.0 * value if abs(value) >= 5e-5 else 0.0:.2f} %", ""


def groups_table(plan: Plan, quarters: Sequence[str]) -> Table:
    """Return the five groups by quarter and in total [1000 USD], what stood there before and what is left apart.

    Where nodes are sold, a last column tells what that takes off compute.
    """
    sold = dict(zip(quarters, plan.resale_by_quarter, strict=False)) if any(plan.resale_by_quarter) else {}
    table = empty_table(
        "quarter", *(f"{group} {GROUP_NAMES[group]}" for group in GROUPS), "cost", *(["C sold"] if sold else [])
    )

    def add(name: str, groups: Mapping[str, float], sales_usd: float) -> None:
        sales = [sales_usd] if sold else []
        table.add_row(name, *_thousands([*(groups[group] for group in GROUPS), sum(groups.values()), *sales]))

    if any(plan.taken_over.values()):
        add("there before", plan.taken_over, 0.0)
    for name, groups in zip(quarters, plan.groups_by_quarter, strict=False):
        add(name, groups, sold.get(name, 0.0))
    if any(plan.left_at_end.values()):
        add("left at the end", plan.left_at_end, 0.0)
    if plan.groups_by_quarter:
        table.add_section()
    add("total", plan.groups, sum(sold.values()))
    return table


def orders_table(decisions: Iterable[Decision]) -> Table:
    """Return what is ordered, retired or rented: a row for each site, quarter and thing, in this order."""
    table = empty_table("site", "quarter", "serves from", "what", "count", "1000 USD", left=4)
    before = ""
    for each in decisions:
        if each.kind in CHOICES:
            continue
        count = f"{each.count:,.0f}"
        what = each.what if each.kind == "buy" else f"{each.kind} {each.what}".replace("module module", "module")
        serves = each.in_service if each.in_service not in ("", each.quarter) else ""
        table.add_row(each.site if each.site != before else "", each.quarter, serves, what, count,
                      *_thousands([each.cost_usd]))  # fmt: skip
        before = each.site
    return table


def sites_table(rows: Iterable[SiteQuarter]) -> Table:
    """Return nodes (from the fewest to the most of any future), PUE, peak of what the grid grants, provisioned and
    stranded power by site and quarter; a site without any is left out."""
    table = empty_table(
        "site", "quarter", "nodes", "PUE", "grid MWh", "peak kW", "provisioned kW", "stranded kW", left=2
    )
    before = ""
    for each in rows:
        counts = {name: each.nodes_between.get(name, (round(count),) * 2) for name, count in each.nodes.items()}
        counts = {name: between for name, between in counts.items() if any(between)}
        if not any((*counts, *each.modules.values())):
            continue
        nodes = ", ".join(f"{_between(*between)} {name}" for name, between in counts.items()) or "-"
        table.add_row(
            each.site if each.site != before else "",
            each.quarter,
            nodes,
            "-" if each.pue is None else f"{each.pue:.3f}",
            f"{each.grid_energy_kwh / 1e3:,.0f}",
            f"{each.grid_peak_kw:,.0f}" + ("" if each.grid_limit_kw is None else f" of {each.grid_limit_kw:,.0f}"),
            f"{sum(each.provisioned_kw.values()):,.0f}",
            f"{sum(each.stranded_kw.values()):,.0f}",
        )
        before = each.site
    return table


def _between(least: float, most: float) -> str:
    """Return a count, or the range of one that differs from future to future."""
    return f"{most:,.0f}" if least == most else f"{least:,.0f} to {most:,.0f}"


def served_table(plan: Plan, quarters: Sequence[str], probabilities: Mapping[str, float]) -> Table:
    """Return the share of each class of work that is served, by quarter; in brackets in the worst future, if less.

    Of a training run, the share of its tokens that is done by the end of the quarter.
    """
    work = list(dict.fromkeys(each.work for each in plan.served))
    table = empty_table("quarter", *work)
    for quarter in quarters:
        table.add_row(quarter, *(_share(plan, name, quarter, probabilities) for name in work))
    return table


def _share(plan: Plan, work: str, quarter: str, probabilities: Mapping[str, float]) -> str:
    rows = [each for each in plan.served if (each.work, each.quarter) == (work, quarter)]
    weights = [probabilities.get(each.future, 0.0) * (each.demand if each.done is None else 1.0) for each in rows]
    if not sum(weights):
        return "-"
    shares = [each.done if each.done is not None else each.served / (each.demand or 1.0) for each in rows]
    expected = sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)
    worst = min(share for weight, share in zip(weights, shares, strict=True) if weight)
    return f"{100.0 * expected:.1f}" + (f" ({100.0 * worst:.1f})" if worst < expected - 5e-4 else "")


def _print_choices(plan: Plan) -> None:
    """Print what is chosen once: openings, modes, designs, places of gangs, purchases of power."""
    import click

    sites = list(dict.fromkeys([*(each.site for each in plan.site_quarters), *(each.site for each in plan.decisions)]))
    click.echo("what is chosen")
    for site in sites:
        told = [_choice(each) for each in plan.decisions if each.site == site and each.kind in CHOICES]
        last = [each for each in plan.site_quarters if each.site == site]
        designs = [
            f"{kind} {name}"
            for kind, field in (("module", "modules"), ("network", "fabrics"))
            for name in dict.fromkeys(name for each in last for name, count in getattr(each, field).items() if count)
        ]
        click.echo(f"  {site}: {'; '.join([*told, *designs]) or 'stays closed'}")
    click.echo("")


def _choice(decision: Decision) -> str:
    if decision.kind == "open":
        return f"opens in {decision.quarter}"
    if decision.kind == "power-purchase":
        return f"buys {decision.count / 1e6:,.2f} MW by contract"
    return f"{'trains' if decision.kind == 'gang' else decision.kind} {decision.what}"


def empty_table(first: str, *columns: str, left: int = 1) -> Table:
    """Return a table without rows; the first `left` columns hold texts, the others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, heading in enumerate((first, *columns)):
        table.add_column(heading, justify="left" if number < left else "right", overflow="fold")
    return table


def _thousands(amounts: Iterable[float]) -> list[str]:
    return [f"{amount / 1e3:,.0f}" if abs(amount) >= 500.0 else "-" for amount in amounts]


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
