"""Weather that is written out hour by hour."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from models.problems import InputError
from models.weather.listed import ListedWeather
from models.weather.weather import standard_pressure_pa

GIVEN = {
    "start": "2027-02-01T00:00:00Z",
    "dry_bulb": ["10 °C", "12 °C"],
    "relative_humidity": [0.5, 0.6],
}


def test_hours_follow_each_other_and_repeat() -> None:
    weather = ListedWeather.model_validate({**GIVEN, "repeat": 2}).read()
    start_utc_s = 1_801_440_000.0
    at_utc_s = start_utc_s + 3600.0 * np.arange(4) + 1.0
    assert weather.dry_bulb_c.at(at_utc_s).tolist() == [10.0, 12.0, 10.0, 12.0]
    assert weather.relative_humidity.at(at_utc_s).tolist() == [0.5, 0.6, 0.5, 0.6]


def test_without_pressure_it_is_that_of_the_elevation() -> None:
    weather = ListedWeather.model_validate({**GIVEN, "elevation": "1000 m"}).read()
    assert weather.pressure_pa.values.tolist() == [standard_pressure_pa(1000.0)] * 2


def test_there_is_no_weather_beyond_the_last_hour() -> None:
    weather = ListedWeather.model_validate(GIVEN).read()
    with pytest.raises(InputError):
        weather.covering(weather.dry_bulb_c.start_utc_s, weather.dry_bulb_c.end_utc_s + 1.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"relative_humidity": [0.5]}, "as many of each"),
        ({"pressure": ["1 bar"]}, "as many of each"),
        ({"start": "2027-02-01T00:30:00Z"}, "not a whole hour"),
        ({"repeat": 1_000_000}, "more than"),
        ({"relative_humidity": [0.5, 1.5]}, "less than or equal to 1"),
    ],
)
def test_what_is_no_weather_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ListedWeather.model_validate({**GIVEN, **change})
