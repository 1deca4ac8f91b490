"""The water of a run: its sources, what it costs, and the day that takes most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pyarrow as pa

from models.economics.water_price import water_cost_usd
from models.water.sources import WaterSupply
from models.water.use import PeakDay, WaterUse, peak_day, water_used_l

from ..facility.ledger import Ledger
from .columns import numbers_or_null, texts
from .kpis import Kpis
from .tables import table

_L_PER_M3 = 1e3


@dataclass(frozen=True, eq=False)
class WaterAccounts:
    """Water by use [L], the site's day that took most of it, and the supply that it comes from."""

    use: WaterUse
    peak: PeakDay | None
    supply: WaterSupply | None

    @property
    def drawn_l(self) -> float:
        """All water drawn [L]."""
        return float(self.use.drawn)

    @property
    def peak_l(self) -> float:
        """Water of the day that took most [L]."""
        return 0.0 if self.peak is None else self.peak.volume_l

    def kpis(self) -> Kpis:
        """Return the figures of water; its cost is None without a source that has prices."""
        costs_usd = [cost for cost in self._costs_usd().values() if not math.isnan(cost)]
        return {
            "water_l": self.drawn_l,
            "water_peak_day_l": self.peak_l,
            "water_cost_usd": math.fsum(costs_usd) if costs_usd else None,
        }

    def tables(self) -> dict[str, pa.Table]:
        """Return the sources where they are given: drawn, discharged, cost, and the peak day beside its limit."""
        if self.supply is None:
            return {}
        sources = self.supply.sources
        share = np.array([source.share for source in sources])
        limits = [np.nan if source.daily_limit is None else _L_PER_M3 * source.daily_limit for source in sources]
        columns = {
            "source": texts([source.name for source in sources]),
            "drawn_l": share * self.drawn_l,
            "discharged_l": share * float(self.use.blowdown),
            "cost_usd": numbers_or_null(np.array(list(self._costs_usd().values()))),
            "peak_day_l": share * self.peak_l,
            "daily_limit_l": numbers_or_null(np.array(limits)),
        }
        return {"water": table(columns)}

    def notes(self) -> tuple[str, ...]:
        """Return which day took most water, and what sources can not give on it, a sentence each."""
        if self.peak is None or not self.peak_l > 0.0:
            return ()
        notes = [f"most water, {self.peak_l:,.0f} L, was used on {self.peak.date}"]
        short = {} if self.supply is None else self.supply.shortfalls_m3(self.peak_l / _L_PER_M3)
        notes += [f"on that day '{name}' lacks {_L_PER_M3 * m3:,.0f} L" for name, m3 in short.items()]
        return tuple(notes)

    def _costs_usd(self) -> dict[str, float]:
        """Return what the water of each source costs [USD], NaN where it has no prices."""
        drawn_m3, discharged_m3 = self.drawn_l / _L_PER_M3, float(self.use.blowdown) / _L_PER_M3
        return {
            source.name: math.nan
            if source.prices is None
            else float(water_cost_usd(source.share * drawn_m3, source.share * discharged_m3, source.prices))
            for source in (self.supply.sources if self.supply is not None else ())
        }


def water_accounts(ledger: Ledger, start_utc_s: float, clock: tzinfo, supply: WaterSupply | None) -> WaterAccounts:
    """Return the water of a building's ledger; days are those of `clock`."""
    evaporation, blowdown, drift, humidification = (
        ledger.column(f"{name}_kg_per_s") for name in ("evaporation", "blowdown", "drift", "humidification")
    )
    duration_s = ledger.column("to_s") - ledger.column("from_s")
    use = water_used_l(evaporation, blowdown, drift, humidification, duration_s)
    edges_utc_s = np.append(ledger.column("from_s"), ledger.column("to_s")[-1:]) + start_utc_s
    peak = peak_day(use.drawn, edges_utc_s, clock) if len(ledger) else None
    return WaterAccounts(WaterUse(*(np.asarray(each.sum()) for each in use)), peak, supply)
