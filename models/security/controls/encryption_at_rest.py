"""Encryption of what lies on drives."""

from __future__ import annotations

from typing import Literal

from ...sourced import Status
from ..encryption_rates import AES_XTS_B_PER_S
from ..moved_bytes import NodeWork, speed_on_path
from .control import Benefit, ControlCost, SecurityControl

_GIB = 2.0**30
_SERVER_B_PER_S: dict[str, float] = {"luks-untuned": 4.0 * _GIB, "luks-tuned": 20.0 * _GIB}
"""What a server of 12 NVMe drives, which reads 40 GiB/s in the clear, reads under LUKS: blog.nyman.re, 2025-08-18."""


class EncryptionAtRest(SecurityControl):
    """Drives that encrypt themselves cost no speed; LUKS costs cores and bounds what a storage server delivers."""

    kind: Literal["encryption-at-rest"] = "encryption-at-rest"
    method: Literal["self-encrypting-drives", "luks-tuned", "luks-untuned"] = "self-encrypting-drives"
    """`self-encrypting-drives` (OPAL) cost nothing by their makers' word, which nobody here has verified. LUKS bounds a
    server to 4 GiB/s as it is installed and to some 20 GiB/s when tuned, where it reads 40 GiB/s in the clear (12 NVMe
    drives, two processors of 48 cores; blog.nyman.re, 2025)."""
    tiers: tuple[str, ...] = ()
    """Names of the storage tiers that are encrypted; all if nothing is said."""

    def bandwidth_factor(self, server_b_per_s: float = 40.0 * _GIB) -> float:
        """Return what is left of a storage server's bandwidth, 0 to 1.

        `server_b_per_s` is what it delivers in the clear [B/s]; a server below the bound of LUKS keeps all of it.
        """
        return min(1.0, _SERVER_B_PER_S.get(self.method, server_b_per_s) / server_b_per_s)

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the cost with storage servers as the one measured; cores are those of the machine with the drives."""
        if self.method == "self-encrypting-drives":
            return ControlCost()
        moved = work.moved
        before = work.storage_b_per_s
        # Where storage is no limit to the work in the clear, only its bound under LUKS could be; nobody knows it.
        speed = speed_on_path(moved.storage, before, before * self.bandwidth_factor(), moved.hidden) if before else 1.0
        return ControlCost(throughput_factor=speed, cpu_cores=moved.storage / AES_XTS_B_PER_S)

    def benefit(self) -> Benefit:
        text = "drives that are stolen, returned or thrown away can not be read"
        return Benefit(text, "assumption", "no incident of this model begins with a drive")

    @property
    def basis(self) -> tuple[Status, str]:
        if self.method == "self-encrypting-drives":
            return "datasheet", "makers' claim, unverified"
        return "measured", "blog.nyman.re 2025-08-18, one server of 12 NVMe drives; AES-256-XTS 3.39 GB/s a core"
