"""Whatever happens to a hall in a run: all electricity that went in left as heat, or is still stored in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.cooling.sized_cooling import SPACE_HEATED
from simulator.simulation import simulate

BAD_DAY = Path(__file__).resolve().parents[2] / "scenarios" / "bad_day.yaml"
LIQUID = "facility.cooling.liquid={captured: 0.7, plant: {kind: cooling-tower}}"
BALANCE = 1e-9


@pytest.mark.parametrize("sets", [(), (LIQUID, "facility.lighting=2 kW")], ids=["air", "liquid and lighting"])
def test_electricity_in_is_heat_rejected_and_stored(sets: tuple[str, ...]) -> None:
    # Three days in which chillers fail and restart, power is curtailed, and batteries and generators carry the hall.
    result = simulate(BAD_DAY, sets=sets)
    rows, spent = result.frame("facility"), result.frame("energy")
    length_s = rows["to_s"] - rows["from_s"]
    energy_j = {
        name.removesuffix("_mean_w"): float((rows[name] * length_s).sum())
        for name in rows.columns
        if name.endswith("_mean_w")
    }
    spent_j = dict(zip(spent["destination"], spent["energy_j"], strict=True))
    outside_hall = (spent["space"] != "hall") & spent["destination"].str.endswith(" loss")
    facility_kwh = result.kpis["facility_energy_kwh"]
    assert facility_kwh is not None
    electricity_j = 3.6e6 * facility_kwh
    assert sum(spent_j.values()) == pytest.approx(electricity_j, rel=BALANCE)

    # What paths remove is net of their own fans and pumps, whose heat the plants reject besides.
    removed_j = energy_j["air_removed"] + energy_j["liquid_removed"]
    cooling_j = sum(energy_j[name.removesuffix("_w")] for name in SPACE_HEATED)
    rejected_j = removed_j + cooling_j + float(spent.loc[outside_hall, "energy_j"].sum())
    assert rejected_j + energy_j["stored"] == pytest.approx(electricity_j, rel=BALANCE)
    assert energy_j["air_heat"] + energy_j["liquid_heat"] == pytest.approx(removed_j + energy_j["stored"], rel=BALANCE)
    assert removed_j > 0.5 * electricity_j and rows["inlet_greatest_c"].max() > 40.0
