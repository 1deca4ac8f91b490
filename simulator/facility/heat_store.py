"""What stores heat: the hall's air with what stands in it, and the coolant; each followed through a run."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from models.cooling.air_nodes import AirNodes, AirState
from models.cooling.coolant_node import CoolantNode


class HeatMoved(NamedTuple):
    """Heat that cooling removed from a store over an interval, and how much more the store holds after it [J]."""

    removed_j: float
    stored_j: float


class HeatStore(Protocol):
    """A store of heat with the temperature that limits what it cools."""

    @property
    def temperature_c(self) -> float:
        """What the computers get [°C]; NaN where there is no such store."""

    def excess_j(self, setpoint_c: float) -> float:
        """Return the heat that is stored above a set-point [J]."""

    @property
    def j_per_k(self) -> float:
        """Heat capacity of what computers are cooled by [J/K], what it exchanges heat with excluded."""

    @property
    def exchange(self) -> tuple[float, float]:
        """Heat that colder masses take from it now [W], and how fast that warms them [K/s]."""

    def advance(self, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float) -> HeatMoved:
        """Go on for a time [s] under constant heat and capacity; a capacity below 0 warms the store."""

    def time_to_reach_s(self, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float) -> float:
        """Return when the temperature first crosses a limit [s], infinity if it does not."""


class AirStore:
    """The hall's air and the solids in it."""

    def __init__(self, nodes: AirNodes, temperature_c: float) -> None:
        self._nodes = nodes
        self._state = AirState(temperature_c, temperature_c)

    @property
    def temperature_c(self) -> float:
        """What the computers breathe [°C]."""
        return self._state.air_c

    @property
    def j_per_k(self) -> float:
        """Heat capacity of the air alone [J/K]."""
        return self._nodes.air_j_per_k

    @property
    def exchange(self) -> tuple[float, float]:
        """Heat that solids take from the air now [W], and how fast that warms them [K/s]."""
        taken_w = self._nodes.exchange_w_per_k * (self._state.air_c - self._state.solids_c)
        return taken_w, taken_w / self._nodes.solids_j_per_k

    def excess_j(self, setpoint_c: float) -> float:
        """Return the heat that the air stores above a set-point, that of solids excluded: it comes out slowly [J]."""
        return max(self._state.air_c - setpoint_c, 0.0) * self._nodes.air_j_per_k

    def advance(self, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float) -> HeatMoved:
        """Go on for a time [s] under constant heat and capacity."""
        step = self._nodes.advance(
            self._state, heat_w - min(capacity_w, 0.0), max(capacity_w, 0.0), setpoint_c, duration_s
        )
        self._state = step.state
        return HeatMoved(step.removed_j + min(capacity_w, 0.0) * duration_s, step.stored_j)

    def time_to_reach_s(self, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float) -> float:
        """Return when the air first crosses a limit [s]."""
        heat_w, capacity_w = heat_w - min(capacity_w, 0.0), max(capacity_w, 0.0)
        return _later(self._nodes.time_to_reach_s(self._state, heat_w, capacity_w, setpoint_c, limit_c))


class CoolantStore:
    """The coolant in the loops that pass the racks."""

    def __init__(self, node: CoolantNode, temperature_c: float) -> None:
        self._node = node
        self.temperature_c = temperature_c

    @property
    def j_per_k(self) -> float:
        """Heat capacity of the coolant [J/K]."""
        return self._node.coolant_j_per_k

    @property
    def exchange(self) -> tuple[float, float]:
        """Nothing: all of it is one temperature."""
        return 0.0, 0.0

    def excess_j(self, setpoint_c: float) -> float:
        """Return the heat that is stored above a set-point [J]."""
        return max(self.temperature_c - setpoint_c, 0.0) * self._node.coolant_j_per_k

    def advance(self, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float) -> HeatMoved:
        """Go on for a time [s] under constant heat and capacity."""
        heat_w, capacity_w, below_w = heat_w - min(capacity_w, 0.0), max(capacity_w, 0.0), min(capacity_w, 0.0)
        step = self._node.advance(self.temperature_c, heat_w, capacity_w, setpoint_c, duration_s)
        self.temperature_c = step.coolant_c
        return HeatMoved(step.removed_j + below_w * duration_s, step.stored_j)

    def time_to_reach_s(self, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float) -> float:
        """Return when the coolant first crosses a limit [s]."""
        heat_w, capacity_w = heat_w - min(capacity_w, 0.0), max(capacity_w, 0.0)
        return _later(self._node.time_to_reach_s(self.temperature_c, heat_w, capacity_w, setpoint_c, limit_c))


class NoStore:
    """The coolant of a hall that has none."""

    temperature_c = math.nan
    j_per_k = math.inf
    exchange = (0.0, 0.0)

    def excess_j(self, setpoint_c: float) -> float:  # noqa: ARG002 - the protocol's
        """Return 0."""
        return 0.0

    def advance(self, heat_w: float, capacity_w: float, setpoint_c: float, duration_s: float) -> HeatMoved:  # noqa: ARG002
        """Do nothing."""
        return HeatMoved(0.0, 0.0)

    def time_to_reach_s(self, heat_w: float, capacity_w: float, setpoint_c: float, limit_c: float) -> float:  # noqa: ARG002
        """Return infinity."""
        return math.inf


def _later(reached_s: float) -> float:
    """Return infinity for a limit that is reached already: it is not ahead."""
    return reached_s if reached_s > 0.0 else math.inf
