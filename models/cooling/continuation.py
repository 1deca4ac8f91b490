"""How a chiller is continued beyond the temperatures that its curves were fitted to."""

from __future__ import annotations

from pydantic import Field

from ..chillers.chiller import Chiller, biquadratic
from ..section import Section

_KELVIN = 273.15


class Continuation(Section):
    """A Carnot fraction, COP = eta T_e / (T_c - T_e), calibrated at the nearest bound: no published curve covers the
    water temperatures of a warm hall. Where it is used, results say so."""

    evaporator_approach_k: float = Field(default=1.5, ge=0.0)
    """The refrigerant evaporates so far below the chilled water that leaves: an assumption, 1 to 2 K is usual."""
    condenser_approach_k: float = Field(default=1.5, ge=0.0)
    """The refrigerant condenses so far above the water that leaves the condenser: an assumption, as above."""
    condenser_rise_k: float = Field(default=5.0, ge=0.0)
    """By how much the condenser warms its water: the middle of 4 to 6 K (Lei and Masanet 2022, input ranges)."""
    air_condensing_above_k: float = Field(default=12.0, ge=0.0)
    """The refrigerant of a machine cooled by air condenses so far above the air: an assumption, 10 to 15 K is usual."""
    least_lift_k: float = Field(default=10.0, gt=0.0)
    """Power falls no further below this difference of condensing and evaporating temperature, or below the least of
    the machine's own bounds where that is less: an assumption; compressors need a pressure difference to work."""
    greatest_cop: float = Field(default=12.0, gt=1.0)
    """Beyond the bounds no machine does better, unless it does at the nearest bound: an assumption, about what makers
    state for machines without oil at 18 to 20 °C chilled water."""

    def lift_at_equal_k(self, chiller: Chiller) -> float:
        """Return condensing less evaporating temperature [K] where chilled water and condenser are equally warm."""
        if chiller.condenser == "air":
            return self.air_condensing_above_k + self.evaporator_approach_k
        return self.condenser_rise_k + self.condenser_approach_k + self.evaporator_approach_k

    def useful_condenser_c(self, chiller: Chiller, chilled_water_c: float) -> float:
        """Return the condenser's entering temperature [°C] below which power falls no further, or the curves' least.

        Warmer than the curves' least only where the chilled water is warmer than their greatest.
        """
        coldest = chiller.condenser_entering.least
        if chilled_water_c <= chiller.chilled_water.greatest:
            return coldest
        return max(coldest, chilled_water_c + self._least_lift_k(chiller) - self.lift_at_equal_k(chiller))

    def parameters(self, chiller: Chiller, scale: float = 1.0) -> list[float]:
        """Return a machine as `chiller_kernel` reads it, its capacity and power times `scale`.

        Raises ValueError where the approaches leave no lift inside the curves' own bounds.
        """
        chilled_water, entering, part = chiller.chilled_water, chiller.condenser_entering, chiller.part_load
        corner_lift_k = self._corner_lift_k(chiller)
        if corner_lift_k <= 0.0:
            raise ValueError(
                f"with chilled water of {chilled_water.greatest:g} °C and a condenser of {entering.least:g} °C, inside "
                f"the bounds of '{chiller.title}', the refrigerant would have {corner_lift_k:g} K of lift; "
                "state larger approaches"
            )
        capacity = [scale * coefficient for coefficient in chiller.capacity_w]
        hot = (chilled_water.greatest, entering.greatest)
        mild = (chilled_water.greatest, entering.least)
        hot_w, mild_w = (scale * biquadratic(chiller.capacity_w, *corner) for corner in (hot, mild))
        evaporating_k = chilled_water.greatest - self.evaporator_approach_k + _KELVIN
        least_share = self._least_lift_k(chiller) / corner_lift_k
        return [
            *capacity, *chiller.power_per_heat, *chiller.power_by_part_load,
            part.least, part.unloaded, part.greatest,
            chilled_water.least, chilled_water.greatest, entering.least, entering.greatest,
            self.lift_at_equal_k(chiller), self.evaporator_approach_k,
            hot_w, hot_w * biquadratic(chiller.power_per_heat, *hot),
            (entering.greatest - chilled_water.greatest + self.lift_at_equal_k(chiller)) / evaporating_k,
            mild_w, mild_w * biquadratic(chiller.power_per_heat, *mild) * least_share * evaporating_k,
            self.greatest_cop,
        ]  # fmt: skip

    def _corner_lift_k(self, chiller: Chiller) -> float:
        """Return the least lift [K] inside the curves' bounds."""
        warmest, coldest = chiller.chilled_water.greatest, chiller.condenser_entering.least
        return coldest - warmest + self.lift_at_equal_k(chiller)

    def _least_lift_k(self, chiller: Chiller) -> float:
        return min(self.least_lift_k, self._corner_lift_k(chiller))
