"""Links, switches and storage that jobs and transfers share: max-min fair, solved once an instant for what changed.

A job that is held uses its resources all the time, in proportion to its speed. A transfer moves so many bytes and is
through. Both are fluids: see docs/decisions/0012-sharing.md for what that leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import simpy
from numpy.typing import ArrayLike, NDArray
from simpy.events import URGENT

from ..engine.settlement import Settlement, Timeline
from .flow_network import FloatArray, FlowNetwork, IntArray

SlowDown = Callable[[IntArray, FloatArray], None]
"""Told jobs (indices of the batch) and the factors (0 to 1) by which sharing slows them from now on: what each gets
over its ceiling, which others have seen to already."""


class Transfer:
    """Bytes on their way. `done` happens when the last one is there, with the transfer as its value."""

    def __init__(self, shared: SharedResources, size_b: float, done: simpy.Event) -> None:
        self.size_b = size_b
        self.done = done
        self.cancelled = False
        self.undelivered_b = 0.0
        """Of one that was cancelled: bytes that never came."""
        self._shared = shared

    def left_b(self) -> float:
        """Return the bytes that are yet to come at the present instant; of a cancelled one, those that never came."""
        return self._shared.left_b(self)

    @property
    def rate_b_per_s(self) -> float:
        """Bytes per second as of the last settlement."""
        return self._shared.rate_b_per_s(self)


class _Held:
    """A job that uses resources: its flow's rate is its speed."""

    def __init__(self, flow: int, most: float, factor: float) -> None:
        self.flow = flow
        self.most = most
        self.ceiling = 1.0
        self.factor = factor
        """What the batch was told last."""


class SharedResources:
    """What is shared, and who uses it. Every change marks the settlement, which solves what it concerns.

    Shares of a contended resource are bytes per second in proportion to the weights. A job's are counted where it uses
    most: weight 1 is one flow there, and a job with as many flows as it has nodes is given as much weight.
    """

    finished = True
    """It keeps no run going: who waits for a transfer does."""

    def __init__(self, timeline: Timeline, settlement: Settlement, slow_down: SlowDown) -> None:
        self._timeline = timeline
        self._settlement = settlement
        self._slow_down = slow_down
        self._network = FlowNetwork()
        self.names: list[str] = []
        """Names of the resources, by index."""
        self._held: dict[int, _Held] = {}
        self._job_of_flow: dict[int, int] = {}
        self._released: list[int] = []
        self._changed_jobs: list[int] = []
        self._transfer_of_flow: dict[int, Transfer] = {}
        self._flow_of_transfer: dict[Transfer, int] = {}
        self.times_solved = 0
        """How often rates were solved: who sees the same number again has missed nothing."""
        self._wake_up_s = math.inf

    def add_resource(self, name: str, capacity_b_per_s: float) -> int:
        """Add a resource and return its index; its capacity is 0 or more, 0 where nothing passes."""
        return int(self.add_resources([name], np.array([capacity_b_per_s]))[0])

    def add_resources(self, names: list[str], capacities_b_per_s: FloatArray) -> IntArray:
        """Add many resources and return their indices, which follow each other."""
        indices = self._network.add_resources(np.asarray(capacities_b_per_s, np.float64))
        self.names += names
        return indices

    def capacity_b_per_s(self, resource: int) -> float:
        """Return a resource's capacity [B/s]."""
        return self._network.capacity(resource)

    def used_b_per_s(self, resource: int) -> float:
        """Return how much of a resource is used as of the last settlement [B/s]."""
        return self._network.used(resource)

    def set_capacity(self, resource: int, b_per_s: float) -> None:
        """Let a resource carry so much from now on [B/s]; at 0 everything that uses it stands still."""
        self._network.set_capacity(resource, b_per_s)
        self._settlement.mark()

    def hold_job(
        self,
        job: int,
        resources: ArrayLike,
        b_per_s_at_full_speed: ArrayLike,
        weight: float = 1.0,
        *,
        most: float = 1.0,
    ) -> None:
        """Let a job use resources until it is released, each by so many B/s at full speed and in proportion below.

        `most` is the speed (0 to 1) that its own ways allow though nobody shares them; unlike a ceiling that others see
        to, it slows the job from here. A resource that is named twice counts twice. What the job held before is let go
        of, its ceiling included.
        """
        if not 0.0 <= most <= 1.0:
            raise ValueError(f"the most speed must be from 0 to 1, not {most}")
        indices, uses = _uses(resources, b_per_s_at_full_speed, self._network.resources)
        if not weight > 0.0:
            raise ValueError(f"a weight must be above 0, not {weight}")
        factor = 1.0
        if job in self._held:
            factor = self._let_go(job)
        if job in self._released:
            self._released.remove(job)
        greatest_b_per_s = float(uses.max(initial=0.0)) or 1.0
        flow = self._network.enter(
            indices, uses, weight=weight / greatest_b_per_s, ceiling=most, size_b=math.inf, now_s=self._timeline.now
        )
        self._held[job] = _Held(flow, most, factor)
        self._job_of_flow[flow] = job
        self._changed_jobs.append(job)
        self._settlement.mark()

    def set_ceiling(self, job: int, speed: float) -> None:
        """Say how fast others let a held job run from now on (0 to 1): it leaves the rest to those it shares with."""
        if not 0.0 <= speed <= 1.0:
            raise ValueError(f"a ceiling must be from 0 to 1, not {speed}")
        held = self._held[job]
        held.ceiling = speed
        self._network.set_ceiling(held.flow, min(speed, held.most))
        self._changed_jobs.append(job)
        self._settlement.mark()

    def release_job(self, job: int) -> None:
        """Let a job use nothing any more: it has its full speed again. One that is not held is left alone."""
        if job in self._held and self._let_go(job) != 1.0:
            self._released.append(job)
        self._settlement.mark()

    def is_held(self, job: int) -> bool:
        """Return whether a job uses anything here."""
        return job in self._held

    def speed(self, job: int) -> float:
        """Return a held job's speed as of the last settlement (0 to 1)."""
        return self._network.rate(self._held[job].flow)

    def begin(
        self,
        resources: ArrayLike,
        size_b: float,
        *,
        weight: float = 1.0,
        ceiling_b_per_s: float = math.inf,
        use: ArrayLike = 1.0,
    ) -> Transfer:
        """Begin to move bytes over resources, of which each is used by `use` times the rate (one number, or one each).

        A transfer without bytes, or without anything that holds it, is through at this instant.
        """
        indices, uses = _uses(resources, use, self._network.resources)
        for name, value, allowed in (
            ("a size", size_b, 0.0 <= size_b < math.inf),
            ("a weight", weight, 0.0 < weight < math.inf),
            ("a ceiling", ceiling_b_per_s, ceiling_b_per_s >= 0.0),
        ):
            if not allowed:
                raise ValueError(f"{name} of a transfer can not be {value}")
        transfer = Transfer(self, size_b, self._timeline.event())
        if size_b == 0.0 or (len(indices) == 0 and ceiling_b_per_s == math.inf):
            transfer.done.succeed(transfer)
            return transfer
        flow = self._network.enter(
            indices, uses, weight=weight, ceiling=ceiling_b_per_s, size_b=size_b, now_s=self._timeline.now
        )
        self._transfer_of_flow[flow], self._flow_of_transfer[transfer] = transfer, flow
        self._settlement.mark()
        return transfer

    def cancel(self, transfer: Transfer) -> None:
        """Stop a transfer: its `done` never happens. One that is through is left alone."""
        if transfer in self._flow_of_transfer:
            transfer.cancelled = True
            transfer.undelivered_b = transfer.left_b()
            self._forget(transfer)
            self._settlement.mark()

    def left_b(self, transfer: Transfer) -> float:
        """Return what is left of a transfer at the present instant [B]."""
        flow = self._flow_of_transfer.get(transfer)
        return transfer.undelivered_b if flow is None else self._network.left_b(flow, self._timeline.now)

    def rate_b_per_s(self, transfer: Transfer) -> float:
        """Return a transfer's rate as of the last settlement [B/s]; 0 once it is through."""
        flow = self._flow_of_transfer.get(transfer)
        return 0.0 if flow is None else self._network.rate(flow)

    @property
    def last_solved(self) -> int:
        """How many jobs and transfers the last settlement had to solve."""
        return self._network.last_solved

    @property
    def unsettled(self) -> bool:
        """Whether something has changed since the last settlement."""
        return self._network.unsettled or bool(self._released or self._changed_jobs)

    def announce(self) -> bool:
        """Return that nobody is left to be told: a wake-up tells those whose transfers are through."""
        return False

    def settle(self, now_s: float) -> None:
        """Solve what has changed, tell the batch of speeds, and see that the next transfer's end is not missed."""
        if not self.unsettled:
            return
        changed = self._network.settle(now_s)
        self.times_solved += 1
        if self._job_of_flow or self._released or self._changed_jobs:
            self._tell_jobs([self._job_of_flow[flow] for flow in changed.tolist() if flow in self._job_of_flow])
        self._post_wake_up()

    def advance(self, until_s: float) -> float:
        """Return `until_s`: the end of a transfer is an event of the timeline."""
        return until_s

    def _tell_jobs(self, changed: list[int]) -> None:
        """Tell the batch of the factors that have changed, and of those released."""
        factors = dict.fromkeys(self._released, 1.0)
        for job in changed + self._changed_jobs:
            held = self._held.get(job)
            if held is None:
                continue
            factor = self._network.rate(held.flow) / held.ceiling if held.ceiling > 0.0 else 1.0
            if factor != held.factor:
                held.factor = factors[job] = factor
        self._released, self._changed_jobs = [], []
        if factors:
            self._slow_down(np.array(list(factors), np.int64), np.array(list(factors.values())))

    def _post_wake_up(self) -> None:
        """See to it that there is a wake-up no later than the next transfer's end.

        SimPy can not cancel: one that comes too early finds nobody and posts the next. It comes before all else of its
        instant, so that a completion precedes a failure.
        """
        due_s = self._network.next_due_s
        if due_s < self._wake_up_s:
            self._wake_up_s = due_s
            event = self._timeline.at(due_s, URGENT)
            callbacks: list[Callable[[simpy.Event], None]] | None = event.callbacks
            assert callbacks is not None, "a new event has not happened yet"
            callbacks.append(self._wake_up)

    def _wake_up(self, _: simpy.Event) -> None:
        now_s = self._timeline.now
        if now_s < self._wake_up_s:
            return  # One that was overtaken and posted again.
        self._wake_up_s = math.inf
        while (flow := self._network.take_due(now_s)) >= 0:
            transfer = self._transfer_of_flow[flow]
            self._forget(transfer)
            transfer.done.succeed(transfer)
            self._settlement.mark()
        self._post_wake_up()

    def _forget(self, transfer: Transfer) -> None:
        flow = self._flow_of_transfer.pop(transfer)
        del self._transfer_of_flow[flow]
        self._network.leave(flow)

    def _let_go(self, job: int) -> float:
        held = self._held.pop(job)
        del self._job_of_flow[held.flow]
        self._network.leave(held.flow)
        return held.factor


def _uses(resources: ArrayLike, uses: ArrayLike, count: int) -> tuple[IntArray, FloatArray]:
    """Return the resources that are used, each once, and by how much."""
    indices: IntArray = np.atleast_1d(np.array(resources, np.int64))
    amounts: NDArray[np.float64] = np.array(np.broadcast_to(np.asarray(uses, np.float64), indices.shape))
    if len(indices) == 0:
        return indices, amounts
    if int(indices.min()) < 0 or int(indices.max()) >= count:
        raise ValueError(f"resources must be from 0 to {count - 1}, not {indices.min()} to {indices.max()}")
    if not (np.isfinite(amounts) & (amounts >= 0.0)).all():
        raise ValueError(f"a use must be 0 or more and finite; there is {float(amounts.min())}")
    if (np.diff(indices) <= 0).any():
        indices, place = np.unique(indices, return_inverse=True)
        amounts = np.bincount(place, weights=amounts, minlength=len(indices)).astype(np.float64)
    used = amounts > 0.0
    return (indices, amounts) if used.all() else (indices[used], amounts[used])
