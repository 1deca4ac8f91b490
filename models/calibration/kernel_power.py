"""Power of an accelerator while a kernel runs: idle, plus what computing and moving memory add, up to the cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..accelerators.accelerator import Accelerator
from .estimate import Basis, FloatArray
from .operation import Rates, Work


@dataclass(frozen=True)
class FittedPower:
    """Power of one operation on one accelerator, fitted to measurements."""

    operation: str
    compute_w: float
    """Added by computing at the datasheet's rate [W]."""
    memory_w: float
    """Added by moving memory at the datasheet's rate [W]."""
    active_w: float
    """Drawn by any running kernel, however little it does [W]."""
    source: str


_ACTIVE, _COMPUTE, _MEMORY = 0.05, 0.95, 0.75
"""Shares of (provisioned - idle) power where nothing was measured: assumption, near what H200 was measured to draw."""


def kernel_power_w(
    accelerator: Accelerator,
    fitted: Mapping[str, FittedPower],
    operation: str,
    work: Work,
    time_s: FloatArray,
    rates: Rates,
) -> tuple[FloatArray, NDArray[np.uint8]]:
    """Return the mean power while each kernel runs [W], and what it rests on."""
    compute = work.flop / np.maximum(time_s * rates.compute_flop_per_s, 1e-300)
    memory = work.traffic_b / np.maximum(time_s * rates.bandwidth_b_per_s, 1e-300)
    idle_w = accelerator.idle_power.value
    cap_w = accelerator.provisioned_power.value
    known = fitted.get(operation)
    if known is None:
        span_w = cap_w - idle_w
        power_w = idle_w + span_w * (_ACTIVE + _COMPUTE * compute + _MEMORY * memory)
        basis = Basis.DATASHEET
    else:
        power_w = known.active_w + known.compute_w * compute + known.memory_w * memory
        basis = Basis.MEASURED
    return np.clip(power_w, idle_w, cap_w), np.full(len(time_s), basis, dtype=np.uint8)
