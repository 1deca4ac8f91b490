"""The grid of the buckets into which meters fold."""

from __future__ import annotations

import math

from models.carbon.intensity import CarbonSource
from models.economics.tariff import Tariff
from models.problems import InputError, Problem

CARBON_STEP_S = 3600
"""Carbon intensities come by the hour."""


def whole_seconds(interval_s: float, path: str) -> int:
    """Return a length of buckets as whole seconds; raises InputError where it is none."""
    if interval_s != int(interval_s):
        raise InputError(Problem("", path, f"{interval_s:g} s is not a whole number of seconds, at least 1"))
    return int(interval_s)


def accounting_interval_s(interval_s: int, tariff: Tariff | None, carbon: CarbonSource | None) -> int:
    """Return the longest bucket whose edges include those of the results, the tariff and the carbon intensity [s].

    All grids stand on whole multiples of their step in UTC, so their common grid is that of the greatest common divisor.
    """
    steps = [interval_s]
    if tariff is not None:
        steps.append(tariff.step_s)
    if carbon is not None:
        steps.append(CARBON_STEP_S)
    return math.gcd(*steps)
