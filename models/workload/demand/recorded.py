"""A demand that was recorded by the hour."""

from __future__ import annotations

from typing import Literal

from ...data_file import FromFile
from ...hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ...series import Series
from .demand import Demand, OfferedRates


class RecordedDemand(FromFile, Demand):
    """Mean requests a second by the hour, read from a CSV file.

    The file has a header with the columns `time_utc`, the start of the hour in ISO form, and `requests_per_s`; further
    columns are ignored. Every hour is given once.
    """

    kind: Literal["recorded"] = "recorded"
    repeat: Literal["year"] | None = None
    """`year` takes the same demand in every calendar year, by month, day and hour in UTC."""

    def offered(self, start_utc_s: float, until_s: float) -> OfferedRates:
        """Return a stretch for each hour of the file; raises InputError with every problem of the file."""
        import numpy as np

        first_utc_s, requests_per_s = read_hourly_csv(
            self.path,
            file=self.file,
            time_names=("time_utc",),
            column=HourlyColumn(("requests_per_s",), "requests/s", minimum=0.0),
        )
        repeats = self.repeat == "year"
        series = Series("demand", "1/s", first_utc_s, HOUR_S, requests_per_s, repeats_yearly=repeats, source=self.file)
        window = series.covering(start_utc_s, start_utc_s + until_s)
        from_s = window.start_utc_s + window.step_s * np.arange(len(window.values), dtype=np.float64) - start_utc_s
        return OfferedRates(np.maximum(from_s, 0.0), window.values)
