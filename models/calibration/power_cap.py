"""Kernels under a power cap lower than the accelerator's own: the clock falls until power fits, compute slows with it.

With f the clock as a share of the one without the lower cap,

    P(f) = idle + (P - idle) f^2.75,    T(f) = T (b f^-q + 1 - b)^(1/q),    b = u_c^q / (u_c^q + u_m^q),

the second being the blend of compute and memory time, T = (T_c^q + T_m^q)^(1/q), with only the first of them following
the clock. Memory keeps its own clock: a kernel that memory bounds loses next to nothing until the clock has fallen so
far that computing bounds it.

The exponent of power lies between 2.5 and 3 (frequency times the square of a voltage that falls almost with it):
assumption 2.75. It breaks at very low clocks, where voltage falls no further, and it counts the memory's own power,
some tenth of the whole, among what the clock brings down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .estimate import Basis, Estimate, FloatArray
from .operation import Rates, Work

POWER_EXPONENT = 2.75
"""Of the clock in the power above idle: assumption, between 2.5 and 3."""
_BLEND = 3.5
"""Sharpness of the turn from memory-bound to compute-bound: near what fits matrix products on H100 and H200."""


def compute_bound_share(work: Work, rates: Rates) -> FloatArray:
    """Return how far compute bounds kernels: 1 where memory takes no time beside it, 0 where compute takes none."""
    compute_s = work.flop / rates.compute_flop_per_s
    memory_s = work.traffic_b / rates.bandwidth_b_per_s
    longest_s = np.maximum(np.maximum(compute_s, memory_s), 1e-300)
    compute, memory = (compute_s / longest_s) ** _BLEND, (memory_s / longest_s) ** _BLEND
    share: FloatArray = compute / np.maximum(compute + memory, 1e-300)
    return share


def capped(estimate: Estimate, cap_w: ArrayLike, *, idle_w: float, compute_share: ArrayLike) -> Estimate:
    """Return kernels as they run under a power cap: no power above it, times stretched where compute bounds them.

    `cap_w` is the cap [W] and `idle_w` what the accelerator draws without a program [W]; `compute_share` is
    `compute_bound_share` of the kernels, or 1 for matrix products and 0 for what only moves memory. All but `idle_w`
    broadcast. A kernel that draws less than the cap stays as it is; a time that is stretched is EXTRAPOLATED at best.
    Raises ValueError for a cap that idling alone exceeds.
    """
    cap, share = np.asarray(cap_w, dtype=float), np.asarray(compute_share, dtype=float)
    if np.any(cap <= idle_w):
        raise ValueError(f"power cap ({float(cap.min()):g} W) must be greater than idle power ({idle_w:g} W)")
    over = np.maximum((estimate.power_w - idle_w) / (cap - idle_w), 1.0)
    clock = over ** (-1.0 / POWER_EXPONENT)
    stretch = (share * clock**-_BLEND + 1.0 - share) ** (1.0 / _BLEND)
    weaker = np.where(over > 1.0, Basis.EXTRAPOLATED, Basis.MEASURED)
    return Estimate(
        time_s=estimate.time_s * stretch,
        basis=np.maximum(estimate.basis, weaker).astype(np.uint8),
        power_w=np.minimum(estimate.power_w, cap),
        power_basis=np.maximum(estimate.power_basis, weaker).astype(np.uint8),
    )
