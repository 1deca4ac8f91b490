"""What is made to happen to the cooling of a small hall, against closed forms worked out by hand.

A hundred nodes draw 100 kW while they work and 50 kW at rest. Nothing is lost on the way to them, so that the heat is
theirs alone.
"""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.cooling.air_nodes import AirState
from models.cooling.thermal_mass import WATER_J_PER_M3_K, ThermalMass
from models.problems import InputError
from simulator.facility.throttling import LEAST_CLOCK, Band, Heat, held_share
from simulator.facility.time_to_throttle import TimesToLimit, time_to_throttle
from simulator.results.result import Result
from simulator.scenario.loading import load_scenario
from simulator.simulation import read_inputs, simulate

IT_W, IDLE_W = 100e3, 50e3
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "fleet": {"groups": [{"name": "all", "node": "box", "count": 100}]},
    "nodes": {
        "box": {
            "cpu_cores": 4,
            "memory": "64 GiB",
            "power": {
                "clock_exponent": {"value": 2, "source": "a test", "status": "assumption"},
                "parts": [{"name": "cpu", "follows": "processor", "idle_power": "500 W", "peak_power": "1000 W"}],
            },
        }
    },
    "workload": {"kind": "list", "jobs": [{"name": "a", "duration": "10 h", "tasks": 100}]},
    "facility": {
        "cooling": {
            "air": {"kind": "crah", "plant": {"kind": "stated", "power_share": 0.2, "margin": 2}},
            "server_fans": {"share": 0},
            "restart": "6 min",
        },
        "power": dict.fromkeys(("busway", "pdu", "ups", "transformer"), "none"),
    },
    "site": {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}},
    "results": {"interval": "5 min"},
}
LIQUID = {"captured": 0.9, "plant": {"kind": "stated", "power_share": 0.05, "margin": 2}}
COOLANT_M3 = 0.2
COOLANT = {"liquid": LIQUID, "thermal_mass": {"coolant_volume": f"{COOLANT_M3} m3"}}


def scenario(folder: Path, *events: dict[str, Any], **cooling: Any) -> Path:
    """The file of the hall with events; `cooling` and, in it, `design_it_power` are the facility's."""
    tree = copy.deepcopy(HALL)
    facility = tree["facility"]
    if "design_it_power" in cooling:
        facility["design_it_power"] = cooling.pop("design_it_power")
    facility["cooling"] |= cooling
    tree["events"] = list(events)
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return path


def run(folder: Path, *events: dict[str, Any], **cooling: Any) -> Result:
    return simulate(scenario(folder, *events, **cooling))


def forecast(path: Path, failed: dict[Any, int | None], clocked_w: float = 0.0) -> TimesToLimit:
    sized = read_inputs(load_scenario(path).scenario).building
    assert sized is not None
    return time_to_throttle(sized, IT_W, sized.design_day, failed, clocked_w=clocked_w)


def fails(part: str, until: str | None = None) -> dict[str, Any]:
    return {"kind": "cooling-failure", "part": part, "at": "1 h"} | ({} if until is None else {"until": until})


def test_air_that_nothing_cools_throttles_when_the_thermal_nodes_say(tmp_path: Path) -> None:
    event = fails("air-units", until="2 h")
    incident = run(tmp_path, event).frame("incidents").iloc[0]
    nodes = ThermalMass().for_it_power(IT_W).air
    expected_s = nodes.time_to_reach_s(AirState(24.0, 24.0), IT_W, 0.0, 24.0, 35.0)
    assert incident["first_throttle_s"] - 3600.0 == pytest.approx(expected_s, rel=1e-9)
    told = forecast(scenario(tmp_path, event), {"air-units": None})
    assert told.throttle_s == pytest.approx(expected_s, rel=1e-9)
    # Computers that do not slow down go on at full heat.
    shutdown_s = nodes.time_to_reach_s(AirState(24.0, 24.0), IT_W, 0.0, 24.0, 45.0)
    assert told.shutdown_s == pytest.approx(shutdown_s, rel=1e-6)
    assert incident["shutdown_s"] - 3600.0 > shutdown_s


def test_coolant_that_stands_still_throttles_and_shuts_down_by_the_closed_form(tmp_path: Path) -> None:
    incident = run(tmp_path, fails("pumps"), **COOLANT).frame("incidents").iloc[0]
    j_per_k = COOLANT_M3 * WATER_J_PER_M3_K
    throttle_s = 10.0 * j_per_k / (0.9 * IT_W)
    assert incident["first_throttle_s"] - 3600.0 == pytest.approx(throttle_s, rel=1e-9)
    # s(t) = s_e + (1 - s_e) exp(-t / tau) with s_e = -idle / dynamic = -1, down to the slowest clock; then straight.
    least, settled = LEAST_CLOCK**2, -1.0
    tau_s = j_per_k * 10.0 / (0.9 * 50e3)
    slowest_s = tau_s * math.log((1.0 - settled) / (least - settled))
    straight_s = 10.0 * least * j_per_k / (0.9 * (IDLE_W + 50e3 * least))
    assert incident["shutdown_s"] - 3600.0 == pytest.approx(throttle_s + slowest_s + straight_s, rel=1e-5)


def test_what_is_told_beforehand_is_what_a_run_does(tmp_path: Path) -> None:
    event = fails("air-units")
    incident = run(tmp_path, event).frame("incidents").iloc[0]
    told = forecast(scenario(tmp_path, event), {"air-units": None}, clocked_w=IT_W - IDLE_W)
    # The forecast takes clocks to follow an exponent of 2.5 at their slowest, these nodes have 2.
    assert told.shutdown_s == pytest.approx(incident["shutdown_s"] - 3600.0, rel=0.01)


def test_cooling_that_is_too_small_settles_at_the_temperature_that_it_carries(tmp_path: Path) -> None:
    # Built for 80 kW without margin; 72 kW of coolant's heat of 90 kW: s_e = (72 - 45) / 45 = 0.6, 4 K above 50 °C.
    small = {"captured": 0.9, "plant": {"kind": "stated", "power_share": 0.05}}
    result = run(tmp_path, design_it_power="80 kW", liquid=small, thermal_mass={"coolant_volume": "0.2 m3"})
    rows = result.frame("facility")
    late = rows[(rows["from_s"] > 5 * 3600.0) & (rows["from_s"] < 9 * 3600.0)]
    assert late["coolant_greatest_c"].to_numpy() == pytest.approx(54.0, abs=1e-3)
    assert np.ptp(late["coolant_greatest_c"]) < 1e-3  # it does not swing
    assert np.ptp(result.frame("power")["it_power_mean_w"][70:110]) < 1e-3 * IT_W
    # Dynamic power goes with the square of the clock, so the job advances at sqrt(0.6) but for the minutes at first.
    assert result.kpis["makespan_s"] == pytest.approx(36_000.0 / math.sqrt(0.6), rel=0.01)
    assert result.kpis["jobs_interrupted"] == 0


def test_nodes_come_back_after_cooling_does_and_the_job_ends(tmp_path: Path) -> None:
    result = run(tmp_path, fails("air-plant", until="2 h"))
    incident = result.frame("incidents").iloc[0]
    assert incident["to_s"] == 7200.0 + 360.0  # with the restart of its compressors
    assert incident["inlet_greatest_c"] == pytest.approx(45.0, abs=0.01)
    assert (result.kpis["jobs_completed"], result.kpis["jobs_interrupted"]) == (1, 1)
    down = result.frame("facility").set_index("from_s")["shut_down_nodes_mean"]
    assert down[5400.0] == 100.0
    assert down[3 * 3600.0 :].max() == 0.0


def test_nodes_without_cooling_stay_down_and_the_run_ends(tmp_path: Path) -> None:
    result = run(tmp_path, fails("air-plant"))
    assert result.kpis["jobs_unfinished"] == 1
    simulated_s = result.kpis["simulated_s"]
    assert simulated_s is not None
    assert simulated_s < 2 * 86_400.0


@pytest.mark.parametrize("part", ["air-units", "air-plant", "pumps", "liquid-plant"])
def test_energy_is_whole_through_failure_throttling_shutdown_and_return(tmp_path: Path, part: str) -> None:
    tree = json.loads(scenario(tmp_path, fails(part, until="2 h"), **COOLANT).read_text())
    tree["facility"].pop("power")  # with every stage of the chain, in the hall and beside it
    tree["facility"]["lighting"] = "1 kW"
    path = tmp_path / "whole.yaml"
    path.write_text(json.dumps(tree))
    result = simulate(path)
    rows, energy = result.frame("facility"), result.frame("energy")
    length_s = rows["to_s"] - rows["from_s"]

    def joules(name: str) -> float:
        return float((rows[f"{name}_mean_w"] * length_s).sum())

    facility_j = 3.6e6 * float(result.kpis["facility_energy_kwh"] or 0.0)
    losses = energy[energy["destination"].str.endswith(" loss")]
    outside_j = float(losses.loc[losses["space"] != "hall", "energy_j"].sum())
    mechanical_j = 3.6e6 * float(result.kpis["cooling_energy_kwh"] or 0.0)
    removed_j = joules("air_removed") + joules("liquid_removed")
    assert facility_j == pytest.approx(removed_j + joules("stored") + outside_j + mechanical_j, rel=1e-9)
    assert result.frame("incidents")["shutdown_s"].notna().all()


def test_a_set_point_is_followed_and_set_back(tmp_path: Path) -> None:
    event = {"kind": "set-point", "supply_air": "30 °C", "at": "1 h", "until": "5 h"}
    inlet = run(tmp_path, event).frame("facility").set_index("from_s")["inlet_greatest_c"]
    assert inlet[3300.0] == pytest.approx(24.0)  # not before its time
    assert 24.0 < inlet[3600.0] <= 30.0
    assert inlet[4.5 * 3600.0] == pytest.approx(30.0)
    assert inlet[9 * 3600.0] == pytest.approx(24.0)


def test_a_curtailment_holds_the_grid_to_its_power_and_tells_what_it_withheld(tmp_path: Path) -> None:
    event = {"kind": "curtailment", "by": "20 kW", "at": "3 h", "duration": "2 h", "notice": "30 min"}
    result = run(tmp_path, event, restart="0 s")
    rows = result.frame("power").set_index("from_s")
    before_w, during_w = rows.loc[2 * 3600.0, "facility_power_mean_w"], rows.loc[3 * 3600.0 : 5 * 3600.0 - 1.0]
    assert during_w["facility_power_greatest_w"].max() <= (before_w - 20e3) * (1.0 + 1e-9)
    assert rows.loc[5.5 * 3600.0, "facility_power_mean_w"] == pytest.approx(before_w, rel=1e-3)
    incident = result.frame("incidents").iloc[0]
    assert incident["withheld_kwh"] == pytest.approx(result.kpis["unserved_energy_kwh"], rel=1e-9)
    assert 20.0 < incident["withheld_kwh"] < 40.0


def test_a_standing_cap_of_the_facility_is_kept_at_all_times(tmp_path: Path) -> None:
    tree = json.loads(scenario(tmp_path).read_text())
    tree["facility"]["power_cap"] = {"hall": "95 kW", "of": "facility", "rack": "100 kW"}
    path = tmp_path / "capped.yaml"
    path.write_text(json.dumps(tree))
    peak_kw = simulate(path).kpis["peak_facility_power_kw"]
    assert peak_kw is not None
    assert 94.0 < peak_kw <= 95.0 * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "set-point", "supply_air": "40 °C"}, "supply_air is 40 °C; class A2 and throttling allow 10 to 35"),
        ({"kind": "set-point", "coolant": "40 °C"}, "'facility.cooling' has no 'liquid'"),
        ({"kind": "cooling-failure", "part": "pumps"}, "'facility.cooling' has no 'liquid'"),
        ({"kind": "cooling-failure", "part": "air-towers"}, "has no towers beside it"),
        ({"kind": "curtailment", "to": "1 kW", "duration": "1 h", "notice": "2 h"}, "reaches back before"),
        ({"kind": "curtailment", "duration": "1 h"}, "give 'to' or 'by', one of the two"),
        ({"kind": "power-cap", "power": "1 kW", "racks": ["nowhere"]}, "the hall has no rack 'nowhere'"),
        ({"kind": "power-cap", "power": "1 kW", "group": "all", "of": "grid"}, "'of: grid' is for the whole hall"),
    ],
)
def test_an_event_that_can_not_happen_is_refused(tmp_path: Path, event: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(tmp_path, event | {"at": "1 h"})


def test_events_of_a_building_need_one(tmp_path: Path) -> None:
    tree = json.loads(scenario(tmp_path, fails("fans")).read_text()) | {"facility": {"pue": 1.2}}
    path = tmp_path / "stated.yaml"
    path.write_text(json.dumps(tree))
    with pytest.raises(InputError, match="needs a building that is simulated"):
        simulate(path)


@pytest.mark.parametrize("step_s", [1.0, 30.0, 300.0])
def test_the_held_share_goes_where_throttling_without_delay_goes(step_s: float) -> None:
    # C dT/dt = fixed + clocked s - removed with s falling over 10 K; the exact course, whatever the steps.
    band, j_per_k = Band(50.0, 60.0), 4.18e5
    heat = Heat(fixed_w=45e3, clocked_w=45e3, removed_w=72e3, j_per_k=j_per_k)
    temperature_c, now_s = 50.0, 0.0
    while now_s < 300.0:
        held = held_share(temperature_c, band, heat, LEAST_CLOCK**2.5, step_s)
        temperature_c += (heat.fixed_w + heat.clocked_w * held.share - heat.removed_w) * held.hold_s / j_per_k
        now_s += held.hold_s
        tau_s = j_per_k * 10.0 / 45e3
        assert temperature_c == pytest.approx(54.0 - 4.0 * math.exp(-now_s / tau_s), abs=1e-9)
