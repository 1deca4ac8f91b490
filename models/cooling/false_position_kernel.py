"""A root inside a bracket by false position, so changed that both ends move (Illinois).

M. Dowell and P. Jarratt, A modified regula falsi method for computing the root of an equation, BIT 11, 1971. It never
leaves the bracket, needs no derivative, and converges with order 1.44. The loop stays with the caller, whose function
of many arguments it asks:

    middle = between(low, of_low, high, of_high)
    low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
"""

from __future__ import annotations

from ..compiled import compiled

MOST_STEPS = 80
CLOSE = 1e-12
"""A value, or a bracket over its scale, that counts as 0."""


@compiled
def between(low: float, of_low: float, high: float, of_high: float) -> float:
    """Return where the line between the ends of the bracket, whose values differ in sign, is 0."""
    return high - of_high * (high - low) / (of_high - of_low)


@compiled
def narrowed(
    low: float, of_low: float, high: float, of_high: float, side: int, middle: float, of_middle: float
) -> tuple[float, float, float, float, int]:
    """Return the bracket with `middle` as the end whose sign it has, and which end that is: 1 high, -1 low.

    An end that is left where it is twice running counts half. `side` is what came last, 0 at first.
    """
    if of_middle * of_high > 0.0:
        if side == 1:
            of_low *= 0.5
        return low, of_low, middle, of_middle, 1
    if side == -1:
        of_high *= 0.5
    return middle, of_middle, high, of_high, -1
