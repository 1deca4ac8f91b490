"""IT equipment that is no node: its power over time adds to the hall's, exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from models.series import constant
from simulator import Result, simulate
from simulator.engine.given_load import GivenLoad
from simulator.metering.meter import Meter

HALL = """
start: 2023-06-01T00:30:00Z
until: 3 h
nodes:
  host: {cpu_cores: 8, memory: 32 GB, power: {parts: [{name: cpu, follows: processor, idle_power: 100 W, peak_power: 300 W}]}}
fleet: {groups: [{name: n, node: host, count: 2}]}
workload: {kind: list, jobs: [{submit: 1 h, duration: 30 min}]}
facility: {pue: 1.5}
site: {tariff: {kind: flat, price: 100 USD/MWh}}
"""  # noqa: E501
NODES_J = 2 * 100 * 3 * 3600 + 200 * 1800


def run(folder: Path, loads: str) -> Result:
    (folder / "hall.yaml").write_text(f"{HALL}loads: {loads}\n")
    return simulate(folder / "hall.yaml")


def test_a_constant_load_adds_its_power_at_all_times(tmp_path: Path) -> None:
    result = run(tmp_path, "[{kind: constant, name: storage, draws: 1 kW}]")
    it_energy_j = NODES_J + 1000 * 3 * 3600
    assert result.kpis["it_energy_kwh"] == pytest.approx(it_energy_j / 3.6e6, rel=1e-12)
    assert result.kpis["peak_it_power_kw"] == pytest.approx(1.4, rel=1e-12)
    assert result.kpis["energy_cost_usd"] == pytest.approx(1.5 * it_energy_j * 100 / 3.6e9, rel=1e-12)
    assert result.power["it_energy_j"].sum() == pytest.approx(it_energy_j, rel=1e-12)
    assert result.frame("loads").to_dict("records") == [
        {"load": "storage", "energy_j": 1000 * 3 * 3600, "peak_power_w": 1000}
    ]


def test_a_recorded_load_peaks_with_the_nodes_of_the_same_hour(tmp_path: Path) -> None:
    (tmp_path / "storage.csv").write_text(
        "time_utc,power_w\n2023-06-01T00:00Z,50\n2023-06-01T01:00Z,400\n2023-06-01T02:00Z,70\n2023-06-01T03:00Z,60\n"
    )
    result = run(tmp_path, "[{kind: recorded, name: storage, file: storage.csv}]")
    storage_j = 50 * 1800 + 400 * 3600 + 70 * 3600 + 60 * 1800
    assert result.kpis["it_energy_kwh"] == pytest.approx((NODES_J + storage_j) / 3.6e6, rel=1e-12)
    assert result.kpis["peak_it_power_kw"] == pytest.approx(0.8, rel=1e-12)  # 400 W from 01:00, 400 W from 01:30
    assert result.power["it_power_greatest_w"].tolist() == [250.0, 800.0, 270.0, 260.0]


def test_a_recorded_load_that_ends_before_the_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "storage.csv").write_text("time_utc,power_w\n2023-06-01T00:00Z,50\n2023-06-01T01:00Z,400\n")
    with pytest.raises(InputError, match=r"storage.*2023-06-01T02:00Z"):
        run(tmp_path, "[{kind: recorded, name: storage, file: storage.csv}]")


def test_instants_closer_together_than_unix_time_tells_are_two_instants() -> None:
    load = GivenLoad("storage", constant("storage", "W", 1000.0), 1_810_000_000.0, Meter(3600.0, 3600.0))
    load.advance(264.3605473)
    load.advance(264.3605473 + 1e-8)
    load.advance(300.0)
    assert load.meter.integral == pytest.approx(300_000.0, rel=1e-12)
