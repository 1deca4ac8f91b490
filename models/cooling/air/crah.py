"""Computer room air handlers: fans and chilled-water coils at the side of the hall."""

from __future__ import annotations

from typing import Literal

from ..heat_path import PathDuty, SizedHeatPath
from .air_handlers import AirHandlers
from .air_side import AnyPlant


class ComputerRoomAirHandlers(AirHandlers):
    """Air handlers at the side of the hall, or a wall of fans. With an air-cooled plant this also stands for units
    with compressors of their own (CRAC)."""

    kind: Literal["crah"] = "crah"
    plant: AnyPlant
    """The plant that cools the coils' water."""

    def sized(self, duty: PathDuty) -> SizedHeatPath:
        from .coil_kernel import ask

        return self.built(duty, self.plant, ask)
