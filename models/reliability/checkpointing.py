"""How much work to do between two checkpoints, and the share of time that is then effective.

An interval is the work between two checkpoints, without the write that ends it. `write_s` is how long a write stops
the work (of an asynchronous checkpoint that is the copy alone). `mtbf_s` is the mean time between interruptions of the
whole gang. `restart_s` passes between an interruption and the first step after it: detection, other nodes, reading
the checkpoint. Work done since the last checkpoint is lost besides; it is no argument, the equations work it out.

References
----------
J. W. Young, A first order approximation to the optimum checkpoint interval, Communications of the ACM 17(9), 1974.
J. T. Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future Generation Computer
Systems 22(3), 2006.
A. Kokolis et al., Revisiting reliability in large-scale machine learning research clusters, HPCA 2025: the linear
form of the effective training time ratio (ETTR).
"""

from __future__ import annotations

import math

_BISECTIONS = 60
"""They leave 2^-60 of the bracket, less than doubles tell apart."""


def gang_mtbf_s(nodes: int, failures_per_node_day: float, failures_per_job_day: float = 0.0) -> float:
    """Return the mean time between interruptions of a gang [s]: any node's failure stops it, and the job's own do.

    Rates add up as long as each is constant in time; infinite where nothing fails. Failures of a job, such as of its
    software, do not grow with its nodes.

    >>> round(gang_mtbf_s(2048, 6.5e-3))
    6490
    """
    per_day = nodes * failures_per_node_day + failures_per_job_day
    if not (nodes > 0 and failures_per_node_day >= 0.0 and failures_per_job_day >= 0.0):
        raise ValueError(
            f"nodes ({nodes}) must be positive, failures a node-day ({failures_per_node_day:g}) and "
            f"a job-day ({failures_per_job_day:g}) at least 0"
        )
    return 86_400.0 / per_day if per_day > 0.0 else math.inf


def young_interval_s(write_s: float, mtbf_s: float) -> float:
    """Return the work between checkpoints that loses least, to first order [s]: sqrt(2 w M) (Young 1974).

    Holds while w is far below M. Infinite where nothing fails. Raises ValueError where w is below 0 or M not positive.

    >>> round(young_interval_s(60.0, gang_mtbf_s(2048, 6.5e-3)) / 60, 1)
    14.7
    """
    _check(write_s=write_s, mtbf_s=mtbf_s)
    return math.inf if mtbf_s == math.inf else math.sqrt(2.0 * write_s * mtbf_s)


def availability_interval_s(write_s: float, mtbf_s: float, restart_s: float) -> float:
    """Return the time from one write's end to the next one's [s]: subtract `write_s` for the work between checkpoints.

    T = w + sqrt(2 (M + R) w + w^2). It maximises (1 - w/T) M / (M + R + T/2): M of operation, then a restart and half
    a period done again. Infinite and raises as `young_interval_s`.
    """
    _check(write_s=write_s, mtbf_s=mtbf_s, restart_s=restart_s)
    if mtbf_s == math.inf:
        return math.inf
    return write_s + math.sqrt(2.0 * (mtbf_s + restart_s) * write_s + write_s * write_s)


def daly_interval_s(write_s: float, mtbf_s: float) -> float:
    """Return the work between checkpoints that loses least, by Daly's estimate of higher order [s].

    sqrt(2 w M) (1 + sqrt(w / 2M) / 3 + (w / 2M) / 9) - w while w < 2 M, and M beyond. It does not depend on the
    restart. Within 0.2% of `best_interval_s` for w up to M / 4. Infinite and raises as `young_interval_s`.

    >>> round(daly_interval_s(300.0, gang_mtbf_s(2048, 6.5e-3)) / 60, 1)
    29.6
    """
    _check(write_s=write_s, mtbf_s=mtbf_s)
    if mtbf_s == math.inf or write_s >= 2.0 * mtbf_s:
        return mtbf_s
    root = math.sqrt(write_s / (2.0 * mtbf_s))
    return math.sqrt(2.0 * write_s * mtbf_s) * (1.0 + root / 3.0 + root * root / 9.0) - write_s


def best_interval_s(write_s: float, mtbf_s: float) -> float:
    """Return the work between checkpoints at which `daly_ettr` is greatest, to a double's precision [s].

    The derivative vanishes at ln(1 - x) + x + w/M = 0 with x = dt/M, which falls from w/M at 0: one root in (0, 1).
    Infinite and raises as `young_interval_s`.
    """
    _check(write_s=write_s, mtbf_s=mtbf_s)
    if mtbf_s == math.inf:
        return math.inf
    below, above = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (below + above)
        if math.log1p(-middle) + middle + write_s / mtbf_s > 0.0:
            below = middle
        else:
            above = middle
    return below * mtbf_s


def daly_ettr(interval_s: float, write_s: float, mtbf_s: float, restart_s: float) -> float:
    """Return the expected share of time that is effective training, 0 to 1, by Daly's exact model.

    dt / (M e^(R/M) (e^((dt+w)/M) - 1)): interruptions come at a constant rate, during work, writes and restarts alike;
    one during a restart begins it anew; the job is long against an interval. Raises ValueError where the interval
    or the mean time is not positive or another time is below 0.
    """
    _check(interval_s=interval_s, write_s=write_s, mtbf_s=mtbf_s, restart_s=restart_s)
    if mtbf_s == math.inf:
        return interval_s / (interval_s + write_s)
    period = (interval_s + write_s) / mtbf_s  # e^period may be too large for a double, e^-period never is
    return interval_s / mtbf_s * math.exp(-restart_s / mtbf_s - period) / -math.expm1(-period)


def expected_ettr(interval_s: float, write_s: float, mtbf_s: float, restart_s: float) -> float:
    """Return the share of time that is effective training to first order: (1 - (R + dt/2)/M) / (1 + w/dt).

    Kokolis 2025. Holds while R and dt are far below M; 0 where the form would give less. Raises as `daly_ettr`.
    """
    _check(interval_s=interval_s, write_s=write_s, mtbf_s=mtbf_s, restart_s=restart_s)
    return max(0.0, 1.0 - (restart_s + 0.5 * interval_s) / mtbf_s) / (1.0 + write_s / interval_s)


def _check(**times_s: float) -> None:
    """Raise ValueError where an interval or a mean time is not positive, or another time is below 0 or not a number."""
    for name, time_s in times_s.items():
        positive = name in ("interval_s", "mtbf_s")
        if not (time_s > 0.0 if positive else 0.0 <= time_s < math.inf):
            raise ValueError(f"{name} ({time_s:g}) must be {'positive' if positive else 'finite and at least 0'}")
