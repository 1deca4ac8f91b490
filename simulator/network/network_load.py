"""What the switches of a fabric draw, one by one: those that are out draw nothing, and none does in the dark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.series import constant
from models.topology.laid_out.switches import Switches

from ..assembly.planned_loads import NETWORK
from ..engine.given_load import GivenLoad
from ..engine.power_feed import PowerFeed
from ..engine.settlement import Timeline
from ..metering.meter import Meter


class NetworkLoad(GivenLoad):
    """A load of the hall whose power falls and rises with its switches."""

    def __init__(
        self, switches: Switches, timeline: Timeline, feed: PowerFeed, start_utc_s: float, meter: Meter
    ) -> None:  # fmt: skip
        self._timeline = timeline
        self._feed = feed
        self.switches = switches
        self._up = np.ones(len(switches), np.bool_)
        self._powered = True
        self.in_service_s = np.zeros(len(switches))
        """How long each switch has run, up to the meter's instant."""
        whole_w = float(switches.power_w.sum())
        super().__init__(NETWORK, constant(NETWORK, "W", whole_w), start_utc_s, meter)
        feed.set_other_it(NETWORK, whole_w)

    @property
    def powered(self) -> bool:
        """Whether there is power for it."""
        return self._powered

    @powered.setter
    def powered(self, powered: bool) -> None:
        self.close(self._timeline.now)
        self._powered = powered

    @property
    def energy_j(self) -> NDArray[np.float64]:
        """J that each switch has drawn, up to the meter's instant."""
        energy_j: NDArray[np.float64] = self.switches.power_w * self.in_service_s
        return energy_j

    def set_up(self, switch: int, up: bool) -> None:
        """Let a switch run or not from now on."""
        self.close(self._timeline.now)
        self._up[switch] = up
        self._feed.set_other_it(NETWORK, float(self.switches.power_w[self._up].sum()))

    def close(self, end_s: float) -> None:
        """Count what has been drawn up to `end_s`."""
        from_s = self.meter.as_of_s
        if not end_s > from_s:
            return
        runs = self._up & self._powered
        power_w = float(self.switches.power_w[runs].sum())
        self.in_service_s[runs] += end_s - from_s
        self.meter.segment(from_s, end_s, power_w * (end_s - from_s), power_w, power_w)
