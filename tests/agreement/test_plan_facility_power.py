"""What a plan says a module draws, against a hall that is simulated: at constant load in constant weather."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from ruamel.yaml import YAML

from models.catalog import entry
from optimizers.figures.facility_power import module_power, sized_module, steady_facility
from optimizers.figures.hours import chosen_hours
from optimizers.figures.weather import weather_and_design_day
from optimizers.given.hardware import Module
from optimizers.problem import Problem
from plan_text import PLAN
from simulator.simulation import simulate

COLD, WARM = 6.0, 27.0
CAPACITY_W = 1e6
CHILLED = {"kind": "chilled-water", "economizer": {}}
HALLS: dict[str, dict[str, Any]] = {
    "chilled water": {
        "cooling": {"supply_air": "24 °C", "air": {"kind": "crah", "plant": CHILLED}},
        "lighting": "5 kW",
    },
    # Warm enough that the computers' own fans turn faster.
    "liquid, eco mode": {
        "cooling": {
            "supply_air": "27 °C",
            "air": {"kind": "crah", "plant": CHILLED},
            "liquid": {"captured": 0.7, "plant": {"kind": "cooling-tower"}},
        },
        "power": {"ups": {"mode": "eco"}},
    },
}
LOADS_W = (100e3, 450e3, 900e3)
SETTLED = 1e-9
"""What a run's last hour differs by from balance."""


class Drawn(NamedTuple):
    """Power of a run's last hour [W], and its water [kg/s]."""

    facility_w: float
    water_kg_per_s: float


def site(dry_bulb_c: float) -> dict[str, Any]:
    weather = {"kind": "constant", "dry_bulb": f"{dry_bulb_c} °C", "relative_humidity": 0.6}
    return {"weather": weather, "design": {"dry_bulb": "36 °C", "wet_bulb": "24 °C"}}


def simulated(folder: Path, facility: Mapping[str, Any], it_w: float, dry_bulb_c: float) -> Drawn:
    """What a hall draws in the last of six hours of a constant load; its one node is idle."""
    idle_w = entry("nodes", "cpu-128-core").power.idle_power_w
    given = {
        "start": "2027-01-01T00:00:00Z",
        "until": "6 h",
        "fleet": {"groups": [{"name": "idle", "node": "cpu-128-core", "count": 1}]},
        "loads": [{"name": "computers", "kind": "constant", "draws": f"{it_w - idle_w} W"}],
        "workload": {"kind": "list", "jobs": [{"duration": "2 d", "activity": 0.0}]},
        "facility": {**facility, "design_it_power": f"{CAPACITY_W} W"},
        "site": site(dry_bulb_c),
    }
    path = folder / "hall.yaml"
    with path.open("w") as file:
        YAML().dump(given, file)
    result = simulate(path)
    hour = result.frame("facility").iloc[-1]
    water_l = sum(hour[f"{name}_l"] for name in ("evaporation", "blowdown", "drift", "humidification"))
    return Drawn(float(result.power["facility_power_mean_w"].iloc[-1]), float(water_l) / 3600.0)


def planned(facility: Mapping[str, Any]) -> Module:
    return Module.model_validate(
        {
            "facility": dict(facility), "cooling": "air", "capacity": f"{CAPACITY_W} W", "breaker": f"{CAPACITY_W} W",
            "racks": 40, "rack_power": "60 kW", "price": "9 MUSD", "lead_quarters": 2, "most": 1,
        }
    )  # fmt: skip


@pytest.mark.parametrize("hall", HALLS)
@pytest.mark.parametrize("dry_bulb_c", [COLD, WARM])
def test_the_simulated_hall_draws_what_a_module_in_balance_does_and_lines_are_off_by_no_more_than_stated(
    hall: str, dry_bulb_c: float, tmp_path: Path
) -> None:
    module = planned(HALLS[hall])
    plan = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    plan["sites"]["plains"]["site"] |= site(dry_bulb_c)
    problem = Problem.model_validate(plan)
    hours = chosen_hours(problem)
    weather, day = weather_and_design_day(problem.sites["plains"], hours)
    lines = module_power(module, weather, day, (problem.quarters, hours.count))
    runs = [simulated(tmp_path, HALLS[hall], it_w, dry_bulb_c) for it_w in LOADS_W]

    it_w = np.array(LOADS_W)
    air = [np.full(it_w.shape, getattr(weather, name)[0, 0]) for name in weather.__dataclass_fields__]
    balance = steady_facility(sized_module(module, day), it_w, *air)
    assert [run.facility_w for run in runs] == pytest.approx(balance.facility_w.tolist(), rel=SETTLED)
    assert [run.water_kg_per_s for run in runs] == pytest.approx(balance.water_kg_per_s.tolist(), rel=SETTLED)

    drawn = lines.fixed_w + lines.slope[0, 0] * it_w
    simulated_w = np.array([run.facility_w for run in runs])
    # Between the loads that lines are fitted at they are off by no more: the curves are smooth.
    assert np.all(np.abs(drawn / simulated_w - 1.0) <= lines.largest_error + SETTLED)
    assert 0.0 < lines.largest_error < 0.05
    full = runs[-1].water_kg_per_s / it_w[-1] * 3600.0  # kg over Wh is m3 over kWh
    assert lines.water_m3_per_kwh[0, 0] == pytest.approx(full, rel=0.05)
