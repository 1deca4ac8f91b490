"""Checkpoints of training: where they are written, how, and which are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..problems import InputError, Problem
from ..section import Section
from ..units import Bandwidth, format_quantity, quantity


class Checkpoints(Section):
    """Where checkpoints are written, how, and which are kept."""

    tier: str
    """The tier that they are written to and read from."""
    mode: Literal["synchronous", "asynchronous"] = "asynchronous"
    """Whether training stands still until a checkpoint is written, or only until it lies in the hosts' memory."""
    snapshot_bandwidth: Annotated[Bandwidth, Field(gt=0.0)] = quantity("25 GB/s")
    """Bandwidth of an accelerator to its host's memory, for asynchronous checkpoints: an assumption, some 40% of what
    PCIe 5.0 x16 carries (64 GB/s)."""
    keep_last: int = Field(default=3, ge=1)
    """How many of the newest whole checkpoints of a job are kept: 3, an assumption."""
    keep_every: int | None = Field(default=None, ge=1)
    """Of those that are older, every how many are kept besides (10: the 10th, the 20th, ...); none if nothing is
    said. Those are the first that go when the tier is full."""
    copy_to: str | None = None
    """A second tier to which checkpoints are copied in the background; none if nothing is said."""
    copy_every: int = Field(default=1, ge=1)
    """Every how many checkpoints one is copied."""

    @model_validator(mode="after")
    def _two_tiers(self) -> Self:
        if self.copy_to == self.tier:
            raise ValueError(f"copy_to: '{self.copy_to}' is the tier that checkpoints are written to; name another one")
        return self

    def snapshot_s(self, size_b: float, writers: int) -> float:
        """Return how long training stands still while so many accelerators bring their shares into memory [s]."""
        return size_b / (writers * self.snapshot_bandwidth)

    def kept(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return which of the whole checkpoints of a job, by number from 1 in order of writing, are kept."""
        ordered = sorted(numbers)
        older, newest = ordered[: -self.keep_last], ordered[-self.keep_last :]
        every = self.keep_every
        return tuple(number for number in older if every is not None and number % every == 0) + tuple(newest)

    def is_copied(self, number: int) -> bool:
        """Return whether a checkpoint, by number from 1, is copied to the second tier."""
        return self.copy_to is not None and number % self.copy_every == 0


def check_fits(what: str, size_b: float, tier: str, free_b: float, path: str = "storage.tiers") -> None:
    """Raise InputError where a checkpoint is larger than what its tier has for it, both sizes told."""
    if size_b > free_b:
        message = (
            f"a checkpoint of {what} takes {format_quantity(size_b, 'data', 4)}; the tier has "
            f"{format_quantity(free_b, 'data', 4)} for it: give more capacity, or write to another tier"
        )
        raise InputError(Problem("", f"{path}.{tier}.capacity", message))
