"""What a stage loses at each load: (a0 + a1 x + a2 x^2) of its rating, x = output power over rating."""

from __future__ import annotations

from typing import NamedTuple, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Power


class Coefficients(NamedTuple):
    """Loss over rating is a0 + a1 x + a2 x^2 at a load of x, output power over rating."""

    a0: float
    a1: float
    a2: float


class LossCurve(Section):
    """What a unit loses, as shares of its rating: standby + proportional x + resistive x^2 at a load of x."""

    standby: float = Field(ge=0.0, lt=1.0)
    """Lost at any load: magnetisation, controls, fans."""
    proportional: float = Field(default=0.0, gt=-1.0, lt=1.0)
    """Lost in proportion to the load: voltage drops of semiconductors. Fits may give a value below 0."""
    resistive: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Lost with the square of the load: conductors and windings."""

    @model_validator(mode="after")
    def _never_gains(self) -> Self:
        if self.proportional < 0.0 and self.proportional**2 > 4.0 * self.standby * self.resistive:
            raise ValueError("these coefficients give power out of nothing at some load: the loss must not be negative")
        return self

    def coefficients(self, rating_w: float) -> Coefficients:
        """Return the coefficients of a unit of a rating [W], which does not matter here."""
        return Coefficients(self.standby, self.proportional, self.resistive)


class ConverterLoss(Section):
    """What a converter loses, given as input = (output + offset) / efficiency."""

    offset: Power
    """W added to a unit's output power before the efficiency; lost at any load, even at none."""
    efficiency: float = Field(gt=0.0, le=1.0)
    """What the converter delivers of each further watt."""

    def coefficients(self, rating_w: float) -> Coefficients:
        """Return the coefficients of a unit of a rating [W]: (P + offset)/e - P = offset/e + (1/e - 1) P."""
        return Coefficients(self.offset / self.efficiency / rating_w, 1.0 / self.efficiency - 1.0, 0.0)
