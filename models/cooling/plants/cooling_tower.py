"""Cooling towers that serve a warm-water loop directly."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from ...units import Power, Pressure, quantity
from ..pump import Pump
from ..tower import Tower
from .plant import Duty, Plant, SizedPlant


class TowerPump(Pump):
    """Pumps of the water between tower and exchanger, at constant flow in each running cell."""

    pressure: Pressure = Field(default=quantity("208.65 kPa"), gt=0.0)
    """Pressure that the pumps give; 166.9 to 250.4 kPa, here the middle (Lei and Masanet 2022, input ranges)."""


class CoolingTowerPlant(Plant):
    """Tower cells, each with a plate exchanger and pumps of its own, that cool the loop without a chiller.

    As many cells run as draw least power together, all alike; fans hold the supply. There is nothing but free cooling:
    switching economizers off does not concern this plant.
    """

    kind: Literal["cooling-tower"] = "cooling-tower"
    unit_heat: Power = Field(default=quantity("2.5 MW"), gt=0.0)
    """Most heat that one cell is built for on the design day; 2.5 MW is an assumption."""
    spare: int = Field(default=1, ge=0)
    """Cells beyond those that the design day needs; one, an assumption."""
    tower: Tower = Tower()
    """The cells."""
    exchanger_approach_k: float = Field(default=2.25, gt=0.0, le=10.0)
    """K between the loop's supply and the tower's water at the design heat; 1.7 to 2.8, here the middle (Lei and
    Masanet 2022, after ASHRAE 2015). It falls with the load."""
    loop_difference_k: float = Field(default=7.5, gt=0.0, le=30.0)
    """K by which the loop's water warms; 5 to 10, here the middle (Lei and Masanet 2022, after ASHRAE 2014). Held while
    the flow varies."""
    loop_pump: Pump = Pump()
    """Pumps of the loop."""
    tower_pump: TowerPump = TowerPump()
    """Pumps of the tower's water."""
    flow_margin: float = Field(default=1.15, ge=1.0, le=3.0)
    """Most flow of the loop's pumps over that of the design heat: in cool weather a cell takes that much more heat.
    1.15 is an assumption."""

    def sized(self, duty: Duty) -> SizedPlant:
        import numpy as np

        from ..merkel_kernel import WATER_J_PER_KG_K
        from ..pump import WATER_J_PER_M3_K
        from .cooling_tower_kernel import operate

        needed = max(math.ceil(duty.heat_w / self.unit_heat * (1.0 - 1e-12)), 1)
        # A billionth more, so that rounding never leaves the design heat out of reach.
        unit_w = max(duty.heat_w, 1.0) / needed * (1.0 + 1e-9)
        loop_share = self.loop_pump.power_share(self.loop_difference_k)
        # Tower water carries the heat of its own pump as well, over the range.
        pump_share = self.tower_pump.power_share(self.tower.range_k)
        cell_w = unit_w * (1.0 + loop_share) / (1.0 - pump_share)
        pump_w = cell_w * pump_share
        water_w_per_k = cell_w / self.tower.range_k
        leaving_c = duty.supply_c - self.exchanger_approach_k - pump_w / water_w_per_k
        day = duty.design_day
        try:
            cell = self.tower.parameters(cell_w, leaving_c, day.wet_bulb_c, 1, pressure_pa=day.pressure_pa)
        except ValueError as error:
            raise ValueError(
                f"cooling-tower: a supply of {duty.supply_c:g} °C with an exchanger_approach_k of "
                f"{self.exchanger_approach_k:g}: {error}"
            ) from None
        warm_fall_k = self.loop_difference_k * (1.0 + loop_share)
        cold_rise_k = self.tower.range_k - pump_w / water_w_per_k
        mean_k = _logarithmic_mean(self.exchanger_approach_k, self.exchanger_approach_k + warm_fall_k - cold_rise_k)
        if mean_k <= 0.0:
            raise ValueError(
                f"cooling-tower: the loop warms by {self.loop_difference_k:g} K and the tower's water by "
                f"{self.tower.range_k:g} K, more than the exchanger's approach of {self.exchanger_approach_k:g} K "
                "leaves room for; give a smaller range_k"
            )
        extra = [unit_w, unit_w * self.flow_margin, pump_w, loop_share, self.loop_difference_k, mean_k]
        water_m3_per_s = water_w_per_k / WATER_J_PER_M3_K
        return SizedPlant(
            kind=self.kind,
            units=needed + self.spare,
            spare=self.spare,
            parameters=np.array([*cell, *extra]),
            loop=operate,
            sizes={
                "cells": float(needed + self.spare),
                "cell_heat_w": unit_w,
                "tower_water_c": leaving_c,
                "cell_water_kg_per_s": water_m3_per_s * WATER_J_PER_M3_K / WATER_J_PER_KG_K,
                "cell_fan_w": cell[3],
                "cell_pump_w": pump_w,
                "loop_pump_w": loop_share * duty.heat_w,
            },
        )


def _logarithmic_mean(one_k: float, other_k: float) -> float:
    """Return the logarithmic mean of the differences [K] at an exchanger's ends, 0 where one of them is not above 0."""
    if min(one_k, other_k) <= 0.0:
        return 0.0
    if math.isclose(one_k, other_k, rel_tol=1e-9):
        return one_k
    return (one_k - other_k) / math.log(one_k / other_k)
