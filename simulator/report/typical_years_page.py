"""The page on typical years: PUE and water at three sites and with three kinds of cooling, capacity on design days."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..scenario.loading import load_every
from ..simulation import read_inputs, simulate

SCENARIO = Path("scenarios/traces/typical_years.yaml")


class Published(NamedTuple):
    """Plausible ranges of a year's PUE and WUE [L/kWh] for a kind of cooling."""

    title: str
    pue: str
    wue: str


PUBLISHED = {
    "tower": Published("towers, 80 % of the heat in liquid", "1.10-1.11", "1.46-1.67"),
    "air": Published("air only", "1.15-1.21", "-"),
    "dry": Published("dry, 80 % of the heat in liquid", "1.10-1.16", "0"),
}
"""Computed with other models and assumptions of Lei and Masanet (2022); a second opinion, not measurements."""
_HEAD = f"""# Typical years

Made by `docs/refresh.py docs/typical-years.md` from `{SCENARIO}`: a hall of 480 nodes (DGX H100), three quarters of
them busy all year, in the typical years of three sites (climate.onebuilding.org, TMYx 2007-2021). The ranges beside are
plausible years computed with other models; fleets report a PUE of 1.08 (Meta), 1.1 (Google), 1.15 (AWS) and 1.18
(Microsoft). IT is what racks take in, server fans included. Dry halls lie below their range because their coolant is
55 °C warm; tower water is bled at six cycles of concentration, and Phoenix is drier than the sites behind the range.

| site | cooling | PUE | range | WUE [L/kWh] | range | peak day [m3] | hours without compressors | throttled [node-h] |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""
_CAPACITY = """
## Capacity on the design day

Plants are sized for the hottest hour in twenty years and the highest wet bulb on record, not for the typical year. Heat
that each path can take then, with all units (N+k) and without the spare ones (N) of one part, all others whole;
`datahall validate --data` prints it for any scenario.

| site | cooling | part | units | needed [kW] | with N+k [kW] | with N [kW] |
| --- | --- | --- | ---: | ---: | ---: | ---: |
"""


def typical_years_page(root: Path, data_root: Path) -> str:
    """Return the page, from a folder that holds the scenario and one that holds the weather."""
    years, capacities = [], []
    for name, loaded in load_every(root / SCENARIO, data_root=data_root).items():
        if not name:
            continue
        site, _, kind = name.partition("-")
        published = PUBLISHED[kind]
        kpis = simulate(loaded).kpis
        free_h, throttled_h = kpis["free_cooling_hours"] or 0.0, kpis["throttled_node_hours"] or 0.0
        years.append(
            f"| {site.capitalize()} | {published.title} | {kpis['pue']:.3f} | {published.pue} "
            f"| {kpis['wue_l_per_kwh']:.2f} | {published.wue} | {(kpis['water_peak_day_l'] or 0.0) / 1e3:,.0f} "
            f"| {free_h:,.0f} | {throttled_h:,.1f} |\n"
        )
        building = read_inputs(loaded.scenario).building
        assert building is not None, "the scenario's facility is simulated"
        day = building.design_day
        where = f"{site.capitalize()} ({day.dry_bulb_c:.1f} °C, wet bulb {day.wet_bulb_c:.1f} °C)"
        load = building.design_load(building.it_provisioned_w)
        needed_w = {"air": load.air_heat_w, "liquid": load.liquid_heat_w}
        found: dict[tuple[str, str, int], list[float]] = {}
        for part in building.cooling.capacity_on(day, load.air_heat_w, load.liquid_heat_w):
            found.setdefault((part.path, part.part, part.units), []).append(part.capacity_w / 1e3)
        for (path, name_of_part, units), capacities_kw in found.items():
            capacities.append(
                f"| {where} | {published.title} | {path}: {name_of_part} | {units} | {needed_w[path] / 1e3:,.0f} "
                f"| {capacities_kw[0]:,.0f} | {capacities_kw[-1]:,.0f} |\n"
            )
    return _HEAD + "".join(years) + _CAPACITY + "".join(capacities)
