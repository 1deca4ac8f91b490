"""A load that was recorded by the hour."""

from __future__ import annotations

from typing import Literal

from ..data_file import FromFile
from ..hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ..series import Series
from .source import Load


class RecordedLoad(FromFile, Load):
    """Equipment whose mean power by the hour is read from a CSV file.

    The file has a header with the columns `time_utc`, the start of the hour in ISO form, and `power_w`; further
    columns are ignored. Every hour is given once.
    """

    kind: Literal["recorded"] = "recorded"
    repeat: Literal["year"] | None = None
    """`year` takes the same power in every calendar year, by month, day and hour in UTC."""

    @property
    def step_s(self) -> int | None:
        return HOUR_S

    def power(self) -> Series:
        first_utc_s, power_w = read_hourly_csv(
            self.path, file=self.file, time_names=("time_utc",), column=HourlyColumn(("power_w",), "W", minimum=0.0)
        )
        repeats = self.repeat == "year"
        return Series(self.name, "W", first_utc_s, HOUR_S, power_w, repeats_yearly=repeats, source=self.file)
