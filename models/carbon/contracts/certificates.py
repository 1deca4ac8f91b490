"""Certificates of origin bought by the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from ...units import Energy
from .contract import EnergyContract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_YEAR_S = 31_557_600  # the Julian year of `models.units`


class CertificateContract(EnergyContract):
    """Certificates of a year's generation without its hours, such as unbundled RECs or guarantees of origin.

    Spread evenly over the year. Matched by the hour they count nothing: for time-stamped ones take `profile`.
    """

    has_hours: ClassVar[bool] = False

    kind: Literal["certificates"] = "certificates"
    energy_per_year: Energy
    """Energy certified for each year of 365.25 days."""

    def supplied_j(self, edges_utc_s: NDArray[np.float64], energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(self.energy_per_year / _YEAR_S * np.diff(edges_utc_s))
