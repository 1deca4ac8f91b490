"""From energy to the carbon that its making emitted, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..series import Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def operational_carbon_kg(
    energy_j: ArrayLike, edges_utc_s: ArrayLike, intensity_kg_per_j: Series
) -> NDArray[np.float64]:
    """Return the carbon of each bucket of energy [kg of CO2 equivalent], of the shape of `energy_j`.

    `energy_j` [J] has the shape (..., n): the energy between each two of the n + 1 rising `edges_utc_s`. Every bucket
    must lie inside one interval of the intensity, so that the product is exact whatever the power did in between.
    Raises ValueError where one does not, InputError where the intensity does not cover the edges.

    Source: location-based accounting of scope 2, energy times the grid's intensity at the time (GHG Protocol Scope 2
    Guidance, World Resources Institute, 2015).

    >>> from models.series import constant
    >>> operational_carbon_kg([3.6e6, 7.2e6], [0, 3600, 7200], constant("carbon_intensity", "kg/J", 0.4 / 3.6e6))
    array([0.4, 0.8])
    """
    return intensity_kg_per_j.weighing(energy_j, edges_utc_s)
