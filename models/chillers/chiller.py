"""A chiller: what it can carry and what it draws, as curves between bounds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..section import Section
from ..sourced import Entry, Sourced
from ..units import Power, Temperature

Biquadratic = tuple[float, float, float, float, float, float]
Flag = Literal["hotter-condenser-less-power", "warmer-chilled-water-more-power", "more-load-less-power"]
_ROUNDING_K = 0.01  # bounds and reference points come from °F, rounded to a hundredth


class TemperatureRange(Section):
    """The temperatures that a curve was fitted to."""

    least: Temperature
    """°C."""
    greatest: Temperature
    """°C."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.greatest:
            raise ValueError(f"the least, {self.least:g} °C, is not below the greatest, {self.greatest:g} °C")
        return self

    def holds(self, temperature_c: float) -> bool:
        """Return whether a temperature [°C] lies in the range, to a hundredth of a kelvin."""
        return self.least - _ROUNDING_K <= temperature_c <= self.greatest + _ROUNDING_K


class PartLoad(Section):
    """The load over the capacity of the hour, between which the machine runs without cycling."""

    least: float = Field(gt=0.0, le=1.0)
    """Below it the machine cycles: it draws what it draws here, for a share of the time."""
    unloaded: float = Field(gt=0.0, le=1.0)
    """Below it hot gas is passed around the compressor: power falls no further until the machine cycles."""
    greatest: float = Field(ge=1.0)
    """The most that it carries."""


class Chiller(Entry):
    """A chiller as EnergyPlus describes one (Chiller:Electric:EIR).

    With x the chilled water that leaves and y the water that enters the condenser, or the dry bulb where it is cooled
    by air [°C], the capacity and the ratio of power to heat are a + b x + c x² + d y + e y² + f x y times those of the
    reference point; power follows part load as p0 + p1 r + p2 r². All power goes to the condenser: motors are taken as
    cooled by the refrigerant. Many published curves are not 1 at their own reference point; they are divided by what
    they give there, so that `reference_capacity` and `reference_cop` hold.
    """

    condenser: Literal["water", "air"]
    """What takes the heat away. A machine cooled by air includes its fans."""
    compressor: Literal["centrifugal", "screw", "scroll", "reciprocating"]
    """How it compresses."""
    control: Literal["vanes", "variable-speed", "valve", "steps", "constant-speed", "unknown"] = "unknown"
    """How it follows part load."""
    reference_capacity: Sourced[Power]
    """W of heat taken at the reference point."""
    reference_cop: Sourced[float]
    """Heat taken over power drawn at the reference point, at full load."""
    reference_chilled_water: Temperature
    """°C of the water that leaves the evaporator."""
    reference_condenser: Temperature
    """°C of the water that enters the condenser, or of the air."""
    chilled_water: TemperatureRange
    """Where the curves hold for the water that leaves the evaporator."""
    condenser_entering: TemperatureRange
    """Where the curves hold for the water that enters the condenser, or the air."""
    part_load: PartLoad
    """Where the curve of part load holds."""
    capacity_curve: Biquadratic
    """Coefficients a, b, c, d, e, f of the capacity."""
    power_curve: Biquadratic
    """Coefficients a, b, c, d, e, f of the power over heat at full load."""
    part_load_curve: tuple[float, float, float]
    """Coefficients p0, p1, p2 of the power over that at full load."""
    flags: dict[Flag, Sourced[float]] = Field(default_factory=dict)
    """Where power goes the wrong way inside the curves' bounds, and by how much of itself at worst."""

    @model_validator(mode="after")
    def _curves_make_sense(self) -> Self:
        for what, value in (("capacity", self.reference_capacity.value), ("COP", self.reference_cop.value)):
            if value <= 0.0:
                raise ValueError(f"the reference {what} is {value:g}; it is above 0")
        point = (self.reference_chilled_water, self.reference_condenser)
        if not (self.chilled_water.holds(point[0]) and self.condenser_entering.holds(point[1])):
            raise ValueError(f"the reference point, {point[0]:g} and {point[1]:g} °C, is outside the curves' bounds")
        corners = [
            (x, y)
            for x in (self.chilled_water.least, self.chilled_water.greatest)
            for y in (self.condenser_entering.least, self.condenser_entering.greatest)
        ]
        for name in ("capacity_curve", "power_curve"):
            for x, y in (point, *corners):
                if biquadratic(getattr(self, name), x, y) <= 0.0:
                    raise ValueError(f"{name} is not above 0 at {x:g} and {y:g} °C, inside its own bounds")
        if sum(self.part_load_curve) <= 0.0:
            raise ValueError("part_load_curve is not above 0 at full load")
        return self

    @property
    def in_brief(self) -> str:
        """What cools it, the temperatures that its curves hold for, and where their power goes the wrong way."""
        water, entering = self.chilled_water, self.condenser_entering
        told = (
            f"cooled by {self.condenser}; makes {water.least:g} to {water.greatest:g} °C with "
            f"{entering.least:g} to {entering.greatest:g} °C"
        )
        return f"{told}; {', '.join(self.flags)}" if self.flags else told

    @property
    def capacity_w(self) -> Biquadratic:
        """Coefficients of the capacity [W], with the reference capacity at the reference point."""
        return self._scaled(self.capacity_curve, self.reference_capacity.value)

    @property
    def power_per_heat(self) -> Biquadratic:
        """Coefficients of power over heat at full load, with 1 / COP at the reference point."""
        return self._scaled(self.power_curve, 1.0 / self.reference_cop.value)

    @property
    def power_by_part_load(self) -> tuple[float, float, float]:
        """Coefficients of power over that at full load, 1 at full load."""
        p0, p1, p2 = self.part_load_curve
        whole = p0 + p1 + p2
        return p0 / whole, p1 / whole, p2 / whole

    def _scaled(self, curve: Biquadratic, reference: float) -> Biquadratic:
        factor = reference / biquadratic(curve, self.reference_chilled_water, self.reference_condenser)
        a, b, c, d, e, f = curve
        return factor * a, factor * b, factor * c, factor * d, factor * e, factor * f


def biquadratic(curve: Biquadratic, x: float, y: float) -> float:
    """Return a + b x + c x² + d y + e y² + f x y."""
    a, b, c, d, e, f = curve
    return a + b * x + c * x * x + d * y + e * y * y + f * x * y
