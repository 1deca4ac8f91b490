"""What every air side has in common: fans, coils, and units enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ...units import Power, Pressure, quantity
from ..heat_path import PathDuty, SizedHeatPath, fewest_units
from ..plants.plant import Plant
from .air_side import AirSide

_LARGEST_W = 150e3


class AirHandlers(AirSide):
    """Fans that draw the hall's air through coils of a plant's water. The coils stay dry: their water is warmer than
    the dew point of the air in an AI hall."""

    unit_capacity: Power | None = Field(default=None, gt=0.0)
    """Heat that a unit takes from the hall at full flow and at the design's temperatures, its fans' heat aside; by
    default an equal share of the heat for the fewest units of no more than 150 kW (assumption, a large unit of
    today)."""
    spare: int = Field(default=1, ge=0)
    """Units beyond those that the heat needs; they all run, which slows the fans. The default, N+1, is an
    assumption."""
    air_rise_k: float = Field(default=16.65, gt=0.0, le=40.0)
    """K from supply to return air. The default is the middle of 13.9 to 19.4 K, hyperscale halls (Lei and Masanet,
    Resources, Conservation and Recycling, 2022, input ranges); colocation has 5 to 10 K."""
    effectiveness: float = Field(default=0.8, gt=0.0, le=0.98)
    """Heat that the coil takes over that which it would take were the leaving air as cold as the entering water. The
    default is the middle of 0.7 to 0.9 (Lei and Masanet 2022)."""
    fan_pressure: Pressure = quantity("500 Pa")
    """What the fans raise the air by at full flow: coil, filters and room. The default is the middle of 300 to 700 Pa
    (Lei and Masanet 2022, hyperscale with free cooling)."""
    fan_efficiency: float = Field(default=0.775, gt=0.0, le=1.0)
    """Of fan, drive and motor. The default is the middle of 0.65 to 0.90 (Lei and Masanet 2022)."""
    least_flow: float = Field(default=0.3, gt=0.0, le=1.0)
    """Least flow of a fan over its full flow; 1 is constant speed. The default is an assumption."""

    @property
    def largest_unit_w(self) -> float:
        """The most heat that a unit is built for where nothing is said [W]."""
        return _LARGEST_W

    def built(self, duty: PathDuty, plant: Plant | None, loop: Any, more: Sequence[float] = ()) -> SizedHeatPath:
        """Return units and plant enough for the duty; `more` are the parameters of `loop` behind those of coils."""
        import numpy as np

        from ...compiled import plain
        from .coil_kernel import air_heat_capacity

        heat_capacity = plain(air_heat_capacity)(duty.design_day.pressure_pa, duty.supply_c)
        needed, capacity_w = fewest_units(duty.heat_w, self.unit_capacity, self.largest_unit_w)
        unit_flow_m3_per_s = capacity_w / (heat_capacity * self.air_rise_k)
        fan_j_per_m3 = self.fan_pressure / self.fan_efficiency
        fans_w = duty.heat_w / capacity_w * unit_flow_m3_per_s * fan_j_per_m3
        sizes = {
            "units": float(needed + self.spare),
            "unit_capacity_w": capacity_w,
            "unit_flow_m3_per_s": unit_flow_m3_per_s,
            "unit_fan_w": unit_flow_m3_per_s * fan_j_per_m3,
        }
        effectiveness = 0.5  # no coil: the hall warmer by 1 K gives flow times 1 K more, as coils of 0.5 do
        sized_plant = None
        if plant is not None:
            effectiveness = self.effectiveness
            across_k = (self.air_rise_k + fan_j_per_m3 / heat_capacity) / effectiveness
            sizes["water_supply_c"] = water_c = duty.supply_c + self.air_rise_k - across_k
            sized_plant = plant.sized(duty.of_plant(duty.heat_w + fans_w, water_c))
        coil = (unit_flow_m3_per_s, fan_j_per_m3, self.least_flow, self.air_rise_k, effectiveness, duty.supply_c)
        return SizedHeatPath(
            kind=str(getattr(self, "kind", "")),
            units=needed + self.spare,
            spare=self.spare,
            duty_w=duty.heat_w,
            supply_c=duty.supply_c,
            parameters=np.array([*coil, *more]),
            loop=loop,
            plant=sized_plant,
            sizes=sizes,
        )
