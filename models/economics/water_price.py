"""What water costs: what is drawn, and what goes down the drain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..section import Section
from ..units import VolumePrice, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class WaterPrices(Section):
    """Prices of a water utility."""

    supply: VolumePrice
    """Price of water drawn, such as `1.6 USD/m3`."""
    sewer: VolumePrice = quantity("0 USD/m3")
    """Price of water discharged, such as blowdown; nothing by default. Evaporated water is not discharged."""


def water_cost_usd(drawn_m3: ArrayLike, discharged_m3: ArrayLike, prices: WaterPrices) -> NDArray[np.float64]:
    """Return the cost of water [USD], of the common shape of what is drawn and discharged [m3].

    >>> prices = WaterPrices.model_validate({"supply": "1.6 USD/m3", "sewer": "2 USD/m3"})
    >>> float(water_cost_usd(1000.0, 250.0, prices))
    2100.0
    """
    import numpy as np

    drawn, discharged = (np.asarray(given, dtype=np.float64) for given in (drawn_m3, discharged_m3))
    return np.asarray(prices.supply * drawn + prices.sewer * discharged)
