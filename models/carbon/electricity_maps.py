"""Carbon intensity by the hour as Electricity Maps publishes it."""

from __future__ import annotations

from typing import Literal

from ..data_file import FromFile
from ..hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ..series import Series
from .hourly import G_PER_KWH_OF_1_KG_PER_J
from .intensity import CarbonSource

# The spellings of the yearly files: "Carbon Intensity gCO₂eq/kWh (LCA)" until 2023, "(Life cycle)" since 2024.
# Case and the subscript do not matter.
_COLUMNS = {
    accounting: HourlyColumn(
        tuple(f"Carbon intensity {unit} ({label})" for unit in ("gCO2eq/kWh", "gCO2e/kWh") for label in labels),
        "g/kWh",
        minimum=0.0,
    )
    for accounting, labels in {"lifecycle": ("LCA", "Life cycle"), "direct": ("direct",)}.items()
}


class ElectricityMapsIntensity(FromFile, CarbonSource):
    """An intensity for each hour from a yearly CSV file of Electricity Maps, labelled at the hour's start in UTC."""

    kind: Literal["electricity-maps"] = "electricity-maps"
    accounting: Literal["lifecycle", "direct"] = "lifecycle"
    """`lifecycle` counts building, fuel supply and operation of power plants; `direct` only what they emit."""
    repeat: Literal["year"] | None = None
    """`year` takes the same values in every calendar year, by month, day and hour in UTC."""

    def intensity(self, start_utc_s: float, end_utc_s: float) -> Series:
        first_utc_s, g_per_kwh = read_hourly_csv(
            self.path, file=self.file, time_names=("Datetime (UTC)",), column=_COLUMNS[self.accounting]
        )
        series = Series(
            f"carbon_intensity ({self.accounting})",
            "kg/J",
            first_utc_s,
            HOUR_S,
            g_per_kwh / G_PER_KWH_OF_1_KG_PER_J,
            repeats_yearly=self.repeat == "year",
            source=self.file,
        )
        return series.covering(start_utc_s, end_utc_s)
