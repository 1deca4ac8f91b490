"""The site's series: read over the run before it starts, and looked at together."""

from __future__ import annotations

import numpy as np

from models.accounting.series_mismatches import series_mismatches
from models.hourly import HOUR_S
from models.series import Series
from models.weather.weather import Weather

from ..scenario.scenario import Scenario


def read_grid_series(
    given: Scenario, end_s: float, weather: Weather | None = None
) -> tuple[Series | None, Series | None]:
    """Return energy price and carbon intensity over the run, None where the site names none.

    Raises InputError where a series, the weather or a contract does not reach the run's end.
    """
    start_utc_s, end_utc_s = _span(given, end_s)
    if weather is not None:
        weather.covering(start_utc_s, end_utc_s)
    site = given.site
    price = site.tariff.energy_price(start_utc_s, end_utc_s) if site.tariff is not None else None
    intensity = site.carbon.intensity(start_utc_s, end_utc_s) if site.carbon is not None else None
    if site.market_based is not None:
        inner = np.arange(np.floor(start_utc_s / HOUR_S) + 1.0, np.ceil(end_utc_s / HOUR_S)) * HOUR_S
        edges = np.concatenate([[start_utc_s], inner, [end_utc_s]])
        site.market_based.carbon(edges, np.zeros(len(edges) - 1), intensity)
    return price, intensity


def series_warnings(
    given: Scenario, weather: Weather | None, price: Series | None, intensity: Series | None, end_s: float
) -> tuple[str, ...]:
    """Return what speaks against using the site's weather, price and carbon intensity together, a sentence each.

    Price and intensity are those of `read_grid_series`; `end_s` is the run's end, or the latest instant known of it
    [s from the start].
    """
    tariff = given.site.tariff
    zone = tariff.clock if tariff is not None else None
    return series_mismatches(weather, price, intensity, *_span(given, end_s), zone=zone)


def _span(given: Scenario, end_s: float) -> tuple[float, float]:
    return given.start_utc_s, given.start_utc_s + max(end_s, 1.0)
