"""Encryption of what crosses the network."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...sourced import Status
from ..encryption_rates import AES_GCM_B_PER_S, aes_gcm_b_per_s, cores_to_encrypt
from ..moved_bytes import NodeWork, speed_on_path
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

HEADER_B = {"macsec": 32.0, "esp": 57.0}
"""Bytes added to a packet: MACsec 16 of SecTAG and SCI and 16 of check value (IEEE 802.1AE), ESP with AES-GCM in tunnel
mode 54 to 57 (RFC 4106, IPv4). Recalled, not verified."""


class EncryptionInTransit(SecurityControl):
    """AES-256-GCM on every packet between nodes, in the network interface or on the processor."""

    kind: Literal["encryption-in-transit"] = "encryption-in-transit"
    where: Literal["cpu", "nic"] = "nic"
    """`nic`: at line rate, less the headers. `cpu`: as fast as the cores that the work leaves encrypt and decrypt; a
    port of 400 Gb/s takes 19 to 39 for each direction."""
    protocol: Literal["macsec", "esp"] = "esp"
    """Headers of 32 B (`macsec`) or 57 B (`esp`) on each packet."""
    line_rate: float = Field(default=1.0, gt=0.0, le=1.0)
    """Share of the line rate that the interface encrypts at. 1 is the makers' claim, unverified."""
    cores: float | None = Field(default=None, gt=0.0)
    """Most processor cores of a node that `cpu` may take; all that the work leaves if nothing is said."""

    def network_bytes_factor(self, packet_b: float) -> float:
        """Return the bytes of an encrypted packet over those of the same packet in the clear."""
        return (packet_b + HEADER_B[self.protocol]) / packet_b

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the cost; where the node's ports are not known, only the headers are."""
        moved = work.moved
        bytes_factor = self.network_bytes_factor(moved.packet)
        port = work.port_b_per_s
        after, cores = self.line_rate * port / bytes_factor, 0.0
        if self.where == "cpu":
            most = work.free_cores if self.cores is None else min(self.cores, work.free_cores)
            cores = min(most, 2.0 * cores_to_encrypt(port, moved.packet))
            # What one node sends another receives, so that half of the cores decrypt.
            after = min(port / bytes_factor, cores * aes_gcm_b_per_s(moved.packet) / 2.0)
        speed = speed_on_path(moved.network, port, after, moved.hidden) if port > 0.0 else 1.0
        return ControlCost(throughput_factor=speed, network_bytes_factor=bytes_factor, cpu_cores=cores)

    def benefit(self) -> Benefit:
        text = "who listens on a cable or owns a switch reads nothing, and no password passes in the clear"
        why = "nobody published how many credentials are stolen off the wire inside a datacenter: 5%"
        return Benefit(text, "assumption", why, {"credential-theft": IncidentChange(rate=0.95)})

    @property
    def basis(self) -> tuple[Status, str]:
        if self.where == "nic":
            return "assumption", "line rate by the makers' claim; headers recalled from IEEE 802.1AE and RFC 4106"
        smallest, *_, largest = (f"{rate / 1e9:.2f} GB/s at {size_b:g} B" for size_b, rate in AES_GCM_B_PER_S)
        return "measured", f"AES-256-GCM on one core: {smallest}, {largest}; headers recalled"
