"""Where a hall's jobs come from: the contract of every `workload:` of a scenario."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict, Field, model_validator

from ..section import Section
from ..units import Duration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload


class WorkloadSource(Section):
    """A source of jobs: a trace, a table, a list or a generator. Its `kind` names it."""

    @abstractmethod
    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the jobs, in order of submission, with times in seconds from the scenario's start.

        `start_utc_s` is that start as Unix time. `stream("arrivals")` gives the random generator of that name; a
        source draws each quantity from a stream of its own. Raises InputError with every problem found; a source that
        holds no job is refused. Nothing is half-read.
        """


class Excerpt(Section):
    """Which part of a trace is replayed."""

    model_config = ConfigDict(serialize_by_alias=True)  # written as it is read: `from` is no name in Python

    from_: Duration | None = Field(default=None, alias="from")
    """Jobs submitted earlier than this after the trace's start are left out, and this instant becomes the scenario's
    start. Without it the first job of the trace is submitted at the scenario's start."""
    until: Duration | None = None
    """Jobs submitted at this time after the trace's start, or later, are left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= (self.from_ or 0.0):
            raise ValueError("'until' must be later than 'from'")
        return self

    def excerpt(self, submit_s: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which jobs are kept, shape (n,), and the submit times of all of them from the scenario's start.

        `submit_s` counts from the trace's start, which is the first job's submission where the trace names none.
        """
        import numpy as np

        first_s = self.from_ if self.from_ is not None else float(np.min(submit_s, initial=np.inf))
        kept = submit_s >= first_s
        if self.until is not None:
            kept &= submit_s < self.until
        return kept, submit_s - first_s
