"""A share of whatever is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from .contract import EnergyContract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ShareContract(EnergyContract):
    """A share of the energy of every hour, such as a supplier's green product that follows the load."""

    kind: Literal["share"] = "share"
    share: float = Field(ge=0.0, le=1.0)
    """Share of the energy drawn."""

    def supplied_j(self, edges_utc_s: NDArray[np.float64], energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.share * energy_j
