"""Time a kernel: warm up until the clocks settle, then many calls at a time between device events.

Short calls are recorded into a CUDA graph and replayed, so that the host's launching does not stand between them. Calls
go over different memory in turn, several times the second-level cache in all where the case has that much, so that no
call finds its operands there. A replay holds enough calls to last some milliseconds; events lie between replays.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from .case import Call, Prepared
from .monitor import MeanPower, Monitor, Reading, mean_power

COLD_CACHES = 4
"""Working sets are rotated over this many times the second-level cache; twice already leaves next to no hits."""
_QUEUED_S = 0.04
"""Work queued ahead of the device, so that it never waits for the host, which looks at the driver meanwhile [s]."""
_QUEUED_REPLAYS = (4, 256)
_LOOK_EVERY_S = 0.01
"""Between two looks at the driver: each takes the host up to some milliseconds."""
_MOST_CALLS = 1000
SHORT_CALL_S = 1e-4
"""Calls below this are short kernels: a loop of 0.3 s is enough for their power."""


class Bench(Protocol):
    """A device as the timer sees it."""

    l2_b: int

    def event(self) -> Any:
        """Return an event recorded now."""
        ...

    def seconds(self, earlier: Any, later: Any) -> float:
        """Return the time between two events [s]."""
        ...

    def wait(self, event: Any) -> None:
        """Wait until the device has come to an event."""
        ...

    def synchronize(self) -> None:
        """Wait until the device has nothing left to do."""
        ...

    def capture(self, calls: Sequence[Call]) -> Callable[[], object] | None:
        """Return what replays the calls as one graph, or None where they can not be recorded."""
        ...


class Effort(NamedTuple):
    """How long to measure [s]."""

    loop_s: float
    short_loop_s: float
    warm_up_s: float
    """At least; then until the clocks settle."""
    longest_warm_up_s: float
    replay_s: float
    least_replays: int = 8
    power_window_s: float = math.inf
    """Least time that power is averaged over; infinite: power is left empty."""


WITH_POWER = Effort(1.0, 0.4, 0.2, 1.2, 0.01, power_window_s=0.25)
TIME_ALONE = Effort(0.12, 0.06, 0.04, 0.3, 0.005)


@dataclass(frozen=True)
class Timing:
    """What came of it."""

    time_s: float
    """Median time of a run [s]."""
    time_p10_s: float
    time_p90_s: float
    replays: int
    calls_per_replay: int
    method: str
    """`graph`, or `events` around calls that the host launched one by one."""
    cache: str
    """`rotated`: operands came from memory. `warm`: all of them together are small enough to have stayed in cache."""
    power: MeanPower | None
    sm_clock_hz: float | None
    memory_clock_hz: float | None
    temperature_c: float | None


def rotated_sets(bytes_per_set: int, l2_b: int, *, most: int = 64) -> int:
    """Return how many working sets to rotate over so that none is found in cache."""
    return max(1, min(most, math.ceil(COLD_CACHES * l2_b / max(1, bytes_per_set))))


def settled(clocks_hz: Sequence[float | None], *, looks: int = 5, tolerance: float = 0.02) -> bool:
    """Return whether the last looks at the clock agree; a device that does not say counts as settled."""
    last = clocks_hz[-looks:]
    known = [clock for clock in last if clock is not None]
    if len(known) < len(last):
        return True
    return len(known) == looks and max(known) - min(known) <= tolerance * max(known)


def time_calls(
    bench: Bench, prepared: Prepared, monitor: Monitor, effort: Effort, now: Callable[[], float]
) -> Timing:  # fmt: skip
    """Return the time of a run of a prepared case, and what the device said meanwhile."""
    for call in prepared.calls:
        call()
    bench.synchronize()
    single_s = _seconds_of(bench, prepared.calls[: min(3, len(prepared.calls))])
    count = max(1, min(_MOST_CALLS, round(effort.replay_s / max(single_s, 1e-6))))
    if count > len(prepared.calls):
        count -= count % len(prepared.calls)  # Every set as often as the others.
    sequence = [prepared.calls[index % len(prepared.calls)] for index in range(max(count, len(prepared.calls)))]
    replay = bench.capture(sequence)
    method = "graph"
    if replay is None:
        method, replay = "events", lambda: [call() for call in sequence]
    replay_s = _warm_up(bench, replay, monitor, effort, now)
    short = single_s < SHORT_CALL_S
    loop_s = effort.short_loop_s if short else effort.loop_s
    times_s, readings = _loop(bench, replay, replay_s, monitor, loop_s, effort.least_replays, now)
    runs = len(sequence) * prepared.runs_per_call
    p10, median, p90 = (float(value) for value in np.percentile(np.array(times_s) / runs, (10, 50, 90)))
    return Timing(
        time_s=median,
        time_p10_s=p10,
        time_p90_s=p90,
        replays=len(times_s),
        calls_per_replay=len(sequence),
        method=method,
        cache="rotated" if prepared.working_set_b >= 2 * bench.l2_b else "warm",
        power=mean_power(readings, least_window_s=effort.power_window_s),
        sm_clock_hz=_middle([reading.sm_clock_hz for reading in readings]),
        memory_clock_hz=_middle([reading.memory_clock_hz for reading in readings]),
        temperature_c=_middle([reading.temperature_c for reading in readings]),
    )


def _seconds_of(bench: Bench, calls: Sequence[Call]) -> float:
    """Return a first guess of a call's time; for short kernels it is the host's launching."""
    start = bench.event()
    for call in calls:
        call()
    end = bench.event()
    bench.wait(end)
    return bench.seconds(start, end) / len(calls)


def _warm_up(
    bench: Bench, replay: Callable[[], object], monitor: Monitor, effort: Effort, now: Callable[[], float]
) -> float:
    """Replay until the clocks settle; return the time of the last replay [s]."""
    start_s = now()
    clocks_hz: list[float | None] = []
    while True:
        start = bench.event()
        replay()
        end = bench.event()
        bench.wait(end)
        clocks_hz.append(monitor.read().sm_clock_hz)
        elapsed_s = now() - start_s
        if elapsed_s >= effort.longest_warm_up_s or (elapsed_s >= effort.warm_up_s and settled(clocks_hz)):
            return bench.seconds(start, end)


def _loop(
    bench: Bench,
    replay: Callable[[], object],
    replay_s: float,
    monitor: Monitor,
    loop_s: float,
    least: int,
    now: Callable[[], float],
) -> tuple[list[float], list[Reading]]:
    """Return the times of replays that follow each other without a gap, and the readings meanwhile."""
    fewest, most = _QUEUED_REPLAYS
    queued = max(fewest, min(most, math.ceil(_QUEUED_S / max(replay_s, 1e-6))))
    start_s = now()
    looked_s = -math.inf
    events = [bench.event()]
    readings: list[Reading] = []
    while now() - start_s < loop_s or len(events) <= least:
        replay()
        events.append(bench.event())
        if len(events) > queued:
            bench.wait(events[-1 - queued])
        if now() - looked_s >= _LOOK_EVERY_S:
            readings.append(monitor.read())
            looked_s = now()
    bench.synchronize()
    return [bench.seconds(earlier, later) for earlier, later in itertools.pairwise(events)], readings


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
