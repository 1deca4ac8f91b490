"""A small hall for tests: nodes and jobs in a line each, run through the engine itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from models.fleet import Fleet
from models.nodes.node import Node
from models.series import Series
from models.workload.building import build
from models.workload.job import Workload
from simulator.assembly.hall import build_state
from simulator.engine import state as layout
from simulator.engine.batch import Batch
from simulator.engine.settlement import Settlement, Timeline
from simulator.engine.state import State
from simulator.placement.first_fit import FirstFit
from simulator.placement.policy import PlacementPolicy
from simulator.processes.commissioning import commission_and_retire
from simulator.processes.signal_changes import follow_signal
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.policy import SchedulingPolicy

GIB = 2**30
Story = Generator[simpy.Event, Any, None]
"""What a process tells the hall."""


def node(
    *,
    cores: int = 4,
    memory_gib: int = 64,
    accelerators: int = 0,
    idle_w: float = 100.0,
    peak_w: float = 200.0,
    accelerator_idle_w: float = 50.0,
    accelerator_peak_w: float = 400.0,
    curve: str = "linear",
    accelerator: str = "GPU",
    clock_exponent: float = 2.0,
) -> Node:
    """A node whose processors together draw `idle_w` to `peak_w`, and each accelerator 50 W to 400 W."""
    parts: list[dict[str, Any]] = [
        {
            "name": "processors",
            "follows": "processor",
            "idle_power": f"{idle_w} W",
            "peak_power": f"{peak_w} W",
            "curve": curve,
        }
    ]
    given: dict[str, Any] = {"cpu_cores": cores, "memory": f"{memory_gib} GiB"}
    if accelerators:
        given |= {"accelerator": {"name": accelerator}, "accelerators": accelerators}
        parts.append(
            {
                "name": "accelerators",
                "count": accelerators,
                "follows": "accelerator",
                "idle_power": f"{accelerator_idle_w} W",
                "peak_power": f"{accelerator_peak_w} W",
                "curve": curve,
            }
        )
    exponent = {"value": clock_exponent, "source": "a test", "status": "assumption"}
    return Node.model_validate(given | {"power": {"parts": parts, "clock_exponent": exponent}})


def fleet(
    nodes: Sequence[Node],
    *,
    racks: Sequence[int] | None = None,
    rack_power_w: Sequence[float] | None = None,
    commission_s: Sequence[float] | None = None,
    retire_s: Sequence[float] | None = None,
    drains: bool = True,
) -> Fleet:
    """Nodes called n0, n1, ...; equal `Node` objects are one model (m0, m1, ...); all in rack 0 if nothing is said."""
    count = len(nodes)
    models: list[Node] = []
    for each in nodes:
        if not any(each is known for known in models):
            models.append(each)
    rack = np.zeros(count, np.int64) if racks is None else np.array(racks, np.int64)
    rack_count = int(rack.max()) + 1
    return Fleet(
        node_names=tuple(f"n{index}" for index in range(count)),
        model_names=tuple(f"m{index}" for index in range(len(models))),
        models=tuple(models),
        model=np.array([next(i for i, known in enumerate(models) if known is each) for each in nodes], np.int64),
        rack_names=tuple(f"r{index}" for index in range(rack_count)),
        rack_power_w=np.zeros(rack_count) if rack_power_w is None else np.array(rack_power_w, np.float64),
        rack=rack,
        group=("all",) * count,
        commission_s=np.zeros(count) if commission_s is None else np.array(commission_s, np.float64),
        retire_s=np.full(count, np.inf) if retire_s is None else np.array(retire_s, np.float64),
        retire_drains=np.full(count, drains),
    )


@dataclass(frozen=True)
class Job:
    """A job: when it comes, what it does (seconds, or phases of seconds and activity), what each task holds.

    A task holds a whole node unless `gpus`, `cores` or `memory_gib` says what it holds of one.
    """

    submit_s: float
    work: float | Sequence[tuple[float, float]]
    name: str = ""
    tasks: int = 1
    gpus: float = 0.0
    cores: float = 0.0
    memory_gib: float = 0.0
    estimate_s: float = float("nan")
    checkpoint_s: float = float("nan")
    priority: int = 0
    user: str = "anyone"
    accepts: frozenset[str] = frozenset()

    @property
    def exclusive(self) -> bool:
        return self.gpus == self.cores == self.memory_gib == 0.0

    @property
    def phases(self) -> list[tuple[float, float]]:
        return [(float(self.work), 1.0)] if isinstance(self.work, int | float) else list(self.work)


def workload(*jobs: Job) -> Workload:
    """The jobs as the engine takes them, called a, b, c, ... where they have no names."""
    ordered = sorted(jobs, key=lambda job: job.submit_s)
    return build(
        where="test",
        name=[job.name or chr(ord("a") + index) for index, job in enumerate(ordered)],
        submit_s=[job.submit_s for job in ordered],
        phases=[len(job.phases) for job in ordered],
        work_s=[work_s for job in ordered for work_s, _ in job.phases],
        activity=[activity for job in ordered for _, activity in job.phases],
        tasks=[job.tasks for job in ordered],
        exclusive=[job.exclusive for job in ordered],
        accelerators_milli=[round(job.gpus * 1000) for job in ordered],
        cpu_milli=[round(job.cores * 1000) for job in ordered],
        memory_b=[round(job.memory_gib * GIB) for job in ordered],
        estimate_s=[job.estimate_s for job in ordered],
        checkpoint_interval_s=[job.checkpoint_s for job in ordered],
        priority=[job.priority for job in ordered],
        user=[job.user for job in ordered],
        constraint=[job.accepts for job in ordered],
    )


@dataclass
class Hall:
    """A hall that is ready to run; `at` adds control events, `run` runs it and closes its meters."""

    fleet: Fleet
    workload: Workload
    scheduling: SchedulingPolicy = field(default_factory=FirstComeFirstServed)
    placement: PlacementPolicy = field(default_factory=FirstFit)
    interval_s: int = 3600
    start_utc_s: float = 0.0
    random_start: int = 1
    should_stop: Callable[[], bool] | None = None
    signals: Sequence[Series] = ()
    blocks: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        self.timeline = Timeline()
        state = build_state(
            self.fleet,
            self.workload,
            self.scheduling,
            self.placement,
            start_utc_s=self.start_utc_s,
            interval_s=self.interval_s,
            rack_interval_s=self.interval_s,
            keep_change_points=True,
            random_start=self.random_start,
            signals=self.signals,
            blocks=self.blocks,
        )
        schedule, choose = self.scheduling.kernel(), self.placement.kernel()
        self.batch = Batch(self.timeline, state, schedule, choose, should_stop=self.should_stop)
        self.settlement = Settlement(self.timeline, [self.batch])
        self.timeline.process(commission_and_retire(self.timeline, self.batch, self.settlement, self.fleet))
        held_until_s = float(self.workload.submit_s[-1]) + self.scheduling.longest_hold_s()
        for signal in self.signals:
            story = follow_signal(
                self.timeline,
                self.batch,
                self.settlement,
                signal,
                start_utc_s=self.start_utc_s,
                until_s=held_until_s,
            )
            self.timeline.process(story)
        self.settlement.mark()
        self.end_s = float("nan")

    def at(self, instant_s: float, action: Callable[[Batch], None]) -> Hall:
        """Do something to the hall at an instant."""

        def story() -> Story:
            yield self.timeline.at(instant_s)
            action(self.batch)
            self.settlement.mark()

        self.timeline.process(story())
        return self

    def run(self, until_s: float | None = None) -> Hall:
        """Run to `until_s`, or until the last job ends or nothing can happen any more."""
        try:
            self.timeline.run(self.settlement.finished if until_s is None else until_s)
        except RuntimeError as error:
            if "No scheduled events left" not in str(error):
                raise
        self.end_s = self.batch.now_s if until_s is None else until_s
        self.batch.close(self.end_s)
        return self

    @property
    def state(self) -> State:
        return self.batch.state

    def of_jobs(self, column: str) -> dict[str, Any]:
        """A column of the jobs by name."""
        return dict(zip(self.workload.name, self.state.jobs[column].tolist(), strict=True))

    @property
    def starts_s(self) -> dict[str, float]:
        """When each job started first."""
        return self.of_jobs("first_start_s")

    @property
    def ends_s(self) -> dict[str, float]:
        """When each job ended."""
        return self.of_jobs("end_s")

    @property
    def first_nodes(self) -> dict[str, int]:
        """The node of each job's first task."""
        return self.of_jobs("first_node")

    @property
    def energy_j(self) -> float:
        """Energy of the hall, as its own meter has it."""
        return float(self.state.meters["integral"][layout.IT_POWER])

    @property
    def peak_w(self) -> float:
        """Greatest power of the hall that lasted."""
        return float(self.state.meters["greatest"][layout.IT_POWER])

    def buckets(self, quantity: int = layout.IT_POWER) -> NDArray[np.float64]:
        """The buckets that the run touched: integral, least, greatest."""
        buckets: NDArray[np.float64] = self.state.hall_buckets[quantity]
        return np.asarray(buckets[buckets[:, 1] < np.inf])

    @property
    def change_points(self) -> list[tuple[float, float]]:
        """Instants before the end and the hall's power from then on."""
        count = int(self.state.clock[0]["change_points"])
        points = self.state.change_points[:count].tolist()
        return [(at_s, level_w) for at_s, level_w in points if not at_s >= self.end_s]


def assert_energy_is_whole(hall: Hall) -> None:
    """Jobs, unheld power and racks' own power add up to the hall; so do nodes and racks, and so do the buckets."""
    state = hall.state
    nodes, racks = state.nodes, state.racks
    nodes_j = nodes["energy_j"].sum()
    scale = max(hall.energy_j, 1.0)
    shared_j = racks["energy_j"].sum() - nodes_j
    assert shared_j >= -1e-9 * scale
    assert abs(state.jobs["energy_j"].sum() + nodes["unheld_energy_j"].sum() - nodes_j) <= 1e-9 * scale
    assert abs(racks["energy_j"].sum() - hall.energy_j) <= 1e-9 * scale
    assert abs(hall.buckets()[:, 0].sum() - hall.energy_j) <= 1e-9 * scale
    assert abs(state.rack_buckets[:, :, 0].sum() - hall.energy_j) <= 1e-9 * scale
    for rack in range(len(racks)):
        of_rack_j = nodes["energy_j"][nodes["rack"] == rack].sum()
        if racks["shared_w"][rack] == 0.0:
            assert abs(racks["energy_j"][rack] - of_rack_j) <= 1e-9 * scale
