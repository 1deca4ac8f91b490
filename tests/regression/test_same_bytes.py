"""Same seed, same bytes: in other processes, whatever their hash seed, in whatever folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIO = """
seed: 11
start: 2023-03-01T00:00:00Z
fleet: {groups: [{name: gpu, node: dgx-h100, count: 4}]}
workload:
  kind: synthetic
  arrivals: {kind: diurnal, zone: Europe/Berlin}
  count: 60
  horizon: 1 d
  duration: {kind: lognormal, median: 40 min, sigma: 1}
  per_task: {accelerators: 0.5, cpus: 8, memory: 64 GB}
  tasks: {kind: uniform, minimum: 1, maximum: 6}
  estimates: {factor: 1, up_to: 3}
  users: {count: 5, zipf: 1}
scheduling: {kind: fair-share}
placement: {kind: random}
facility: {pue: 1.2}
site:
  tariff: {kind: flat, price: 80 USD/MWh}
  carbon: {kind: constant, value: 0.4 kg/kWh}
results: {change_points: true}
"""


@pytest.mark.parametrize("other_seed", [None, 12])
def test_a_run_saved_by_another_process_has_the_same_bytes(tmp_path: Path, other_seed: int | None) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "elsewhere").mkdir()
    saved: list[dict[str, bytes]] = []
    for folder, hash_seed in (("a", "1"), ("elsewhere", "2")):
        path = tmp_path / folder / "hall.yaml"
        text = SCENARIO.replace("seed: 11", f"seed: {other_seed}") if other_seed and saved else SCENARIO
        path.write_text(text, encoding="utf-8")
        code = "from simulator import simulate; import sys; print(simulate(sys.argv[1]).save(sys.argv[2]))"
        ran = subprocess.run(
            [sys.executable, "-c", code, str(path), str(tmp_path / folder / "results")],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        result = Path(ran.stdout.strip())
        saved.append({file.name: file.read_bytes() for file in sorted(result.iterdir())})
        assert {"run.json", "jobs.parquet", "power.parquet", "change_points.parquet"} <= set(saved[-1])
    if other_seed is None:
        assert saved[0] == saved[1]
    else:
        differing = {name for name in saved[0] if saved[0][name] != saved[1][name]}
        assert {"run.json", "jobs.parquet", "power.parquet"} <= differing
