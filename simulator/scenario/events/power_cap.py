"""The power of nodes, racks or the hall is capped."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from models.units import Power

from .event import LastingEvent, NodesEvent


class PowerCapEvent(NodesEvent, LastingEvent):
    """Power is capped: of a group, of nodes together, of each of some racks, or of the hall where none is given.
    Clocks fall until the cap is kept."""

    kind: Literal["power-cap"] = "power-cap"
    power: Power = Field(gt=0.0)
    """W that may be drawn at most."""
    racks: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The names of racks, each of which is capped."""
    of: Literal["it", "facility", "grid"] = "it"
    """What of the hall is capped: its IT power, that of the facility with its cooling and losses, or what the facility
    draws from the grid after its own sources."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        given = [name for name in ("group", "nodes", "racks") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(
                f"give one of 'group', 'nodes' and 'racks', or none for the whole hall; given: {', '.join(given)}"
            )
        if given and self.of != "it":
            raise ValueError(f"'of: {self.of}' is for the whole hall: leave out '{given[0]}'")
        return self
