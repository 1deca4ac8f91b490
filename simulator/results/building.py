"""From the building's ledger to tables and figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.accounting.ratios import free_cooling_hours, wue_l_per_kwh
from models.sized_facility import POWERS, SizedFacility

from ..engine import state as layout
from ..engine.state import FIRST_STAGE, State
from ..facility.ledger import Ledger
from .boundary import ItBoundary
from .columns import instants, numbers, texts
from .kpis import J_PER_KWH
from .tables import table

WATER = ("evaporation", "blowdown", "drift", "humidification")
"""Where water goes."""
OF_BUILDING = (
    "cooling_energy_kwh", "power_loss_kwh", "water_l", "water_peak_day_l", "water_cost_usd", "wue_l_per_kwh",
    "free_cooling_hours", "throttled_node_hours", "shut_down_node_hours",
)  # fmt: skip
"""The figures that only a building that was simulated has."""
_KG_PER_M3 = 1000.0


def building_kpis(ledger: Ledger, state: State, boundary: ItBoundary) -> dict[str, float | None]:
    """Return the figures of a building that was simulated, but for its water."""
    duration_s = ledger.column("to_s") - ledger.column("from_s")
    edges_s = np.append(ledger.column("from_s"), ledger.column("to_s")[-1:])
    removed_j = ledger.column("air_removed_j") + ledger.column("liquid_removed_j")
    return {
        "cooling_energy_kwh": float(mechanical_j(ledger).sum() / J_PER_KWH),
        "power_loss_kwh": float(boundary.loss_j(state.meters["integral"]) / J_PER_KWH),
        "wue_l_per_kwh": wue_l_per_kwh(float(water_m3(ledger).sum()), boundary.it_energy_j(state)),
        "free_cooling_hours": free_cooling_hours(edges_s, ledger.energy_j("compressor_w"), removed_j),
        "throttled_node_hours": float(ledger.column("throttled_nodes") @ duration_s / 3600.0),
        "shut_down_node_hours": float(ledger.column("shut_down_nodes") @ duration_s / 3600.0),
    }


def facility_table(ledger: Ledger, start_utc_s: float, interval_s: int) -> pa.Table:
    """Return what cooling drew, removed and used, an interval a row."""
    from_utc_s = ledger.column("from_s") + start_utc_s
    starts = np.flatnonzero(np.diff(np.floor(from_utc_s / interval_s), prepend=-np.inf))
    from_s = ledger.column("from_s")[starts]
    to_s = np.append(from_s[1:], ledger.column("to_s")[-1:])
    length_s = to_s - from_s

    def mean(energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.add.reduceat(energy_j, starts) / length_s if len(starts) else np.zeros(0)

    columns: dict[str, object] = {
        "from_utc": instants(np.round(1e6 * (from_s + start_utc_s)).astype(np.int64)),
        "from_s": from_s,
        "to_s": to_s,
    }
    for name in (*POWERS, "lighting_w", "server_fans_w", "free_w", "air_capacity_w", "liquid_capacity_w"):
        columns[f"{name.removesuffix('_w')}_mean_w"] = mean(ledger.energy_j(name))
    for name in ("air_heat", "liquid_heat", "air_removed", "liquid_removed", "stored"):
        columns[f"{name}_mean_w"] = mean(ledger.column(f"{name}_j"))
    for name in WATER:
        columns[f"{name}_l"] = mean(ledger.energy_j(f"{name}_kg_per_s")) * length_s
    for name in ("inlet", "coolant"):
        columns[f"{name}_greatest_c"] = np.maximum.reduceat(ledger.column(f"{name}_c"), starts) if len(starts) else []
    for name in ("dry_bulb", "wet_bulb"):
        columns[f"{name}_mean_c"] = mean(ledger.energy_j(f"{name}_c"))
    for name in ("running", "throttled_nodes", "shut_down_nodes", "extrapolated", "clamped"):
        columns[f"{name}_mean"] = mean(ledger.energy_j(name))
    return table(columns)


def destinations_table(destinations_j: Mapping[str, tuple[str, float]], work_s: float) -> pa.Table:
    """Return where the facility's energy went: destination, the space that it heats, energy, share, and energy for each
    task-hour of the run's work (`work_s` [task-seconds]; null where it did none)."""
    energy_j = np.array([energy for _, energy in destinations_j.values()])
    total_j = energy_j.sum()
    return table(
        {
            "destination": texts(list(destinations_j)),
            "space": texts([space for space, _ in destinations_j.values()]),
            "energy_j": energy_j,
            "share": numbers(energy_j / total_j if total_j > 0.0 else np.zeros_like(energy_j)),
            "per_task_hour_kwh": numbers(
                energy_j / work_s / 1e3 if work_s else energy_j, np.full(energy_j.shape, not work_s)
            ),
        }
    )


def destinations_j(ledger: Ledger, sized: SizedFacility, state: State) -> dict[str, tuple[str, float]]:
    """Return where the facility's energy went [J], by destination, each with the space that it heats.

    They add up to the facility's energy. IT is told apart into what nodes drew for jobs, what they drew while nobody
    held them, server fans in warm air, and all other equipment.
    """
    from models.cooling.sized_cooling import SPACE_HEATED

    integral = state.meters["integral"]
    found = _of_it(state, float(ledger.energy_j("server_fans_w").sum()))
    for index, stage in enumerate(sized.chain.stages):
        found[f"{stage.name} loss"] = (stage.space, float(integral[FIRST_STAGE + index]))
    for name in POWERS:
        words = name.removesuffix("_w").replace("_", " ")
        found[words] = (SPACE_HEATED[name], float(ledger.energy_j(name).sum()))
    found["lighting"] = ("hall", float(ledger.energy_j("lighting_w").sum()))
    return found


def stated_destinations_j(state: State) -> dict[str, tuple[str, float]]:
    """Return where the facility's energy went [J] where its PUE is stated: the building stays one destination."""
    integral = state.meters["integral"]
    rest_j = float(integral[layout.FACILITY_POWER] - integral[layout.IT_POWER])
    return _of_it(state) | {"the building, by its stated PUE": ("", rest_j)}


def _of_it(state: State, fans_j: float = 0.0) -> dict[str, tuple[str, float]]:
    """Return where the energy of IT equipment went [J]; `fans_j` is what server fans drew more in warm air."""
    jobs_j = float(state.jobs["energy_j"].sum())
    unheld_j = float(state.nodes["unheld_energy_j"].sum())
    found = {"nodes held by jobs": ("hall", jobs_j), "nodes held by nobody": ("hall", unheld_j)}
    if fans_j:
        found["server fans in warm air"] = ("hall", fans_j)
    other_j = float(state.meters["integral"][layout.IT_POWER]) - jobs_j - unheld_j - fans_j
    return found | {"racks and other IT": ("hall", other_j)}


def building_notes(ledger: Ledger, sized: SizedFacility) -> tuple[str, ...]:
    """Return what a reader must know of the building's figures, one sentence each."""
    hours = (ledger.column("to_s") - ledger.column("from_s")) / 3600.0
    notes = [f"sized for {sized.it_provisioned_w / 1e3:,.0f} kW of IT on a design day of "
             f"{sized.design_day.dry_bulb_c:.1f} °C dry bulb, {sized.design_day.wet_bulb_c:.1f} °C wet bulb "
             f"({sized.design_day.source})"]  # fmt: skip
    for name, text in (
        ("extrapolated", "a chiller worked beyond the bounds of its curves and follows a law assumed there"),
        ("clamped", "a tower or cooler was held at the bounds of its correlation"),
    ):
        share_h = float(ledger.column(name) @ hours)
        if share_h > 0.0:
            notes.append(f"for {share_h:,.1f} h {text}")
    throttled_h = float((ledger.column("throttled_nodes") > 0.0) @ hours)
    if throttled_h > 0.0:
        notes.append(f"air or coolant was too warm for {60.0 * throttled_h:,.1f} min: nodes ran at lower clocks")
    down_h = float((ledger.column("shut_down_nodes") > 0.0) @ hours)
    if down_h > 0.0:
        notes.append(f"for {60.0 * down_h:,.1f} min nodes were shut down, by heat, a power limit or without power")
    return tuple(notes)


def mechanical_j(ledger: Ledger) -> NDArray[np.float64]:
    """Return what cooling drew in each row of the ledger [J]."""
    total: NDArray[np.float64] = np.sum([ledger.energy_j(name) for name in POWERS], axis=0)
    return total


def water_m3(ledger: Ledger) -> NDArray[np.float64]:
    """Return the water drawn in each row of the ledger [m3]."""
    total: NDArray[np.float64] = np.sum([ledger.energy_j(f"{name}_kg_per_s") for name in WATER], axis=0)
    return total / _KG_PER_M3
