"""`datahall run`: what it prints, what it writes, and how it is interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import group
from simulator.results.result import Result as RunResult

HALL = """\
description: One node, two jobs
start: 2023-01-01T00:00:00Z
seed: 5
fleet: {groups: [{name: a, node: dgx-h100, count: 1}]}
workload: {kind: list, jobs: [{duration: 1 h}, {duration: 30 min}]}
facility: {pue: 1.3}
overrides: {wide: {fleet: {groups: [{name: a, node: dgx-h100, count: 2}]}}}
scenarios: {two: [wide]}
"""
LONG = """\
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: a, node: dgx-h100, count: 64}]}
workload:
  kind: synthetic
  load: {fraction: 0.95, nodes: 64}
  count: 200_000
  duration: {kind: exponential, mean: 10 min}
facility: {pue: 1.3}
"""


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "hall.yaml"
    path.write_text(HALL)
    return path


def run(hall: Path, *arguments: str) -> Result:
    """What a run comes to, its results beside the scenario."""
    return CliRunner().invoke(group, ["run", str(hall), "--output", str(hall.parent / "results"), *arguments])


def test_json_is_one_object_and_nothing_else(hall: Path) -> None:
    outcome = run(hall, "--json")
    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    printed = json.loads(outcome.stdout)
    assert list(printed) == ["scenario", "seed", "kpis", "result_dir"]
    assert (printed["scenario"], printed["seed"]) == ("hall", 5)
    assert printed["kpis"]["wait_mean_s"] == 1800.0  # the second waits for the first: (0 + 3600) / 2
    assert printed["kpis"]["energy_cost_usd"] is None
    saved = RunResult.load(printed["result_dir"])
    assert saved.kpis == printed["kpis"]
    assert saved.status == "complete"


def test_the_figures_of_the_project_are_all_there(hall: Path) -> None:
    asked = (
        "jobs_submitted jobs_completed jobs_rejected makespan_s wait_mean_s wait_p95_s node_utilization "
        "accelerator_utilization accelerator_allocation it_energy_kwh facility_energy_kwh pue peak_facility_power_kw "
        "energy_cost_usd carbon_operational_kg"
    )
    assert set(asked.split()) <= set(json.loads(run(hall, "--json").stdout)["kpis"])


def test_the_summary_carries_units_and_says_where_the_results_are(hall: Path) -> None:
    outcome = run(hall)
    assert outcome.exit_code == 0
    lines = [" ".join(line.split()) for line in outcome.stdout.splitlines()]
    assert lines[0] == "hall, seed 5: complete"
    assert "jobs completed 2" in lines
    assert "wait mean 1,800 s (30.0 min)" in lines
    assert "node utilization 100.0 %" in lines
    assert not any(line.startswith("energy cost") for line in lines)  # there is no tariff
    assert lines[-1].startswith(f"results in {hall.parent}/results/hall-")


def test_variants_sets_and_seed_are_applied(hall: Path) -> None:
    for arguments in (["--scenario", "two"], ["--override", "wide"], ["--set", "fleet.groups[0].count=2"]):
        assert json.loads(run(hall, "--json", *arguments).stdout)["kpis"]["wait_mean_s"] == 0.0
    assert json.loads(run(hall, "--json", "--set", "seed=6", "--seed", "7").stdout)["seed"] == 7
    assert run(hall, "--seed", "-1").exit_code == 2


def test_the_same_seed_writes_the_same_bytes(hall: Path) -> None:
    folders = []
    for parent in ("one", "two"):
        outcome = CliRunner().invoke(group, ["run", str(hall), "--json", "--output", str(hall.parent / parent)])
        folders.append(Path(json.loads(outcome.stdout)["result_dir"]))
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert folders[0].name == folders[1].name
    assert first == second


def test_an_example_is_run_by_its_name(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(group, ["run", "starter", "--json", "--output", str(tmp_path)])
    assert json.loads(outcome.stdout)["scenario"] == "starter"


def test_one_interrupt_keeps_what_is_complete(tmp_path: Path) -> None:
    stdout, stderr, code = interrupted(tmp_path, ["--json"])
    assert code == 130, stderr
    printed = json.loads(stdout)
    saved = RunResult.load(tmp_path / printed["result_dir"])
    assert saved.status == "interrupted"
    assert saved.folder_name.endswith("-interrupted")  # a complete run of the same inputs stays where it is
    assert 0 < saved.kpis["jobs_completed"] < 200_000  # type: ignore[operator]
    first, last = stderr.splitlines()[0], stderr.splitlines()[-1]
    assert first == "stopping: what is complete will be kept (Ctrl-C again stops at once)"
    assert last.startswith("interrupted after ")
    assert last.endswith(f"kept in {printed['result_dir']}")
    assert "Traceback" not in stderr


def interrupted(folder: Path, arguments: list[str]) -> tuple[str, str, int]:
    """Start a run, interrupt it once it advances; return what it printed, and its exit code."""
    (folder / "long.yaml").write_text(LONG)
    # Where the first jobs have ended the process says so, and waits there until it was interrupted.
    code = (
        "import sys, time, simulator.simulation as simulation\n"
        "from simulator.cli import main\n"
        "simulate = simulation.simulate\n"
        "def observed(loaded, *, progress, should_stop, **others):\n"
        "    def told(now_s, ended, jobs):\n"
        "        if ended:\n"
        "            open('begun', 'w').close()\n"
        "            while not should_stop():\n"
        "                time.sleep(0.01)\n"
        "    return simulate(loaded, progress=told, should_stop=should_stop, **others)\n"
        "simulation.simulate = observed\n"
        f"sys.argv = ['datahall', 'run', 'long.yaml', *{arguments!r}]\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        while not (folder / "begun").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=120)
    finally:
        process.kill()
    return stdout, stderr, process.returncode
