"""A cooling tower: what of it a scenario may state, and its size for a duty."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..section import Section
from ..units import Pressure, quantity

LEAST_APPROACH_K = 1.1
"""Least approach that a tower is sized for: YorkCalc's lower bound (Buildings library, BoundsYorkCalc.mo)."""


class Tower(Section):
    """An open cooling tower of cells with fans of variable speed and a constant flow of water in each running cell."""

    correlation: Literal["merkel", "yorkcalc"] = "merkel"
    """How heat transfer follows weather and air flow. `merkel` integrates Merkel's equation, with the correction of the
    transfer units that EnergyPlus uses: it holds at any wet bulb, range and approach, so it is the default. `yorkcalc`
    is a polynomial for one make of tower, held at its bounds beyond 26.7 °C wet bulb, as at hot and humid sites, and
    replaced by a slope where fans run below about half speed; both are reported as clamped."""
    range_k: float = Field(default=5.0, gt=1.0, le=22.2)
    """K by which water cools in the tower at the design heat; 4 to 6 at hyperscale sites, here the middle (Lei and
    Masanet 2022, input ranges, after ASHRAE 2014)."""
    liquid_to_gas: float = Field(default=1.2, gt=0.2, le=4.0)
    """Water over dry air flow, by mass, at full fan speed; 1.2 as in the Buildings library (CoolingTowers.Merkel)."""
    fan_pressure: Pressure = Field(default=quantity("250 Pa"), gt=0.0)
    """Pressure rise of the fans at full speed; 100 to 400 Pa, here the middle (Lei and Masanet 2022)."""
    fan_efficiency: float = Field(default=0.775, gt=0.0, le=1.0)
    """Air power over electrical power of the fans at full speed; 0.65 to 0.90, here the middle (Lei and Masanet 2022).
    Fan power falls with the cube of speed."""
    floor_speed: float = Field(default=0.3, gt=0.0, lt=1.0)
    """Least fan speed as a share of full speed, below which fans cycle on and off; 0.3 as in the Buildings library."""
    natural_share: float = Field(default=0.125, ge=0.0, lt=1.0)
    """Air that flows with fans off, as a share of full speed's; 0.125 as in the Buildings library (`fraFreCon`)."""
    cycles: float = Field(default=6.0, gt=1.0, le=15.0)
    """Cycles of concentration: salts in the tower's water over those in its supply; 3 to 15 (Lei and Masanet 2022),
    6 is an assumption."""
    drift_share: float = Field(default=5e-5, ge=0.0, le=0.005)
    """Drops that the air carries off, as a share of the water flow; 0.005% to 0.5%, here the least, for towers with
    drift eliminators (Lei and Masanet 2022)."""

    @model_validator(mode="after")
    def _shares_in_order(self) -> Self:
        if self.natural_share >= self.floor_speed:
            raise ValueError(
                f"natural_share is {self.natural_share:g}; it must be below floor_speed, {self.floor_speed:g}"
            )
        return self

    def parameters(
        self,
        heat_w: float,
        leaving_c: float,
        design_wet_bulb_c: float,
        cells: int,
        *,
        pressure_pa: float = 101_325.0,
    ) -> list[float]:
        """Return the parameters of `tower_kernel.work_tower` for cells that just hold water at `leaving_c`.

        They do so at the design wet bulb with fans at full speed, and share `heat_w` equally. YorkCalc's cells have
        0.75 to 1.25 of their reference water flow; where even 1.25 leaves slack they do more than asked. Raises
        ValueError where no tower can do it: less than 1.1 K above the wet bulb, air that would leave hotter than the
        water enters, or an approach that YorkCalc does not know.
        """
        from .merkel_kernel import WATER_J_PER_KG_K, duty_transfer_units, saturated_volume_m3_per_kg

        if heat_w <= 0.0 or cells < 1:
            raise ValueError(f"a tower takes heat in at least one cell; given {heat_w:g} W in {cells} cells")
        approach_k = leaving_c - design_wet_bulb_c
        if approach_k < LEAST_APPROACH_K:
            raise ValueError(
                f"a tower can not give water of {leaving_c:g} °C at {design_wet_bulb_c:g} °C wet bulb: "
                f"the least approach is {LEAST_APPROACH_K:g} K; ask for warmer water"
            )
        water_kg_per_s = heat_w / cells / (WATER_J_PER_KG_K * self.range_k)
        if self.correlation == "yorkcalc":
            units, water_to_air = 0.0, self._yorkcalc_ratio(design_wet_bulb_c, approach_k)
        else:
            water_to_air = 1.0
            units = duty_transfer_units(leaving_c, self.range_k, design_wet_bulb_c, pressure_pa, self.liquid_to_gas)
            if units <= 0.0:
                raise ValueError(
                    f"air would leave the tower hotter than water of {leaving_c + self.range_k:g} °C enters at "
                    f"liquid_to_gas {self.liquid_to_gas:g}; give a lower one, or a smaller range_k"
                )
        volume_m3_per_kg = saturated_volume_m3_per_kg(design_wet_bulb_c, pressure_pa)
        air_kg_per_s = water_kg_per_s / (water_to_air * self.liquid_to_gas)
        full_fan_w = air_kg_per_s * volume_m3_per_kg * self.fan_pressure / self.fan_efficiency
        return [
            float(self.correlation == "yorkcalc"),
            water_kg_per_s,
            air_kg_per_s,
            full_fan_w,
            self.floor_speed,
            self.natural_share,
            units,
            design_wet_bulb_c,
            water_to_air,
            self.cycles,
            self.drift_share,
        ]

    def _yorkcalc_ratio(self, wet_bulb_c: float, approach_k: float) -> float:
        """Return YorkCalc's water to air at full speed with which the approach at the design range is `approach_k`."""
        from .yorkcalc_kernel import LEAST_WATER_SHARE, MOST_WATER_SHARE, approaches_k

        low, high = LEAST_WATER_SHARE, MOST_WATER_SHARE
        least_k = approaches_k(wet_bulb_c, self.range_k, low)
        if approach_k < least_k:
            raise ValueError(
                f"YorkCalc's least approach at {wet_bulb_c:g} °C wet bulb and range_k {self.range_k:g} is "
                f"{least_k:.2f} K; asked for {approach_k:.2f} K: ask for warmer water, or take merkel"
            )
        if approaches_k(wet_bulb_c, self.range_k, high) <= approach_k:
            return high
        for _ in range(60):
            middle = 0.5 * (low + high)
            if approaches_k(wet_bulb_c, self.range_k, middle) <= approach_k:
                low = middle
            else:
                high = middle
        return low
