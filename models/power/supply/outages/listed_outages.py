"""Outages at stated times: for drills, and to replay what has happened."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ....section import Section
from ....units import Duration
from .grid_outages import GridOutages, Outage

if TYPE_CHECKING:
    import numpy as np


class ListedOutage(Section):
    """One outage, such as `{at: 40 h, duration: 30 min}`."""

    at: Duration
    """When the grid is lost, from the scenario's start."""
    duration: Annotated[Duration, Field(gt=0.0)]
    """How long until it is back."""


class ListedOutages(GridOutages):
    """Outages from a list, in any order. Nothing is drawn."""

    kind: Literal["listed"] = "listed"
    outages: tuple[ListedOutage, ...]
    """The outages; none may begin before another has ended."""

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        for one, other in itertools.pairwise(self._in_order):
            if other.at < one.at + one.duration:
                raise ValueError(
                    f"the outage at {other.at:g} s begins before the one at {one.at:g} s has ended "
                    f"({one.at + one.duration:g} s); write them as one, or apart"
                )
        return self

    def draw(self, random: np.random.Generator, horizon_s: float) -> list[Outage]:
        return [Outage(outage.at, outage.duration) for outage in self._in_order if outage.at < horizon_s]

    @property
    def _in_order(self) -> list[ListedOutage]:
        return sorted(self.outages, key=lambda outage: outage.at)
