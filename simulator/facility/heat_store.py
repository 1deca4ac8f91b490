"""What stores heat: the hall's air with what stands in it, and the coolant."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..assembly.facility import SizedFacility


class HeatMoved(NamedTuple):
    """Heat that cooling removed from a store over an interval, and how much more the store holds after it [J]."""

    removed_j: float
    stored_j: float


class HeatStore:
    """One store at one temperature [°C], NaN where there is none: C dT/dt = heat - removed.

    Cooling removes what comes as long as it can and the set-point is held; above it, its whole capacity.
    """

    def __init__(self, heat_capacity_j_per_k: float, temperature_c: float) -> None:
        self._heat_capacity_j_per_k = heat_capacity_j_per_k
        self.temperature_c = temperature_c

    @classmethod
    def of_air(cls, sized: SizedFacility) -> HeatStore:
        """Return the store of the hall's air, at its set-point."""
        return cls(sized.it_provisioned_w * 1.0, sized.cooling_section.supply_air)

    @classmethod
    def of_coolant(cls, sized: SizedFacility) -> HeatStore:
        """Return the store of the coolant, at its set-point; of nothing, where there is none."""
        liquid = sized.cooling_section.liquid
        return cls(sized.it_provisioned_w * 1.0, math.nan if liquid is None else liquid.supply)

    def excess_j(self, setpoint_c: float) -> float:
        """Return the heat that is stored above a set-point [J]."""
        if math.isnan(self.temperature_c):
            return 0.0
        return max(self.temperature_c - setpoint_c, 0.0) * self._heat_capacity_j_per_k

    def advance(self, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float) -> HeatMoved:
        """Go on for a time under constant heat and capacity."""
        if math.isnan(self.temperature_c):
            return HeatMoved(0.0, 0.0)
        before_j = self.temperature_c * self._heat_capacity_j_per_k
        spare_w = capacity_w - heat_w
        floor_j = setpoint_c * self._heat_capacity_j_per_k
        # Where the set-point was raised the store is below it: nothing is removed until it is reached.
        warming_s = max(floor_j - before_j, 0.0) / heat_w if heat_w > 0.0 else math.inf
        warming_s = min(warming_s if before_j < floor_j else 0.0, duration_s)
        after_j = before_j + heat_w * warming_s
        left_s = duration_s - warming_s
        after_j = (
            max(after_j - spare_w * left_s, min(floor_j, after_j)) if spare_w > 0.0 else after_j - spare_w * left_s
        )
        self.temperature_c = after_j / self._heat_capacity_j_per_k
        return HeatMoved(heat_w * duration_s - (after_j - before_j), after_j - before_j)

    def time_to_reach_s(self, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float) -> float:
        """Return when the temperature crosses a limit [s], infinity if it does not."""
        excess_w = heat_w - capacity_w
        gap_j = (limit_c - self.temperature_c) * self._heat_capacity_j_per_k
        if math.isnan(gap_j) or excess_w == 0.0 or gap_j == 0.0 or (excess_w > 0.0) != (gap_j > 0.0):
            return math.inf
        if excess_w < 0.0 and limit_c < setpoint_c:
            return math.inf
        return gap_j / excess_w
