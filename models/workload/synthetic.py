"""Jobs drawn at random from stated distributions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from ..distributions.distribution import Weight, drawn_by_weight
from ..distributions.durations import DurationDistribution, PositiveDuration
from ..problems import InputError, Problem
from ..section import Section
from ..units import Duration
from .arrivals import Arrivals, Poisson, arrivals_within_s, first_arrivals_s
from .building import build
from .resources import Priority, TaskResources
from .source import WorkloadSource
from .widths import ConstantWidth, WidthDistribution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload

MOST_JOBS = 100_000_000
"""Jobs that one workload may hold: their columns take some 10 GB."""

Stream = Callable[..., "np.random.Generator"]


class OfferedLoad(Section):
    """The mean work that arrives a second, as a fraction of what can be done; above 1 the queue grows without end."""

    fraction: PositiveFloat
    """Arriving work over capacity."""
    nodes: PositiveInt | None = None
    """The capacity, in whole nodes: for tasks that hold one."""
    accelerators: PositiveInt | None = None
    """The capacity, in accelerators: for tasks that hold some."""
    cpus: PositiveInt | None = None
    """The capacity, in processor cores: for tasks that hold some."""

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        if sum(capacity is not None for capacity in (self.nodes, self.accelerators, self.cpus)) != 1:
            raise ValueError("give one of 'nodes', 'accelerators' and 'cpus': what the load is a fraction of")
        return self

    def jobs_per_s(self, task: TaskResources, mean_tasks: float, mean_duration_s: float) -> float:
        """Return the mean rate of arrivals that offers this load."""
        held = 1.0 if self.nodes else task.accelerators if self.accelerators else task.cpus
        capacity = self.nodes or self.accelerators or self.cpus or 0
        return self.fraction * capacity / (held * mean_tasks * mean_duration_s)


class Estimates(Section):
    """Users' estimates of how long their jobs run."""

    factor: PositiveFloat
    """Estimate over duration."""
    up_to: PositiveFloat | None = None
    """Where given, each job's factor is drawn uniformly between `factor` and this."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.up_to is not None and self.up_to < self.factor:
            raise ValueError("'up_to' is below 'factor'")
        return self


class Users(Section):
    """Who submits the jobs."""

    count: PositiveInt
    """Number of users, named user-1, user-2, ..."""
    zipf: NonNegativeFloat = 0.0
    """User k submits in proportion to k to the power of minus this: 0 makes them equal, 1 is Zipf's law."""


class PriorityShare(Section):
    """A priority and how many jobs have it."""

    value: Priority
    """The priority; larger goes first."""
    weight: Weight = 1.0
    """Jobs of this priority, relative to the others' weights."""


class Synthetic(WorkloadSource):
    """Jobs drawn at random, each quantity independent of the others and from a random stream of its own, so that
    changing one leaves the draws of the others alone. Two of these say how many jobs arrive and when: a rate
    (`jobs_per_hour` or `load`), `count`, `horizon`."""

    kind: Literal["synthetic"] = "synthetic"
    arrivals: Arrivals = Poisson()
    """How the rate of arrivals varies over the day."""
    jobs_per_hour: PositiveFloat | None = None
    """Mean rate of arrivals, over a whole day."""
    load: OfferedLoad | None = None
    """Mean rate of arrivals, from the work that they bring."""
    count: Annotated[int, Field(ge=1, le=MOST_JOBS)] | None = None
    """Number of jobs."""
    horizon: PositiveDuration | None = None
    """Jobs arrive from the scenario's start until this time after it."""
    duration: DurationDistribution
    """How long jobs run at full clock."""
    tasks: WidthDistribution = ConstantWidth()
    """How many tasks a job has."""
    per_task: TaskResources = TaskResources()
    """What each task holds; a whole node, if nothing is said."""
    estimates: Estimates | None = None
    """Users' estimates; without it there are none."""
    users: Users = Users(count=1)
    """Who submits the jobs."""
    priorities: tuple[PriorityShare, ...] = Field(default=(PriorityShare(value=0),), min_length=1)
    """Priorities of the jobs."""
    activity: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How busy a job keeps what it holds; 1 is an assumption."""
    compute_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of compute in what bounds a job's speed: at 1 (assumption) it slows as the clock does, at 0, where
    memory bounds it, not at all."""
    checkpoint_interval: Annotated[Duration, Field(gt=0)] | None = None
    """Work between two checkpoints; without it a job that is stopped loses all its work."""

    @model_validator(mode="after")
    def _enough_and_not_too_much(self) -> Self:
        if self.jobs_per_hour is not None and self.load is not None:
            raise ValueError("'jobs_per_hour' and 'load' both give the rate of arrivals; keep one")
        rate = self.jobs_per_hour is not None or self.load is not None
        if rate + (self.count is not None) + (self.horizon is not None) != 2:
            raise ValueError("give two of these three: a rate ('jobs_per_hour' or 'load'), 'count', 'horizon'")
        if self.load is not None:
            self._check_load(self.load)
        if not sum(share.weight for share in self.priorities) > 0.0:
            raise ValueError("all weights of 'priorities' are zero; at least one must be above")
        return self

    def _check_load(self, load: OfferedLoad) -> None:
        task = self.per_task
        if load.nodes and not task.holds_node:
            raise ValueError("'load.nodes' needs tasks that hold a whole node; give 'load.accelerators' or 'load.cpus'")
        if load.accelerators and not task.accelerators:
            raise ValueError("'load.accelerators' needs 'per_task.accelerators' above 0")
        if load.cpus and not task.cpus:
            raise ValueError("'load.cpus' needs 'per_task.cpus' above 0")

    def read(self, start_utc_s: float, stream: Stream) -> Workload:
        """Return the jobs, drawn from the streams arrivals, durations, tasks, estimates, users and priorities.

        The first job comes after a draw of the gap between two arrivals, not at the scenario's start.
        """
        import numpy as np

        submit_s = self._submit_s(start_utc_s, stream("arrivals"))
        count = len(submit_s)
        duration_s = self.duration.draw(stream("durations"), count)
        return build(
            where="workload",
            submit_s=submit_s,
            work_s=duration_s,
            activity=self.activity,
            compute_share=self.compute_share,
            tasks=self.tasks.draw(stream("tasks"), count),
            exclusive=self.per_task.holds_node,
            accelerators_milli=self.per_task.accelerators_milli,
            cpu_milli=self.per_task.cpu_milli,
            memory_b=self.per_task.memory_b,
            estimate_s=self._estimate_s(duration_s, stream("estimates")),
            checkpoint_interval_s=self.checkpoint_interval or float("nan"),
            priority=np.array([share.value for share in self.priorities])[
                drawn_by_weight(stream("priorities"), [share.weight for share in self.priorities], count)
            ],
            user=self._user_of_each(stream("users"), count),
        )

    def _user_of_each(self, generator: np.random.Generator, count: int) -> list[str]:
        """Return a name for each job, or the one name that all have."""
        names = [f"user-{rank}" for rank in range(1, self.users.count + 1)]
        if len(names) == 1:
            return names
        return [names[index] for index in drawn_by_weight(generator, self._user_weights, count).tolist()]

    @property
    def _user_weights(self) -> list[float]:
        return [rank**-self.users.zipf for rank in range(1, self.users.count + 1)]

    def _submit_s(self, start_utc_s: float, generator: np.random.Generator) -> NDArray[np.float64]:
        rate = None if self.jobs_per_hour is None else self.jobs_per_hour / 3600.0
        if self.load is not None:
            rate = self.load.jobs_per_s(self.per_task, self.tasks.expected(), self.duration.expected())
        if self.horizon is not None:
            if rate is not None and rate * self.horizon > MOST_JOBS:
                message = f"about {rate * self.horizon:,.0f} jobs would arrive; allowed: {MOST_JOBS:,}"
                raise InputError(Problem("workload", "horizon", message))
            return arrivals_within_s(self.arrivals, rate, self.count, self.horizon, start_utc_s, generator)
        assert rate is not None
        assert self.count is not None  # two of the three were given
        return first_arrivals_s(self.arrivals, rate, self.count, start_utc_s, generator)

    def _estimate_s(self, duration_s: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
        import numpy as np

        if self.estimates is None:
            return np.full(len(duration_s), np.nan)
        factor, up_to = self.estimates.factor, self.estimates.up_to
        if up_to is None:
            return duration_s * factor
        return duration_s * generator.uniform(factor, up_to, len(duration_s))
