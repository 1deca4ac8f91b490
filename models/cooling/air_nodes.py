"""The air of a hall and the solids in it: two temperatures, followed in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .crossing import falling_to_zero_s

_MOST_SEGMENTS = 50


class AirState(NamedTuple):
    """Temperatures [°C] of the hall's air, which is what its servers take in, and of the solids in it."""

    air_c: float
    solids_c: float


class AirStep(NamedTuple):
    """What an interval brings: the state at its end, the heat that cooling removed, and what air and solids stored."""

    state: AirState
    removed_j: float
    stored_j: float


class _Segment(NamedTuple):
    """Time in which cooling does one thing: removes `removal_w`, or holds the air at the set-point (None)."""

    removal_w: float | None
    length_s: float
    air_c: float
    solids_c: float


@dataclass(frozen=True, slots=True)
class AirNodes:
    """Air and solids of heat capacities [J/K], which exchange heat by a conductance [W/K]; all above 0.

    C_a dT_a/dt = Q - UA (T_a - T_s) - Q_c and C_s dT_s/dt = UA (T_a - T_s), after K. Khankari, "Rate of heating
    analysis of data centers during power shutdown", ASHRAE Transactions 117(1), 2011. Cooling holds the air at the
    set-point while that takes no more than its capacity. Beyond, it removes its capacity and the air warms; above the
    set-point it removes its capacity until the air is back there; below, it removes nothing.
    """

    air_j_per_k: float
    solids_j_per_k: float
    exchange_w_per_k: float

    def advance(
        self, state: AirState, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float
    ) -> AirStep:
        """Return what an interval of constant heat, capacity [W, not negative] and set-point [°C] brings.

        `heat_w * duration_s` = removed + stored, to rounding.
        """
        left_s, removed_j = duration_s, 0.0
        for segment in self._segments(state, heat_w, capacity_w, setpoint_c):
            spent_s = min(segment.length_s, left_s)
            if segment.removal_w is None:
                warming_k = (setpoint_c - segment.solids_c) * -math.expm1(-spent_s / self._solids_s)
                removed_j += heat_w * spent_s - self.solids_j_per_k * warming_k
            else:
                removed_j += segment.removal_w * spent_s
            if segment.length_s > left_s:
                break
            left_s -= spent_s
        if segment.removal_w is None:
            end = AirState(setpoint_c, segment.solids_c + warming_k)
        else:
            end = self._free(segment, heat_w, spent_s)
        return AirStep(end, removed_j, heat_w * duration_s - removed_j)

    def time_to_reach_s(
        self, state: AirState, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float
    ) -> float:
        """Return when the air first reaches a limit [°C], from below or above, or infinity; 0 where it is there."""
        if state.air_c == limit_c:
            return 0.0
        elapsed_s = 0.0
        for segment in self._segments(state, heat_w, capacity_w, setpoint_c):
            if segment.removal_w is not None:
                reached_s = self._crossing_s(segment, heat_w, limit_c, rising=limit_c > state.air_c)
                if reached_s <= segment.length_s:
                    return elapsed_s + reached_s
            elapsed_s += segment.length_s
            if elapsed_s == math.inf:
                break
        return math.inf

    def _segments(self, state: AirState, heat_w: float, capacity_w: float, setpoint_c: float) -> Iterator[_Segment]:
        """Yield what cooling does, one thing after the other; the last has no end."""
        if heat_w < 0.0 or capacity_w < 0.0:
            raise ValueError(f"heat ({heat_w:g} W) and cooling capacity ({capacity_w:g} W) are not negative")
        air_c, solids_c = state
        needed_w = heat_w - self.exchange_w_per_k * (air_c - solids_c)  # to keep the air as it is
        above = air_c > setpoint_c or (air_c == setpoint_c and needed_w > capacity_w)
        below = air_c < setpoint_c or (air_c == setpoint_c and needed_w < 0.0)
        for _ in range(_MOST_SEGMENTS):
            if above or below:
                segment = _Segment(capacity_w if above else 0.0, math.inf, air_c, solids_c)
                # Once it rises from the set-point at more heat than capacity, the air never comes back.
                if below or air_c > setpoint_c or heat_w < capacity_w:
                    segment = segment._replace(length_s=self._crossing_s(segment, heat_w, setpoint_c, rising=below))
                yield segment
                solids_c = self._solids_at(segment, heat_w, setpoint_c)
                needed_w = heat_w - self.exchange_w_per_k * (setpoint_c - solids_c)
                above, below = below and needed_w > capacity_w, above and needed_w < 0.0
            else:
                length_s = self._hold_s(solids_c, heat_w, capacity_w, setpoint_c)
                yield _Segment(None, length_s, setpoint_c, solids_c)
                solids_c = setpoint_c - (heat_w - capacity_w) / self.exchange_w_per_k
                above, below = True, False
            air_c = setpoint_c
        raise ArithmeticError(f"cooling changes its mind without end at {state}, {heat_w} W, {capacity_w} W")

    @property
    def _solids_s(self) -> float:
        return self.solids_j_per_k / self.exchange_w_per_k

    def _hold_s(self, solids_c: float, heat_w: float, capacity_w: float, setpoint_c: float) -> float:
        """Return how long capacity suffices to hold the set-point: cold solids help until they have warmed."""
        if heat_w <= capacity_w:
            return math.inf
        helping_w = self.exchange_w_per_k * (setpoint_c - solids_c)
        return self._solids_s * math.log(max(helping_w / (heat_w - capacity_w), 1.0))

    def _course(self, segment: _Segment, heat_w: float) -> tuple[float, float, float, float, float]:
        """Return mean temperature, its drift [K/s], air less solids at start and in the end [K], time constant [s].

        The mean is weighted by heat capacity; it drifts with what is not removed, while the difference settles.
        """
        surplus_w = heat_w - (segment.removal_w or 0.0)
        both = self.air_j_per_k + self.solids_j_per_k
        mean_c = segment.air_c + self.solids_j_per_k / both * (segment.solids_c - segment.air_c)
        time_constant_s = self.air_j_per_k * self.solids_j_per_k / (both * self.exchange_w_per_k)
        settled_k = surplus_w * time_constant_s / self.air_j_per_k
        return mean_c, surplus_w / both, segment.air_c - segment.solids_c, settled_k, time_constant_s

    def _free(self, segment: _Segment, heat_w: float, time_s: float) -> AirState:
        mean_c, drift, apart_k, settled_k, time_constant_s = self._course(segment, heat_w)
        mean_c += drift * time_s
        apart_k = settled_k + (apart_k - settled_k) * math.exp(-time_s / time_constant_s)
        share = self.solids_j_per_k / (self.air_j_per_k + self.solids_j_per_k)
        return AirState(mean_c + share * apart_k, mean_c - (1.0 - share) * apart_k)

    def _crossing_s(self, segment: _Segment, heat_w: float, limit_c: float, *, rising: bool) -> float:
        mean_c, drift, apart_k, settled_k, time_constant_s = self._course(segment, heat_w)
        share = self.solids_j_per_k / (self.air_j_per_k + self.solids_j_per_k)
        sign = -1.0 if rising else 1.0
        offset = sign * (mean_c + share * settled_k - limit_c)
        return falling_to_zero_s(offset, sign * drift, sign * share * (apart_k - settled_k), time_constant_s)

    def _solids_at(self, segment: _Segment, heat_w: float, setpoint_c: float) -> float:
        """Return the solids' temperature when the air reaches the set-point, from the heat that both have stored."""
        if segment.length_s == math.inf:
            return segment.solids_c
        stored_j = (heat_w - (segment.removal_w or 0.0)) * segment.length_s
        in_air_j = self.air_j_per_k * (setpoint_c - segment.air_c)
        return segment.solids_c + (stored_j - in_air_j) / self.solids_j_per_k
