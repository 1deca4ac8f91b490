"""Confidential computing: what passes between processor and accelerator is encrypted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...sourced import Status
from ...units import Duration, quantity
from ..encryption_rates import AES_GCM_B_PER_S
from ..moved_bytes import NodeWork, speed_on_path
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

_CORE_B_PER_S = AES_GCM_B_PER_S[-1][1]  # the driver encrypts large blocks


class ConfidentialComputing(SecurityControl):
    """Memory of virtual machine and accelerator is sealed; every byte between them is encrypted into a bounce buffer on
    the processor. Computing itself keeps its speed (0.998 on a B300: arXiv 2606.23969), so that the cost follows the
    bytes moved: little for inference, much where models are swapped."""

    kind: Literal["confidential-computing"] = "confidential-computing"
    cores_per_accelerator: Annotated[float, Field(gt=0.0)] = 2.0
    """Cores that encrypt for each accelerator, 2.60 GB/s each (measured, AES-256-GCM at 16 KiB). 2 is an assumption: it
    makes 5.2 GB/s of both directions together."""
    transfer_latency: Duration = quantity("20 us")
    """What each transfer takes longer by, however small (assumption)."""
    direct_network: bool = False
    """Whether network interfaces are trusted to write accelerators' memory. On Hopper they are not, and what the
    network brings passes the bounce buffer too (as assumed here)."""

    @property
    def bounce_b_per_s(self) -> float:
        """What the cores of one accelerator encrypt and decrypt [B/s]."""
        return self.cores_per_accelerator * _CORE_B_PER_S

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the cost; nothing on nodes without accelerators."""
        if work.accelerators == 0:
            return ControlCost()
        moved = work.moved
        cores = min(work.accelerators * self.cores_per_accelerator, work.free_cores)
        bounce = min(cores / work.accelerators * _CORE_B_PER_S, work.host_b_per_s)
        crossing = moved.host
        if not self.direct_network:
            crossing += 2.0 * moved.network / work.accelerators  # sent and received
        # The link carries its rate in both directions at once, the cores their rate in both together.
        on_path = speed_on_path(crossing, 2.0 * work.host_b_per_s, bounce, moved.hidden)
        if on_path == 0.0:
            return ControlCost(throughput_factor=0.0, cpu_cores=cores)
        latency = (1.0 - moved.hidden) * moved.host_transfers_per_s * self.transfer_latency
        return ControlCost(throughput_factor=1.0 / (1.0 / on_path + latency), cpu_cores=cores)

    def benefit(self) -> Benefit:
        text = "neither another tenant nor the operator's own staff reads what a tenant computes"
        why = "nobody published how many escapes sealed memory stops: nine in ten"
        return Benefit(text, "assumption", why, {"tenant-escape": IncidentChange(rate=0.1)})

    @property
    def basis(self) -> tuple[Status, str]:
        return "assumption", (
            "two cores of measured speed for each accelerator; held against inference below 7% (arXiv 2409.03992), "
            "training 18 to 32% (tinfoil.sh, 2026), swapping 45 to 70% more throughput without (arXiv 2505.16501)"
        )
