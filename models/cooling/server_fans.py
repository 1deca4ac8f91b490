"""Fans inside the computers: they turn faster when the air that they breathe is warm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import Field, model_validator

from ..section import Section
from ..units import Temperature, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatOrArray = TypeVar("FloatOrArray", float, NDArray[np.float64])
else:
    FloatOrArray = TypeVar("FloatOrArray")


class ServerFans(Section):
    """Fans of air-cooled computers. By the usual boundary of PUE they are IT power, so that warmer air lowers the PUE
    and raises IT power at the same time."""

    share: float = Field(default=0.08, ge=0.0, lt=1.0)
    """Share of IT power that the fans take below the knee. The default is an assumption: makers publish none."""
    knee: Temperature = quantity("25 °C")
    """Inlet temperature from which the flow rises. The default is an assumption."""
    flow_rise_per_k: float = Field(default=0.03, ge=0.0, le=1.0)
    """Rise of flow by each K above the knee, over the flow below it. The default is an assumption; EnergyPlus' curves
    of air-cooled IT equipment are placeholders too."""
    most_flow: float = Field(default=1.5, ge=1.0, le=5.0)
    """Flow of fans at full speed over that below the knee. The default is an assumption."""

    @model_validator(mode="after")
    def _knee_in_range(self) -> Self:
        if not 10.0 <= self.knee <= 45.0:
            raise ValueError(f"knee is {self.knee:g} °C; allowed: 10 to 45 °C")
        return self

    def fan_power_factor(self, inlet_c: FloatOrArray) -> FloatOrArray:
        """Return the fans' power over their power below the knee, at an inlet temperature [°C]: flow to the cube."""
        if isinstance(inlet_c, float | int):
            flow = min(1.0 + self.flow_rise_per_k * max(inlet_c - self.knee, 0.0), self.most_flow)
            return flow * flow * flow
        import numpy as np

        flows = np.minimum(1.0 + self.flow_rise_per_k * np.maximum(inlet_c - self.knee, 0.0), self.most_flow)
        return flows * flows * flows

    def extra_it_w(self, it_power_w: FloatOrArray, inlet_c: FloatOrArray) -> FloatOrArray:
        """Return what the fans add to an IT power [W], given for an inlet below the knee, at an inlet [°C]."""
        return self.share * it_power_w * (self.fan_power_factor(inlet_c) - 1.0)
