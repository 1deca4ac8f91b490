"""From energy to money, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..series import Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def energy_cost_usd(energy_j: ArrayLike, edges_utc_s: ArrayLike, price_usd_per_j: Series) -> NDArray[np.float64]:
    """Return the cost of each bucket of energy [USD], of the shape of `energy_j`; negative where the price is.

    `energy_j` [J] has the shape (..., n): the energy between each two of the n + 1 rising `edges_utc_s`. Every bucket
    must lie inside one interval of the price, so that the product is exact whatever the power did in between.
    Raises ValueError where one does not, InputError where the price does not cover the edges.

    >>> from models.series import constant
    >>> energy_cost_usd([3.6e6, 7.2e6], [0, 3600, 7200], constant("energy_price", "USD/J", 0.08 / 3.6e6))
    array([0.08, 0.16])
    """
    return price_usd_per_j.weighing(energy_j, edges_utc_s)
