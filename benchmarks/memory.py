"""Peak memory of one piece of work, in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def peak_mb(work: Callable[[], object]) -> float:
    """Return the peak resident memory [MB, 1e6 bytes] of a fresh process that does a piece of work.

    `work` is a function of a module, or a partial of one: the process imports it by its name.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(_peak_after_mb, work).result()


def _peak_after_mb(work: Callable[[], object]) -> float:
    work()
    return _own_peak_mb()


def _own_peak_mb() -> float:
    """Return this process's peak. Linux's getrusage counts the parent's peak at the fork too; its status does not."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
