"""The site's price and carbon intensity, as a scheduling policy reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError, Problem
from models.series import Series
from models.workload.job import Workload

from ..scenario.scenario import Scenario
from ..scheduling.policy import SchedulingPolicy, Signal

LONGEST_FORESIGHT_S = 30 * 86_400.0
"""Of longer jobs this much counts where the run has no stated end: assumption, a bound on what is read."""
_SECTIONS: dict[Signal, str] = {"price": "tariff", "carbon": "carbon"}


def signals_of(given: Scenario, workload: Workload) -> tuple[Series, ...]:
    """Return the series that the scheduling policy follows, in the order in which it names them.

    They reach to the run's end where it is stated. Where it is not, they reach beyond the last submission for as long
    as a job may be held and the longest then runs by its estimate, or, where the site's series ends before, to the
    last submission. Raises InputError where the site lacks one, or its series does not reach.
    """
    return tuple(_signal(given, name, workload) for name in given.scheduling.signals())


def policy_numbers(
    policy: SchedulingPolicy, workload: Workload, signals: Sequence[Series], start_utc_s: float
) -> NDArray[np.float64]:
    """Return what a policy's pass reads from `state.parameters`: its own numbers, then those of its lines and signals.

    Raises ValueError where `signals` are not as many as the policy asks for.
    """
    if len(signals) != len(policy.signals()):
        raise ValueError(f"the policy follows {len(policy.signals())} signals; given: {len(signals)}")
    own = np.array([*policy.parameters(), *policy.line_numbers(workload)], np.float64)
    return np.concatenate([own, *(signal_numbers(each, start_utc_s) for each in signals)])


def signal_numbers(signal: Series, start_utc_s: float) -> NDArray[np.float64]:
    """Return a signal of n values as 2 n + 5 numbers, time in seconds from the run's start.

    First edge [s], step [s], n, greatest magnitude, the n values, the integral from the first edge on at the n + 1
    edges [the values' unit times s].
    """
    integral = np.concatenate([[0.0], np.cumsum(signal.values)]) * signal.step_s
    head = [signal.start_utc_s - start_utc_s, signal.step_s, len(signal.values), np.max(np.abs(signal.values))]
    return np.concatenate([head, signal.values, integral])


def _signal(given: Scenario, name: Signal, workload: Workload) -> Series:
    read, policy = _reader(given, name), given.scheduling
    start_utc_s, last_s = given.start_utc_s, float(workload.submit_s[-1])
    if given.until is not None:
        return read(start_utc_s, start_utc_s + max(given.until, 1.0))
    longest_s = float(np.max(np.nan_to_num(workload.estimate_s, nan=policy.missing_estimate)))
    foresight_s = policy.longest_hold_s() + min(longest_s, LONGEST_FORESIGHT_S)
    try:
        return read(start_utc_s, start_utc_s + max(last_s + foresight_s, 1.0))
    except InputError:
        return read(start_utc_s, start_utc_s + max(last_s, 1.0))


def _reader(given: Scenario, name: Signal) -> Callable[[float, float], Series]:
    tariff, carbon = given.site.tariff, given.site.carbon
    if name == "price" and tariff is not None:
        return tariff.energy_price
    if name == "carbon" and carbon is not None:
        return carbon.intensity
    section = _SECTIONS[name]
    text = f"the policy follows the site's {name}, and the site has none; state 'site.{section}', or another policy"
    raise InputError(Problem("", "scheduling.signal", text))
