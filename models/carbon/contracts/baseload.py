"""The same power at all hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ...units import Power
from .contract import EnergyContract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BaseloadContract(EnergyContract):
    """The same power at all hours, such as from a nuclear or geothermal plant. Outages are left out (assumption)."""

    kind: Literal["baseload"] = "baseload"
    power: Power
    """The contracted power."""

    def supplied_j(self, edges_utc_s: NDArray[np.float64], energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(self.power * np.diff(edges_utc_s))
