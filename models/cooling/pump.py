"""Pumps of a water loop."""

from __future__ import annotations

from pydantic import Field

from ..section import Section
from ..units import Pressure, quantity

WATER_J_PER_M3_K = 4.186e6
"""Heat capacity of water by volume, at 1000 kg/m3."""


class Pump(Section):
    """Pumps whose pressure is held while their speed follows the flow."""

    pressure: Pressure = Field(default=quantity("143.65 kPa"), gt=0.0)
    """Pressure that the pumps hold; 114.9 to 172.4 kPa for a chilled-water or economizer loop, here the middle (Lei and
    Masanet 2022, input ranges)."""
    efficiency: float = Field(default=0.7, gt=0.0, le=1.0)
    """Hydraulic over electrical power; 0.6 to 0.8, here the middle (Lei and Masanet 2022, input ranges, after the U.S.
    Department of Energy 2006). All electrical power becomes heat in the water."""

    def power_w(self, flow_m3_per_s: float) -> float:
        """Return the electrical power [W] at a flow of water [m3/s]: P = pressure flow / efficiency."""
        return self.pressure * flow_m3_per_s / self.efficiency

    def power_share(self, difference_k: float) -> float:
        """Return electrical power over the heat that water carries [W/W] as it warms by `difference_k` (above 0)."""
        return self.power_w(1.0) / (WATER_J_PER_M3_K * difference_k)
