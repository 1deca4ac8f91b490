"""How many spares to hold: one is ordered for each that is used, and comes after its lead time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SpareStock:
    """How a stock of spares fares in the long run."""

    stockout_probability: float
    """Share of the demands that find an empty shelf."""
    mean_backorders: float
    """Demands that wait for a part at a time."""
    mean_wait_s: float
    """Mean wait of all demands, those that find a part among them [s]."""


def spare_stock(*, stock: int, demands_per_s: float, mean_lead_time_s: float) -> SpareStock:
    """Return the long run of base stock, (s-1, s), under Poisson demand.

    Palm's theorem: parts on order are Poisson with mean a = demand times mean lead time, whatever the lead time's
    distribution, if lead times are independent. A demand finds an empty shelf with P(on order >= s); backorders are
    E[(on order - s)+] = a P(on order >= s) - s P(on order >= s + 1), and the mean wait follows from Little's law.

    Source: C. Palm, 1938; C. C. Sherbrooke, METRIC, Operations Research 16(1), 1968.

    >>> one = spare_stock(stock=1, demands_per_s=1.0, mean_lead_time_s=1.0)
    >>> round(one.stockout_probability, 6), round(one.mean_backorders, 6)
    (0.632121, 0.367879)
    """
    load = demands_per_s * mean_lead_time_s
    if stock < 0 or not (demands_per_s >= 0.0 and mean_lead_time_s >= 0.0):
        raise ValueError(f"a stock of {stock} under {load:g} parts on order: neither may be negative")
    if load == 0.0:
        return SpareStock(float(stock == 0), 0.0, 0.0)
    # Poisson probabilities by logarithms: a large load would underflow exp(-load).
    at = [math.exp(on_order * math.log(load) - load - math.lgamma(on_order + 1)) for on_order in range(stock + 1)]
    out = max(0.0, 1.0 - math.fsum(at[:stock]))
    backorders = max(0.0, load * out - stock * max(0.0, out - at[stock]))
    return SpareStock(out, backorders, backorders / demands_per_s)


def stock_for_stockouts(greatest_stockout_probability: float, *, demands_per_s: float, mean_lead_time_s: float) -> int:
    """Return the least stock with which no more than a share (above 0) of the demands finds an empty shelf."""
    if not greatest_stockout_probability > 0.0:
        raise ValueError("no stock keeps stock-outs at zero: give a share above 0")
    load = demands_per_s * mean_lead_time_s
    stock = 0 if load == 0.0 else max(0, math.ceil(load - 10.0 * math.sqrt(load)) - 1)
    while (
        spare_stock(stock=stock, demands_per_s=demands_per_s, mean_lead_time_s=mean_lead_time_s).stockout_probability
        > greatest_stockout_probability
    ):
        stock += 1
    return stock
