"""What a wind or solar park yields, hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ...data_file import FromFile
from ...hourly import HOUR_S, HourlyColumn, read_hourly_csv
from ...series import Series
from ...units import Power
from .contract import EnergyContract

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLUMN = HourlyColumn(("capacity_factor",), "fraction", minimum=0.0)


class ProfileContract(FromFile, EnergyContract):
    """A power purchase agreement for a park's yield, as produced.

    The file has a header with the columns `time_utc`, the start of the hour in ISO form, and `capacity_factor`, the
    park's mean power over its peak power in that hour; further columns are ignored. Every hour is given once.
    """

    kind: Literal["profile"] = "profile"
    power: Power
    """Contracted peak power of the park."""
    repeat: Literal["year"] | None = None
    """`year` takes the same values in every calendar year, by month, day and hour in UTC."""

    def supplied_j(self, edges_utc_s: NDArray[np.float64], energy_j: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        first_utc_s, factor = read_hourly_csv(self.path, file=self.file, time_names=("time_utc",), column=_COLUMN)
        series = Series(
            "capacity_factor",
            "fraction",
            first_utc_s,
            HOUR_S,
            factor,
            repeats_yearly=self.repeat == "year",
            source=self.file,
        )
        return np.asarray(self.power * np.diff(edges_utc_s) * series.mean_over(edges_utc_s))
