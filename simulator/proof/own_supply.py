"""What feeds a site beside the grid, over the power that its simulated halls draw: panels, batteries, rented units.

They follow the plan's schedule; what batteries hold beyond it they give where the plan has them give, and what they
lack of it they take in where the plan has them charge. Where the grid can not bring what is left, panels give all they
can, batteries charge less or give more, and rented units run up to their power; what is still missing is withheld.
Where too much would be given, rented units run lower, batteries give less or take it in, and panels spill the rest:
nobody buys it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.power.supply.battery_storage import BatteryStorage
from optimizers.instance.instance import Instance
from optimizers.plan import Plan

from .week import HOUR_S, ProofWeek

if TYPE_CHECKING:
    from numpy.typing import NDArray

W_PER_KW = 1e3
J_PER_KWH = 3.6e6


@dataclass(frozen=True, eq=False)
class Flows:
    """Mean power of what feeds a site [W], each of the same shape: by representative or by simulated hour."""

    grid_w: NDArray[np.float64]
    panels_w: NDArray[np.float64]
    battery_w: NDArray[np.float64]
    """Above 0 while it charges."""
    bridging_w: NDArray[np.float64]
    withheld_w: NDArray[np.float64]
    """What the halls draw and nothing brings."""

    def over_hours(self, week: ProofWeek) -> Flows:
        """Return the means over the counted instances of each representative hour."""
        return Flows(**{name: week.over_hours(values) for name, values in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Schedule:
    """What a plan means units beside the grid to do, by representative hour, each of the shape (hour,)."""

    panels_w: NDArray[np.float64]
    battery_w: NDArray[np.float64]
    """Above 0 while it charges."""
    bridging_w: NDArray[np.float64]
    stored_j: NDArray[np.float64]
    """In batteries at the hour's begin."""


@dataclass(frozen=True, eq=False)
class OwnSupply:
    """What a site has in a quarter and a future, and what the plan means it to do. Arrays have the shape (hour,)."""

    grid_w: float
    """What the grid grants; infinity where nobody limits it."""
    storage: BatteryStorage | None
    output_w: NDArray[np.float64]
    """What panels can give."""
    most_bridging_w: float
    schedule: Schedule

    def planned(self, facility_w: NDArray[np.float64]) -> Flows:
        """Return the plan's flows over the facility power that it counts on, shape (hour,)."""
        plan = self.schedule
        grid_w = facility_w + plan.battery_w - plan.panels_w - plan.bridging_w
        return Flows(grid_w, plan.panels_w, plan.battery_w, plan.bridging_w, np.zeros_like(facility_w))

    def busiest_w(self, planned: Flows, busier_w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the power from the grid at the busiest moment of each hour, where halls then draw so much more than in
        the hour's mean, shape (hour,): beyond what is granted, batteries that charge and units that stand still give
        way."""
        wanted_w = planned.grid_w + busier_w
        gives_way_w = np.maximum(planned.battery_w, 0.0) + self.most_bridging_w - planned.bridging_w
        return np.asarray(wanted_w - np.minimum(np.maximum(wanted_w - self.grid_w, 0.0), gives_way_w))

    def delivered(self, facility_w: NDArray[np.float64], week: ProofWeek) -> Flows:
        """Return the flows over the facility power of every simulated hour, in order; batteries begin with what the
        plan has in them."""
        found = np.zeros((5, len(facility_w)))
        stored_j = float(self.schedule.stored_j[week.hour[0]])
        hours = zip(week.hour.tolist(), week.since_step_began_h.tolist(), facility_w.tolist(), strict=True)
        for number, (place, since_h, load_w) in enumerate(hours):
            found[:, number] = flows = self._hour(place, since_h, load_w, stored_j)
            if self.storage is not None:
                stored_j = self.storage.advance(stored_j, flows[2], HOUR_S)
        return Flows(*found)

    def _hour(
        self, place: int, since_h: int, load_w: float, stored_j: float
    ) -> tuple[float, float, float, float, float]:
        panels_w, bridging_w = float(self.schedule.panels_w[place]), float(self.schedule.bridging_w[place])
        battery_w = self._granted_w(self._wanted_w(place, since_h, stored_j), stored_j)
        grid_w = load_w + battery_w - panels_w - bridging_w
        beyond_w = grid_w - self.grid_w
        if beyond_w > 0.0:
            more_w = min(max(float(self.output_w[place]) - panels_w, 0.0), beyond_w)
            panels_w, beyond_w = panels_w + more_w, beyond_w - more_w
            less_w = battery_w - self._granted_w(battery_w - beyond_w, stored_j)
            battery_w, beyond_w = battery_w - less_w, beyond_w - less_w
            more_w = min(self.most_bridging_w - bridging_w, beyond_w)
            bridging_w, beyond_w = bridging_w + more_w, beyond_w - more_w
            return self.grid_w, panels_w, battery_w, bridging_w, max(beyond_w, 0.0)
        if grid_w < 0.0:
            less_w = min(bridging_w, -grid_w)
            bridging_w, grid_w = bridging_w - less_w, grid_w + less_w
            kept_w = self._granted_w(battery_w - grid_w, stored_j) - battery_w
            battery_w, grid_w = battery_w + kept_w, grid_w + kept_w
            panels_w, grid_w = panels_w + grid_w, 0.0
        return grid_w, panels_w, battery_w, bridging_w, 0.0

    def _wanted_w(self, place: int, since_h: int, stored_j: float) -> float:
        """Return what a battery is to charge [W], so many hours after the plan's step began: as planned, and back to
        what the plan has in it by then."""
        planned_w = float(self.schedule.battery_w[place])
        if self.storage is None or planned_w == 0.0:
            return planned_w
        growth_w = planned_w - self.storage.loss_w(planned_w)
        beyond_j = stored_j - float(self.schedule.stored_j[place]) - growth_w * since_h * HOUR_S
        if planned_w < 0.0:
            return planned_w - max(beyond_j, 0.0) * self.storage.discharge_efficiency / HOUR_S
        return planned_w + max(-beyond_j, 0.0) / self.storage.charge_efficiency / HOUR_S

    def _granted_w(self, wanted_w: float, stored_j: float) -> float:
        return 0.0 if self.storage is None else self.storage.granted_w(wanted_w, stored_j, HOUR_S)


def own_supply(instance: Instance, plan: Plan, site: int, quarter: int, future: int) -> OwnSupply:
    """Return what a plan has beside the grid at a site in a quarter, and its schedule in a future."""
    figures, hours = instance.sites[site], instance.hours.count
    names = figures.name, instance.quarters[quarter].name, instance.futures[future].name
    flows = {
        column: np.zeros(hours) for column in ("panels_kw", "charge_kw", "discharge_kw", "stored_kwh", "bridging_kw")
    }
    units = {"batteries": 0, "panels": 0, "bridging": 0}
    for row in plan.supply:
        if (row["site"], row["quarter"], row["future"]) == names:
            for column, values in flows.items():
                values[row["hour"]] = row[column]
            units = {name: row[name] for name in units}
    output_w = np.zeros(hours)
    if figures.photovoltaics is not None:
        output_w = units["panels"] * figures.photovoltaics.unit_w * figures.photovoltaics.output[quarter]
    storage = None
    if figures.battery is not None and units["batteries"]:
        # The plan takes all losses at charging, and may empty a unit: what is bought is stated as usable.
        storage = BatteryStorage.model_validate(
            {
                "energy": f"{units['batteries'] * figures.battery.unit_j!r} J",
                "charge_power": f"{units['batteries'] * figures.battery.unit_w!r} W",
                "charge_efficiency": figures.battery.round_trip,
                "discharge_efficiency": 1.0,
                "least_state_of_charge": 0.0,
            }
        )
    most_bridging_w = 0.0 if figures.bridging is None else units["bridging"] * figures.bridging.unit_w
    schedule = Schedule(
        panels_w=np.minimum(flows["panels_kw"] * W_PER_KW, output_w),
        battery_w=(flows["charge_kw"] - flows["discharge_kw"]) * W_PER_KW,
        bridging_w=np.minimum(flows["bridging_kw"] * W_PER_KW, most_bridging_w),
        stored_j=np.minimum(flows["stored_kwh"] * J_PER_KWH, 0.0 if storage is None else storage.energy),
    )
    return OwnSupply(float(figures.grid_w[future, quarter]), storage, output_w, most_bridging_w, schedule)
