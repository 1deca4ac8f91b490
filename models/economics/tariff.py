"""What electricity costs: the price of energy, which each kind tells, and all else that a contract may charge."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Self

from pydantic import Field, model_validator

from ..section import Section
from ..series import Series
from ..units import EnergyPrice, Money, quantity
from .coincident_peak import CoincidentPeakCharge
from .demand_charge import DemandCharge
from .local_clock import ZoneName, zone_step_s


class Taxes(Section):
    """What the state and its funds take."""

    per_energy: EnergyPrice = quantity("0 USD/kWh")
    """Tax on each unit of energy drawn, such as `5 USD/MWh`; none by default."""
    share: float = Field(default=0.0, ge=0.0)
    """Tax on what a month's other lines come to, the tax on energy among them, such as 0.06; none by default. What
    is paid for exports does not lessen it, and a month of negative prices pays none (assumption)."""


class ExportTerms(Section):
    """What is paid for energy delivered to the grid: a price, or a share of the energy price of the time."""

    price: EnergyPrice | None = None
    """Price paid, such as `30 USD/MWh`; where negative, delivering costs."""
    share: float | None = Field(default=None, ge=0.0)
    """Paid per unit as a share of the energy price of the time: 1 pays what energy costs."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.price is None) == (self.share is None):
            raise ValueError("give either 'price' or 'share'")
        return self


class Tariff(Section):
    """A contract for electrical energy. Its kinds tell the price of energy and are found in this package; YAML selects
    one by `kind:`. Each kind may have the charges below.

    Billing months are those of the zone's clock. Of a month that a run covers in part, fixed fees and all charges for
    power are billed in proportion to the time covered (assumption: utilities prorate by days).
    """

    zone: ZoneName = "UTC"
    """IANA name of the time zone whose clock charges and billing months follow, such as `America/New_York`."""
    demand: tuple[DemandCharge, ...] = ()
    """Charges for the greatest power of a month; several add up."""
    coincident_peak: tuple[CoincidentPeakCharge, ...] = ()
    """Charges for the power drawn while the whole system peaks."""
    fixed: Money = quantity("0 USD")
    """Fee for each billing month; none by default."""
    taxes: Taxes = Taxes()
    """Taxes; none by default."""
    export: ExportTerms | None = None
    """What is paid for energy delivered to the grid; nothing by default."""

    @property
    @abstractmethod
    def price_step_s(self) -> int:
        """The grid on which the price may change [s]: its prices change at UTC multiples of this only."""

    @abstractmethod
    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        """Return the price [USD/J, may be negative] on the grid of `price_step_s`, over all of [start, end).

        Raises InputError with every problem of the file that it reads, or where the prices do not cover the run.
        """

    @property
    def clock(self) -> str | None:
        """The zone whose clock moves the bill; None where none was named and no charge goes by the hour."""
        return self.zone if self.demand or self.coincident_peak or self.zone != "UTC" else None

    @property
    def step_s(self) -> int:
        """The longest bucket that the bill can do with [s]: it divides price steps, metering intervals and months."""
        demand_s = [int(charge.interval) for charge in self.demand]
        peaks_s = [int(charge.interval) for charge in self.coincident_peak]
        return math.gcd(self.price_step_s, zone_step_s(self.zone), *demand_s, *peaks_s)
