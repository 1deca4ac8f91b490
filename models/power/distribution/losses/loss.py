"""What a unit of the power chain loses at each load: the contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from ....section import Section


class Coefficients(NamedTuple):
    """Loss over rating is a0 + a1 x + a2 x^2 at a load of x, output power over rating."""

    a0: float
    a1: float
    a2: float


class Loss(Section):
    """What a unit loses. YAML selects a kind by `kind:`; without it, `curve`."""

    @abstractmethod
    def coefficients(self, rating_w: float) -> Coefficients:
        """Return the coefficients of a unit that can deliver `rating_w` [W], above 0."""
