"""Peak memory of one piece of work, in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def peak_mb(work: str) -> float:
    """Return the peak resident memory [MB, 1e6 bytes] of a fresh process.

    It does "imports", "batch:NAME" or "training-year".
    """
    command = [sys.executable, "-m", "benchmarks.memory", work]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def _own_peak_mb() -> float:
    """Return this process's peak. Linux's getrusage counts the parent's peak at the fork too; its status does not."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _do(work: str) -> None:
    from . import batch, training

    name = work.removeprefix("batch:")
    with tempfile.TemporaryDirectory() as folder:
        if work == "imports":
            batch.run("easy", folder, ("workload.count=1",))
        elif work == "training-year":
            training.run_year(Path(folder), failing=True)
        else:
            batch.run(name, folder)


if __name__ == "__main__":
    _do(sys.argv[1])
    print(_own_peak_mb())
