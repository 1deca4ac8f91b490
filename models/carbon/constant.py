"""One carbon intensity at all times."""

from __future__ import annotations

from typing import Literal

from ..hourly import HOUR_S
from ..series import Series, constant
from ..units import CarbonIntensity
from .intensity import CarbonSource


class ConstantIntensity(CarbonSource):
    """The same intensity at all times, such as a contract's or a year's mean."""

    kind: Literal["constant"] = "constant"
    value: CarbonIntensity
    """Carbon intensity, such as `392 g/kWh`."""

    def intensity(self, start_utc_s: float, end_utc_s: float) -> Series:
        return constant("carbon_intensity", "kg/J", self.value).resampled(HOUR_S, start_utc_s, end_utc_s)
