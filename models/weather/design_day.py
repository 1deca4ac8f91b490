"""The weather that a plant is sized for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DesignDay:
    """The hardest outdoor air that a plant must stand: not an hour of a typical year.

    `dry_bulb_c` is what dry coolers and air-cooled chillers are sized for, `wet_bulb_c` what towers are; the two need
    not come in the same hour. `source` says where they come from, such as the EPW file's design conditions.
    """

    dry_bulb_c: float
    wet_bulb_c: float
    pressure_pa: float
    source: str
