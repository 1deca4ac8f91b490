"""What is free on every node, to try moves on: a copy of the hall that plans may change."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.state import DEDICATED_NODES, IN_SERVICE, SHARED, State

WHOLE = 1000


class Room:
    """Free cores, memory and accelerators of the nodes in service; arrays have shape (node,)."""

    def __init__(self, state: State) -> None:
        nodes = state.nodes
        self.accelerators = state.models["accelerators"][nodes["model"]]
        self.in_service = nodes["status"] == IN_SERVICE
        self.whole_node = nodes["exclusive"] == 1
        self.residents = nodes["residents"].astype(np.int64)
        self.cpu_milli = nodes["free_cpu_milli"].copy()
        self.memory_b = nodes["free_memory_b"].copy()
        self.accelerators_milli = nodes["free_accelerators_milli"].copy()
        most = int(self.accelerators.max(initial=0))
        index = nodes["first_slot"][:, None] + np.arange(most)
        real = np.arange(most) < self.accelerators[:, None]
        self.slots = np.zeros((len(nodes), most), np.int64)
        """Free thousandths of each accelerator, shape (node, accelerator); 0 where a node has none."""
        self.slots[real] = state.slots[index[real], 0]
        self._tenancy = int(state.clock[0]["tenancy"])
        self._rack = nodes["rack"].astype(np.int64)
        self._tenant = nodes["tenant"].astype(np.int64)
        self._rack_tenant = state.racks["tenant"].astype(np.int64)

    def places(self, job: Any, accepted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many tasks of a job (a row of `State.jobs`) each of the accepted nodes has room for."""
        open_to = accepted & self.in_service & ~self.whole_node & self._admits(job)
        if job["exclusive"] == 1:
            return np.asarray(open_to & (self.residents == 0), np.int64)
        places = np.full(len(open_to), job["tasks"], np.int64)
        if job["cpu_milli"] > 0:
            places = np.minimum(places, self.cpu_milli // job["cpu_milli"])
        if job["memory_b"] > 0:
            places = np.minimum(places, self.memory_b // job["memory_b"])
        milli = job["accelerators_milli"]
        if milli >= WHOLE:
            places = np.minimum(places, (self.slots == WHOLE).sum(axis=1) // (milli // WHOLE))
        elif milli > 0:
            places = np.minimum(places, (self.slots // milli).sum(axis=1))
        return np.where(open_to, np.maximum(places, 0), 0)

    def admits_when_empty(self, job: Any) -> NDArray[np.bool_]:
        """Return which nodes a job might use once they are empty: none in a rack that is another tenant's."""
        whole = self._tenancy in {SHARED, DEDICATED_NODES}
        return np.ones(len(self._rack), np.bool_) if whole else self._admits(job)

    def _admits(self, job: Any) -> NDArray[np.bool_]:
        """Return on which nodes nobody is with whom a job must not share them: `holding_kernel.admits`."""
        held = self.residents > 0
        if self._tenancy == SHARED:
            return np.ones(len(held), np.bool_)
        if self._tenancy == DEDICATED_NODES:
            return np.asarray(~held | (self._tenant == job["tenant"]), np.bool_)
        held_racks = np.bincount(self._rack[held], minlength=len(self._rack_tenant)) > 0
        return np.asarray((~held_racks | (self._rack_tenant == job["tenant"]))[self._rack], np.bool_)

    def give_back(self, node: int, job: Any, slots: int) -> None:
        """Free what a task holds of a node; `slots` are its accelerators as bits."""
        self._change(node, job, [index for index in range(self.slots.shape[1]) if slots >> index & 1], 1)

    def take(self, node: int, job: Any) -> int:
        """Give a task its piece of a node where `places` has room, as the engine does; return which accelerators."""
        milli = int(job["accelerators_milli"])
        free = self.slots[node]
        chosen: list[int] = []
        if milli >= WHOLE:
            chosen = np.flatnonzero(free == WHOLE)[: milli // WHOLE].tolist()
        elif milli > 0:
            fitting = np.flatnonzero(free >= milli)
            chosen = [int(fitting[np.argmin(free[fitting])])]
        self._tenant[node] = self._rack_tenant[self._rack[node]] = job["tenant"]
        self._change(node, job, chosen, -1)
        return sum(1 << index for index in chosen)

    def _change(self, node: int, job: Any, slots: list[int], sign: int) -> None:
        milli = int(job["accelerators_milli"])
        self.slots[node, slots] += sign * min(milli, WHOLE)
        self.accelerators_milli[node] += sign * milli
        self.cpu_milli[node] += sign * job["cpu_milli"]
        self.memory_b[node] += sign * job["memory_b"]
        self.residents[node] -= sign
