"""The power manager: shares power limits among nodes so that together they never draw more."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Literal, NamedTuple

import numpy as np
import simpy
from numpy.typing import ArrayLike, NDArray

from models.power.power_budget import SharingRule, caps_w

from ..engine.batch import Batch, Indices
from ..engine.full_power import FullPower, full_power, rated_power
from ..engine.power_feed import PowerFeed
from ..engine.settlement import Settlement, Timeline
from ..engine.state import GRID, IN_SERVICE
from ..engine.switched_off import SwitchedOff

Boundary = Literal["nodes", "it", "facility", "grid"]
"""What a limit is about: nodes with their part of what racks share, or the hall's IT power, the facility's power, or
what the facility draws from the grid after its own sources."""
ItWithin = Callable[[float], float]
"""The greatest IT power [W] with which the facility draws no more than a power [W], as cooling is set now."""
_OFF = "power cap"
_DAY_S = 86_400.0
_CLOSE = 1e-12  # relative; what rounding leaves between a cap and a power is no reason to share anew


class _Limit(NamedTuple):
    nodes: NDArray[np.int64]
    group: NDArray[np.int64]
    power_w: NDArray[np.float64]
    of: Boundary
    rack_share: NDArray[np.float64]
    """Shape (group, rack): share of each rack's nodes that belongs to the group."""


class PowerManager:
    """Limits by name, kept by caps on nodes that add up to no more than each limit.

    It settles after the hall, at every control event: whatever starts in between finds its node's cap in place, so that
    limits hold at all times. A node that holds nothing keeps room for work, `idle_room` of its way from idle power to
    peak, of which it has its share like the others; work that starts there may be slow until the next control event.

    A limit below idle power can not be kept by slowing down. Nodes are then switched off, those that hold nothing
    first, from the last of the fleet, until what is left has that room each; they come back in order when all of them
    fit with their room.
    """

    def __init__(
        self,
        batch: Batch,
        feed: PowerFeed,
        settlement: Settlement,
        switched_off: SwitchedOff,
        it_within: ItWithin,
        *,
        rule: SharingRule = "proportional",
        idle_room: float = 0.25,
    ) -> None:
        self._batch, self._feed, self._settlement, self._switched_off = batch, feed, settlement, switched_off
        self._it_within = it_within
        self._rule: SharingRule = rule
        self._rated = idle_w, peak_w = rated_power(batch.state)
        self._idle_room = idle_room
        self._with_room_w = idle_w + idle_room * (peak_w - idle_w)
        self._limits: dict[str, _Limit] = {}
        self.limited = False
        """Whether there ever was a limit."""
        self._changed = False
        self._unserved_w, self._unserved_j, self._as_of_s = 0.0, 0.0, 0.0
        self._kept_off_w = np.zeros(len(batch.state.nodes))
        self._switched_s = -math.inf
        self._shared_for: tuple[object, ...] = ()

    def limit(
        self, name: str, nodes: Indices, power_w: ArrayLike, *, group: Indices | None = None, of: Boundary = "nodes"
    ) -> None:
        """Hold nodes together to a power [W] from now on, in place of what the name stood for before.

        With `group`, of the nodes' length, node i of them belongs to group `group[i]`, held to `power_w[group[i]]`.
        A limit of the hall ("it", "facility", "grid") is given for all its nodes.
        """
        chosen = np.asarray(nodes, np.int64)
        groups = np.zeros(len(chosen), np.int64) if group is None else np.asarray(group, np.int64)
        limits_w = np.atleast_1d(np.asarray(power_w, np.float64))
        rack = self._batch.state.nodes["rack"]
        racks = len(self._batch.state.racks)
        in_rack = np.maximum(np.bincount(rack, minlength=racks), 1)
        share = np.bincount(groups * racks + rack[chosen], minlength=len(limits_w) * racks).reshape(-1, racks) / in_rack
        self._limits[name] = _Limit(chosen, groups, limits_w, of, share)
        # From the smallest to the hall: each shares what those within it leave.
        ordered = sorted(self._limits.items(), key=lambda entry: (entry[1].of != "nodes", len(entry[1].nodes)))
        self._limits = dict(ordered)
        self.limited = self._changed = True
        self._settlement.mark()

    def lift(self, name: str) -> None:
        """End a limit."""
        if self._limits.pop(name, None) is not None:
            self._changed = True
            self._settlement.mark()

    def unserved_j(self, now_s: float) -> float:
        """Return the energy that work wanted and caps withheld up to an instant [J], as sampled at control events."""
        return self._unserved_j + self._unserved_w * (now_s - self._as_of_s)

    @property
    def restless(self) -> bool:
        """Whether nodes are off that may come back by themselves: what the site gives, and what cooling draws, comes
        round in a day."""
        return len(self._switched_off.of(_OFF)) > 0 and self._batch.now_s < self._switched_s + _DAY_S

    @property
    def withheld_w(self) -> float:
        """What nodes would draw besides if there were no limits [W], as at the last control event: with their work at
        full clock, or with room for work where they are switched off."""
        off = self._switched_off.of(_OFF)
        return self._unserved_w + float(np.maximum(self._with_room_w[off] - self._kept_off_w[off], 0.0).sum())

    @property
    def unsettled(self) -> bool:
        """Whether limits have changed."""
        return self._changed

    @property
    def finished(self) -> bool:
        """Nothing is left to do by itself."""
        return True

    def announce(self) -> bool:
        """Nobody waits for it."""
        return False

    def advance(self, until_s: float) -> float:
        """Caps hold by themselves."""
        return until_s

    def settle(self, now_s: float) -> None:
        """Share the limits anew where somebody wants more than its cap, or caps are more than a limit."""
        if not self._limits and not self._changed:
            return
        available_w = {name: self._available_w(limit) for name, limit in self._limits.items()}
        # Caps set at this instant bring the hall to settle once more, and nothing else has changed since.
        clock = self._batch.state.clock[0]
        happened = tuple(int(clock[name]) for name in ("nodes_in_service", "events", "running", "held_nodes"))
        shared_for = (now_s, happened, *(tuple(each.tolist()) for each in available_w.values()))
        if shared_for == self._shared_for and not self._changed:
            return
        self._shared_for = shared_for
        full = full_power(self._batch.state, self._rated)
        if self._switch(full, available_w):
            self._changed = True
            self._settlement.mark()  # The hall settles without them first.
            return
        nodes = self._batch.state.nodes
        if self._changed or not self._suffices(full, available_w):
            shared_w = self._shared_w(full, available_w)
            changed = np.flatnonzero(shared_w != nodes["cap_w"])
            if len(changed):
                self._batch.set_node_caps(changed, shared_w[changed])
                self._settlement.mark()
        self._changed = False
        self._unserved_j, self._as_of_s = self.unserved_j(now_s), now_s
        short_w = np.maximum(full.wanted_w - nodes["cap_w"], 0.0)[nodes["residents"] > 0]
        self._unserved_w = float(short_w.sum() + self._kept_off_w.sum())

    def _available_w(self, limit: _Limit) -> NDArray[np.float64]:
        """Return what a limit leaves to its nodes now [W], by group; infinite where it is of a grid that gives
        nothing."""
        shared_w = limit.rack_share @ self._batch.state.racks["drawn_shared_w"]
        if limit.of == "nodes":
            of_nodes_w: NDArray[np.float64] = np.maximum(limit.power_w - shared_w, 0.0)
            return of_nodes_w
        limit_w = float(limit.power_w[0])
        if limit.of == "grid":
            limit_w = limit_w + self._feed.sources_w if self._feed.supply == GRID else np.inf
        if limit.of != "it":
            limit_w = self._it_within(limit_w) if np.isfinite(limit_w) else limit_w
        left_w: NDArray[np.float64] = np.maximum(limit_w - shared_w - self._feed.other_it_w, 0.0)
        return left_w

    def _suffices(self, full: FullPower, available_w: dict[str, NDArray[np.float64]]) -> bool:
        """Return whether the caps that are there let everybody have what it wants, within the limits."""
        cap_w = self._batch.state.nodes["cap_w"]
        if np.any(full.wanted_w > cap_w * (1.0 + _CLOSE)):
            return False
        return all(
            bool(np.all(np.bincount(limit.group, cap_w[limit.nodes], len(limit.power_w)) <= available_w[name]))
            for name, limit in self._limits.items()
        )

    def _shared_w(self, full: FullPower, available_w: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        held = self._batch.state.nodes["residents"] > 0
        idle_w, peak_w = full.idle_w.copy(), full.peak_w.copy()
        wanted_w = np.where(held, np.minimum(full.wanted_w, peak_w), idle_w + self._idle_room * (peak_w - idle_w))
        cap_w = np.full(len(idle_w), np.inf)
        for name, limit in self._limits.items():
            at = limit.nodes
            cap_w[at] = caps_w(available_w[name], idle_w[at], wanted_w[at], peak_w[at], self._rule, limit.group)
            peak_w[at] = cap_w[at]
            wanted_w[at], idle_w[at] = np.minimum(wanted_w[at], cap_w[at]), np.minimum(idle_w[at], cap_w[at])
        return cap_w

    def _switch(self, full: FullPower, available_w: dict[str, NDArray[np.float64]]) -> bool:
        """Switch nodes off or on where limits ask for it or allow it; return whether any were."""
        nodes = self._batch.state.nodes
        held, on = nodes["residents"] > 0, nodes["status"] == IN_SERVICE
        short: set[int] = set()
        for name, limit in self._limits.items():
            idle_w = np.bincount(limit.group, full.idle_w[limit.nodes], len(limit.power_w))
            for group in np.flatnonzero(idle_w > available_w[name] * (1.0 + _CLOSE)).tolist():
                members = limit.nodes[(limit.group == group) & on[limit.nodes]]
                order = members[np.lexsort((-members, held[members]))]
                left_w = self._with_room_w[order].sum() - np.cumsum(self._with_room_w[order])
                enough = int(np.searchsorted(-left_w, -available_w[name][group] * (1.0 + _CLOSE)))
                short.update(order[: enough + 1].tolist())
        if short:
            off = np.array(sorted(short), np.int64)
            self._kept_off_w[off] = np.where(held[off], full.wanted_w[off], 0.0)
            self._switched_off.switch_off(_OFF, off)
            self._switched_s = self._batch.now_s
            return True
        return self._bring_back(np.where(full.idle_w > 0.0, self._with_room_w, 0.0), available_w)

    def _bring_back(self, taken_w: NDArray[np.float64], available_w: dict[str, NDArray[np.float64]]) -> bool:
        waiting = self._switched_off.of(_OFF)
        if not len(waiting):
            return False
        back = np.zeros(len(taken_w), np.bool_)
        back[waiting] = True
        for name, limit in self._limits.items():
            left_w = available_w[name] - np.bincount(limit.group, taken_w[limit.nodes], len(limit.power_w))
            for node, group in zip(limit.nodes.tolist(), limit.group.tolist(), strict=True):
                if back[node]:
                    back[node] = self._with_room_w[node] <= left_w[group]
                    left_w[group] -= self._with_room_w[node] if back[node] else 0.0
        chosen = np.flatnonzero(back)
        self._kept_off_w[chosen] = 0.0
        self._switched_off.let_go(_OFF, chosen)
        return bool(len(chosen))


def keep_limits(timeline: Timeline, settlement: Settlement, interval_s: float) -> Generator[simpy.Event, None, None]:
    """Let limits be shared anew now and then, where no building is looked at that would bring it about."""
    while True:
        yield timeline.tick(timeline.now + interval_s)
        settlement.mark()
