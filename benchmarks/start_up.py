"""How long the command takes before it does anything."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure

QUICKSTART = Path(__file__).resolve().parent.parent / "scenarios" / "quickstart.yaml"
_MAIN = "import sys; sys.argv[0] = 'datahall'; from simulator.cli import main; main()"


def _child_cpu_s(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _median_ms(arguments: list[str], runs: int) -> float:
    return 1000.0 * statistics.median(_child_cpu_s([sys.executable, *arguments]) for _ in range(runs))


def measure(runs: int) -> Iterator[Figure]:
    """Yield the CPU time of `datahall --help` and `datahall validate`; the reference is what they can not avoid."""
    runs = max(runs, 5)
    click = _median_ms(["-c", "import click"], runs)
    pydantic = _median_ms(["-c", "import click, pydantic, ruamel.yaml"], runs)
    yield Figure(
        "start-up: datahall --help",
        _median_ms(["-c", _MAIN, "--help"], runs),
        "CPU-ms",
        reference=click,
        reference_name="python with click",
    )
    yield Figure(
        "start-up: datahall validate",
        _median_ms(["-c", _MAIN, "validate", str(QUICKSTART)], runs),
        "CPU-ms",
        reference=pydantic,
        reference_name="python with click, pydantic, ruamel",
    )
    yield Figure(
        "start-up: from simulator.simulation import simulate",
        _median_ms(["-c", "from simulator.simulation import simulate"], runs),
        "CPU-ms",
        reference=_median_ms(["-c", "import simpy, pandas, numba, pyarrow"], runs),
        reference_name="python with simpy, pandas, numba, pyarrow",
        covers="compiled code from its cache",
    )
