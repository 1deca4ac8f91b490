"""Prices by the hour from a CSV file, such as a year of a day-ahead market."""

from __future__ import annotations

from typing import Literal

from ..data_file import FromFile
from ..hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ..series import Series
from .tariff import Tariff

_TIME_NAMES = ("time_utc", "Datetime (UTC)")
_PRICE = HourlyColumn(("price_usd_per_mwh", "Price (USD/MWh)"), "USD/MWh")
_J_PER_MWH = 3.6e9


class HourlyTariff(FromFile, Tariff):
    """A price for each hour, read from a CSV file.

    The file has a header with the columns `time_utc` (or `Datetime (UTC)`), the start of the hour in ISO form, and
    `price_usd_per_mwh` (or `Price (USD/MWh)`); further columns are ignored. Every hour is given once. Prices may be
    negative.
    """

    kind: Literal["hourly"] = "hourly"
    repeat: Literal["year"] | None = None
    """`year` takes the same prices in every calendar year, by month, day and hour in UTC."""

    @property
    def price_step_s(self) -> int:
        return HOUR_S

    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        first_utc_s, price_usd_per_mwh = read_hourly_csv(
            self.path, file=self.file, time_names=_TIME_NAMES, column=_PRICE
        )
        series = Series(
            "energy_price",
            "USD/J",
            first_utc_s,
            HOUR_S,
            price_usd_per_mwh / _J_PER_MWH,
            repeats_yearly=self.repeat == "year",
            source=self.file,
        )
        return series.covering(start_utc_s, end_utc_s)
