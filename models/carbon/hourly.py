"""Carbon intensity by the hour from a plain CSV file."""

from __future__ import annotations

from typing import Literal

from ..data_file import FromFile
from ..hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ..series import Series
from .intensity import CarbonSource

G_PER_KWH_OF_1_KG_PER_J = 3.6e9  # 1 kg = 1000 g and 1 kWh = 3.6e6 J

_COLUMN = HourlyColumn(("carbon_intensity_g_per_kwh",), "g/kWh", minimum=0.0)


class HourlyIntensity(FromFile, CarbonSource):
    """An intensity for each hour, read from a CSV file.

    The file has a header with the columns `time_utc`, the start of the hour in ISO form, and
    `carbon_intensity_g_per_kwh`; further columns are ignored. Every hour is given once.
    """

    kind: Literal["hourly"] = "hourly"
    repeat: Literal["year"] | None = None
    """`year` takes the same values in every calendar year, by month, day and hour in UTC."""

    def intensity(self, start_utc_s: float, end_utc_s: float) -> Series:
        first_utc_s, g_per_kwh = read_hourly_csv(self.path, file=self.file, time_names=("time_utc",), column=_COLUMN)
        series = Series(
            "carbon_intensity",
            "kg/J",
            first_utc_s,
            HOUR_S,
            g_per_kwh / G_PER_KWH_OF_1_KG_PER_J,
            repeats_yearly=self.repeat == "year",
            source=self.file,
        )
        return series.covering(start_utc_s, end_utc_s)
