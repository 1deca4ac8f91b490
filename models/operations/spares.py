"""Parts on the shelf, and how the shelf is filled again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from ..distributions.durations import DurationDistribution
from ..section import Section
from ..units import Money, quantity

if TYPE_CHECKING:
    import numpy as np

_SATURDAY = 5


class Rma(Section):
    """Return of broken parts to their maker, who sends others (return merchandise authorisation)."""

    covered: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of broken parts that the warranty covers (assumption: all)."""
    least_business_days: PositiveInt = 3
    """The shortest turnaround (3 to 14 business days: amcompute.com, a vendor's own account)."""
    most_business_days: PositiveInt = 14
    """The longest; every number of business days between is as likely (assumption)."""
    advance: bool = False
    """Whether the replacement is sent before the broken part is back: it then comes on the next business day (same
    source)."""
    handling: Money = quantity("100 USD")
    """Packing, freight and paperwork for each part returned (assumption)."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_business_days > self.most_business_days:
            raise ValueError(
                f"'least_business_days' ({self.least_business_days}) must not be above "
                f"'most_business_days' ({self.most_business_days})"
            )
        return self

    def turnaround_s(self, utc_s: float, zone: str, generator: np.random.Generator) -> float:
        """Return the time from a return at a Unix time until the replacement is on the shelf [s], one draw.

        Monday to Friday of the clock of `zone` are business days; the part comes at the same time of day.
        """
        days = 1 if self.advance else int(generator.integers(self.least_business_days, self.most_business_days + 1))
        local = datetime.fromtimestamp(utc_s, tz=ZoneInfo(zone))
        arrives = local
        while days:
            arrives += timedelta(days=1)
            days -= arrives.weekday() < _SATURDAY
        return arrives.timestamp() - local.timestamp()


def _lead_time() -> dict[str, object]:
    return {"kind": "lognormal", "median": "14 d", "sigma": 0.5}


class SparePart(Section):
    """The stock of one kind of part."""

    stock: NonNegativeInt = 10
    """Parts on the shelf at the start, and the level that orders fill it up to (assumption)."""
    reorder_point: int | None = Field(default=None, ge=-1)
    """Parts are ordered up to `stock` once no more than this many are on the shelf or on their way, less those that
    wait; one for each part used if nothing is said (base stock)."""
    lead_time: DurationDistribution = Field(default_factory=_lead_time, validate_default=True)
    """From the order of a bought part until it is on the shelf; a median of 14 d if nothing is said (assumption)."""
    price: Money | None = None
    """Price of a part; without it what is bought is counted and costs nothing."""
    rma: Rma | None = Field(default_factory=Rma)
    """Return of broken parts under warranty; every broken part is replaced so if nothing is said (assumption). `null`
    where all are bought."""

    @model_validator(mode="after")
    def _reordered_in_time(self) -> Self:
        if self.reorder_point is not None and self.reorder_point >= self.stock:
            raise ValueError(
                f"'reorder_point' ({self.reorder_point}) must be below 'stock' ({self.stock}), the level that orders "
                "fill up to"
            )
        return self

    @property
    def ordered_at(self) -> int:
        """The inventory position at which parts are ordered up to the stock."""
        return self.stock - 1 if self.reorder_point is None else self.reorder_point
