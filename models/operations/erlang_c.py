"""Waiting for technicians when failures come from many machines: Erlang's formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """How work waits in the long run of M/M/c."""

    probability: float
    """Share of the orders that wait."""
    mean_wait_s: float
    """Mean wait of all orders, those that do not wait among them [s]."""


def waiting_for_technicians(*, technicians: int, orders_per_s: float, mean_repair_s: float) -> Waiting:
    """Return the share of orders that wait for a technician, and their mean wait, in M/M/c.

    Erlang's C by way of B, by the recursion B_c = a B_(c-1)/(c + a B_(c-1)), C = B/(1 - (a/c)(1 - B)), with a the
    offered load in technicians; the mean wait is C MTTR/(c - a). Raises ValueError where the load is not below the
    technicians: work would pile up without end.

    Source: A. K. Erlang, 1917; R. B. Cooper, Introduction to Queueing Theory, 2nd ed., sections 3.3 and 3.4.

    >>> two = waiting_for_technicians(technicians=2, orders_per_s=1.0, mean_repair_s=1.0)
    >>> round(two.probability, 12), round(two.mean_wait_s, 12)
    (0.333333333333, 0.333333333333)
    """
    load = orders_per_s * mean_repair_s
    if not 0.0 <= load < technicians:
        raise ValueError(f"{load:g} technicians' work for {technicians} technicians: it must be less than they can do")
    blocked = 1.0
    for number in range(1, technicians + 1):
        blocked = load * blocked / (number + load * blocked)
    probability = blocked / (1.0 - load / technicians * (1.0 - blocked))
    return Waiting(probability, probability * mean_repair_s / (technicians - load))


def technicians_for_wait(longest_mean_wait_s: float, *, orders_per_s: float, mean_repair_s: float) -> int:
    """Return the fewest technicians with whom orders wait no longer than `longest_mean_wait_s` in the mean."""
    technicians = int(orders_per_s * mean_repair_s) + 1
    while (
        waiting_for_technicians(
            technicians=technicians, orders_per_s=orders_per_s, mean_repair_s=mean_repair_s
        ).mean_wait_s
        > longest_mean_wait_s
    ):
        technicians += 1
    return technicians
