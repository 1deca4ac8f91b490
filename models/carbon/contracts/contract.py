"""Electricity that is contracted for, whoever's wires it comes by: the contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ...section import Section
from ...units import CarbonIntensity, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class EnergyContract(Section):
    """Electricity of known origin. Its kinds are found in this package; YAML selects one by `kind:`."""

    has_hours: ClassVar[bool] = True
    """Whether the supply is known hour by hour; one that is not can not be matched by the hour."""

    name: str = ""
    """What the result calls it; by default its kind."""
    intensity: CarbonIntensity = quantity("0 g/kWh")
    """What generating it emits. 0 is what market-based accounts give wind, sun, water and nuclear power (GHG Protocol
    Scope 2 Guidance, 2015: direct emissions of generation)."""

    @abstractmethod
    def supplied_j(self, edges_utc_s: NDArray[np.float64], energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the energy supplied [J] in each of the n buckets between n + 1 rising Unix times, of shape (n,).

        `energy_j` [J] of shape (n,) is what the facility draws. Raises InputError with every problem of a file read.
        """
