"""What crews and spares did in a run, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from models.operations.spare_stock import stock_for_stockouts
from models.operations.staff import FULL_TIME_H, staff_year

from ..results.columns import numbers_or_null, texts
from ..results.kpis import Kpis
from ..results.tables import table
from .duty import Duty
from .repairs import Repairs
from .shelf import Shelf
from .work_order import WorkOrder

MOST_STOCKOUTS = 0.05
"""Share of repairs that find no spare above which a run says what stock it would take."""


class RepairAccounts:
    """Figures and tables of work orders, spares and crews."""

    def __init__(
        self, repairs: Repairs, start_utc_s: float, maintenance_share: float = 0.0, unused: Sequence[str] = ()
    ) -> None:
        self._repairs = repairs
        self._start_utc_s = start_utc_s
        self._maintenance_share = maintenance_share
        self._unused = unused

    def kpis(self, end_s: float) -> Kpis:
        duties = self._duties(end_s)
        there_s = math.fsum(duty.on_duty_until_s(end_s) + duty.overtime_s for duty in duties)
        return {
            "spare_stockouts": sum(shelf.stockouts for shelf in self._repairs.shelves.values()),
            "technician_utilization": math.fsum(duty.busy_s for duty in duties) / there_s if there_s > 0.0 else None,
        }

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        found = {"crews": self._crews_table(end_s)}
        if self._repairs.orders:
            found["work_orders"] = _orders_table(self._repairs.orders, end_s)
        if self._repairs.shelves:
            found["spares"] = _spares_table(list(self._repairs.shelves.values()), end_s)
        return found

    def operating_usd(self, end_s: float) -> Mapping[str, float]:
        """Return what was paid in the run, by name [USD]; what cost nothing is left out."""
        duties = self._duties(end_s)
        paid = {
            "technicians": math.fsum(_cost_usd(duty, end_s) for duty in duties),
            "remote hands": self._repairs.dispatch.remote_usd,
            "spares": math.fsum(shelf.cost_usd for shelf in self._repairs.shelves.values()),
        }
        return {name: usd for name, usd in paid.items() if usd > 0.0}

    def notes(self, end_s: float) -> Sequence[str]:
        terms, notes = self._repairs.terms, list(self._unused)
        years = [staff_year(crew, terms.time_zone, self._start_utc_s) for crew in terms.crews]
        staff, year_usd = (math.fsum(getattr(each, name) for each in years) for name in ("full_time_staff", "cost_usd"))
        if staff:
            notes.append(
                f"the shifts of all crews take {staff:.1f} people employed full-time ({FULL_TIME_H:,.0f} h a year), "
                f"who cost {year_usd:,.0f} USD a year"
            )
        paid = [f"{usd:,.0f} USD for {name}" for name, usd in self.operating_usd(end_s).items()]
        if paid:
            notes.append(f"the run took {', '.join(paid)}")
        if paid and self._maintenance_share > 0.0:
            notes.append(
                f"accounting.capital.maintenance_share ({self._maintenance_share:g} of capital a year) covers staff "
                "and parts as well: lower it, or the cost of an accelerator's hour counts them twice"
            )
        unpriced = [name for name, shelf in self._repairs.shelves.items() if shelf.bought and shelf.terms.price is None]
        if unpriced:
            notes.append(f"spares without a price were bought and cost nothing here: {', '.join(sorted(unpriced))}")
        notes += [
            text for shelf in self._repairs.shelves.values() if (text := _short_of_spares(shelf, end_s)) is not None
        ]
        waiting = self._repairs.dispatch.waiting + sum(shelf.waiting for shelf in self._repairs.shelves.values())
        if waiting:
            notes.append(f"{waiting:,} work orders still waited for a spare or a technician at the run's end")
        return notes

    def _duties(self, end_s: float) -> tuple[Duty, ...]:
        self._repairs.dispatch.account(end_s)
        return self._repairs.dispatch.duties

    def _crews_table(self, end_s: float) -> pa.Table:
        duties, orders = self._duties(end_s), self._repairs.orders
        zone, start_utc_s = self._repairs.terms.time_zone, self._start_utc_s
        return table(
            {
                "crew": texts([duty.crew.name for duty in duties]),
                "on_duty_s": np.array([duty.on_duty_until_s(end_s) for duty in duties], np.float64),
                "busy_s": np.array([duty.busy_s for duty in duties], np.float64),
                "overtime_s": np.array([duty.overtime_s for duty in duties], np.float64),
                "orders": np.array([sum(each.crew == duty.crew.name for each in orders) for duty in duties], np.int64),
                "full_time_staff": np.array(
                    [staff_year(duty.crew, zone, start_utc_s).full_time_staff for duty in duties], np.float64
                ),
                "cost_usd": np.array([_cost_usd(duty, end_s) for duty in duties], np.float64),
            }
        )


def _short_of_spares(shelf: Shelf, end_s: float) -> str | None:
    """Return what stock would do where a part was wanted in vain more often than once in twenty, None elsewhere."""
    ordered = shelf.bought + shelf.returned
    if shelf.stockouts <= MOST_STOCKOUTS * shelf.used or not ordered:
        return None
    stock = stock_for_stockouts(
        MOST_STOCKOUTS, demands_per_s=shelf.used / end_s, mean_lead_time_s=shelf.lead_s / ordered
    )
    return (
        f"{shelf.stockouts:,} of {shelf.used:,} repairs that took a {shelf.name} found none on the shelf of "
        f"{shelf.terms.stock:,}; by Palm's theorem a stock of {stock:,} would leave {MOST_STOCKOUTS:.0%} without"
    )


def _cost_usd(duty: Duty, end_s: float) -> float:
    crew = duty.crew
    return (duty.on_duty_until_s(end_s) * crew.relief + duty.overtime_s) / 3600.0 * crew.hourly_cost


def _orders_table(orders: Sequence[WorkOrder], end_s: float) -> pa.Table:
    """Return a row an order. What lasts counts up to the run's end; instants that did not come are null."""

    def texts_of(value: Callable[[WorkOrder], str | None]) -> pa.Array:
        return texts([value(order) or "" for order in orders])

    def numbers_of(value: Callable[[WorkOrder], float]) -> pa.Array:
        return numbers_or_null(np.array([value(order) for order in orders], np.float64))

    def until(instant_s: float) -> float:
        return end_s if math.isnan(instant_s) else instant_s

    def technician_wait_s(order: WorkOrder) -> float:
        waits = not order.crew and math.isnan(order.restored_s) and not math.isnan(order.supplied_s)
        return end_s - order.supplied_s if waits else order.waited_technician_s

    return table(
        {
            "component_kind": texts_of(lambda order: order.outage.kind),
            "component": texts_of(lambda order: order.outage.name),
            "cause": texts_of(lambda order: order.outage.cause),
            "part": texts_of(lambda order: order.part),
            "skill": texts_of(lambda order: order.skill),
            "crew": texts_of(lambda order: order.crew),
            "requested_s": numbers_of(lambda order: order.requested_s),
            "triage_s": numbers_of(lambda order: until(order.triaged_s) - order.requested_s),
            "spare_wait_s": numbers_of(
                lambda order: 0.0 if order.reset else until(order.supplied_s) - until(order.triaged_s)
            ),
            "technician_wait_s": numbers_of(technician_wait_s),
            "worked_s": numbers_of(lambda order: order.worked_s),
            "restored_s": numbers_of(lambda order: order.restored_s),
            "stopped_nodes": np.array([order.outage.nodes for order in orders], np.int64),
            "reset": np.array([order.reset for order in orders], np.bool_),
            "lemon": np.array([order.lemon for order in orders], np.bool_),
        }
    )


def _spares_table(shelves: Sequence[Shelf], end_s: float) -> pa.Table:
    """Return a row a part; `wait_mean_s` is over all that were used or asked for, null where none was."""
    counts = {name: [getattr(shelf, name) for shelf in shelves] for name in ("used", "bought", "returned", "stockouts")}
    return table(
        {
            "part": texts([shelf.name for shelf in shelves]),
            "stock": np.array([shelf.terms.stock for shelf in shelves], np.int64),
            **{name: np.array(values, np.int64) for name, values in counts.items()},
            "wait_mean_s": numbers_or_null(
                np.array([shelf.waited_until_s(end_s) / shelf.used if shelf.used else math.nan for shelf in shelves])
            ),
            "on_hand": np.array([shelf.on_hand for shelf in shelves], np.int64),
            "on_order": np.array([shelf.on_order for shelf in shelves], np.int64),
            "cost_usd": np.array([shelf.cost_usd for shelf in shelves], np.float64),
        }
    )
