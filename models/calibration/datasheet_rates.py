"""What an accelerator's datasheet says of the rates that bound an operation."""

from __future__ import annotations

from ..accelerators.accelerator import Accelerator
from .multiprocessors import multiprocessors
from .number_formats import peak_flop_per_s
from .operation import Operation, Rates
from .operations.collectives import COLLECTIVES


def rates_of(accelerator: Accelerator, operation: Operation, dtype: str) -> Rates:
    """Return the datasheet rates that bound an operation on an accelerator."""
    links = operation.name in COLLECTIVES
    bandwidth = accelerator.scale_up_bandwidth_b_per_s if links else accelerator.memory_bandwidth_b_per_s
    if links and not bandwidth:  # No scale-up links: through the host.
        bandwidth = accelerator.host_bandwidth.value if accelerator.host_bandwidth else 0.0
    return Rates(peak_flop_per_s(accelerator, dtype), bandwidth, multiprocessors(accelerator))
