"""A plant of which only a constant is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .plant import Duty, Plant, SizedPlant


class StatedPlant(Plant):
    """A plant that draws a stated share of the heat that it removes, whatever the weather: for first studies, and for
    plants of which nothing else is known. It uses no water."""

    kind: Literal["stated"] = "stated"
    power_share: float = Field(ge=0.0, le=1.0)
    """Electrical power of the plant over the heat that it removes."""
    margin: float = Field(default=1.0, gt=0.0)
    """Capacity over the heat of the design day; 1 is an assumption."""

    def sized(self, duty: Duty) -> SizedPlant:
        import numpy as np

        from .stated_kernel import operate

        capacity_w = self.margin * duty.heat_w
        return SizedPlant(
            kind=self.kind,
            units=1,
            spare=0,
            parameters=np.array([self.power_share, capacity_w]),
            loop=operate,
            sizes={"capacity_w": capacity_w},
        )
