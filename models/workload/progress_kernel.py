"""How fast a job's phase advances under the conditions it meets: the one place where limits meet."""

from __future__ import annotations

import math

from ..compiled import compiled

BLEND = 3.5
"""Sharpness of the turn from memory-bound to compute-bound, as in `models.calibration.power_cap`."""


@compiled
def nominal_rate(slowest_node_clock: float, job_clock: float, compute_share: float) -> float:
    """Return the rate of a default phase [nominal seconds per second].

    A gang waits for its slowest member, so the phase runs at the least clock fraction f among its nodes and at no more
    than the clock that the job itself is held to (a job-level power cap). Only what compute bounds follows the clock:
    with b the share of compute in what bounds the phase (0: memory alone, 1: compute alone) its time is stretched by
    (b f^-q + 1 - b)^(1/q), the blend of `models.calibration.power_cap`. 0 means that the job stands still.
    """
    clock = min(slowest_node_clock, job_clock)
    if compute_share == 1.0 or clock == 1.0:
        return clock
    if clock <= 0.0:
        return 0.0
    return math.pow(compute_share * math.pow(clock, -BLEND) + 1.0 - compute_share, -1.0 / BLEND)


@compiled
def step_rate(slowest_node_clock: float, job_clock: float, compute_share: float) -> float:
    """Return the rate of training steps [nominal seconds per second].

    A step adds up its parts: computing, a share `compute_share` of it at full clock, takes 1 / clock as long, and
    exposed communication and reading as long as before. 0 means that the job stands still.
    """
    clock = min(slowest_node_clock, job_clock)
    if clock == 1.0:
        return 1.0
    return clock / (compute_share + (1.0 - compute_share) * clock) if clock > 0.0 else 0.0
