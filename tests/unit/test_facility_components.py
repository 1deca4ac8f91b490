"""What a building has that can be lost: machines of its cooling, the grid, the utility's feeds."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.results.result import Result
from simulator.simulation import simulate

HOUR_S = 3600.0
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "until": "8 h",
    "fleet": {"groups": [{"name": "gpu", "node": "dgx-h100", "count": 8, "nodes_per_rack": 4}]},
    "workload": {"kind": "list", "jobs": [{"name": "a", "duration": "20 h", "tasks": 8, "exclusive": True}]},
    "facility": {
        "cooling": {"air": {"kind": "crah", "plant": {"kind": "chilled-water", "economizer": {}}}, "restart": "6 min"},
        "power": {"ups": {"redundancy": "N+1"}},
        "supply": {
            "backup": {
                "battery": {"rating": "250 kW", "ride_through": "5 min"},
                "gensets": {"count": 3, "spare": 1, "rating": "100 kW"},
            }
        },
    },
    "site": {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}},
    "results": {"interval": "5 min"},
}


def run(folder: Path, *drills: dict[str, Any], **facility: Any) -> Result:
    tree = copy.deepcopy(HALL)
    tree["facility"] |= facility
    named = [{"kind": "lose-component", "name": f"drill {number}"} | each for number, each in enumerate(drills)]
    tree["operations"] = {"drills": named}
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree, indent=1))
    return simulate(path)


def lose(kind: str, name: str, at: str = "2 h", duration: str = "2 h") -> dict[str, Any]:
    return {"lose": {"kind": kind, "name": name}, "at": at, "duration": duration}


def test_a_drill_that_loses_the_grid_is_an_outage_of_it(tmp_path: Path) -> None:
    listed = {"kind": "listed", "outages": [{"at": "2 h", "duration": "2 h"}]}
    supply = HALL["facility"]["supply"]
    drilled = run(tmp_path, lose("feed", "grid"), supply=supply)
    suffered = run(tmp_path, supply=supply | {"outages": listed})
    (is_drilled,), (is_suffered,) = (each.tables["outages"].to_pylist() for each in (drilled, suffered))
    for name, value in is_suffered.items():
        expected = value if value is None else pytest.approx(value, rel=1e-6)
        assert is_drilled[name] == expected, name
    assert drilled.kpis["facility_energy_kwh"] == pytest.approx(suffered.kpis["facility_energy_kwh"], rel=1e-6)


def test_an_outage_within_a_drill_ends_with_it(tmp_path: Path) -> None:
    listed = {"kind": "listed", "outages": [{"at": "2.5 h", "duration": "30 min"}]}
    result = run(tmp_path, lose("feed", "grid"), supply=HALL["facility"]["supply"] | {"outages": listed})
    (outage,) = result.tables["outages"].to_pylist()
    assert (outage["start_s"], outage["end_s"]) == (2 * HOUR_S, 4 * HOUR_S)


def test_a_hall_that_loses_one_of_two_feeds_is_held_to_the_other(tmp_path: Path) -> None:
    feeds = {"feeds": [{"capacity": "70 kW"}, {"capacity": "70 kW"}]}
    power = HALL["facility"]["power"] | {"utility": feeds}
    result = run(tmp_path, lose("feed", "feed-2"), power=power)
    frame = result.frame("power")
    without = (frame["from_s"] >= 2 * HOUR_S + 600.0) & (frame["to_s"] <= 4 * HOUR_S)
    before = frame["to_s"] <= 2 * HOUR_S
    assert frame.loc[without, "facility_power_mean_w"].max() <= 70e3 * (1.0 + 1e-6)
    assert frame.loc[before, "facility_power_mean_w"].min() > 70e3
    (drill,) = result.tables["drills"].to_pylist()
    assert drill["jobs_hit"] == 1
    assert 0.0 < drill["work_least_share"] < 1.0
    assert drill["rto_s"] == pytest.approx(2 * HOUR_S)


def test_the_last_feed_is_the_grid(tmp_path: Path) -> None:
    power = HALL["facility"]["power"] | {"utility": {"feeds": [{"capacity": "200 kW"}]}}
    result = run(tmp_path, lose("feed", "feed-1"), power=power)
    (outage,) = result.tables["outages"].to_pylist()
    assert (outage["start_s"], outage["end_s"]) == (2 * HOUR_S, 4 * HOUR_S)


def test_a_chiller_that_goes_again_while_it_restarts_stays_out(tmp_path: Path) -> None:
    again = lose("cooling-unit", "air-plant-1", at="3.05 h", duration="1 h")
    result = run(tmp_path, lose("cooling-unit", "air-plant-1", duration="1 h"), again)
    frame = result.frame("facility")
    capacity_w = frame.set_index("from_s")["air_capacity_mean_w"]
    whole_w, left_w = capacity_w[1.5 * HOUR_S], capacity_w[2.5 * HOUR_S]
    assert left_w < 0.75 * whole_w
    # It was to be back at 3.1 h, and went at 3.05 h: it is out until 4.05 h and its restart.
    assert capacity_w[3.5 * HOUR_S] == pytest.approx(left_w)
    assert capacity_w[4.5 * HOUR_S] == pytest.approx(whole_w)


def test_a_unit_that_two_drills_lose_is_back_with_the_later(tmp_path: Path) -> None:
    other = lose("cooling-unit", "air-plant-1", at="2.5 h", duration="2.5 h")
    result = run(tmp_path, lose("cooling-unit", "air-plant-1", duration="1 h"), other)
    capacity_w = result.frame("facility").set_index("from_s")["air_capacity_mean_w"]
    assert capacity_w[4.5 * HOUR_S] == pytest.approx(capacity_w[2.25 * HOUR_S])
    assert capacity_w[5.5 * HOUR_S] == pytest.approx(capacity_w[1.5 * HOUR_S])
