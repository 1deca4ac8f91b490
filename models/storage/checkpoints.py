"""Checkpoints of training: which are kept, which are copied, and when one is too large."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ..problems import InputError, Problem
from ..section import Section
from ..units import format_quantity


class Checkpoints(Section):
    """Which checkpoints are kept. Each training job says itself to which tier it writes, when, and whether it waits."""

    keep_last: int = Field(default=3, ge=1)
    """How many of the newest whole checkpoints of a job are kept: 3, an assumption."""
    keep_every: int | None = Field(default=None, ge=1)
    """Of those that are older, every how many are kept besides (10: the 10th, the 20th, ...); none if nothing is
    said. Those are the first that go when the tier is full."""
    copy_to: str | None = None
    """A second tier to which whole checkpoints are copied in the background; none if nothing is said."""
    copy_every: int = Field(default=1, ge=1)
    """Every how many checkpoints one is copied."""

    def kept(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return which of the whole checkpoints of a job, by number from 1 in order of writing, are kept."""
        ordered = sorted(numbers)
        older, newest = ordered[: -self.keep_last], ordered[-self.keep_last :]
        every = self.keep_every
        return tuple(number for number in older if every is not None and number % every == 0) + tuple(newest)

    def is_copied(self, number: int) -> bool:
        """Return whether a checkpoint, by number from 1, is copied to the second tier, if there is one."""
        return number % self.copy_every == 0


def check_fits(what: str, size_b: float, tier: str, free_b: float, path: str = "storage.tiers") -> None:
    """Raise InputError where a checkpoint is larger than what its tier has for it, both sizes told."""
    if size_b > free_b:
        message = (
            f"a checkpoint of {what} takes {format_quantity(size_b, 'data', 4)}; the tier has "
            f"{format_quantity(free_b, 'data', 4)} for it: give more capacity, or write to another tier"
        )
        raise InputError(Problem("", f"{path}.{tier}.capacity", message))
