"""Water by use, by day and by source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydantic import ValidationError

from models.water.sources import WaterSupply
from models.water.use import litres_per_hour, peak_day, water_used_l

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

HOUR_S = 3600.0


def utc_s(*date: int) -> float:
    return datetime(*date, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


def day_of(volume_l: ArrayLike, edges_utc_s: ArrayLike, zone: str) -> tuple[str, float]:
    found = peak_day(volume_l, edges_utc_s, zone)
    assert found is not None
    return found.date, round(found.volume_l, 9)


def test_water_drawn_is_what_evaporates_drains_and_drifts() -> None:
    use = water_used_l([1.0, 2.0], 0.25, 0.01, [0.0, 0.1], HOUR_S)
    assert use.drawn == pytest.approx([1.26 * 3600, 2.36 * 3600])
    assert use.drawn - use.consumed == pytest.approx(use.blowdown)
    assert litres_per_hour([1.0, 0.25]).tolist() == [3600.0, 900.0]


def test_peak_day_follows_the_local_calendar() -> None:
    # 100 L in the hour from 03:00 UTC of 2 July: still 1 July in New York.
    start = utc_s(2023, 7, 1, 4)
    volumes = np.ones(48)
    volumes[23] = 100.0
    edges = start + HOUR_S * np.arange(49)
    assert day_of(volumes, edges, "America/New_York") == ("2023-07-01", 123.0)
    assert day_of(volumes, edges, "UTC") == ("2023-07-02", 123.0)


def test_an_interval_over_midnight_counts_on_both_days() -> None:
    edges = [utc_s(2023, 7, 1, 18), utc_s(2023, 7, 2, 6), utc_s(2023, 7, 2, 12)]
    assert day_of([12.0, 3.0], edges, "UTC") == ("2023-07-02", 9.0)


@pytest.mark.parametrize(("date", "hours"), [("2023-03-12", 23.0), ("2023-11-05", 25.0)])
def test_days_of_the_clock_change_have_23_and_25_hours(date: str, hours: float) -> None:
    local = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo("America/New_York"))
    edges = local.timestamp() + HOUR_S * np.arange(hours + 1.0)
    assert day_of(np.ones(int(hours)), edges, "America/New_York") == (date, hours)


def test_without_intervals_there_is_no_peak_day() -> None:
    assert peak_day([], [0.0], "UTC") is None
    with pytest.raises(ValueError, match="2 volumes lie between 3 rising edges; given 2"):
        peak_day([1.0, 2.0], [0.0, 1.0], "UTC")


def test_sources_share_the_water_and_their_limits_are_checked_on_the_peak_day() -> None:
    supply = WaterSupply.model_validate(
        {
            "sources": [
                {"name": "reclaimed", "share": 0.7, "daily_limit": "500 m3"},
                {"name": "municipal", "share": 0.3, "prices": {"supply": "1.6 USD/m3"}},
            ]
        }
    )
    assert supply.by_source(10.0) == {"reclaimed": pytest.approx(7.0), "municipal": pytest.approx(3.0)}
    assert supply.shortfalls_m3(700.0) == {}
    assert supply.shortfalls_m3(800.0) == {"reclaimed": pytest.approx(60.0)}


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([{"name": "well", "share": 0.5}], "add up to 0.5; they must add up to 1"),
        ([{"name": "well", "share": 0.5}, {"name": "well", "share": 0.5}], "each source has a name of its own"),
    ],
)
def test_sources_that_do_not_fit_together_are_refused(sources: list[Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WaterSupply.model_validate({"sources": sources})
