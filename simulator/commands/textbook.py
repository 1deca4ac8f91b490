"""`datahall textbook`: the optimisation's means on a case that can be solved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from optimizers.textbook.comparison import Comparison, Outcome
    from optimizers.textbook.five_groups import FiveGroups, FiveGroupsPlan
    from optimizers.textbook.reduction import Reduction

_ROWS = 20
"""Nodes that are printed."""


@click.command("textbook")
@click.option("--nodes", default=10, show_default=True, type=click.IntRange(1, 200), help="How many (the textbook's).")
@click.option("--rate", default=1000.0, show_default=True, help="What each computes [GFLOP/s] (the textbook's).")
@click.option("--total", default=8000.0, show_default=True, help="What all shall compute [GFLOP/s] (the textbook's).")
@click.option(
    "--weights",
    default="1,2,4",
    show_default=True,
    metavar="LIST",
    help="What it costs to take one GFLOP/s from a node, squared; taken in turn by the nodes (an assumption).",
)
@click.option(
    "--learning-rates",
    default="0.01,0.03,0.08",
    show_default=True,
    metavar="LIST",
    help="Of plain gradient descent, taken in turn by the nodes; any that converge show the same (an assumption).",
)
@click.option("--idle-power", default=150.0, show_default=True, help="Of a node that is on [W] (an assumption).")
@click.option("--busy-power", default=350.0, show_default=True, help="Of a node at its full rate [W] (an assumption).")
@click.option(
    "--watt-cost",
    default=10_000.0,
    show_default=True,
    help="What a watt costs, in the unit of the squares; matters only where nodes may be off (an assumption).",
)
@click.option(
    "--breakpoints",
    default=17,
    show_default=True,
    type=click.IntRange(2, 101),
    help="Of the straight pieces that stand for the squares.",
)
@click.option(
    "--demand",
    default=100.0,
    show_default=True,
    help="Requests a second that the five groups' plan serves; its prices are assumptions, printed with --json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output, and nothing else.")
def command(as_json: bool, **given: Any) -> None:
    """Solve two cases that can be done by hand, and compare.

    Ten nodes are reduced to a total: the plan of least cost in closed form, by projected gradient, as a linear program,
    and with nodes that may be switched off as a mixed-integer program; beside them plain gradient descent, with why it
    does not define a plan. Then the least sum of the five groups of cost (C compute and building, B network, M
    maintenance, S security, O energy) under a demand.
    """
    from models.problems import InputError, Problem
    from optimizers.textbook.comparison import compare
    from optimizers.textbook.five_groups import FiveGroups, by_mode

    try:
        case = _case(given)
        found = compare(
            case,
            learning_rates=_in_turn("--learning-rates", given["learning_rates"], given["nodes"]),
            breakpoints=given["breakpoints"],
        )
        hall = FiveGroups(demand=given["demand"])
        plans = by_mode(hall)
    except ValueError as error:
        raise InputError(Problem("textbook", "", str(error))) from None
    if as_json:
        import json

        five = {"case": asdict(hall), "plans": [asdict(plan) | {"cost_usd": plan.cost_usd} for plan in plans]}
        click.echo(json.dumps(_as_dict(case, found) | {"five_groups": five}, indent=1))
        return
    _print(case, found)
    _print_groups(hall, plans)


def _case(given: dict[str, Any]) -> Reduction:
    import numpy as np

    from optimizers.textbook.reduction import Reduction

    return Reduction(
        present=np.full(given["nodes"], given["rate"]),
        weight=_in_turn("--weights", given["weights"], given["nodes"]),
        total=given["total"],
        idle_w=given["idle_power"],
        busy_w=given["busy_power"],
        watt_cost=given["watt_cost"],
    )


def _in_turn(option: str, text: str, nodes: int) -> Any:
    """Return one number for each node, those of a list taken in turn."""
    import numpy as np

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option} '{text}' is not a list of numbers such as 1,2,4") from None
    return np.resize(np.array(numbers), nodes)


def _as_dict(case: Reduction, found: Comparison) -> dict[str, Any]:
    return {
        "case": {
            "rate_gflops": case.present.tolist(),
            "weight": case.weight.tolist(),
            "total_gflops": case.total,
            "idle_w": case.idle_w,
            "busy_w": case.busy_w,
            "watt_cost": case.watt_cost,
        },
        "solutions": [_solution(outcome) for outcome in found.outcomes],
        "linearization_error": found.error_bound,
        "projected_gradient": [step._asdict() for step in found.descent.way],
        "explanation": list(found.explanation),
    }


def _solution(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "plan": outcome.plan,
        "rates_gflops": outcome.rates.tolist(),
        "on": outcome.on.tolist(),
        "total_gflops": outcome.total,
        "cost": outcome.cost,
        "power_w": outcome.power_w,
        "cost_with_power": outcome.cost_with_power,
        "within_limits": outcome.within_limits,
    }


def _print(case: Reduction, found: Comparison) -> None:
    from rich import box
    from rich.table import Table

    from ..terminal.summary import PLAIN_WIDTH, print_table

    click.echo(
        f"{case.present.size} nodes of {case.present[0]:,.0f} GFLOP/s, to compute {case.total:,.0f} together: rates"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("node", "weight", *(outcome.name for outcome in found.outcomes)):
        table.add_column(heading, justify="right", min_width=0 if heading in {"node", "weight"} else 9)
    for node in range(min(case.present.size, _ROWS)):
        rates = (f"{outcome.rates[node]:,.1f}" if outcome.on[node] else "off" for outcome in found.outcomes)
        table.add_row(f"{node + 1}", f"{case.weight[node]:g}", *rates)
    table.add_section()
    for name, field in (("total", "total"), ("cost", "cost"), ("power, W", "power_w")):
        table.add_row(name, "", *(f"{getattr(outcome, field):,.0f}" for outcome in found.outcomes))
    print_table(table)
    if case.present.size > _ROWS:
        click.echo(f"(the first {_ROWS} nodes; --json has all)")
    for statement in found.explanation:
        click.echo(click.wrap_text(statement, width=PLAIN_WIDTH, initial_indent="- ", subsequent_indent="  "))


def _print_groups(hall: FiveGroups, plans: Sequence[FiveGroupsPlan]) -> None:
    from rich import box
    from rich.table import Table

    from ..terminal.summary import print_table

    click.echo(
        f"\nleast C + B + M + S + O for {hall.demand:g} requests/s over {hall.hours_h / 8760:g} years, by mode, in "
        "thousand USD"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("maintenance", "security"):
        table.add_column(heading)
    for heading in ("nodes", "modules", "blocks", *plans[0].groups, "sum"):
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in plans:
        money = (f"{usd / 1e3:,.0f}" for usd in (*plan.groups.values(), plan.cost_usd))
        table.add_row(plan.tier, plan.level, str(plan.nodes), str(plan.modules), str(plan.blocks), *money)
    print_table(table)
    click.echo("- More M can save nodes, and with them C, B, S and O: only the sum decides. The first is the plan.")
