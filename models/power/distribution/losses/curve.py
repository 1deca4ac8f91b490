"""A loss given by the coefficients of its curve."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .loss import Coefficients, Loss


class LossCurve(Loss):
    """Shares of a unit's rating: standby + proportional x + resistive x^2 at a load of x."""

    kind: Literal["curve"] = "curve"
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
        return Coefficients(self.standby, self.proportional, self.resistive)
