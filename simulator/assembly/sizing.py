"""What was chosen for a building before it runs: machines, what they can do on the design day, and the power chain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from models.cooling.heat_path import SizedHeatPath
from models.fleet import Fleet
from models.loads.source import Load
from models.power.distribution.checks import safety_notes, utility_need
from models.power.distribution.rack_powers import planned_power, rack_powers
from models.power.distribution.rows import Row, Rows
from models.power.distribution.steps import Steps
from models.sized_facility import DesignLoad, SizedFacility

from .shortcomings import fleet_power_w


def sizing(building: SizedFacility, fleet: Fleet, loads: Sequence[Load]) -> dict[str, Any]:
    """Return what was sized, as plain data for tables and JSON; every number's name ends in its unit.

    `design_day` is the air sized for; `it_power` what for; `heat` what the hall's air and the coolant get of it;
    `cooling` the machines of each path; `capacity` the heat that each path can take on the design day, with all units
    of each part and without its spare ones; `power` the stages from IT to the utility, feeds over time, and rows.
    """
    day, load = building.design_day, building.design_load(building.it_provisioned_w)
    heats_w = {"air": load.air_heat_w, "liquid": load.liquid_heat_w}
    return {
        "design_day": {
            "dry_bulb_c": day.dry_bulb_c,
            "wet_bulb_c": day.wet_bulb_c,
            "pressure_pa": day.pressure_pa,
            "source": day.source,
        },
        "it_power": {
            "sized_for_w": building.it_provisioned_w,
            "rated_w": building.it_rated_w,
            "fleet_provisioned_w": fleet_power_w(fleet, loads),
        },
        "heat": {"air_w": load.air_heat_w, "liquid_w": load.liquid_heat_w},
        "cooling": {
            name: _path(path)
            for name, path in (("air", building.cooling.air), ("liquid", building.cooling.liquid))
            if path is not None
        },
        "capacity": [
            {**part._asdict(), "heat_w": heats_w[part.path]}
            for part in building.cooling.capacity_on(day, load.air_heat_w, load.liquid_heat_w)
        ],
        "power": _power(building, load, fleet),
    }


def _path(path: SizedHeatPath) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": path.kind, "units": path.units, "spare": path.spare, "supply_c": path.supply_c, "sizes": path.sizes,
    }  # fmt: skip
    if path.plant is not None:
        plant = path.plant
        told["plant"] = {
            "kind": plant.kind, "units": plant.units, "spare": plant.spare, "towers": plant.towers,
            "sizes": plant.sizes,
        }  # fmt: skip
    return told


def _power(building: SizedFacility, load: DesignLoad, fleet: Fleet) -> dict[str, Any]:
    chain, section = building.chain, building.section.power_chain
    loads_w = (load.it_w, load.on_ups_w, load.beside_w)
    input_w, losses_w = chain.input_w(*loads_w)
    stages = []
    for stage, output_w, loss_w in zip(chain.stages, chain.output_w(*loads_w), losses_w, strict=True):
        firm_w = stage.capacity_w(stage.spare)
        stages.append(
            {
                "stage": stage.name,
                "units": stage.units,
                "spare": stage.spare,
                "rating_w": stage.rating_w,
                "capacity_w": stage.capacity_w(),
                "capacity_without_spare_w": firm_w,
                "output_w": output_w,
                "load": output_w / stage.capacity_w(),
                "load_without_spare": output_w / firm_w if firm_w > 0.0 else None,
                "loss_w": loss_w,
                "space": stage.space,
                "counts_as_it": stage.counts_as_it,
            }
        )
    told: dict[str, Any] = {
        "on_ups_w": load.on_ups_w, "beside_ups_w": load.beside_w, "utility_w": input_w, "stages": stages,
    }  # fmt: skip
    if section.utility.feeds:
        told["feeds"] = _feeds(building, load, fleet, section.utility.capacity())
    if section.rows is not None:
        told |= _rows(section.rows, fleet)
    return told


def _feeds(building: SizedFacility, load: DesignLoad, fleet: Fleet, available: Steps) -> list[dict[str, float]]:
    """Return what the feeds deliver and what is needed of them, from each instant at which either changes."""
    provisioned, _ = planned_power(fleet)
    per_it = (load.on_ups_w / load.it_w, load.beside_w / load.it_w)
    needed = utility_need(building.chain, provisioned, *per_it)
    times = sorted({*available.from_s.tolist(), *needed.from_s.tolist()})
    return [
        {"from_s": time_s, "capacity_w": float(available.at(time_s)), "needed_w": float(needed.at(time_s))}
        for time_s in times
    ]


def _rows(rows: Rows, fleet: Fleet) -> dict[str, Any]:
    racks = rack_powers(fleet)
    plan = rows.assigned(racks)
    return {
        "rows": [_row(row) for row in (*plan.rows, plan.total)],
        "racks_without_place": [racks.names[index] for index in plan.unplaced],
        "safety": list(safety_notes(rows, plan)),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "row": row.name,
        "racks": len(row.racks),
        "nameplate_w": row.nameplate_w,
        "provisioned_w": row.provisioned_w,
        "capacity_w": row.capacity_w,
        "free_w": row.free_w,
        "stranded_w": row.stranded_w,
        "load": row.provisioned_w / row.capacity_w if row.capacity_w > 0.0 else math.nan,
    }
