"""Measure: all cases in the order of their worth, each finished row on disk at once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...problems import InputError, Problem, nearest
from . import attention, elementwise, gemm, transformer_layer
from .case import Case, DoesNotFitError, Family
from .measured_file import MeasuredFiles, Row
from .monitor import Monitor, open_monitor
from .timing import TIME_ALONE, WITH_POWER, Timing, time_calls
from .torch_bench import TorchBench

FAMILIES: tuple[Family, ...] = (
    Family(gemm.FORWARD, gemm.forward_cases, gemm.prepare),
    Family(gemm.BACKWARD, gemm.backward_cases, gemm.prepare),
    Family(attention.PREFILL, attention.prefill_cases, attention.prepare_prefill),
    Family(attention.BACKWARD, attention.backward_cases, attention.prepare_backward),
    Family(attention.DECODE, attention.decode_cases, attention.prepare_decode),
    Family(elementwise.ELEMENTWISE, elementwise.cases, elementwise.prepare),
    Family(elementwise.COPY, elementwise.copy_cases, elementwise.prepare),
    Family(transformer_layer.LAYER, transformer_layer.layer_cases, transformer_layer.prepare_layer),
    Family(transformer_layer.DECODE_LOOP, transformer_layer.decode_cases, transformer_layer.prepare_decode),
)

_FIRST_WARM_UP_S = 2.0
_RELEASE_EVERY = 50
"""Cases after which unused memory is given back; emptying it after each would cost more than many cases."""


def family_names() -> tuple[str, ...]:
    """Return the groups of measurements that there are."""
    return tuple(family.name for family in FAMILIES)


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Return cases as they are measured: round by round, in each the families mixed in proportion to their size.

    Within a family and round the order is a hash's: wherever the time runs out, shapes of all sizes have been measured.
    """
    groups: dict[tuple[int, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.turn, case.family), []).append(case)
    placed = [
        (turn, (index + 0.5) / len(group), family, case)
        for (turn, family), group in groups.items()
        for index, case in enumerate(sorted(group, key=lambda each: hashlib.sha256(each.key.encode()).digest()))
    ]
    return [case for *_, case in sorted(placed, key=lambda place: place[:3])]


def measure(
    folder: Path,
    *,
    only: Collection[str] | None = None,
    budget_s: float | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
    bench: Any = None,
    monitor: Monitor | None = None,
    families: Sequence[Family] = FAMILIES,
    now: Callable[[], float] = time.monotonic,
) -> Path:
    """Measure this machine's GPU into `folder` and return the Parquet file; rows that are there already are kept.

    Parameters
    ----------
    folder
        Where `<gpu>.parquet` and `<gpu>.json` go.
    only
        Groups of measurements to make, of `family_names()`; all without it.
    budget_s
        Time after which no further row is begun [s]; what is finished is written. A row takes up to three seconds.
    on_progress
        Is told a line now and then.
    bench, monitor, families, now
        The device, what the driver says of it, the measurements and the clock; given by tests.
    """
    chosen = _chosen(families, only)
    start_s = now()
    bench = TorchBench() if bench is None else bench
    monitor = open_monitor(bench.uuid) if monitor is None else monitor
    try:
        return _measure(folder, chosen, bench, monitor, on_progress, now, start_s, budget_s)
    finally:
        monitor.close()


def _measure(
    folder: Path,
    families: Sequence[Family],
    bench: Any,
    monitor: Monitor,
    on_progress: Callable[[str], None],
    now: Callable[[], float],
    start_s: float,
    budget_s: float | None,
) -> Path:
    if bench.accelerator is None:
        on_progress(f"'{bench.name}' is not in the catalogue: its file is named '{bench.file_stem}'")
    files = MeasuredFiles(folder, bench.file_stem)
    rows = {row["key"]: row for row in files.rows()}
    plan = in_order(case for family in families for case in family.cases())
    left = [case for case in plan if case.key not in rows]
    on_progress(f"{bench.name}: {len(plan)} rows, {len(plan) - len(left)} of them finished; power by {monitor.name}")
    session = _session(bench, monitor, budget_s)
    prepare = {family.name: family.prepare for family in families}
    failed: dict[str, str] = {}
    try:
        for number, case in enumerate(left):
            if budget_s is not None and now() - start_s >= budget_s:
                on_progress(f"the {budget_s:g} s are over: {len(left) - number} rows are left for the next call")
                break
            if number == 0:
                _warm_device(bench, prepare[case.family], case, monitor, now)
            try:
                row = _row(bench, monitor, prepare[case.family], case, now)
            except DoesNotFitError as error:
                failed[case.key] = f"does not fit: {error}"
                continue
            except (RuntimeError, ValueError, NotImplementedError) as error:
                failed[case.key] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                on_progress(f"{case.key} failed: {failed[case.key]}")
                if not bench.works():
                    on_progress("the device answers no more: stopping; measure again to go on")
                    break
                continue
            files.append(row)
            rows[row["key"]] = row
            if number % _RELEASE_EVERY == 0:
                bench.release()
                on_progress(
                    f"{number + 1} of {len(left)}, {now() - start_s:.0f} s: {case.key} {row['time_s'] * 1e6:.1f} us"
                )
    finally:
        # Also where the user stops it: what is finished is kept.
        session |= {"ended": datetime.now(UTC).isoformat(timespec="seconds"), "failed": failed}
        path = files.finish(
            list(rows.values()),
            {
                "accelerator": bench.accelerator,
                "device": bench.name,
                "planned": len(plan),
                "notes": NOTES,
                "sessions": [*files.earlier_sessions(), session],
            },
        )
    on_progress(f"{len(rows)} rows in '{path}', {len(failed)} failed or left out")
    return path


NOTES = {
    "time_s": "median over replays of the mean time of a run in a replay, with p10 and p90; in a graph the gap between "
    "dependent kernels is part of it",
    "cache": "rotated: working sets are gone through in turn, four times the second-level cache in all; warm: the sets "
    "together are smaller than twice that cache",
    "data": "standard normal random numbers from a fixed seed; weights of layers have a standard deviation of 0.02",
    "power_w": "mean over the measuring loop of at least 1 s (0.4 s for kernels below 0.1 ms), empty where the loop "
    "was shorter; energy_j is power_w times time_s",
    "gemm": "variants nt, nn and tn are forward, gradient of the input and gradient of the weights of a linear layer",
    "layer": "one rank of a tensor-parallel group without its all-reduces; role validation is never fitted",
}


def _chosen(families: Sequence[Family], only: Collection[str] | None) -> list[Family]:
    known = [family.name for family in families]
    problems = [
        Problem("", "only", f"'{name}' is no group of measurements; there are {', '.join(known)}{nearest(name, known)}")
        for name in only or ()
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    return [family for family in families if only is None or family.name in only]


def _session(bench: Any, monitor: Monitor, budget_s: float | None) -> dict[str, Any]:
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "torch": bench.software.torch,
        "cuda": bench.software.cuda,
        "driver": monitor.driver,
        "monitor": monitor.name,
        "power_cap_w": monitor.power_cap_w,
        "l2_b": bench.l2_b,
        "budget_s": budget_s,
    }


def _warm_device(
    bench: Any, prepare: Callable[[Any, Case], Any], case: Case, monitor: Monitor, now: Callable[[], float]
) -> None:  # fmt: skip
    """Run the first case for a while, untold: cold devices have other clocks, and first calls load libraries."""
    try:
        effort = TIME_ALONE._replace(warm_up_s=_FIRST_WARM_UP_S, longest_warm_up_s=_FIRST_WARM_UP_S)
        time_calls(bench, prepare(bench, case), monitor, effort, now)
    except (DoesNotFitError, RuntimeError, ValueError, NotImplementedError):
        return  # It fails again as a row, and is told there.


def _row(
    bench: Any, monitor: Monitor, prepare: Callable[[Any, Case], Any], case: Case, now: Callable[[], float]
) -> Row:  # fmt: skip
    prepared = prepare(bench, case)
    timing: Timing = time_calls(bench, prepared, monitor, WITH_POWER if case.with_power else TIME_ALONE, now)
    power = timing.power
    row = {
        "key": case.key,
        "family": case.family,
        "operation": case.operation,
        "role": case.role,
        "framework": "pytorch",
        "dtype": case.dtype,
        "variant": case.variant,
        "model": case.model or None,
        **case.shape,
        "time_s": timing.time_s,
        "time_p10_s": timing.time_p10_s,
        "time_p90_s": timing.time_p90_s,
        "replays": timing.replays,
        "calls_per_replay": timing.calls_per_replay,
        "method": timing.method,
        "cache": timing.cache,
        "working_set_b": prepared.working_set_b,
        "power_w": power and power.power_w,
        "energy_j": power and power.power_w * timing.time_s,
        "power_method": power and power.method,
        "power_window_s": power and power.window_s,
        "power_cap_w": monitor.power_cap_w,
        "sm_clock_hz": timing.sm_clock_hz,
        "memory_clock_hz": timing.memory_clock_hz,
        "temperature_c": timing.temperature_c,
        "device": bench.name,
        "driver": monitor.driver or None,
        "cuda": bench.software.cuda,
        "torch": bench.software.torch,
    }
    return {name: value for name, value in row.items() if value is not None}
