"""Computer room air handlers: fans and chilled-water coils at the side of the hall."""

from __future__ import annotations

from typing import Literal

from .coil import WaterCooledAir


class ComputerRoomAirHandlers(WaterCooledAir):
    """Air handlers at the side of the hall, or a wall of fans. With an air-cooled plant this also stands for units
    with compressors of their own (CRAC)."""

    kind: Literal["crah"] = "crah"
