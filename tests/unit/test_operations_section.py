"""Shifts by the local clock, staff, business days, and what the section refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from models.operations.crews import Crew
from models.operations.monitoring import Monitoring
from models.operations.operations import Operations
from models.operations.spares import Rma, SparePart
from models.operations.staff import staff_year
from simulator.random_streams import stream

DAY = {"technicians": 3, "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-18:00"}
NIGHT = {"technicians": 1, "hours": "18:00-08:00"}


def utc_s(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


def crew(*shifts: dict[str, Any]) -> Crew:
    return Crew.model_validate({"shifts": shifts})


def test_shifts_follow_the_local_clock_and_overlaps_add_up() -> None:
    schedule = crew(DAY, {"technicians": 2}).schedule("America/New_York")
    assert schedule.level(utc_s(2023, 7, 10, 11, 59)) == 2
    assert schedule.level(utc_s(2023, 7, 10, 12, 0)) == 5  # Monday, 08:00 in New York
    assert schedule.level(utc_s(2023, 7, 8, 12, 0)) == 2  # Saturday
    assert schedule.next_change_s(utc_s(2023, 7, 8, 12, 0)) == utc_s(2023, 7, 10, 12, 0)
    assert schedule.next_change_s(utc_s(2023, 7, 10, 12, 0)) == utc_s(2023, 7, 10, 22, 0)


def test_a_schedule_that_never_changes_says_so() -> None:
    schedule = crew({"technicians": 2}).schedule("UTC")
    assert schedule.next_change_s(0.0) == float("inf")
    assert schedule.integral_s(0.0, 3600.0) == 7200.0
    halves = crew({"technicians": 1, "hours": "00:00-12:00"}, {"technicians": 1, "hours": "12:00-24:00"})
    assert halves.schedule("UTC").next_change_s(0.0) == float("inf")


def test_hours_on_duty_add_up_over_weeks_and_both_changes_of_the_clock() -> None:
    schedule = crew(DAY, NIGHT).schedule("America/New_York")
    week_h = 5 * 10 * 3 + 7 * 14
    monday_s = utc_s(2023, 7, 10, 4, 0)  # midnight in New York
    assert schedule.integral_s(monday_s, monday_s + 7 * 86400.0) == week_h * 3600.0
    # On 12 March 2023 New York skipped 02:00 to 03:00, on 5 November it had 01:00 to 02:00 twice.
    spring_s, autumn_s = utc_s(2023, 3, 12, 5, 0), utc_s(2023, 11, 5, 4, 0)
    assert schedule.integral_s(spring_s, spring_s + 23 * 3600.0) == 13 * 3600.0
    assert schedule.integral_s(autumn_s, autumn_s + 25 * 3600.0) == 15 * 3600.0
    leapt = crew({"technicians": 1, "hours": "02:15-02:45"}).schedule("America/New_York")
    assert leapt.integral_s(spring_s, spring_s + 23 * 3600.0) == 0.0
    twice = crew({"technicians": 1, "hours": "01:15-01:45"}).schedule("America/New_York")
    assert twice.integral_s(autumn_s, autumn_s + 25 * 3600.0) == 3600.0


def test_one_post_around_the_clock_takes_five_people() -> None:
    year = staff_year(crew({"technicians": 1}), "UTC")
    assert year.on_duty_h == 8766.0
    assert year.full_time_staff == pytest.approx(8766.0 * 1.2 / 2080.0)
    assert year.cost_usd == pytest.approx(8766.0 * 1.2 * 75.0)


def test_returned_parts_come_after_business_days() -> None:
    friday_s = utc_s(2023, 7, 7, 15, 0)
    draws = stream(1, "rma")
    advance = Rma(advance=True).turnaround_s(friday_s, "UTC", draws)
    assert advance == 3 * 86400.0
    days = {round(Rma().turnaround_s(friday_s, "UTC", draws) / 86400.0) for _ in range(400)}
    # 3 to 14 business days after a Friday: Wednesday the next week to Thursday two weeks later.
    assert min(days) == 5 and max(days) == 20 and not {8, 9, 15, 16} & days


def test_detection_takes_the_mean_that_its_closed_form_says() -> None:
    monitoring = Monitoring.model_validate({"interval": "1 min", "detection_probability": 0.5})
    draws = stream(1, "monitoring")
    delays = [monitoring.delay_s(draws) for _ in range(20_000)]
    assert monitoring.expected_delay_s == 90.0
    assert sum(delays) / len(delays) == pytest.approx(90.0, abs=4 * 87.0 / 20_000**0.5)
    assert min(delays) > 0.0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"crews": [{"name": "a"}, {"name": "a"}]}, "the name 'a' is given twice"),
        ({"crews": [{"shifts": [{"technicians": -1}]}]}, "greater than or equal to 0"),
        ({"crews": [{"shifts": [{"technicians": 1, "hours": "8-17"}]}]}, "write it like '16:00-21:00'"),
        ({"time_zone": "Paris"}, "not an IANA time zone"),
        ({"spares": {"gpu": {"stock": 2, "reorder_point": 2}}}, "must be below 'stock'"),
        ({"spares": {"gpu": {"rma": {"least_business_days": 9, "most_business_days": 3}}}}, "must not be above"),
        ({"monitoring": {"detection_probability": 0}}, "greater than 0"),
        ({"lemons": {"failures": 1}}, "greater than or equal to 2"),
    ],
)
def test_what_can_not_be_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Operations.model_validate(given)


def test_a_skill_that_nobody_has_is_told_with_those_that_there_are() -> None:
    operations = Operations.model_validate({"crews": [{"skills": ["hardware", "network"]}]})
    assert operations.lacks_skill("network") is None
    assert operations.lacks_skill(None) is None
    assert "they have: hardware, network; nearest: 'hardware'" in str(operations.lacks_skill("hardwares"))
    nobody = Operations.model_validate({"crews": [{"shifts": [{"technicians": 0}]}]})
    assert not nobody.anybody
    assert "no crew has a technician" in str(nobody.lacks_skill(None))
    lent = Operations.model_validate({"crews": [], "remote_hands": {}})
    assert lent.lacks_skill("anything") is None


def test_base_stock_orders_one_for_one() -> None:
    assert SparePart(stock=4).ordered_at == 3
    assert SparePart(stock=4, reorder_point=1).ordered_at == 1
