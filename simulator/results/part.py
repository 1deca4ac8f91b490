"""A part of a run that accounts for itself: the contract between what runs and what is collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from .kpis import Kpis


class Part(Protocol):
    """Something that ran. All three are asked once, after the run was brought up to its end."""

    def kpis(self, end_s: float) -> Kpis:
        """Return its figures; names are in `kpis.MEANINGS`."""

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return its tables by name."""

    def notes(self, end_s: float) -> Sequence[str]:
        """Return what a reader of the result should know, one sentence each."""


@runtime_checkable
class Spending(Protocol):
    """A part that also costs money as it runs, which the cost of an accelerator's hour includes."""

    def operating_usd(self, end_s: float) -> Mapping[str, float]:
        """Return what was paid in the run, by name [USD]."""
