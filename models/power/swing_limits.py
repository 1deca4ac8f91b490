"""What a UPS, a genset or a utility puts up with: ramps, steps and swings of the load."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from ..section import Section
from ..units import Power, PowerRamp, format_quantity
from .power_step import PowerStep
from .swing import Swing


class SwingLimits(Section):
    """Limits of one equipment or contract. What is not stated is not checked: there is no figure that holds for all.

    Utilities state them in the agreement on connection; makers of gensets state the load steps that an engine takes
    (ISO 8528-5 gives classes), makers of UPS the ramps of their rectifiers.
    """

    ramp: PowerRamp | None = Field(default=None, gt=0.0)
    """Greatest change of the load in time, up or down."""
    step: Power | None = Field(default=None, gt=0.0)
    """Greatest change of the load that stays: a start, a checkpoint, a gang that falls idle."""
    swing: Power | None = Field(default=None, gt=0.0)
    """Greatest swing of the load that repeats, from least to greatest."""
    amplitude_in_band: Power | None = Field(default=None, gt=0.0)
    """Greatest amplitude of all that repeats at the band's frequencies."""


class Exceeded(NamedTuple):
    """A limit that is exceeded."""

    what: str
    value: float
    limit: float
    dimension: str

    def sentence(self, name: str, equipment: str) -> str:
        """Return it in words."""
        shown, allowed = (format_quantity(each, self.dimension) for each in (self.value, self.limit))
        return f"{equipment}: the {self.what} of {name} is {shown}; allowed: {allowed}"


def exceeded(happening: Swing | PowerStep, limits: SwingLimits) -> list[Exceeded]:
    """Return the limits that a swing or a step exceeds."""
    asked = [("ramp", happening.ramp_w_per_s, limits.ramp, "power_ramp")]
    if isinstance(happening, PowerStep):
        asked.append(("step", abs(happening.change_w), limits.step, "power"))
    else:
        least_hz, greatest_hz = happening.band_hz
        band = f"amplitude from {least_hz:g} to {greatest_hz:g} Hz"
        asked.append(("swing", happening.peak_to_peak_w, limits.swing, "power"))
        asked.append((band, happening.amplitude_in_band_w, limits.amplitude_in_band, "power"))
    return [
        Exceeded(what, value, limit, dimension)
        for what, value, limit, dimension in asked
        if limit is not None and value > limit
    ]


def violations(happening: Swing | PowerStep, limits: SwingLimits, equipment: str = "limits") -> list[str]:
    """Return a sentence for each limit of `equipment` that a swing or a step exceeds; none where it keeps to all."""
    return [each.sentence(happening.name, equipment) for each in exceeded(happening, limits)]
