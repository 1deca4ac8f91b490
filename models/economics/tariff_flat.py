"""One price at all times."""

from __future__ import annotations

from typing import Literal

from ..series import Series, constant
from ..units import EnergyPrice
from .tariff import Tariff


class FlatTariff(Tariff):
    """The same price for every unit of energy."""

    kind: Literal["flat"] = "flat"
    price: EnergyPrice
    """Price of energy, such as `80 USD/MWh`; may be negative."""

    @property
    def price_step_s(self) -> int:
        return 3600

    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        return constant("energy_price", "USD/J", self.price).resampled(self.price_step_s, start_utc_s, end_utc_s)
