"""From what a simulation showed to factors on a plan's figures: by cause, bounded, on every mode that shares the cause.

What a node lost is told apart. Where shelves were empty more parts are held: the factor on spares rises, and the
promise stays. Where nobody was free to repair, the tier's availability falls, so that another tier may win. What else
keeps nodes down falls on every tier alike, and what slows a class of work falls on every level of security.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizers.derates import Derates

from .downtime import learn_availability, learn_spares
from .observed import Cause, Change, Observed
from .scenarios import ProofCase
from .shortfall import learn_power, learn_rates


def derated(case: ProofCase, seen: Sequence[Observed], *, largest: float) -> tuple[Derates, tuple[Cause, ...]]:
    """Return the factors with which to plan anew, and why each that changed did.

    Factors are on what the models say, all rounds together: at least `1 - largest`, and at most 1 where they are on a
    promise, `1 + largest` where they are on power. Those on spares are at least 1 and as large as Palm's theorem asks
    for. Factors that nothing was seen of stay.
    """
    change = Change(case.derates, largest)
    learn_spares(case, seen, change)
    learn_availability(case, seen, change)
    learn_rates(case.instance, seen, change)
    learn_power(case.instance, seen, change)
    return change.derates(), tuple(change.causes)
