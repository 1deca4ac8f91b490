"""What a tree of switches is laid out by: how many there are and how they are joined, and what they are."""

from __future__ import annotations

from typing import NamedTuple

from ...switches.switch import Switch


class TreeShape(NamedTuple):
    """How many switches there are, and how they are joined; every divisor divides."""

    blocks: int
    """Groups of leaves that share their nodes."""
    leaves_per_block: int
    leaves_per_pod: int
    uplinks: int
    """Cables from each leaf to the spines of its pod, taken in turn; 0 where there are no spines."""
    spines_per_pod: int
    """Divides `uplinks`."""
    spine_uplinks: int
    """Cables from each spine to the cores of its group, taken in turn; 0 where there are no cores."""
    cores_per_group: int
    """Divides `spine_uplinks`."""

    @property
    def leaves(self) -> int:
        """How many leaf switches there are."""
        return self.blocks * self.leaves_per_block

    @property
    def pods(self) -> int:
        """How many pods there are; the last may be smaller."""
        return -(-self.leaves // self.leaves_per_pod)

    @property
    def spines(self) -> int:
        """How many spine switches there are."""
        return self.pods * self.spines_per_pod if self.uplinks else 0

    @property
    def cores(self) -> int:
        """How many core switches there are."""
        return self.spines_per_pod * self.cores_per_group if self.spine_uplinks else 0


class TreeEquipment(NamedTuple):
    """What a tree is made of."""

    switch_type: str
    """The switch's name in the catalogue."""
    switch: Switch
    copper_to_nodes: bool
    """Whether nodes are connected with copper, which draws nothing; all other cables are optical."""
    cable_delay_s: float
    nic_latency_s: float
    failover: bool
    """Whether flows take another rail where their own has no way."""
