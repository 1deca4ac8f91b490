"""What the utility writes at the end of each month."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..series import Series
from .demand_charge import BilledDemand
from .local_clock import month_text
from .metered import Metered
from .tariff import Tariff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Component = Literal[
    "energy", "export", "demand", "ratchet", "contract-minimum", "coincident-peak", "fixed", "energy-tax", "tax"
]
POWER_COMPONENTS: tuple[Component, ...] = ("demand", "ratchet", "contract-minimum", "coincident-peak")
"""What is charged for power rather than for energy."""
_J_PER_KWH = 3.6e6


@dataclass(frozen=True)
class BillLine:
    """One line of a month's bill: `quantity` in `unit` (kWh, kW, months, USD) comes to `amount_usd`.

    `month` is that of the local clock, such as "2023-07". Power of a month that is billed in part stands in full, the
    amount in proportion.
    """

    month: str
    component: Component
    name: str
    quantity: float
    unit: str
    amount_usd: float


@dataclass(frozen=True)
class MonthDemand:
    """Demand of one charge in one month [W]: metered, the least by ratchet and by contract, and what is billed.

    `peak_utc_s` is the Unix time at which the interval of the metered demand began; None where none counted.
    """

    month: str
    name: str
    measured_w: float
    peak_utc_s: float | None
    ratchet_w: float
    minimum_w: float
    billed_w: float


@dataclass(frozen=True)
class Bill:
    """A bill: lines by month and component, the demand behind them, and in words what was assumed."""

    lines: tuple[BillLine, ...]
    demand: tuple[MonthDemand, ...]
    notes: tuple[str, ...]

    @property
    def total_usd(self) -> float:
        """What all lines come to [USD]; less than nothing where prices are negative or exports outweigh."""
        return math.fsum(line.amount_usd for line in self.lines)

    @property
    def energy_charge_usd(self) -> float:
        """What energy drawn costs [USD], without taxes and exports."""
        return self.component_usd("energy")

    @property
    def demand_charge_usd(self) -> float:
        """What power costs [USD]: demand, ratchet, contract minimum and coincident peak, without taxes."""
        return self.component_usd(*POWER_COMPONENTS)

    @property
    def billed_demand_kw(self) -> float:
        """The greatest demand billed in any month by any demand charge [kW]; 0 without one."""
        return max((month.billed_w for month in self.demand), default=0.0) / 1e3

    def component_usd(self, *components: Component) -> float:
        """Return what the lines of some components come to [USD]."""
        return math.fsum(line.amount_usd for line in self.lines if line.component in components)

    def by_month(self) -> dict[str, float]:
        """Return what each month comes to [USD], in order."""
        months = dict.fromkeys(line.month for line in self.lines)
        return {
            month: math.fsum(line.amount_usd for line in self.lines if line.month == month) for month in sorted(months)
        }


def bill(
    edges_utc_s: ArrayLike,
    energy_j: ArrayLike,
    tariff: Tariff,
    *,
    price: Series | None = None,
    exported_j: ArrayLike | None = None,
) -> Bill:
    """Return the bill for energy drawn from the grid between the first edge and the last.

    `energy_j` [J, not negative] has the shape (n,): the energy between each two of the n + 1 rising `edges_utc_s`,
    which must lie on the grid of `tariff.step_s` but for the first and the last. `exported_j` [J, not negative], of
    the same shape, is what a second register counts on its way to the grid. `price` is `tariff.energy_price` over the
    edges where the caller has it already. Of months that the edges cover in part, fees and charges for power are
    billed in proportion to the time covered (assumption). Raises ValueError where energies are negative or a bucket
    straddles two prices, metering intervals or months, InputError where the price does not cover the edges.

    >>> from models.economics.tariff_flat import FlatTariff
    >>> flat = FlatTariff.model_validate({"price": "0.1 USD/kWh", "demand": [{"price": "12 USD/kW"}]})
    >>> january = range(1672531200, 1672531200 + 31 * 86400 + 1, 900)
    >>> total = bill(january, [900.0 * 1000.0] * (len(january) - 1), flat)  # 1 kW for 744 h
    >>> round(total.energy_charge_usd, 2), round(total.demand_charge_usd, 2)
    (74.4, 12.0)
    """
    import numpy as np

    metered = Metered.of(edges_utc_s, energy_j, tariff.zone)
    exported = np.zeros_like(metered.energy_j) if exported_j is None else np.asarray(exported_j, dtype=np.float64)
    if exported.shape != metered.energy_j.shape:
        raise ValueError(f"exported energy must have the shape {metered.energy_j.shape}, not {exported.shape}")
    for name, values in (("drawn", metered.energy_j), ("exported", exported)):
        if not np.all(values >= 0.0):
            raise ValueError(
                f"energy {name} must not be negative: what is drawn and what is exported are two registers"
            )
    if price is None:
        price = tariff.energy_price(float(metered.edges_utc_s[0]), float(metered.edges_utc_s[-1]))
    book = _Book(metered)
    book.add("energy", "energy", metered.by_month(metered.energy_j) / _J_PER_KWH, "kWh", _priced(metered, price))
    if tariff.export is not None:
        _add_export(book, metered, exported, tariff, price)
    elif np.any(exported > 0.0):
        book.notes.append("energy exported to the grid is paid nothing: the tariff has no 'export'")
    _add_power(book, metered, tariff)
    if tariff.fixed:
        book.add("fixed", "fixed fee", metered.month_share, "months", tariff.fixed * metered.month_share)
    _add_taxes(book, metered, tariff)
    partial = [month_text(int(m)) for m, share in zip(metered.months, metered.month_share, strict=True) if share < 1.0]
    if partial and (tariff.fixed or tariff.demand or tariff.coincident_peak):
        book.notes.append(f"billed in proportion to the time covered (assumption): {', '.join(partial)}")
    return Bill(tuple(book.lines), tuple(book.demand), tuple(book.notes))


class _Book:
    """Lines as they are written."""

    def __init__(self, metered: Metered) -> None:
        self.months = [month_text(int(month)) for month in metered.months]
        self.lines: list[BillLine] = []
        self.demand: list[MonthDemand] = []
        self.notes: list[str] = []

    def add(
        self,
        component: Component,
        name: str,
        quantity: NDArray[np.float64],
        unit: str,
        amount_usd: NDArray[np.float64],
        *,
        charged: NDArray[np.bool_] | None = None,
    ) -> None:
        """Write a line for each month that is charged; arrays of shape (k,)."""
        for place, month in enumerate(self.months):
            if charged is None or charged[place]:
                amount = float(amount_usd[place])
                self.lines.append(BillLine(month, component, name, float(quantity[place]), unit, amount))

    def add_demand(self, name: str, billed: BilledDemand) -> None:
        """Write down the demand of each month that is charged."""
        for place, month in enumerate(self.months):
            if billed.charged[place]:
                peak_utc_s = float(billed.peak_utc_s[place])
                self.demand.append(
                    MonthDemand(
                        month,
                        name,
                        float(billed.measured_w[place]),
                        None if math.isnan(peak_utc_s) else peak_utc_s,
                        float(billed.ratchet_w[place]),
                        float(billed.minimum_w[place]),
                        float(billed.billed_w[place]),
                    )
                )


def _priced(metered: Metered, price: Series) -> NDArray[np.float64]:
    return metered.by_month(price.weighing(metered.energy_j, metered.edges_utc_s))


def _add_export(book: _Book, metered: Metered, exported_j: NDArray[np.float64], tariff: Tariff, price: Series) -> None:
    terms = tariff.export
    if terms is None:
        return
    if terms.price is not None:
        paid_usd = terms.price * metered.by_month(exported_j)
    else:
        paid_usd = (terms.share or 0.0) * metered.by_month(price.weighing(exported_j, metered.edges_utc_s))
    book.add("export", "export", metered.by_month(exported_j) / _J_PER_KWH, "kWh", -paid_usd)


def _add_power(book: _Book, metered: Metered, tariff: Tariff) -> None:
    """Write what power costs: each demand charge with what ratchet and contract add, then the system's peaks."""
    for charge in tariff.demand:
        billed = charge.billed(metered)
        usd_per_w = charge.price * metered.month_share
        parts: list[tuple[Component, NDArray[np.float64], NDArray[np.bool_]]] = [
            ("demand", billed.measured_w, billed.charged),
            ("ratchet", billed.ratchet_topup_w, billed.charged & (billed.ratchet_topup_w > 0.0)),
            ("contract-minimum", billed.minimum_topup_w, billed.charged & (billed.minimum_topup_w > 0.0)),
        ]
        for component, power_w, charged in parts:
            book.add(component, charge.name, power_w / 1e3, "kW", usd_per_w * power_w, charged=charged)
        book.add_demand(charge.name, billed)
    for peak in tariff.coincident_peak:
        peak_w, notes = peak.billed_w(metered)
        book.add("coincident-peak", peak.name, peak_w / 1e3, "kW", peak.price * metered.month_share * peak_w)
        book.notes.extend(notes)


def _add_taxes(book: _Book, metered: Metered, tariff: Tariff) -> None:
    import numpy as np

    taxes = tariff.taxes
    if taxes.per_energy:
        energy_j = metered.by_month(metered.energy_j)
        book.add("energy-tax", "tax on energy", energy_j / _J_PER_KWH, "kWh", taxes.per_energy * energy_j)
    if taxes.share:
        taxed = [
            max(
                math.fsum(line.amount_usd for line in book.lines if line.month == month and line.component != "export"),
                0,
            )
            for month in book.months
        ]
        taxed_usd = np.array(taxed, dtype=np.float64)
        book.add("tax", "tax", taxed_usd, "USD", taxes.share * taxed_usd)
