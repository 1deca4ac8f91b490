"""The liquid in a cooling loop: one temperature, which is straight between the events that it meets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple


class CoolantStep(NamedTuple):
    """What an interval brings: the coolant's temperature at its end [°C], the heat removed, and the heat stored."""

    coolant_c: float
    removed_j: float
    stored_j: float


@dataclass(frozen=True, slots=True)
class CoolantNode:
    """Coolant of one heat capacity [J/K], above 0: C dT/dt = Q - Q_c.

    Cooling holds the set-point while heat is within its capacity; above the set-point it removes its capacity, below
    it nothing. A pump that fails is a capacity of 0.
    """

    coolant_j_per_k: float

    def advance(
        self, coolant_c: float, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float
    ) -> CoolantStep:
        """Return what an interval of constant heat, capacity [W, not negative] and set-point [°C] brings.

        `heat_w * duration_s` = removed + stored, to rounding.
        """
        _check(heat_w, capacity_w)
        removal_w = capacity_w if coolant_c > setpoint_c else 0.0
        back_s = self._straight_s(coolant_c, setpoint_c, heat_w - removal_w)
        free_s = min(back_s, duration_s)
        removed_j = removal_w * free_s
        if back_s > duration_s:
            coolant_c += (heat_w - removal_w) * free_s / self.coolant_j_per_k
        else:  # at the set-point for what is left
            left_s = duration_s - free_s
            removed_j += min(heat_w, capacity_w) * left_s
            coolant_c = setpoint_c + max(heat_w - capacity_w, 0.0) * left_s / self.coolant_j_per_k
        return CoolantStep(coolant_c, removed_j, heat_w * duration_s - removed_j)

    def time_to_reach_s(
        self, coolant_c: float, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float
    ) -> float:
        """Return when the coolant first reaches a limit [°C], from below or above, or infinity; 0 where it is there."""
        _check(heat_w, capacity_w)
        removal_w = capacity_w if coolant_c > setpoint_c else 0.0
        reached_s = self._straight_s(coolant_c, limit_c, heat_w - removal_w)
        back_s = self._straight_s(coolant_c, setpoint_c, heat_w - removal_w)
        if reached_s <= back_s:
            return reached_s
        # From the set-point it goes on only upwards, where capacity does not suffice.
        return back_s + self._straight_s(setpoint_c, limit_c, max(heat_w - capacity_w, 0.0))

    def _straight_s(self, from_c: float, to_c: float, surplus_w: float) -> float:
        warming_k = to_c - from_c
        if warming_k == 0.0:
            return 0.0
        return warming_k * self.coolant_j_per_k / surplus_w if warming_k * surplus_w > 0.0 else math.inf


def _check(heat_w: float, capacity_w: float) -> None:
    if heat_w < 0.0 or capacity_w < 0.0:
        raise ValueError(f"heat ({heat_w:g} W) and cooling capacity ({capacity_w:g} W) are not negative")
