"""Charges for the share that a customer has in the peaks of the whole system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from ..instant import Instant
from ..series import utc_text
from ..units import PowerPrice, quantity
from .demand_charge import BillingInterval
from .local_clock import LocalHours
from .metered import Metered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CoincidentPeakCharge(LocalHours):
    """A charge for the mean power drawn while the system peaked.

    Known peaks are listed in `starts`, such as the four of a summer (4CP) or the one of a year (1CP). Peaks that are
    not known yet are stated by months, weekdays and hours: each interval there is taken as equally likely (assumption),
    so that demand is the mean over all of them.
    """

    name: str = "coincident peak"
    """What the bill calls it."""
    price: PowerPrice
    """Price for the demand and a billing month, such as `5 USD/kW`. Divide a yearly price by twelve."""
    interval: BillingInterval = quantity("1 h")
    """Over which demand is the mean: 15, 30 or 60 min."""
    starts: tuple[Instant, ...] = ()
    """Starts of the intervals in which the system peaked, with their zone."""
    sets: Literal["year", "month"] = "year"
    """`year`: the mean over a calendar year's peaks is billed in each month of that year (assumption: in many markets
    of the next); `month`: the mean over a month's peaks is billed in that month, as with 12CP."""

    @model_validator(mode="after")
    def _peaks_are_told_once(self) -> Self:
        if bool(self.starts) != self.always:
            raise ValueError("give either the 'starts' of known peaks, or the months, weekdays or hours of likely ones")
        if any(quarter * 900 % int(self.interval) for quarter in self.borders):
            minutes = int(self.interval) // 60
            raise ValueError(f"hours '{self.hours}' must begin and end on the metering interval of {minutes} min")
        return self

    def billed_w(self, metered: Metered) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """Return the demand billed in each of k months [W] of shape (k,), and what is to be noted in words.

        Raises ValueError where buckets straddle metering intervals.
        """
        import numpy as np

        means = metered.interval_means(int(self.interval))
        notes: tuple[str, ...] = ()
        if self.starts:
            peaks_utc_s = np.array(sorted({start.timestamp() for start in self.starts}))
            place = np.searchsorted(means.start_utc_s, peaks_utc_s, side="right") - 1
            known = (place >= 0) & (peaks_utc_s < metered.edges_utc_s[-1])
            counted = np.zeros(len(means.power_w), dtype=np.bool_)
            counted[place[known]] = True
            missing = peaks_utc_s[~known]
            if len(missing):
                notes = (
                    f"{self.name}: {len(missing)} of {len(peaks_utc_s)} peaks lie outside the run, "
                    f"the first {utc_text(missing[0])}; the mean is over the others",
                )
        else:
            counted = self.holds(means.at)
        month_set = metered.months if self.sets == "month" else metered.months // 12
        interval_set = month_set[means.month]
        billed_w = np.zeros(len(metered.months))
        for one in np.unique(month_set):
            inside = counted & (interval_set == one)
            if np.any(inside):
                billed_w[month_set == one] = means.power_w[inside].mean()
        return billed_w, notes
