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

    @property
    def relative_humidity(self) -> float:
        """Relative humidity of air of this dry bulb and this wet bulb, a fraction; 1 where the two are equal."""
        from ..moist_air.psychrometrics import humidity_ratio, humidity_ratio_from_wet_bulb
        from ..moist_air.psychrometrics_kernel import MOLAR_MASS_RATIO as RATIO

        if self.wet_bulb_c >= self.dry_bulb_c:
            return 1.0
        air = (self.dry_bulb_c, self.wet_bulb_c, self.pressure_pa)
        moisture = float(humidity_ratio_from_wet_bulb(*air))
        most = float(humidity_ratio(self.dry_bulb_c, 1.0, self.pressure_pa))
        # Partial pressures of vapour from humidity ratios: ASHRAE Handbook Fundamentals 2021, chapter 1, equation 20.
        return moisture / (RATIO + moisture) / (most / (RATIO + most))
