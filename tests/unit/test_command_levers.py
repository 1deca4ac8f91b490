"""`datahall levers`: named variants side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import group

SCENARIO = """\
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: box, node: dgx-h100, count: 2}]}
workload: {kind: list, jobs: [{duration: 1 h, tasks: 2}, {duration: 1 h}]}
facility: {pue: 1.5}
overrides:
  better: {facility: {pue: 1.2}}
  slower: {events: [{kind: clock, fraction: 0.5, at: 0 s}]}
  faster: {workload: {jobs: [{duration: 30 min, tasks: 2}, {duration: 30 min}]}}
"""


def told(folder: Path, more: str, *options: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    path = folder / "hall.yaml"
    path.write_text(SCENARIO + more)
    ran = CliRunner().invoke(group, ["levers", str(path), *options])
    return ran.exit_code, ran.output


def test_levers_are_ranked_by_energy_for_the_same_work(tmp_path: Path) -> None:
    code, output = told(tmp_path, "scenarios: {better: [better], slower: [slower], faster: [faster]}\n", "--json")
    assert code == 0
    found = json.loads(output)
    rows = {row["lever"]: row for row in found["levers"]}
    assert rows["better"]["saves_share"] == pytest.approx(1.0 - 1.2 / 1.5)
    # The same three jobs at twice the speed take half of the energy, though their hours at full clock are half as many.
    assert rows["faster"]["saves_share"] == pytest.approx(0.5)
    assert rows["faster"]["rank"] == 1
    assert rows["slower"]["makespan_change_s"] == pytest.approx(7200.0)
    assert rows["slower"]["pue"] == pytest.approx(1.5)


def test_the_table_names_every_lever(tmp_path: Path) -> None:
    code, output = told(tmp_path, "scenarios: {better: [better], slower: [slower]}\n")
    assert code == 0
    assert "better" in output
    assert "slower" in output
    assert "20.0%" in output


def test_a_scenario_without_variants_is_refused(tmp_path: Path) -> None:
    code, output = told(tmp_path, "")
    assert code == 2
    assert "no named scenario" in output
