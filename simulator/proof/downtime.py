"""What keeps nodes down, and what is done about it: more spares, another crew, or a smaller promise."""

from __future__ import annotations

from collections.abc import Sequence

from models.operations.spare_stock import stock_for_stockouts

from .observed import Change, Observed, share_of_waiting
from .scenarios import ProofCase

MOST_STOCKOUTS = 0.05
"""Share of repairs that may find an empty shelf: as a run says it of its own shelves."""


def learn_spares(case: ProofCase, seen: Sequence[Observed], change: Change) -> None:
    """Hold more of each part whose shelves were found empty.

    Parts are held in proportion to nodes. The proportion is such that the largest hall whose shelf was empty has the
    stock that Palm's theorem asks for under the demand that was seen in all of the tier's halls, and at least one more
    than it had.
    """
    for tier, terms in case.problem.maintenance.items():
        halls = [each for each in seen if each.tier(case.instance) == tier]
        for part, spares in terms.spares.items():
            shelves = [
                (each, shelf) for each in halls for o in each.outcomes if (shelf := o.shelves.get(part)) is not None
            ]
            used, stockouts = (sum(getattr(shelf, name) for _, shelf in shelves) for name in ("used", "stockouts"))
            if not used or stockouts <= MOST_STOCKOUTS * used or spares.per_100_nodes <= 0.0:
                continue
            node_s = sum(each.node_count * each.scenario.week.total_s for each, _ in shelves)
            largest, shelf = max(
                ((each, shelf) for each, shelf in shelves if shelf.stockouts), key=lambda pair: pair[0].node_count
            )
            asked = stock_for_stockouts(
                MOST_STOCKOUTS,
                demands_per_s=used / node_s * largest.node_count,
                mean_lead_time_s=spares.lead_time,
            )
            factor = max(asked, shelf.stock + 1) * 100.0 / (spares.per_100_nodes * largest.node_count)
            before = change.before.spares.get((tier, part), 1.0)
            why = f"{stockouts} of {used} repairs found no {part} on the shelf"
            change.set("spares", (tier, part), max(factor, before), why, most=float("inf"))


def learn_availability(case: ProofCase, seen: Sequence[Observed], change: Change) -> None:
    """Lower availability by what was lost beyond the plan, waits for spares left out: they are cured by spares."""
    instance = case.instance
    for tier in case.problem.maintenance:
        for node, kind in enumerate(instance.nodes):
            halls = [each for each in seen if each.tier(instance) == tier and node in each.hall.nodes]
            if not halls:
                continue
            whole = lost = by_technicians = planned = 0.0
            for each in halls:
                count, hours_h = each.hall.nodes[node], float(each.scenario.week.weight_h.sum())
                planned += count * hours_h * float(instance.modes[each.hall.mode].availability[node])
                whole += count * hours_h
                for outcome in each.outcomes:
                    out = count * hours_h * (1.0 - outcome.availability[kind.name]) / len(each.outcomes)
                    spares, technicians = share_of_waiting(outcome, "spares"), share_of_waiting(outcome, "technicians")
                    lost += out * (1.0 - spares)
                    by_technicians += out * technicians
            before = change.before.availability.get((tier, kind.name), 1.0)
            model = planned / whole / before
            excess = model - (1.0 - lost / whole)
            share = by_technicians / lost if lost > 0.0 else 0.0
            other = 1.0 - max(excess, 0.0) * (1.0 - share) / model
            own = 1.0 - max(excess, 0.0) / model
            for name in case.problem.maintenance:
                observed = name == tier or any(each.tier(instance) == name for each in seen)
                if name == tier:
                    why = f"repairs kept nodes down longer, {share:.0%} of it waiting for technicians"
                    change.set("availability", (name, kind.name), own, why, most=1.0)
                elif not observed:
                    why = f"what kept nodes down in '{tier}' besides waiting for technicians"
                    change.set("availability", (name, kind.name), other, why, most=1.0)
