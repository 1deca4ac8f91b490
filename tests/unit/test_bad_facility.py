"""Bad input of the facility and its site: what the person who wrote the file is told, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from simulator.scenario.loading import load_scenario

HALL = """\
start: 2023-07-01T00:00:00Z
fleet: {groups: [{name: a, node: dgx-h100, count: 2}]}
workload: {kind: list, jobs: [{duration: 1 h}]}
"""
AIR = "{kind: crah, plant: {kind: stated, power_share: 0.1}}"
AIR_SIDES = "crah, indirect-air, outside-air, rear-door"
PLANTS = "air-cooled-chiller, chilled-water, cooling-tower, dry-cooler, stated"


def cooled(plant: str) -> str:
    """A facility whose air is cooled by a plant, which starts in column 41."""
    return f"facility: {{cooling: {{air: {{kind: crah, plant: {plant}}}}}}}"


def powered(power: str) -> str:
    """A facility with a power chain, which starts in column 12."""
    return f"facility: {{power: {power}, cooling: {{air: {AIR}}}}}"


def supplied(supply: str) -> str:
    """A facility with a supply, which starts in column 12."""
    return f"facility: {{supply: {supply}, cooling: {{air: {AIR}}}}}"


def priced(more: str) -> str:
    """A stated PUE, and a site with a flat tariff and more of it."""
    return f"facility: {{pue: 1.2}}\nsite: {{tariff: {{kind: flat, price: 70 USD/MWh, {more}}}}}"


TOLD: tuple[tuple[str, str], ...] = (
    # one of the two, and nothing where something is
    (
        "facility: {}",
        "4:1: facility: give 'pue' (a stated constant) or 'cooling' (a building that is simulated), one of the two",
    ),
    (
        "facility: {cooling: {}}",
        "4:12: facility.cooling.air: is missing: how the hall's air is cooled, and by which plant",
    ),
    (
        "facility: {cooling: {air: {kind: crah}}}",
        "4:22: facility.cooling.air.plant: is missing: the plant that cools the coils' water",
    ),
    (
        "facility: {pue: 1.2, lighting: 3 kW}",
        "4:1: facility: with 'pue' nothing of the building is simulated: leave out 'lighting', or give 'cooling'",
    ),
    # kinds, and kinds within kinds
    (
        "facility: {cooling: {air: crah}}",
        f"4:22: facility.cooling.air: 'crah'; allowed: a mapping with a kind of {AIR_SIDES}; write {{kind: crah}}",
    ),
    (
        "facility: {cooling: {air: {kind: crha}}}",
        f"4:28: facility.cooling.air.kind: 'crha' is not one of {AIR_SIDES}; nearest: 'crah'",
    ),
    (
        "facility: {cooling: {air: {plant: {}}}}",
        f"4:22: facility.cooling.air.kind: is missing; allowed: {AIR_SIDES}",
    ),
    (
        cooled("chilled-water"),
        f"4:40: facility.cooling.air.plant: 'chilled-water'; allowed: a mapping with a kind of {PLANTS}; "
        "write {kind: chilled-water}",
    ),
    (
        cooled("{}"),
        f"4:40: facility.cooling.air.plant.kind: is missing; allowed: {PLANTS}",
    ),
    (
        cooled("{kind: chiled-water}"),
        f"4:48: facility.cooling.air.plant.kind: 'chiled-water' is not one of {PLANTS}; nearest: 'chilled-water'",
    ),
    # a section, or a word in place of it
    (
        "facility: 1.3",
        "4:1: facility: 1.3; allowed: a mapping with the keys pue, cooling, ",
    ),
    (
        cooled("{kind: dry-cooler, rating: 2 MW}"),
        "4:66: facility.cooling.air.plant.rating: '2 MW'; allowed: a mapping with the keys heat, fan_power, ",
    ),
    (
        cooled("{kind: chilled-water, chiller: york-yk}"),
        "4:69: facility.cooling.air.plant.chiller: 'york-yk' is not in the catalogue of chillers; nearest: 'york-yk-",
    ),
    (
        cooled("{kind: chilled-water, chiller: 3}"),
        "4:69: facility.cooling.air.plant.chiller: 3; allowed: a text (put it in quotes)",
    ),
    (
        powered("{ups: nothing}"),
        "4:20: facility.power.ups: 'nothing'; allowed: none, or a mapping with the keys units, ",
    ),
    (
        powered("{ups: {loss: 0.05}}"),
        "4:26: facility.power.ups.loss: 0.05; allowed: a mapping with a kind of converter, curve, efficiencies",
    ),
    (
        powered("{ups: {loss: {resistve: 0.02}}}"),
        "4:33: facility.power.ups.loss.resistve: is not a known key; allowed: kind, standby, proportional, "
        "resistive; nearest: 'resistive'",
    ),
    # lists
    (
        powered("{utility: {feeds: {capacity: 3 MW}}}"),
        "4:30: facility.power.utility.feeds: a mapping; allowed: a list; put it between [ and ]",
    ),
    (
        f"facility: {{cooling: {{on_ups: fans, air: {AIR}}}}}",
        "4:22: facility.cooling.on_ups: 'fans'; allowed: a list; put it between [ and ]",
    ),
    (
        f"facility: {{cooling: {{on_ups: [chillers], air: {AIR}}}}}",
        "4:31: facility.cooling.on_ups[0]: 'chillers' is not one of fans, cdu-pumps, plant-pumps",
    ),
    (
        priced("demand: {price: 12 USD/kW}"),
        "5:48: site.tariff.demand: a mapping; allowed: a list; put it between [ and ]",
    ),
    # numbers, units, bounds
    (
        cooled("{kind: chilled-water, unit_capacity: 3}"),
        "4:69: facility.cooling.air.plant.unit_capacity: 3 has no unit; a power is written like '700 W'",
    ),
    (
        cooled("{kind: chilled-water, unit_capacity: 3 kWh}"),
        "4:69: facility.cooling.air.plant.unit_capacity: '3 kWh' is an energy, not a power",
    ),
    (
        cooled("{kind: cooling-tower, tower: {range_k: 5 K}}"),
        "4:77: facility.cooling.air.plant.tower.range_k: '5 K'; allowed: a number without a unit; write 5",
    ),
    (
        f"facility: {{cooling: {{liquid: {{captured: 80 %}}, air: {AIR}}}}}",
        "4:31: facility.cooling.liquid.captured: '80 %'; allowed: a number; write 0.8",
    ),
    (
        f"facility: {{cooling: {{liquid: {{captured: 1.2}}, air: {AIR}}}}}",
        "4:31: facility.cooling.liquid.captured: 1.2; allowed: 1.0 or less",
    ),
    (
        f"facility: {{cooling: {{supply_air: 50 °C, air: {AIR}}}}}",
        "4:12: facility.cooling: supply_air is 50 °C; class A2 allows 10 to 35 °C",
    ),
    (
        powered("{ups: {redundancy: N+N}}"),
        "4:26: facility.power.ups.redundancy: 'N+N' is no redundancy; allowed: 'N', ",
    ),
    (
        powered("{rows: {row_capacity: 3 kW, rows: 0}}"),
        "4:47: facility.power.rows.rows: 0; allowed: above 0",
    ),
    # design day
    (
        "facility: {pue: 1.2}\nsite: {design: {dry_bulb: 30 °C, wet_bulb: 33 °C}}",
        "5:8: site.design: wet bulb 33 °C is above dry bulb 30 °C, which no air can be",
    ),
    (
        "facility: {pue: 1.2}\nsite: {design: {exceeded: 0.4%}}",
        "5:17: site.design.exceeded: '0.4%' is not one of 0.4 %, 1 %, 2 %; nearest: '0.4 %'",
    ),
    (
        "facility: {pue: 1.2}\nsite: {design: {return_period: 7 a}}",
        "5:8: site.design: return_period is 7 a; headers have 5 a, 10 a, 20 a, 50 a",
    ),
    # tariffs
    (
        priced("demand: [{price: 12 USD}]"),
        "5:58: site.tariff.demand[0].price: '12 USD' is an amount of money, not a price of power",
    ),
    (
        priced("demand: [{price: 12 USD/kW, interval: 7 min}]"),
        "5:76: site.tariff.demand[0].interval: 420 s is no interval",
    ),
    (
        priced("zone: America/NewYork"),
        "5:48: site.tariff.zone: 'America/NewYork' is not an IANA time zone such as 'America/New_York'; "
        "nearest: 'America/New_York'",
    ),
    # batteries, sets, units on site
    (
        supplied("{backup: {}}"),
        "4:21: facility.supply.backup: give 'battery', 'gensets' or both",
    ),
    (
        supplied("{backup: {battery: {rating: 3 MW, energy: 1 MWh, ride_through: 5 min}}}"),
        "4:30: facility.supply.backup.battery: give 'ride_through' (the time at full rating) or 'energy', "
        "one of the two",
    ),
    (
        supplied("{backup: {gensets: {count: 2, spare: 2, rating: 3 MW}}}"),
        "4:30: facility.supply.backup.gensets: 'spare' is 2 of 2 sets; at least one must be left to carry load",
    ),
    (
        supplied("{outages: {kind: radnom}}"),
        "4:31: facility.supply.outages.kind: 'radnom' is not one of listed, random; nearest: 'random'",
    ),
    (
        supplied("{generation: [{kind: fuelcell}]}"),
        "4:35: facility.supply.generation[0].kind: 'fuelcell' is not one of fuel-cell, gas-turbine, "
        "reciprocating-engine; nearest: 'fuel-cell'",
    ),
    (
        supplied(
            "{storage: {energy: 1 MWh, charge_power: 1 MW, least_state_of_charge: 0.9, most_state_of_charge: 0.2, "
            "dispatch: {kind: arbitrage}}}"
        ),
        "4:21: facility.supply.storage: 'least_state_of_charge' is 0.9, 'most_state_of_charge' 0.2; it must be less",
    ),
)


@pytest.mark.parametrize(("piece", "message"), TOLD)
def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path, piece: str, message: str) -> None:
    path = tmp_path / "hall.yaml"
    path.write_text(f"{HALL}{piece}\n")
    with pytest.raises(InputError) as refused:
        load_scenario(path)
    lines = [str(problem).removeprefix(f"{path}:") for problem in refused.value.problems]
    assert any(line.startswith(message) for line in lines), lines
    for line in lines:
        assert "function-" not in line
        assert "Input should" not in line
        assert "of this section" not in line


def test_a_chiller_written_out_is_told_what_it_lacks_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "hall.yaml"
    path.write_text(f"{HALL}{cooled('{kind: chilled-water, chiller: {condenser: water}}')}\n")
    with pytest.raises(InputError) as refused:
        load_scenario(path)
    lacks = {problem.path.rpartition(".")[2] for problem in refused.value.problems}
    assert "chiller" not in lacks
    assert {"compressor", "reference_capacity", "capacity_curve", "part_load"} <= lacks
    assert all(problem.message.startswith("is missing: ") for problem in refused.value.problems)
