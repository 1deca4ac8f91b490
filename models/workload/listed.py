"""Jobs written out in the scenario itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ..distributions.durations import PositiveDuration
from ..section import Section
from ..units import Duration, quantity
from .building import ANYONE, build
from .resources import Count, Priority, TaskResources
from .source import WorkloadSource

if TYPE_CHECKING:
    import numpy as np

    from .job import Workload


class ListedPhase(Section):
    """A part of a job's work."""

    duration: PositiveDuration
    """How long it runs at full clock."""
    activity: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How busy it keeps what the job holds; 1 is an assumption."""
    compute_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of compute in what bounds its speed: at 1 (assumption) it slows as the clock does, at 0, where memory
    bounds it, not at all."""


class ListedJob(TaskResources):
    """A job: a gang of equal tasks that start and end together. Give `duration`, or `phases` in its place."""

    name: str | None = None
    """What the job is called; job-0, job-1, ... by its place in the list if nothing is said."""
    submit: Duration = quantity("0 s")
    """When it is submitted, from the scenario's start."""
    duration: PositiveDuration | None = None
    """How long it runs at full clock."""
    activity: Annotated[float, Field(ge=0, le=1)] | None = None
    """How busy it keeps what it holds; 1 if nothing is said (assumption)."""
    compute_share: Annotated[float, Field(ge=0, le=1)] | None = None
    """The share of compute in what bounds its speed: at 1 (assumption, if nothing is said) it slows as the clock does,
    at 0, where memory bounds it, not at all."""
    phases: tuple[ListedPhase, ...] = ()
    """Its work in parts, in place of `duration` and `activity`."""
    tasks: Count = 1
    """Tasks, each on one node."""
    copies: Count = 1
    """How many such jobs are submitted at once; their names end in -1, -2, ... where there are several."""
    estimate: PositiveDuration | None = None
    """The user's estimate of the duration."""
    priority: Priority = 0
    """Larger goes first."""
    user: str = ANYONE
    """Who submits it."""
    checkpoint_interval: PositiveDuration | None = None
    """Work between two checkpoints; without it a job that is stopped loses all its work."""
    node_types: tuple[str, ...] = ()
    """Node models or accelerators that it accepts; any if nothing is said."""

    @model_validator(mode="after")
    def _work_once(self) -> Self:
        if (self.duration is None) == (not self.phases):
            raise ValueError("give 'duration' or 'phases', one of the two")
        for name in ("activity", "compute_share"):
            if self.phases and getattr(self, name) is not None:
                raise ValueError(f"with 'phases' each phase has its own '{name}'")
        return self

    @property
    def work(self) -> tuple[ListedPhase, ...]:
        """The job's phases; one, where only a duration is given."""
        if self.duration is None:
            return self.phases
        activity = 1.0 if self.activity is None else self.activity
        share = 1.0 if self.compute_share is None else self.compute_share
        return (ListedPhase.model_construct(duration=self.duration, activity=activity, compute_share=share),)

    def names(self, place: int) -> list[str]:
        """Return the name of each copy; `place` is the job's place in the list, from 0."""
        name = self.name or f"job-{place}"
        return [name] if self.copies == 1 else [f"{name}-{copy}" for copy in range(1, self.copies + 1)]


class JobList(WorkloadSource):
    """Jobs written out in the scenario, for small examples."""

    kind: Literal["list"] = "list"
    jobs: tuple[ListedJob, ...]
    """The jobs, in any order."""

    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the jobs; those submitted together stay in the order of the list."""
        jobs = [job for job in self.jobs for _ in range(job.copies)]
        phases = [phase for job in jobs for phase in job.work]
        nan = float("nan")
        return build(
            where="workload.jobs",
            name=[name for place, job in enumerate(self.jobs) for name in job.names(place)],
            submit_s=[job.submit for job in jobs],
            work_s=[phase.duration for phase in phases],
            activity=[phase.activity for phase in phases],
            compute_share=[phase.compute_share for phase in phases],
            phases=[len(job.work) for job in jobs],
            tasks=[job.tasks for job in jobs],
            exclusive=[job.holds_node for job in jobs],
            accelerators_milli=[job.accelerators_milli for job in jobs],
            cpu_milli=[job.cpu_milli for job in jobs],
            memory_b=[job.memory_b for job in jobs],
            estimate_s=[job.estimate or nan for job in jobs],
            checkpoint_interval_s=[job.checkpoint_interval or nan for job in jobs],
            priority=[job.priority for job in jobs],
            user=[job.user for job in jobs],
            constraint=[frozenset(job.node_types) for job in jobs],
        )
