"""What a prediction of a kernel is: a time, and what that time rests on."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Basis(IntEnum):
    """What a predicted time rests on, from firmest to least."""

    MEASURED = 0
    """Closed form and residual table, inside the range that was measured."""
    EXTRAPOLATED = 1
    """Closed form and residual table, outside of the range that was measured: the table's next values go on there."""
    DATASHEET = 2
    """Closed form on datasheet rates with assumed efficiencies: nothing was measured."""


class Estimate(NamedTuple):
    """Predicted times and powers of kernels."""

    time_s: FloatArray
    """Time of each kernel [s]."""
    basis: NDArray[np.uint8]
    """`Basis` of each time, same shape."""
    power_w: FloatArray
    """Mean power of the accelerator while each kernel runs, back to back with its like [W]."""
    power_basis: NDArray[np.uint8]
    """`Basis` of each power, same shape."""
