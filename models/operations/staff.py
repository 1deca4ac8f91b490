"""How many people a crew's shifts take, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass

from .crews import Crew

_YEAR_H = 8766.0  # the Julian year of `models.units`
FULL_TIME_H = 2080.0
"""Paid hours of one full-time job in a year: 52 weeks of 40 hours."""


@dataclass(frozen=True)
class StaffYear:
    """A crew's year: hours on duty and paid, people employed full-time, and what they cost [USD]."""

    on_duty_h: float
    paid_h: float
    full_time_staff: float
    cost_usd: float


def staff_year(crew: Crew, zone: str, start_utc_s: float = 0.0) -> StaffYear:
    """Return what a crew takes in the Julian year that begins at a Unix time [s].

    On-duty hours follow the shifts; `crew.relief` hours are paid for each of them, 2080 hours being one full-time job.

    >>> one = Crew.model_validate({"shifts": [{"technicians": 1}], "relief": 1.2, "hourly_cost": "75 USD"})
    >>> year = staff_year(one, "UTC")
    >>> round(year.on_duty_h), round(year.full_time_staff, 2), round(year.cost_usd)
    (8766, 5.06, 788940)
    """
    on_duty_h = crew.schedule(zone).integral_s(start_utc_s, start_utc_s + 3600.0 * _YEAR_H) / 3600.0
    paid_h = on_duty_h * crew.relief
    return StaffYear(on_duty_h, paid_h, paid_h / FULL_TIME_H, paid_h * crew.hourly_cost)
