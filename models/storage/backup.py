"""Backups to a second site: what is sent when, what is kept there, and how long it takes to have it back."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..section import Section
from ..units import Bandwidth, Data, Duration, quantity

CHECKPOINTS = "checkpoints"
"""How a plan names the newest whole checkpoint of each training job."""


class BackupSite(Section):
    """A second site that keeps backups. All backups to it share its bandwidth, as do all restores from it."""

    bandwidth: Annotated[Bandwidth, Field(gt=0.0)]
    """Bandwidth to the site."""
    restore_bandwidth: Annotated[Bandwidth, Field(gt=0.0)] | None = None
    """Bandwidth back; as there if nothing is said."""
    capacity: Annotated[Data, Field(gt=0.0)] | None = None
    """What it can keep; without bound if nothing is said."""
    immutable: bool = False
    """Whether nobody, an attacker with every password among them, can change or delete what is kept before its time."""

    @property
    def restore_b_per_s(self) -> float:
        """Bandwidth of restores [B/s]."""
        return self.bandwidth if self.restore_bandwidth is None else self.restore_bandwidth


class BackupPlan(Section):
    """Backups on a schedule: a full one, then some with what has changed, and so on."""

    of: tuple[str, ...] = ()
    """What is backed up: names of data sets, and `checkpoints` for the newest whole checkpoint of each job."""
    site: str
    """The site that keeps it."""
    every: Annotated[Duration, Field(gt=0.0)] = quantity("24 h")
    """Time from the start of one backup to the next; one that is due while another still runs starts after it. 24 h is
    an assumption."""
    first: Duration = quantity("0 s")
    """When the first one starts, from the run's start."""
    full_every: int = Field(default=7, ge=1)
    """Every how many backups one is full, 1 for all of them; the others hold what has changed since the one before. 7
    is an assumption: a full one a week with one a day."""
    changed: float = Field(default=0.05, ge=0.0, le=1.0)
    """Share of a data set that has changed since the backup before: 5%, an assumption. A checkpoint is another one
    altogether, or the same."""
    keep: int = Field(default=2, ge=1)
    """Full backups that are kept, each with those that build on it: 2, an assumption."""

    @model_validator(mode="after")
    def _a_source(self) -> Self:
        if not self.of:
            raise ValueError("of: is missing or empty: name what is backed up, data sets or 'checkpoints'")
        return self

    def is_full(self, number: int) -> bool:
        """Return whether a backup, by number from 0, is a full one."""
        return number % self.full_every == 0


def transfer_s(size_b: float, *rates_b_per_s: float) -> float:
    """Return how long a transfer takes where it is alone [s]: the size over the least of the rates."""
    return size_b / min(rates_b_per_s)


def worst_age_s(every_s: float, transfer_s: float) -> float:
    """Return the recovery point of a schedule with equal backups [s]: how old the newest whole one gets.

    A backup holds what there was when it started, so that just before the next one is whole the last one is as old as
    the interval and that transfer together. One that takes longer than the interval starts when the last one is whole.
    """
    return max(every_s, transfer_s) + transfer_s
