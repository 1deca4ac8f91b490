"""From the scenario's facility to the rows of the power chain that the engine runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine import state as layout
from ..scenario.facility import Facility


def chain_rows(facility: Facility) -> NDArray[Any]:
    """Return the stages of the power chain, from the racks towards the grid.

    A stated PUE is one stage that loses its excess over 1 in proportion to the load.
    """
    return np.array([(1.0, 0.0, facility.pue - 1.0, 0.0, 0.0)], layout.STAGE)
