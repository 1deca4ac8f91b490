"""The machine-repair problem: machines that fail, and too few technicians to mend them all at once."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class MachineRepair:
    """How machines and technicians fare in the long run. Times are in seconds."""

    availability: float
    """Share of time in which a machine runs."""
    mean_down: float
    """Machines down at a time, waiting ones included."""
    mean_waiting: float
    """Machines that wait for a technician at a time."""
    mean_wait_s: float
    """From a failure until a technician begins."""
    technician_utilization: float
    """Share of time in which a technician works."""


def machine_repair(
    *, machines: int, technicians: int, mean_time_between_failures_s: float, mean_repair_s: float
) -> MachineRepair:
    """Return the long run of M/M/c//N: N `machines` that fail and are repaired by c `technicians`, first come first.

    With n down the next fails at (N - n)/MTBF and the next is mended at min(n, c)/MTTR; the shares of time p_n follow
    from p_(n+1) min(n + 1, c)/MTTR = p_n (N - n)/MTBF. Times to failure and of repair are exponential; a machine's age
    counts from its return. Raises ValueError where a number is not above zero.

    Source: D. Gross, J. F. Shortle, J. M. Thompson, C. M. Harris, Fundamentals of Queueing Theory, 4th ed., section 2.7
    (finite-source queues).

    >>> one = machine_repair(machines=1, technicians=1, mean_time_between_failures_s=9.0, mean_repair_s=1.0)
    >>> round(one.availability, 12), one.mean_wait_s
    (0.9, 0.0)
    """
    if min(machines, technicians) < 1 or not (mean_time_between_failures_s > 0.0 and mean_repair_s > 0.0):
        raise ValueError(
            f"{machines} machines that fail every {mean_time_between_failures_s:g} s and {technicians} technicians who "
            f"take {mean_repair_s:g} s: each must be above 0"
        )
    ratio = mean_repair_s / mean_time_between_failures_s
    logs = [0.0]
    for down in range(machines):
        logs.append(logs[-1] + math.log((machines - down) * ratio / min(down + 1, technicians)))
    greatest = max(logs)
    weights = [math.exp(log - greatest) for log in logs]
    total = math.fsum(weights)
    mean_down = math.fsum(down * weight for down, weight in enumerate(weights)) / total
    waiting = math.fsum(max(down - technicians, 0) * weight for down, weight in enumerate(weights)) / total
    failures_per_s = (machines - mean_down) / mean_time_between_failures_s
    return MachineRepair(
        availability=1.0 - mean_down / machines,
        mean_down=mean_down,
        mean_waiting=waiting,
        mean_wait_s=waiting / failures_per_s,
        technician_utilization=(mean_down - waiting) / technicians,
    )


def technicians_for_availability(
    availability: float, *, machines: int, mean_time_between_failures_s: float, mean_repair_s: float
) -> int:
    """Return the fewest technicians with whom machines run at least the share `availability` of the time.

    Raises ValueError where not even one technician for each machine reaches it: the bound is MTBF/(MTBF + MTTR).
    """

    def reached(technicians: int) -> float:
        return machine_repair(
            machines=machines,
            technicians=technicians,
            mean_time_between_failures_s=mean_time_between_failures_s,
            mean_repair_s=mean_repair_s,
        ).availability

    best = reached(machines)
    if best < availability:
        raise ValueError(f"no crew reaches an availability of {availability:g}: with nobody waiting it is {best:g}")
    low, high = 1, machines  # more technicians never do harm
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= availability else (middle + 1, high)
    return low
