"""Who feeds a small hall: the grid, the battery of its UPS, sets, nobody; and what the site gives itself.

A hundred nodes draw 100 kW while they work and 50 kW at rest; only they hang on the UPS, and the hall is never too hot.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.cooling.air_nodes import AirState
from models.cooling.thermal_mass import ThermalMass
from models.problems import InputError
from simulator.results.result import Result
from simulator.simulation import simulate

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
    "workload": {
        "kind": "list",
        "jobs": [{"name": "a", "duration": "10 h", "tasks": 100, "checkpoint_interval": "1 h"}],
    },
    "facility": {
        "cooling": {
            "air": {"kind": "crah", "plant": {"kind": "stated", "power_share": 0.2, "margin": 2}},
            "supply_air": "20 °C",
            "throttle_inlet": "90 °C",
            "shutdown_inlet": "100 °C",
            "server_fans": {"share": 0},
            "restart": "0 s",
            "on_ups": [],
            "thermal_mass": {"solids_mass": "20000 kg"},
        },
        "power": {"busway": "none", "pdu": "none"},
    },
    "site": {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}},
    "results": {"interval": "10 min"},
}
BATTERY = {"rating": "200 kW", "ride_through": "5 min", "availability": 1.0}
SETS = {"count": 2, "rating": "200 kW", "availability": 1.0, "failure_to_start": 0.0}
TWO_PRICES = {
    "kind": "time-of-use",
    "zone": "UTC",
    "default": "30 USD/MWh",
    "periods": [{"price": "300 USD/MWh", "hours": "12:00-20:00"}],
}
IT_W = 100e3


def run(folder: Path, supply: Mapping[str, Any] | None, **more: Any) -> Result:
    """The result of the hall with a supply; `more` are other sections, `cooling` and `power` those of the facility."""
    tree = copy.deepcopy(HALL)
    for name in ("cooling", "power"):
        tree["facility"][name] = tree["facility"].get(name, {}) | more.pop(name, {})
    if supply is not None:
        tree["facility"]["supply"] = supply
    for name, section in more.items():
        tree[name] = tree.get(name, {}) | section if isinstance(section, dict) else section
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree))
    return simulate(path)


def figure(result: Result, name: str) -> float:
    """A figure that the run has."""
    value = result.kpis[name]
    assert value is not None
    return float(value)


def lost(*spans: tuple[str, str]) -> dict[str, Any]:
    """Outages from a list of (at, duration)."""
    return {"kind": "listed", "outages": [{"at": at, "duration": duration} for at, duration in spans]}


def only_outage(result: Result) -> pd.Series:
    frame = result.frame("outages")
    assert len(frame) == 1
    return frame.iloc[0]


def assert_energy_is_whole(result: Result) -> None:
    """Who gives is who takes, interval by interval and in all; destinations add up to the facility."""
    rows = result.frame("supply")
    given_w = rows["grid_mean_w"] + rows["backup_mean_w"] + rows["photovoltaic_mean_w"] + rows["storage_mean_w"]
    on_grid = rows["on_grid_mean"] == 1.0
    given_w = (given_w + rows["generation_mean_w"] - rows["recharge_mean_w"])[on_grid]
    assert given_w.to_numpy() == pytest.approx(rows["facility_mean_w"][on_grid].to_numpy(), rel=1e-9)
    hours = (rows["to_s"] - rows["from_s"]) / 3600.0
    assert float(rows["facility_mean_w"] @ hours) == pytest.approx(
        1e3 * figure(result, "facility_energy_kwh"), rel=1e-9
    )
    outages = result.frame("outages") if "outages" in result.tables else None
    if outages is not None:
        carried_j = float(outages[["battery_j", "sets_j", "generation_j"]].to_numpy().sum())
        assert carried_j == pytest.approx(3600.0 * float(rows["backup_mean_w"] @ hours), rel=1e-9)
    energy_j = float(result.frame("energy")["energy_j"].sum())
    assert energy_j == pytest.approx(3.6e6 * figure(result, "facility_energy_kwh"), rel=1e-9)


def test_an_outage_shorter_than_the_ride_through_takes_energy_of_the_battery_and_nothing_else(tmp_path: Path) -> None:
    whole = run(tmp_path, None)
    result = run(tmp_path, {"backup": {"battery": BATTERY}, "outages": lost(("2 h", "1 min"))})
    assert result.kpis["jobs_interrupted"] == 0
    assert result.kpis["makespan_s"] == whole.kpis["makespan_s"] == 36_000.0
    assert result.kpis["unserved_energy_kwh"] == 0.0
    outage = only_outage(result)
    assert outage["battery_j"] == pytest.approx(60.0 * IT_W, rel=1e-9)
    assert outage["sets_j"] == 0.0
    rows = result.frame("supply").set_index("from_s")
    assert rows["ups_charge"].min() >= 1.0 - 60.0 / 600.0  # it carries twice the load for 300 s
    # What left the cells comes back with the losses of both ways.
    recharged_j = float((rows["recharge_mean_w"] * (rows["to_s"] - rows.index)).sum())
    assert recharged_j == pytest.approx(60.0 * IT_W / 0.948**2, rel=1e-9)
    assert rows["ups_charge"].iloc[-1] == pytest.approx(1.0)
    assert_energy_is_whole(result)


def test_on_the_battery_neither_ups_nor_transformer_loses_and_cooling_stands_still(tmp_path: Path) -> None:
    supply = {"backup": {"battery": BATTERY}, "outages": lost(("2 h", "5 min"))}
    rows = run(tmp_path, supply, results={"interval": "5 min"}).frame("facility").set_index("from_s")
    dark = rows.loc[7200.0]
    for name in ("compressor", "air_fan", "plant_pump", "lighting"):
        assert dark[f"{name}_mean_w"] == 0.0
    assert rows.loc[6900.0, "compressor_mean_w"] > 0.0


def test_without_cooling_the_air_warms_by_the_closed_form(tmp_path: Path) -> None:
    supply = {"backup": {"battery": BATTERY}, "outages": lost(("2 h", "5 min"))}
    rows = run(tmp_path, supply, results={"interval": "5 min"}).frame("facility").set_index("from_s")
    air = ThermalMass.model_validate({"solids_mass": "20000 kg"}).for_it_power(IT_W).air
    warmed = air.advance(AirState(20.0, 20.0), IT_W, 0.0, 20.0, 300.0)
    assert rows.loc[7200.0, "inlet_greatest_c"] == pytest.approx(warmed.state.air_c, abs=1e-6)
    assert rows.loc[7200.0, "stored_mean_w"] == pytest.approx(IT_W, rel=1e-9)


def test_sets_take_over_when_they_are_ready_and_cooling_comes_back(tmp_path: Path) -> None:
    supply = {"backup": {"battery": BATTERY, "gensets": SETS}, "outages": lost(("2 h", "1 h"))}
    result = run(tmp_path, supply, cooling={"restart": "5 min"}, results={"interval": "5 min"})
    outage = only_outage(result)
    assert (outage["sets_called"], outage["sets_started"]) == (2, 2)
    # Two sets take 240 kW in their first step, after 10 s, and that is more than the hall draws.
    assert outage["battery_j"] == pytest.approx(10.0 * IT_W, rel=1e-9)
    assert result.kpis["jobs_interrupted"] == 0
    litres = (0.249 * outage["sets_j"] / 3.6e6) + 0.015 * 400.0 * (3590.0 / 3600.0)
    assert 1e3 * outage["fuel_m3"] == pytest.approx(litres, rel=1e-9)
    rows = result.frame("supply")
    assert rows["fuel_carbon_kg"].sum() == pytest.approx(2.697 * litres)
    assert rows["fuel_cost_usd"].sum() == pytest.approx(0.954 * litres)
    cooling = result.frame("facility").set_index("from_s")["compressor_mean_w"]
    assert cooling[7200.0] == 0.0
    assert cooling[7800.0] > 0.0
    assert_energy_is_whole(result)


def test_without_sets_nodes_drop_when_the_battery_is_empty_and_jobs_return_to_their_checkpoints(tmp_path: Path) -> None:
    result = run(tmp_path, {"backup": {"battery": BATTERY}, "outages": lost(("2 h", "1 h"))})
    outage = only_outage(result)
    assert outage["dropped_s"] == pytest.approx(7200.0 + 600.0, abs=1e-6)
    assert outage["back_s"] == 10_800.0 + 600.0
    assert outage["battery_j"] == pytest.approx(600.0 * IT_W, rel=1e-9)
    assert result.kpis["jobs_interrupted"] == 1
    assert result.kpis["work_lost_s"] == pytest.approx(600.0, abs=1e-6)  # its checkpoint was at 2 h
    assert result.kpis["makespan_s"] == pytest.approx(11_400.0 + 8 * 3600.0, abs=1e-6)
    assert result.kpis["unserved_energy_kwh"] == pytest.approx(100.0 * (11_400.0 - 7800.0) / 3600.0, rel=1e-9)
    assert_energy_is_whole(result)


def test_sets_that_do_not_start_are_no_sets(tmp_path: Path) -> None:
    outages = lost(("2 h", "1 h"))
    failing = SETS | {"failure_to_start": 0.999999999}
    result = run(tmp_path, {"backup": {"battery": BATTERY, "gensets": failing}, "outages": outages})
    assert only_outage(result)["sets_started"] == 0
    assert only_outage(result)["dropped_s"] == pytest.approx(7800.0, abs=1e-6)
    assert any("2 of 2 starts of generator sets failed" in note for note in result.notes)


def test_a_load_above_the_batterys_rating_is_dropped_with_the_grid(tmp_path: Path) -> None:
    small = BATTERY | {"rating": "90 kW"}
    result = run(tmp_path, {"backup": {"battery": small}, "outages": lost(("2 h", "10 min"))})
    assert only_outage(result)["dropped_s"] == 7200.0
    assert only_outage(result)["battery_j"] == 0.0
    assert any("facility.supply.backup.battery.rating" in note for note in result.notes)


def test_sets_without_a_battery_bring_nodes_back_after_their_reboot(tmp_path: Path) -> None:
    result = run(tmp_path, {"backup": {"gensets": SETS}, "outages": lost(("2 h", "1 h")), "reboot": "5 min"})
    outage = only_outage(result)
    assert (outage["dropped_s"], outage["back_s"]) == (7200.0, 7200.0 + 10.0 + 300.0)
    assert outage["sets_j"] > 0.0
    assert_energy_is_whole(result)


def test_an_empty_tank_drops_the_nodes_once_the_battery_is_empty_too(tmp_path: Path) -> None:
    sets = SETS | {"tank": "10 L"}
    result = run(tmp_path, {"backup": {"battery": BATTERY, "gensets": sets}, "outages": lost(("2 h", "2 h"))})
    outage = only_outage(result)
    assert outage["fuel_m3"] == pytest.approx(0.010, rel=1e-9)
    assert outage["battery_j"] == pytest.approx(600.0 * IT_W, rel=1e-6)
    assert 7800.0 < outage["dropped_s"] < 14_400.0


def test_a_load_that_falls_while_the_battery_carries_it_is_carried_longer(tmp_path: Path) -> None:
    # The hall draws 100 kW for 5 min, half of the battery, and 50 kW from then on.
    jobs = {"jobs": [{"name": "a", "duration": "125 min", "tasks": 100}]}
    supply = {"backup": {"battery": BATTERY}, "outages": lost(("2 h", "1 h"))}
    result = run(tmp_path, supply, workload=jobs, until="4 h")
    assert only_outage(result)["dropped_s"] == pytest.approx(7200.0 + 300.0 + 600.0, abs=1e-6)


def test_the_grid_lost_again_while_nodes_reboot_keeps_them_down(tmp_path: Path) -> None:
    supply = {"outages": lost(("2 h", "1 min"), ("125 min", "1 min"))}
    result = run(tmp_path, supply)
    outages = result.frame("outages")
    assert outages["dropped_s"].tolist() == [7200.0, 7500.0]
    assert outages["back_s"].tolist()[1] == 7560.0 + 600.0
    assert result.kpis["jobs_interrupted"] == 1
    assert result.kpis["unserved_energy_kwh"] == pytest.approx(100.0 * (8160.0 - 7200.0) / 3600.0, rel=1e-9)


def test_an_outage_at_the_end_of_a_run_stays_open(tmp_path: Path) -> None:
    result = run(tmp_path, {"outages": lost(("2 h", "5 h"))}, until="3 h")
    assert only_outage(result)[["end_s", "back_s"]].isna().all()
    assert result.kpis["unserved_energy_kwh"] == pytest.approx(100.0, rel=1e-9)
    assert_energy_is_whole(result)


def test_other_equipment_draws_nothing_in_the_dark(tmp_path: Path) -> None:
    loads = [{"kind": "constant", "name": "storage", "draws": "10 kW"}]
    result = run(tmp_path, {"outages": lost(("2 h", "30 min"))}, loads=loads, until="4 h")
    assert result.frame("loads")["energy_j"][0] == pytest.approx(10e3 * 3.5 * 3600.0, rel=1e-12)
    assert_energy_is_whole(result)


def test_prime_units_carry_the_hall_when_the_grid_is_lost(tmp_path: Path) -> None:
    units = {"kind": "reciprocating-engine", "role": "prime", "units": 1, "rating": "300 kW", "minimum_load": 0.1}
    units |= {"fuel_price": "14 USD/MWh", "availability": 1.0}
    result = run(tmp_path, {"generation": [units], "outages": lost(("2 h", "1 h"))})
    outage = only_outage(result)
    assert np.isnan(outage["dropped_s"])
    rows = result.frame("supply").set_index("from_s")
    assert outage["generation_j"] == pytest.approx(600.0 * rows["backup_mean_w"].sum(), rel=1e-9)
    assert rows.loc[3600.0, "grid_mean_w"] == pytest.approx(0.0, abs=1e-6)
    burnt_j = rows["generation_fuel_j"].sum()
    assert rows["fuel_carbon_kg"].sum() == pytest.approx(0.181 * burnt_j / 3.6e6)
    assert_energy_is_whole(result)


def test_bridging_units_bring_what_the_feeds_can_not_until_a_feed_arrives(tmp_path: Path) -> None:
    units = {"kind": "reciprocating-engine", "units": 4, "rating": "50 kW", "minimum_load": 0.0}
    units |= {"fuel_price": "14 USD/MWh", "availability": 1.0}
    feeds = [{"capacity": "80 kW"}, {"capacity": "100 kW", "in_service": "5 h"}]
    result = run(tmp_path, {"generation": [units]}, power={"utility": {"feeds": feeds}})
    rows = result.frame("supply").set_index("from_s")
    assert rows.loc[7200.0, "grid_mean_w"] == pytest.approx(80e3, rel=1e-6)
    assert rows.loc[7200.0, "generation_mean_w"] > 30e3
    assert rows.loc[5 * 3600.0 + 600.0 :, "generation_mean_w"].max() == 0.0
    assert_energy_is_whole(result)


def test_a_feed_that_is_too_small_slows_the_computers(tmp_path: Path) -> None:
    result = run(tmp_path, {}, power={"utility": {"feeds": [{"capacity": "100 kW"}]}})
    assert figure(result, "peak_facility_power_kw") <= 100.0 * (1.0 + 1e-9)
    assert figure(result, "peak_facility_power_kw") > 99.0
    assert figure(result, "makespan_s") > 36_000.0
    assert figure(result, "unserved_energy_kwh") > 0.0
    assert not any("drew more than the feeds of the grid bring" in note for note in result.notes)


def test_panels_feed_the_hall_by_day_and_what_it_can_not_take_is_spilled(tmp_path: Path) -> None:
    jobs = {"jobs": [{"name": "a", "duration": "24 h", "tasks": 100}]}
    supply = {"photovoltaics": {"capacity": "400 kW"}}
    rows = run(tmp_path, supply, workload=jobs, site={"weather": {"kind": "typical"}}).frame("supply")
    assert rows["photovoltaic_mean_w"].max() > 100e3
    assert rows["spilled_mean_w"].max() > 50e3
    by_night = rows.set_index("from_s")["photovoltaic_mean_w"][4 * 3600.0]  # midnight in the east of the USA
    assert by_night == 0.0
    assert (rows["grid_mean_w"] >= -1e-9).all()
    used_w = (rows["facility_mean_w"] - rows["grid_mean_w"]).to_numpy()
    assert rows["photovoltaic_mean_w"].to_numpy() == pytest.approx(used_w, rel=1e-9, abs=1e-6)


def test_fuel_burnt_on_the_site_is_carbon_and_panels_are_paid_for_what_the_grid_takes(tmp_path: Path) -> None:
    site = {
        "weather": {"kind": "typical"},
        "tariff": {"kind": "flat", "price": "100 USD/MWh", "export": {"price": "40 USD/MWh"}},
        "carbon": {"kind": "constant", "value": "400 g/kWh"},
    }
    supply = {"photovoltaics": {"capacity": "400 kW"}, "backup": {"gensets": SETS}, "outages": lost(("2 h", "1 h"))}
    jobs = {"jobs": [{"name": "a", "duration": "20 h", "tasks": 100}]}
    result = run(tmp_path, supply, workload=jobs, site=site)
    rows = result.frame("supply")
    hours = (rows["to_s"] - rows["from_s"]) / 3600.0
    drawn_kwh, exported_kwh = (float(rows[f"{name}_mean_w"] @ hours) / 1e3 for name in ("grid", "spilled"))
    assert exported_kwh > 100.0
    assert figure(result, "energy_cost_usd") == pytest.approx(0.1 * drawn_kwh - 0.04 * exported_kwh, rel=1e-9)
    fuel_kg = rows["fuel_carbon_kg"].sum()
    assert fuel_kg > 10.0
    assert result.kpis["carbon_operational_kg"] == pytest.approx(0.4 * drawn_kwh + fuel_kg, rel=1e-9)


def test_peak_shaving_holds_the_grid_to_its_threshold(tmp_path: Path) -> None:
    jobs = {"jobs": [{"name": "a", "duration": "1 h", "tasks": 100, "submit": "2 h"}]}
    storage = {
        "energy": "200 kWh",
        "charge_power": "80 kW",
        "dispatch": {"kind": "peak-shaving", "threshold": "110 kW"},
    }
    free = run(tmp_path, {}, workload=jobs).frame("supply")
    rows = run(tmp_path, {"storage": storage}, workload=jobs).frame("supply")
    assert free["grid_mean_w"].max() > 115e3
    shaved = rows["grid_mean_w"].drop(12)  # in the interval in which the job starts nobody knows of it
    assert shaved.max() == pytest.approx(110e3, rel=1e-9)
    assert rows["stored_j"].between(0.2 * 720e6, 720e6).all()
    assert (rows["storage_mean_w"] > 5e3).any()


def test_arbitrage_lowers_the_bill(tmp_path: Path) -> None:
    jobs = {"jobs": [{"name": "a", "duration": "24 h", "tasks": 100}]}
    storage = {"energy": "400 kWh", "charge_power": "100 kW", "dispatch": {"kind": "arbitrage"}}
    site = {"tariff": TWO_PRICES}
    free = run(tmp_path, {}, workload=jobs, site=site)
    result = run(tmp_path, {"storage": storage}, workload=jobs, site=site)
    # The day begins and ends half full: 0.3 of the energy comes out at the dear price, and all of it between charges.
    saved_usd = figure(free, "energy_cost_usd") - figure(result, "energy_cost_usd")
    most_kwh = 0.8 * 400.0
    given_kwh, taken_kwh = most_kwh * 0.948, most_kwh / 0.948
    assert saved_usd == pytest.approx(0.3 * given_kwh - 0.03 * taken_kwh, rel=1e-6)
    assert result.frame("supply")["stored_j"].iloc[-1] == pytest.approx(200.0 * 3.6e6, rel=1e-6)
    assert_energy_is_whole(result)


def test_a_dispatch_by_a_price_that_the_site_has_not_is_refused(tmp_path: Path) -> None:
    storage = {"energy": "400 kWh", "charge_power": "100 kW", "dispatch": {"kind": "arbitrage"}}
    with pytest.raises(InputError, match="'price' needs a tariff with prices"):
        run(tmp_path, {"storage": storage})


def test_everything_at_once_stays_in_balance_and_within_its_limits(tmp_path: Path) -> None:
    supply = {
        "outages": {"kind": "random", "per_year": 3000.0, "duration": {"kind": "exponential", "mean": "20 min"}},
        "backup": {"battery": BATTERY | {"chemistry": "lead-acid"}, "gensets": SETS | {"failure_to_start": 0.3}},
        "generation": [{"kind": "gas-turbine", "units": 3, "rating": "30 kW", "fuel_price": "14 USD/MWh"}],
        "photovoltaics": {"capacity": "100 kW"},
        "storage": {"energy": "100 kWh", "charge_power": "50 kW", "dispatch": {"kind": "arbitrage"}},
    }
    site = {"tariff": TWO_PRICES, "weather": {"kind": "typical"}}
    power = {"utility": {"feeds": [{"capacity": "90 kW"}]}}
    cooling = {
        "on_ups": ["fans", "plant-pumps"],
        "restart": "6 min",
        "throttle_inlet": "35 °C",
        "shutdown_inlet": "45 °C",
    }
    results = [run(tmp_path, supply, site=site, power=power, cooling=cooling, seed=seed) for seed in (3, 3, 4)]
    first, again, other = results
    assert len(first.frame("outages")) > 2
    assert_energy_is_whole(first)
    assert first.frame("supply")["stored_j"].between(20.0 * 3.6e6, 100.0 * 3.6e6).all()
    for name in first.tables:
        assert first.frame(name).equals(again.frame(name)), name
    assert first.kpis == again.kpis
    assert not first.tables["outages"].equals(other.tables["outages"])


def test_a_battery_of_a_ups_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'supply.backup.battery' is that of a UPS"):
        run(tmp_path, {"backup": {"battery": BATTERY}}, power={"ups": "none"})


def test_a_building_of_stated_pue_has_no_supply(tmp_path: Path) -> None:
    path = tmp_path / "hall.yaml"
    tree = copy.deepcopy(HALL)
    tree["facility"] = {"pue": 1.2, "supply": {"outages": lost(("1 h", "1 h"))}}
    path.write_text(json.dumps(tree))
    with pytest.raises(InputError, match="leave out 'supply'"):
        simulate(path)
