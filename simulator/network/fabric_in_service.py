"""The fabric while it runs: which links and switches are up, what each carries, and who is told when that changes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.network.training_traffic import GroupTraffic, JobUse, job_use
from models.topology.laid_out.built_fabric import BuiltFabric, Routes

from ..operations.component import Component, Components
from .network_load import NetworkLoad

if TYPE_CHECKING:
    from .shared_resources import SharedResources

IntArray = NDArray[np.int64]


class FabricInService:
    """A fabric of which cables and switches go out and come back.

    A link is up while its cable and the switches at its ends are. Flows are routed over what is up at the instant at
    which they ask; whoever holds routes is told through `on_change` that they may no longer be.
    """

    def __init__(
        self, built: BuiltFabric, load: NetworkLoad | None = None, shared: SharedResources | None = None
    ) -> None:  # fmt: skip
        self.built = built
        self.load = load
        """Its switches as a load of the hall; None where it has none."""
        self.on_change: list[Callable[[], None]] = []
        """Called when links have gone or come, after `up` says so."""
        self.cable_outages = 0
        self.switch_outages = 0
        self._shared = shared
        self._reasons = np.zeros(built.links, np.int32)
        self._resource = np.full(built.links, -1, np.int64)
        self._labels: IntArray | None = None

    @property
    def up(self) -> NDArray[np.bool_]:
        """Which links are up, shape (links,)."""
        up: NDArray[np.bool_] = self._reasons == 0
        return up

    @property
    def whole(self) -> bool:
        """Whether every link is up."""
        return not self._reasons.any()

    @property
    def capacity_b_per_s(self) -> NDArray[np.float64]:
        """What each link carries now [B/s], 0 where it is out; shape (links,)."""
        return np.where(self.up, self.built.capacity_b_per_s, 0.0)

    def routes(
        self, src: IntArray, dst: IntArray, rail: IntArray, flow: IntArray, dst_rail: IntArray | None = None
    ) -> Routes:  # fmt: skip
        """Return the routes of flows over the links that are up; see `BuiltFabric.routes`."""
        return self.built.routes(src, dst, rail, flow, None if self.whole else self.up, dst_rail=dst_rail)

    def cut_off(self, nodes: IntArray) -> bool:
        """Return whether no rail joins all of some nodes any more, so that a gang on them stands still."""
        first = self.built.first_nic
        counts = first[nodes + 1] - first[nodes]
        if len(nodes) < 2 or (counts == 0).any():
            return len(nodes) > 1
        if self._labels is None:
            self._labels = self.built.joined(None if self.whole else self.up)
        begin = np.cumsum(counts) - counts
        mine = self._labels[np.arange(int(counts.sum())) + np.repeat(first[nodes] - begin, counts)]
        # A rail joins all nodes if each of them has an interface with the number of one of the first node's.
        return not any(np.logical_or.reduceat(mine == label, begin).all() for label in set(mine[: counts[0]].tolist()))

    def isolated(self) -> IntArray:
        """Return the nodes with interfaces of which none hangs together with most of all."""
        if self.whole:
            return np.zeros(0, np.int64)
        labels, first = self.built.joined(self.up), self.built.first_nic
        if not len(labels):
            return np.zeros(0, np.int64)
        reaches = np.concatenate(([0], np.cumsum(labels == np.bincount(labels).argmax())))
        has = first[1:] > first[:-1]
        return np.flatnonzero(has & (reaches[first[1:]] == reaches[first[:-1]]))

    def resources(self, links: IntArray) -> IntArray:
        """Return the shared resources that stand for links, which are entered when they are first asked for.

        Raises ValueError where nothing is shared in this run.
        """
        if self._shared is None:
            raise ValueError("this run shares no resources")
        new = np.unique(links[self._resource[links] < 0])
        if len(new):
            names = [self.built.link_name(link) for link in new.tolist()]
            self._resource[new] = self._shared.add_resources(names, self.capacity_b_per_s[new])
        return self._resource[links]

    def use(self, nodes: IntArray, traffic: Iterable[GroupTraffic], *, wraps: bool = False) -> JobUse | None:
        """Return what a job on nodes, in order of rank, puts on the links that are up; None where it is cut off."""
        return job_use(self.built, nodes, traffic, up=None if self.whole else self.up, wraps=wraps)

    def take_out(self, links: IntArray) -> None:
        """Let links carry nothing from now on, for one reason more."""
        before = self._reasons[links] == 0
        self._reasons[links] += 1
        self._changed(links[before], up=False)

    def bring_back(self, links: IntArray) -> None:
        """Take one reason away; links that no other keeps out carry again."""
        self._reasons[links] -= 1
        self._changed(links[self._reasons[links] == 0], up=True)

    def register(self, components: Components) -> None:
        """Enter every switch as a component `switch` and every cable as a component `link`."""
        for switch, name in enumerate(self.built.switches.names):
            components.register(
                Component(
                    "switch",
                    name,
                    functools.partial(self._set_switch, switch, False),
                    functools.partial(self._set_switch, switch, True),
                )
            )
        for cable, name in enumerate(self.built.cable_names):
            components.register(
                Component(
                    "link",
                    name,
                    functools.partial(self._set_cable, cable, False),
                    functools.partial(self._set_cable, cable, True),
                )
            )

    def _set_switch(self, switch: int, up: bool) -> None:
        if self.load is not None:
            self.load.set_up(switch, up)
        self.switch_outages += not up
        (self.bring_back if up else self.take_out)(self.built.switches.links(switch))

    def _set_cable(self, cable: int, up: bool) -> None:
        self.cable_outages += not up
        (self.bring_back if up else self.take_out)(np.array([2 * cable, 2 * cable + 1]))

    def _changed(self, links: IntArray, *, up: bool) -> None:
        if not len(links):
            return
        self._labels = None
        if self._shared is not None:
            for link in links[self._resource[links] >= 0].tolist():
                carries_b_per_s = float(self.built.capacity_b_per_s[link]) if up else 0.0
                self._shared.set_capacity(int(self._resource[link]), carries_b_per_s)
        for tell in tuple(self.on_change):
            tell()
