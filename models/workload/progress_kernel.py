"""How fast a job's phase advances under the conditions it meets: the one place where limits meet."""

from __future__ import annotations

from ..compiled import compiled


@compiled
def nominal_rate(slowest_node_clock: float, job_clock: float) -> float:
    """Return the rate of a default phase [nominal seconds per second].

    A gang waits for its slowest member, so the phase runs at the least clock fraction among its nodes and at no more
    than the clock that the job itself is held to (a job-level power cap). 0 means that the job stands still.
    """
    return min(slowest_node_clock, job_clock)
