"""When a temperature that drifts while a swing dies out crosses a limit."""

from __future__ import annotations

import math

_STEPS = 100
_CLOSE = 1e-13  # of the time, relative
_NO_DRIFT = 1e-200  # of the swing: far below any that the floats resolve, far above those that they can not divide by


def falling_to_zero_s(offset: float, drift: float, swing: float, time_constant_s: float) -> float:
    """Return the first time [s] at which offset + drift t + swing exp(-t / time constant) falls to 0, or infinity.

    The curve is not below 0 at t = 0; it may rise at first. It is convex or concave, so that it falls over one stretch
    of time at most: Newton's method, started where it can not overshoot, finds the crossing in a bracket.
    """
    if abs(time_constant_s * drift) < _NO_DRIFT * abs(swing):
        drift = 0.0
    low, high = _falling_stretch_s(offset, drift, swing, time_constant_s)
    if low == math.inf:
        return math.inf
    time = low if swing >= 0.0 else high
    for _ in range(_STEPS):
        swinging = swing * math.exp(-time / time_constant_s)
        value = offset + drift * time + swinging
        if value > 0.0:
            low = time
        else:
            high = time
        slope = drift - swinging / time_constant_s
        following = time - value / slope if slope < 0.0 else math.nan
        if not low <= following <= high:
            following = 0.5 * (low + high)
        if abs(following - time) <= _CLOSE * following:
            return following
        time = following
    return time


def _falling_stretch_s(offset: float, drift: float, swing: float, time_constant_s: float) -> tuple[float, float]:
    """Return a stretch of time over which the curve falls from not below 0 to not above 0; infinite where none is."""
    never = (math.inf, math.inf)
    if swing >= 0.0:  # convex: falls at first, if at all, then less and less
        if drift >= swing / time_constant_s:
            return never
        if drift < 0.0:
            return 0.0, (offset + swing) / -drift  # it would take so long if the swing stayed
        if drift == 0.0:
            time = time_constant_s * math.log(swing / -offset) if offset < 0.0 else math.inf
            return time, time
        least = time_constant_s * math.log(swing / (time_constant_s * drift))
        return (0.0, least) if offset + drift * (least + time_constant_s) <= 0.0 else never
    if drift >= 0.0:  # concave: falls in the end, if at all, faster and faster
        return never
    greatest = time_constant_s * math.log(max(swing / (time_constant_s * drift), 1.0))
    return greatest, max(offset / -drift, greatest)  # it would take so long if the swing were over
