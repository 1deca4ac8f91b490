"""A network switch: its ports, what it draws, and what the transceivers in its ports draw."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from ..sourced import Entry, Sourced
from ..units import Bandwidth, Duration, Power


class Switch(Entry):
    """A switch with equal ports."""

    ports: int = Field(ge=2)
    """How many ports it has."""
    port_bandwidth: Sourced[Bandwidth]
    """B/s of each port, per direction."""
    latency: Sourced[Duration]
    """s from port to port."""
    power: Sourced[Power]
    """W that it draws as a rule, without transceivers; taken as constant, whatever its traffic (assumption)."""
    rated_power: Sourced[Power]
    """W for which its supply is built, transceivers in every port included."""
    transceiver_power: Sourced[Power]
    """W of the optical transceiver in one port, at the switch's end. A node's figures hold those in its interfaces;
    passive copper draws nothing."""

    @model_validator(mode="after")
    def _rated_above_power(self) -> Self:
        full_w = self.power.value + self.ports * self.transceiver_power.value
        if self.rated_power.value < full_w:
            raise ValueError(f"rated power {self.rated_power.value:g} W is below {full_w:g} W with transceivers")
        return self
