"""The grid of the buckets into which meters fold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.carbon.intensity import CarbonSource
from models.carbon.market.market_based import MarketBased
from models.economics.tariff import Tariff
from models.loads.source import Load
from models.problems import InputError, Problem

CARBON_STEP_S = 3600
"""Carbon intensities and contracted supplies come by the hour."""


def whole_seconds(interval_s: float, path: str) -> int:
    """Return a length of buckets as whole seconds; raises InputError where it is none."""
    if interval_s != int(interval_s):
        raise InputError(Problem("", path, f"{interval_s:g} s is not a whole number of seconds, at least 1"))
    return int(interval_s)


def accounting_interval_s(
    interval_s: int, tariff: Tariff | None, carbon: CarbonSource | MarketBased | None, loads: Sequence[Load] = ()
) -> int:
    """Return the longest bucket whose edges include those of results, tariff, carbon intensity and given loads [s].

    All grids stand on whole multiples of their step in UTC: their common grid is that of the greatest common divisor.
    """
    steps = [interval_s]
    if tariff is not None:
        steps.append(tariff.step_s)
    if carbon is not None:
        steps.append(CARBON_STEP_S)
    steps += [load.step_s for load in loads if load.step_s is not None]
    return math.gcd(*steps)
