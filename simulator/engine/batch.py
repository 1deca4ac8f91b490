"""Batch jobs on named nodes: the run-ahead component over the compiled loops."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from ..metering.buckets import empty_buckets
from . import advance_kernel, control_kernel, migration_kernel
from . import state as layout
from .job_activity import keep_work
from .lifecycle_kernel import ANEW, AS_IT_STANDS, FROM_CHECKPOINT
from .settlement import Timeline
from .state import State

EVENTS_A_CALL = 50_000
"""Events between two looks at the outside world: an interrupt, a progress bar."""

LOSS_TERMS = ("constant_w", "linear", "quadratic_per_w")
"""The terms of a stage's loss, as fields of the engine's STAGE."""

_NO_CAP_YET_W = -1.0
"""A cap that no node ever has."""
_INTERRUPTING = frozenset((control_kernel.RETIRE, control_kernel.SHUT_DOWN, control_kernel.INTERRUPT))
"""Actions that take running jobs off their nodes."""

Progress = Callable[[float, int], None]
"""Told now and then how far the run is: instant [s], jobs that have ended."""


Indices = Sequence[int] | NDArray[np.int64]
"""Which nodes or jobs; an array is passed on as it is."""


class RestlessError(RuntimeError):
    """Raised when a scheduling policy keeps changing its mind within one instant."""


class Stopped(Exception):
    """Raised at a consistent instant, where the run was asked to stop."""


class Batch:
    """The hall's nodes and jobs. Control events call its methods, and the settlement does the rest.

    Every change is stamped with the timeline's present instant; whoever changes something then marks the settlement.
    """

    def __init__(
        self,
        timeline: Timeline,
        state: State,
        schedule: Any,
        choose: Any,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.state = state
        self._timeline = timeline
        self._functions = schedule, choose  # They own the machine code whose addresses are bound.
        self._policies = layout.bind(schedule, choose)
        self._progress = progress
        self._should_stop = should_stop
        self._watched: dict[int, simpy.Event] = {}
        self.keeping: NDArray[np.int64] = np.zeros(0, np.int64)
        """Jobs with a row of `State.trainings` whose work is never done anew, such as nodes of a service."""
        self._room_until_s = -math.inf
        self._clock = state.clock[0]
        self._handle = layout.handle(state)

    @property
    def now_s(self) -> float:
        """The instant that the jobs have reached."""
        return float(self._clock["now_s"])

    @property
    def ended_jobs(self) -> int:
        """Jobs that are completed, killed or were rejected."""
        return int(self._clock["completed"] + self._clock["killed"] + self._clock["rejected"])

    @property
    def finished(self) -> bool:
        """Whether every job was submitted and has ended, and all who wait for one have been told."""
        jobs, clock = len(self.state.jobs), self._clock
        return bool(self.ended_jobs == jobs and clock["next_job"] == jobs and clock["watched_ended"] == 0)

    @property
    def unsettled(self) -> bool:
        """Whether something is marked."""
        clock = self._clock
        return bool(
            clock["schedule_needed"] or clock["dirty_nodes"] or clock["dirty_jobs"] or clock["watched_ended"]
            or clock["chain_dirty"] or clock["queued"] != self.state.meters["level"][layout.QUEUED_JOBS]
        )  # fmt: skip

    def commission(self, nodes: Indices) -> None:
        """Put absent nodes into service."""
        self._control(control_kernel.COMMISSION, nodes, 0.0)

    def retire(self, nodes: Indices, *, drain: bool, keep_work: bool = True) -> None:
        """Take nodes out of service for good: once their jobs have ended (`drain`), or now.

        Interrupted jobs return to their lines, from their last checkpoint with `keep_work`, else from the start.
        """
        if drain:
            self._control(control_kernel.DRAIN, nodes, 0.0)
        else:
            self._control(control_kernel.RETIRE, nodes, float(keep_work))

    def set_node_clock(self, nodes: Indices, fraction: float) -> None:
        """Hold nodes to a fraction (0 to 1) of full clock."""
        self._control(control_kernel.SET_NODE_CLOCK, nodes, fraction)

    def set_job_clock(self, jobs: Indices, fraction: float) -> None:
        """Hold what jobs hold to a fraction (0 to 1) of full clock."""
        self._control(control_kernel.SET_JOB_CLOCK, jobs, fraction)

    def reschedule(self) -> None:
        """Ask for a scheduling pass, where jobs wait: something that the policy looks at has changed."""
        self._clock["now_s"] = self._timeline.now
        if self._clock["queued"] > 0:
            self._clock["schedule_needed"] = 1

    def set_node_caps(self, nodes: Indices, caps_w: Sequence[float] | NDArray[np.float64]) -> None:
        """Let each node draw no more than its cap [W]; infinity lifts it."""
        chosen, caps = np.asarray(nodes, np.int64), np.asarray(caps_w, np.float64)
        changed = self.state.nodes["cap_w"][chosen] != caps
        # The loop marks nodes and jobs; it knows one cap for all, so each gets its own after it.
        self._control(control_kernel.SET_NODE_CAP, chosen[changed], _NO_CAP_YET_W)
        self.state.nodes["cap_w"][chosen[changed]] = caps[changed]

    def shut_down(self, nodes: Indices, *, keep_work: bool = True) -> None:
        """Switch nodes off at once; their jobs return to their lines as at a retirement. They can be brought up."""
        self._control(control_kernel.SHUT_DOWN, nodes, float(keep_work))

    def cordon(self, nodes: Indices) -> None:
        """Let nodes run what they hold and take nothing new."""
        self._control(control_kernel.CORDON, nodes, 0.0)

    def uncordon(self, nodes: Indices) -> None:
        """Let cordoned nodes take work again."""
        self._control(control_kernel.UNCORDON, nodes, 0.0)

    def hang(self, jobs: Indices) -> None:
        """Let running jobs stand still on their nodes until they are interrupted or resumed."""
        self._control(control_kernel.HANG, jobs, 0.0)

    def resume(self, jobs: Indices) -> None:
        """Let jobs that hang go on."""
        self._control(control_kernel.RESUME, jobs, 0.0)

    def end_pause(self, jobs: Indices) -> None:
        """End the present pause of running jobs: what it was for is done."""
        self._control(control_kernel.END_PAUSE, jobs, 0.0)

    def interrupt(self, jobs: Indices, *, keep_work: bool = True, as_it_stands: bool = False) -> None:
        """Take running jobs off their nodes, back into their lines.

        They resume at their last checkpoint with `keep_work`, else anew, or where they are (`as_it_stands`).
        """
        kept = FROM_CHECKPOINT if keep_work else ANEW
        self._control(control_kernel.INTERRUPT, jobs, float(AS_IT_STANDS if as_it_stands else kept))

    def migrate(self, job: int, moves: Sequence[tuple[int, int]], pause_s: float) -> int:
        """Move tasks of a running batch job from node to node, all its work kept; return how many could be.

        It stands still for `pause_s` in all, on the nodes that it then has; a task moves where the other node has room.
        """
        self._clock["now_s"] = self._timeline.now
        return sum(migration_kernel.migrate(self._handle, job, *nodes, pause_s) for nodes in moves)

    def set_job_speeds(self, jobs: Indices, speeds: Sequence[float] | NDArray[np.float64]) -> None:
        """Give each job a factor (0 to 1) on its rate; 0 lets it stand still."""
        chosen, wanted = np.asarray(jobs, np.int64), np.asarray(speeds, np.float64)
        rows = self.state.jobs
        runs = rows["status"][chosen] == layout.RUNNING
        rows["speed"][chosen[~runs]] = wanted[~runs]  # They take it when they start.
        for job, speed in zip(chosen[runs].tolist(), wanted[runs].tolist(), strict=True):
            if rows["speed"][job] != speed:
                self._control(control_kernel.SET_JOB_SPEED, [job], speed)

    def nodes_of(self, job: int) -> NDArray[np.int64]:
        """Return the node of each task that a job holds, in the order in which they were granted."""
        nodes = np.zeros(int(self.state.jobs["tasks"][job]), np.int64)
        return nodes[: control_kernel.list_nodes(self._handle, job, nodes)]

    def jobs_on(self, nodes: Indices) -> NDArray[np.int64]:
        """Return the jobs that hold anything on any of the nodes, in ascending order."""
        found: set[int] = set()
        for node in np.asarray(nodes, np.int64):
            holding = self.state.nodes["first_holding"][node]
            while holding >= 0:
                found.add(int(self.state.holdings["job"][holding]))
                holding = self.state.holdings["next_on_node"][holding]
        return np.array(sorted(found), np.int64)

    def take_news(self, first: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Return which jobs have something to tell, by row of `State.trainings`, and what (bits of `news`).

        Rows from `first` to before `end` are asked and have nothing to tell then; by default all.
        """
        if self._clock["told"] == 0:
            return []
        news = self.state.trainings["news"][first:end]
        told = [(first + int(row), int(news[row])) for row in np.flatnonzero(news)]
        news[:] = 0
        self._clock["told"] -= len(told)
        return told

    def bring_up(self, nodes: Indices) -> None:
        """Put nodes that were shut down back into service."""
        self._control(control_kernel.BRING_UP, nodes, 0.0)

    def feed(
        self, *, other_it_w: float, stages_w: Sequence[float], beside_w: float, sources_w: float, supply: int
    ) -> None:
        """Say what the power chain carries besides nodes and racks from now on [W], and who supplies it.

        `stages_w` is what each stage feeds besides the one before it, `beside_w` what hangs on the grid's own side,
        `sources_w` what sources beside the grid give (negative where a battery is charged), `supply` one of GRID,
        BACKUP and DARK.
        """
        clock, stages = self._clock, self.state.stages
        clock["now_s"] = self._timeline.now
        stages["beside_w"] = stages_w
        clock["other_it_w"], clock["beside_w"], clock["sources_w"] = other_it_w, beside_w, sources_w
        clock["supply"], clock["chain_dirty"] = supply, 1

    def set_losses(
        self, constant_w: NDArray[np.float64], linear: NDArray[np.float64], quadratic_per_w: NDArray[np.float64]
    ) -> None:
        """Give each stage of the power chain the terms of its loss from now on, shape (stage,) each."""
        self._clock["now_s"] = self._timeline.now
        for name, terms in zip(LOSS_TERMS, (constant_w, linear, quadratic_per_w), strict=True):
            self.state.stages[name] = terms
        self._clock["chain_dirty"] = 1

    def integrals_at(self, now_s: float) -> NDArray[np.float64]:
        """Return the integral of every hall meter [unit s] up to an instant that was run up to, shape (meter,)."""
        meters = self.state.meters
        return np.asarray(meters["integral"] + meters["level"] * (now_s - meters["as_of_s"]))

    @property
    def nodes_in_service(self) -> int:
        """How many nodes are in service."""
        return int(self._clock["nodes_in_service"])

    def _control(self, action: int, indices: Indices, value: float) -> None:
        self._clock["now_s"] = self._timeline.now
        if action in _INTERRUPTING and len(self.keeping):
            keep_work(self.state, self.keeping)
        control_kernel.control_each(self._handle, action, np.ascontiguousarray(indices, np.int64), value)

    def ended(self, job: int) -> simpy.Event:
        """Return the event of a job's end; it has happened where the job has ended already."""
        if job not in self._watched:
            self._watched[job] = self._timeline.event()
            row = self.state.jobs[job]
            if row["status"] in (layout.COMPLETED, layout.KILLED, layout.REJECTED):
                self._watched[job].succeed(job)
            else:
                row["watched"] = 1
        return self._watched[job]

    def announce(self) -> bool:
        """Trigger the events of watched jobs that have ended."""
        if self._clock["watched_ended"] == 0:
            return False
        self._clock["watched_ended"] = 0
        for job, event in self._watched.items():
            if not event.triggered and self.state.jobs[job]["end_s"] <= self._clock["now_s"]:
                event.succeed(job)
        return True

    def settle(self, now_s: float) -> None:
        """Settle the present instant."""
        self._look_outside()
        self._clock["now_s"] = now_s
        self._make_room(now_s)
        self._check(advance_kernel.advance(self._handle, self._policies, now_s, 0))

    def advance(self, until_s: float) -> float:
        """Run ahead; stop early where a watched job ends."""
        if self._next_instant_s() > until_s:
            return until_s
        while True:
            reason = advance_kernel.advance(self._handle, self._policies, until_s, EVENTS_A_CALL)
            if reason == layout.REACHED:
                return until_s
            if reason == layout.WATCHED:
                return self.now_s
            self._check(reason)
            self._make_room(until_s)
            if reason == layout.BUDGET:
                self._look_outside()

    def close(self, end_s: float) -> None:
        """Bring every integral up to `end_s`, at which the run ends."""
        self._clock["now_s"] = end_s
        self._make_room(end_s)
        advance_kernel.bring_up_to(self._handle, end_s)

    @property
    def idle(self) -> bool:
        """Whether everything is settled, and no job will fall due or arrive by itself."""
        return not self.unsettled and math.isinf(self._next_instant_s())

    def _next_instant_s(self) -> float:
        """Return when a job falls due or arrives next, infinity if none will."""
        clock, jobs = self._clock, self.state.jobs
        due_s = float(jobs["due_s"][self.state.heap[0]]) if clock["heap_size"] > 0 else math.inf
        next_job = clock["next_job"]
        return min(due_s, float(jobs["submit_s"][next_job])) if next_job < len(jobs) else due_s

    def _look_outside(self) -> None:
        if self._progress is not None:
            self._progress(self.now_s, self.ended_jobs)
        if self._should_stop is not None and self._should_stop():
            raise Stopped

    def _check(self, reason: int) -> None:
        if reason == layout.RESTLESS:
            raise RestlessError(
                f"the scheduling policy did not come to rest in {advance_kernel.MOST_ROUNDS} rounds at "
                f"{self.now_s} s: it keeps interrupting and starting jobs"
            )

    def _make_room(self, until_s: float) -> None:
        """Let buckets and change points reach the next instant, no later than `until_s`, or double what is there."""
        if until_s < self._room_until_s:
            return
        state, clock = self.state, self._clock
        to_s, next_s = float(clock["now_s"]), self._next_instant_s()
        if math.isfinite(next_s):
            to_s = min(max(to_s, next_s), until_s)
        hall = _grown(state.hall_buckets, to_s, clock["first_edge_s"], clock["interval_s"])
        racks = _grown(state.rack_buckets, to_s, clock["rack_first_edge_s"], clock["rack_interval_s"])
        points = state.change_points
        if clock["keep_change_points"] and clock["change_points"] + 2 > len(points):
            points = np.concatenate([points, np.zeros_like(points)])
        if hall is not state.hall_buckets or racks is not state.rack_buckets or points is not state.change_points:
            self.state = state._replace(hall_buckets=hall, rack_buckets=racks, change_points=points)
            self._handle = layout.handle(self.state)
        if not clock["keep_change_points"]:
            self._room_until_s = min(
                float(clock["first_edge_s"] + clock["interval_s"] * (hall.shape[1] - 3)),
                float(clock["rack_first_edge_s"] + clock["rack_interval_s"] * (racks.shape[1] - 3)),
            )


def _grown(buckets: Any, to_s: float, first_edge_s: float, interval_s: float) -> Any:
    needed = int(max(to_s - first_edge_s, 0.0) // interval_s) + 3
    rows, count, _ = buckets.shape
    if needed <= count:
        return buckets
    return np.concatenate([buckets, empty_buckets(rows, max(needed, count + count // 4) - count)], axis=1)
