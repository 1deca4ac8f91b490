"""The grid asks for less: demand response."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from models.facility import Facility
from models.units import Duration, Power, Temperature, quantity

from .event import Event, needs_building
from .set_point import beyond_class


class CurtailmentEvent(Event):
    """For some hours the facility draws less from the grid: clocks fall and, where that is not enough, nodes that hold
    nothing are switched off first. Work that is not done is told as unserved energy."""

    kind: Literal["curtailment"] = "curtailment"
    duration: Duration = Field(gt=0.0)
    """How long it lasts."""
    to: Power | None = Field(default=None, ge=0.0)
    """W that may be drawn from the grid at most."""
    by: Power | None = Field(default=None, gt=0.0)
    """W by which the power from the grid has to fall, from its mean over the hour before the notice."""
    notice: Duration = Field(default=quantity("0 s"), ge=0.0)
    """How long before `at` it is announced. Nothing is held back meanwhile but what `pre_cool` says."""
    pre_cool: Temperature | None = None
    """Supply air from the notice to `at`, colder than usual, so that the hall's mass takes heat up later."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.to is None) == (self.by is None):
            raise ValueError("give 'to' or 'by', one of the two")
        if self.notice > self.at:
            raise ValueError("'notice' reaches back before the scenario's start")
        if self.pre_cool is not None and self.notice == 0.0:
            raise ValueError("'pre_cool' needs a 'notice' to cool in")
        return self

    def refused_by(self, facility: Facility) -> str | None:
        if self.pre_cool is None:
            return None
        if facility.cooling is None:
            return f"pre_cool {needs_building(facility)}"
        text = beyond_class(self.pre_cool, facility)
        return None if text is None else f"pre_cool {text}"
