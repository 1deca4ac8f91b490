"""A plan's proof, front, reactions and explanation as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from optimizers.plan import GROUPS

from .plan import empty_table, shown
from .summary import print_table, table_width

if TYPE_CHECKING:
    from rich.table import Table

    from ..planning.studies import TracedFront
    from ..proof.comparison import ComparisonRow
    from ..proof.proving import Proof


def print_proof(proof: Proof) -> None:
    """Print planned against delivered, each round with what it changed and why, and what the proof leaves out."""
    if proof.best is None:
        click.echo("proof: there is no plan to prove")
    else:
        ended = "confirmed by simulation" if proof.converged else "not confirmed"
        rounds = len(proof.rounds)
        click.echo(
            f"proof: {ended} within {100.0 * proof.tolerance:g} % after {rounds} round{'' if rounds == 1 else 's'}; "
            "planned against delivered (* beyond the tolerance)"
        )
        print_table(proof_table(proof.table))
        for text, names in _bases(proof.table).items():
            click.echo(wrapped(f"{', '.join(names)}: {text}", "  "))
    for number, each in enumerate(proof.rounds, 1):
        value, unit = shown(each.plan.objective_kind, each.plan.objective)
        words = "confirmed" if each.confirmed else "not confirmed"
        mark = " (this plan)" if proof.best == number - 1 else ""
        click.echo(f"round {number}: {value} {unit}, {words}, {each.simulations} weeks simulated{mark}")
        told = [cause for cause in each.causes if f"{cause.before:.4g}" != f"{cause.after:.4g}"]
        for cause in told:
            click.echo(wrapped(f"{cause.what} {cause.of}: {cause.before:.4g} to {cause.after:.4g}: {cause.why}", "  "))
        if len(told) < len(each.causes):
            click.echo(f"  and {len(each.causes) - len(told)} of less than a thousandth")
    print_notes(proof.notes)
    click.echo("")


def proof_table(rows: Iterable[ComparisonRow]) -> Table:
    """Return the figures of all quarters, future by future: of all sites, then, where there are several, of each. A
    star marks those that decide and are beyond the tolerance."""
    rows = [row for row in rows if not row.quarter]
    alone = len({row.site for row in rows if row.site}) < 2
    futures = len({row.future for row in rows if row.future}) > 1
    table = empty_table(
        "figure", "site", *(["future"] if futures else []), "planned", "delivered", "unit", "difference",
        left=3 if futures else 2,
    )  # fmt: skip
    for row in rows:
        if row.site and alone:
            continue
        error = "" if math.isnan(row.standard_error) else f" ± {100.0 * row.standard_error:.2f}"
        away = "-" if math.isnan(row.difference) else f"{100.0 * row.difference:+.2f}{error} %"
        table.add_row(
            f"{row.measure} {row.work}".strip() + (" *" if row.decides and not row.within else ""),
            row.site or "all",
            *([row.future or "all"] if futures else []),
            f"{row.planned:,.5g}",
            f"{row.delivered:,.5g}",
            row.unit,
            away,
        )
    return table


def _bases(rows: Iterable[ComparisonRow]) -> dict[str, list[str]]:
    """Return what figures have in common on both sides and leave out, with their names."""
    found: dict[str, list[str]] = {}
    for row in rows:
        name = f"{row.measure} {row.work}".strip()
        if row.basis and name not in found.setdefault(row.basis, []):
            found[row.basis].append(name)
    return found


def print_front(traced: TracedFront) -> None:
    """Print the plans of a front with the gap of each, and what is not decided yet."""
    front = traced.front
    if not front.points:
        click.echo(f"front: {front.status}: no plan to begin from")
        return
    plans = f"{len(front.points)} plan{'' if len(front.points) == 1 else 's'}"
    undecided = f"{100.0 * front.anytime_gap:.2f} % of the space between best and worst is undecided"
    click.echo(f"front of {', '.join(front.objectives)}: {plans} in {front.solves} solves; {undecided}")
    print_table(front_table(traced))
    if "cost" in front.objectives:
        click.echo("cost: the five groups and what unserved work costs\n")


def front_table(traced: TracedFront) -> Table:
    """Return a row for each plan of a front: objectives, gap, and the five groups in thousands of USD."""
    front = traced.front
    headings = [f"{kind} {shown(kind, 0.0)[1]}".strip() for kind in front.objectives]
    table = empty_table(headings[0], *headings[1:], "gap", *(f"{group} kUSD" for group in GROUPS), left=0)
    for point, groups in zip(front.points, traced.groups, strict=True):
        values = [shown(kind, point.values[kind])[0] for kind in front.objectives]
        table.add_row(*values, f"{100.0 * point.gap:.2f} %", *_groups(groups))
    return table


def _groups(groups: Mapping[str, float]) -> list[str]:
    return [f"{groups[group] / 1e3:,.0f}" for group in GROUPS]


def print_sentences(heading: str, sentences: Iterable[str]) -> None:
    """Print what a planner reads under a heading, a line each."""
    click.echo(heading)
    for sentence in sentences:
        # A line that begins with spaces belongs to the one before it.
        indent = "  " + sentence[: len(sentence) - len(sentence.lstrip())]
        click.echo(wrapped(sentence.lstrip(), indent))
    click.echo("")


def print_notes(notes: Iterable[str]) -> None:
    """Print what a reader must know, a paragraph each."""
    for note in notes:
        click.echo(wrapped(f"note: {note}"))


def wrapped(text: str, indent: str = "") -> str:
    """Return a text in lines as wide as tables are, all but the first two spaces further in."""
    return click.wrap_text(text, table_width(), indent, f"{indent}  ")
