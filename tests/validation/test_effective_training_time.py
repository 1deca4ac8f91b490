"""Effective training time of a simulated gang against Daly's exact model (2006), at the intervals of his formula.

What the model assumes is configured: nodes fail at a constant rate and are noticed at once; nobody waits for nodes, as
a few spares are there and a failed node is back after a minute; nothing else slows the gang or the write. A failure may
strike at work, in a write, or in a restart, which then begins anew, in the model as in the simulation. 2,048 nodes
with 6.5 failures in 1,000 node-days and 5 minutes to restart, as in the notes on reliability.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.reliability.checkpointing import best_interval_s, daly_ettr, daly_interval_s, gang_mtbf_s, young_interval_s
from simulator.results.result import Result
from simulator.simulation import simulate

NODES, FAILURES_PER_NODE_DAY, RESTART_S = 2048, 6.5e-3, 300.0
MTBF_S = gang_mtbf_s(NODES, FAILURES_PER_NODE_DAY)
SPARES = 8
FACTORS = np.exp(np.linspace(-1.0, 1.0, 7) * math.log(2.0))
"""Seven intervals around Daly's, from its half to its double."""


def scenario(nodes: int, days: float, seed: int, checkpoints: dict[str, Any]) -> dict[str, Any]:
    """A gang on `nodes` nodes that fail as often, all together, as the 2,048 do."""
    parts: list[dict[str, Any]] = [{"name": "cpu", "follows": "processor", "idle_power": "1 kW", "peak_power": "10 kW"}]
    power = {"clock_exponent": {"value": 2, "source": "a test", "status": "assumption"}, "parts": parts}
    gpus = {"name": "gpu", "count": 8, "follows": "accelerator", "idle_power": "70 W", "peak_power": "700 W"}
    parts.append(gpus)
    box = {"cpu_cores": 8, "memory": "64 GiB", "accelerator": {"name": "GPU"}, "accelerators": 8, "power": power}
    fails = {
        "kind": "node",
        "mtbf": f"{MTBF_S * nodes} s",
        "detection": {"at_once": 1.0},
        "permanent": 0.0,
        "reboot": {"kind": "constant", "value": "1 min"},
    }
    job = {
        "name": "llm",
        "accelerators": nodes * 8,
        "step": {"duration": "1 s"},
        "duration": f"{days} d",
        "startup": "0 s",
        "restart": f"{RESTART_S} s",
        "checkpoints": checkpoints,
    }
    return {
        "start": "2024-01-01T00:00:00Z",
        "until": f"{days} d",
        "seed": seed,
        "fleet": {"groups": [{"name": "all", "node": "box", "count": nodes + SPARES}]},
        "nodes": {"box": box},
        "training": [job],
        "reliability": {"failures": [fails]},
        "facility": {"pue": 1.2},
    }


def run(folder: Path, *args: Any) -> Result:
    path = folder / "gang.yaml"
    path.write_text(json.dumps(scenario(*args)))
    return simulate(path)


def ettr(result: Result) -> float:
    found = result.kpis["ettr"]
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize("write_s", [10.0, 60.0, 300.0])
def test_2048_nodes_come_out_as_dalys_exact_model_says(tmp_path: Path, write_s: float) -> None:
    checkpoints = {"interval": "daly", "mtbf": f"{MTBF_S} s", "write": f"{write_s} s"}
    found = np.array([ettr(run(tmp_path, NODES, 8.0, seed, checkpoints)) for seed in range(6)])
    interval_s = daly_interval_s(write_s, MTBF_S)
    standard_error = found.std(ddof=1) / math.sqrt(len(found))
    assert found.mean() == pytest.approx(
        daly_ettr(interval_s, write_s, MTBF_S, RESTART_S), abs=2 * standard_error + 0.01
    )
    assert standard_error < 0.01


@pytest.mark.parametrize("formula", ["young", "daly"])
def test_the_formulas_are_applied_to_the_rate_of_the_hall(tmp_path: Path, formula: str) -> None:
    result = run(tmp_path, 64, 0.1, 0, {"interval": formula, "write": "60 s"})
    expected = {"young": young_interval_s, "daly": daly_interval_s}[formula](60.0, MTBF_S)
    assert result.tables["training"]["checkpoint_interval_s"].to_pylist() == [pytest.approx(expected, rel=1e-6)]


def parabola(intervals_s: NDArray[np.float64], ettrs: NDArray[np.float64]) -> np.poly1d:
    """Fit ETTR over the logarithm of the interval."""
    return np.poly1d(np.polyfit(np.log(intervals_s), ettrs, 2))


@pytest.mark.parametrize(("write_s", "days"), [(10.0, 15.0), (60.0, 40.0), (300.0, 60.0)])
def test_dalys_interval_is_within_two_tenths_of_a_point_of_the_best(
    tmp_path: Path, write_s: float, days: float
) -> None:
    # The gang is small and its nodes fail as often together, so that many days can be run; the seed is common.
    intervals_s = FACTORS * daly_interval_s(write_s, MTBF_S)
    found = np.array(
        [
            ettr(run(tmp_path, 8, days, 1, {"interval": f"{interval_s} s", "write": f"{write_s} s"}))
            for interval_s in intervals_s
        ]
    )
    fitted = parabola(intervals_s, found)
    assert fitted[2] < 0.0
    best = -fitted[1] / (2.0 * fitted[2])
    assert intervals_s[0] < math.exp(best) < intervals_s[-1]
    assert fitted(best) - fitted(math.log(daly_interval_s(write_s, MTBF_S))) < 0.002
    # What the fit itself is off by, of the model's own figures.
    exact = parabola(intervals_s, np.array([daly_ettr(each, write_s, MTBF_S, RESTART_S) for each in intervals_s]))
    vertex = math.exp(-exact[1] / (2.0 * exact[2]))
    assert vertex == pytest.approx(best_interval_s(write_s, MTBF_S), rel=0.1)
