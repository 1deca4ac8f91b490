"""A loss given by what a converter takes in: input = (output + offset) / efficiency."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ....units import Power
from .loss import Coefficients, Loss


class ConverterLoss(Loss):
    """What a unit takes in is (output + offset) / efficiency, whatever its rating."""

    kind: Literal["converter"] = "converter"
    offset: Power
    """W added to a unit's output power before the efficiency; drawn even at no load."""
    efficiency: float = Field(gt=0.0, le=1.0)
    """What the converter delivers of each further watt."""

    def coefficients(self, rating_w: float) -> Coefficients:
        """Return the coefficients: (P + offset)/e - P = offset/e + (1/e - 1) P."""
        return Coefficients(self.offset / self.efficiency / rating_w, 1.0 / self.efficiency - 1.0, 0.0)
