"""What is to be measured: one kernel at one shape, and the calls that run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Role = Literal["fit", "validation", "reference"]
"""`fit`: a kernel that operations are fitted to. `validation`: made of many kernels, never fitted, to judge the fits
by. `reference`: a kernel of our own that no framework runs."""

Call = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """One row to be."""

    family: str
    """The group of measurements that it belongs to, as `--only` names it."""
    operation: str
    """Name of the operation, as `models.calibration.operations` has it where one fits."""
    dtype: str
    """Number format, as `number_formats` names it."""
    variant: str
    """Which of the operation's kernels: layout of a matrix product, backend of attention, name of a small kernel."""
    shape: Mapping[str, int]
    """The operation's columns."""
    turn: int
    """Rounds are measured in rising order: 0 the few rows worth most, with power; then a coarse grid, then finer."""
    role: Role = "fit"
    model: str = ""
    """Model of the catalogue that it is a layer of."""

    @property
    def with_power(self) -> bool:
        """Whether the loop is long enough for power to be read."""
        return self.turn == 0

    @property
    def key(self) -> str:
        """Name of the row, the same in every session: finished rows are known by it."""
        shape = ",".join(f"{name}={value}" for name, value in self.shape.items())
        return "|".join(part for part in (self.operation, self.dtype, self.variant, self.model, shape) if part)


@dataclass(frozen=True)
class Prepared:
    """A case ready to run: calls over different memory, taken in turn."""

    calls: Sequence[Call]
    working_set_b: int
    """Bytes that all calls together touch [B]."""
    runs_per_call: int = 1
    """How many times a call does what the row is the time of (steps of a decode loop)."""


class DoesNotFitError(Exception):
    """Raised where a case needs more memory than there is; it is left out and said."""


class Family(NamedTuple):
    """A group of measurements: which there are, and how one is made ready on a bench."""

    name: str
    cases: Callable[[], list[Case]]
    prepare: Callable[[Any, Case], Prepared]
