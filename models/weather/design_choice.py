"""Which outdoor air a hall is designed for: stated, or one of the station's design conditions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..problems import InputError, Problem
from ..section import Section
from ..units import Duration, Temperature, quantity
from .design_conditions import RETURN_PERIODS_YEARS, DesignConditions
from .design_day import DesignDay
from .weather import Weather

_YEAR_S = float(quantity("1 a"))
_PERIODS_S = {years * _YEAR_S: years for years in RETURN_PERIODS_YEARS}
_DEFAULT_YEARS = 20
_PERCENTS = {"0.4 %": 0.4, "1 %": 1.0, "2 %": 2.0}
OutdoorTemperature = Annotated[Temperature, Field(ge=-90.0, le=70.0)]


class DesignChoice(Section):
    """The outdoor air that plants are sized for: `{dry_bulb: 41 °C, wet_bulb: 27 °C}`, or `{return_period: 20 a}`, or
    `{exceeded: 0.4 %}` of the design conditions in the weather file's header.

    Left out, it is the hottest hour in 20 years and the highest wet bulb on record: a hall is built for the extreme
    that it will meet, not for a typical year, and these are what the Uptime Institute's Tier Standard: Topology asks
    capacity to be proven at. A weather source without design conditions gives its own hardest hour instead, which is
    milder if its year is a typical one; the report says which it was.
    """

    dry_bulb: OutdoorTemperature | None = None
    """Greatest dry bulb, which dry coolers and air-cooled chillers are sized for; by default from the header."""
    wet_bulb: OutdoorTemperature | None = None
    """Greatest wet bulb, which towers are sized for; it need not come with the greatest dry bulb. By default from the
    header."""
    return_period: Duration | None = None
    """The hottest hour in so many years, `5 a`, `10 a`, `20 a` or `50 a`, with the highest wet bulb on record (where
    the header has none, that exceeded for 0.4 % of the year)."""
    exceeded: Literal["0.4 %", "1 %", "2 %"] | None = None
    """Dry bulb and wet bulb that are each exceeded for this share of the hours of a year."""

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.return_period is not None and self.return_period not in _PERIODS_S:
            allowed = ", ".join(f"{years} a" for years in RETURN_PERIODS_YEARS)
            raise ValueError(f"return_period is {self.return_period / _YEAR_S:g} a; headers have {allowed}")
        if self.return_period is not None and self.exceeded is not None:
            raise ValueError("return_period and exceeded are two choices of the same; give one")
        if self.dry_bulb is not None and self.wet_bulb is not None:
            if self._chosen:
                raise ValueError(f"dry_bulb and wet_bulb are both stated: nothing is left to '{self._chosen}'")
            _check_order(self.dry_bulb, self.wet_bulb)
        return self

    @property
    def _chosen(self) -> str:
        return "return_period" if self.return_period is not None else "exceeded" if self.exceeded is not None else ""


def design_day(weather: Weather, choice: DesignChoice) -> DesignDay:
    """Return the air that plants are sized for, with the mean pressure of the weather's series.

    Raises InputError where the choice needs design conditions that the weather has not, or where a stated temperature
    and one of the header contradict each other.
    """
    dry_bulb_c, wet_bulb_c, source = _from_weather(weather, choice)
    if choice.dry_bulb is not None or choice.wet_bulb is not None:
        stated = [name for name in ("dry_bulb", "wet_bulb") if getattr(choice, name) is not None]
        source = "stated in site.design" if len(stated) == 2 else f"{stated[0]} stated in site.design, else {source}"
        dry_bulb_c = dry_bulb_c if choice.dry_bulb is None else choice.dry_bulb
        wet_bulb_c = wet_bulb_c if choice.wet_bulb is None else choice.wet_bulb
        try:
            _check_order(dry_bulb_c, wet_bulb_c)
        except ValueError as error:
            raise InputError(Problem(weather.dry_bulb_c.source, "site.design", f"{error} ({source})")) from error
    return DesignDay(dry_bulb_c, wet_bulb_c, float(weather.pressure_pa.values.mean()), source)


def _from_weather(weather: Weather, choice: DesignChoice) -> tuple[float, float, str]:
    conditions = weather.design_conditions
    if conditions is None:
        if choice.return_period is not None or choice.exceeded is not None:
            text = f"needs design conditions: {weather.why_no_design_conditions}; state dry_bulb and wet_bulb instead"
            raise InputError(Problem(weather.dry_bulb_c.source, "site.design", text))
        return _hardest_hour(weather)
    book = f"ASHRAE Handbook {conditions.edition} in the header of {weather.dry_bulb_c.source}"
    if choice.exceeded is not None:
        percent = _PERCENTS[choice.exceeded]
        text = f"exceeded for {choice.exceeded} of the year ({book})"
        return conditions.dry_bulb[percent][0], conditions.wet_bulb[percent][0], text
    years = _DEFAULT_YEARS if choice.return_period is None else _PERIODS_S[choice.return_period]
    wet_bulb_c, which = _greatest_wet_bulb(conditions)
    return conditions.extreme_dry_bulb_c[years], wet_bulb_c, f"hottest hour in {years} years and {which} ({book})"


def _greatest_wet_bulb(conditions: DesignConditions) -> tuple[float, str]:
    if conditions.extreme_wet_bulb_c is not None:
        return conditions.extreme_wet_bulb_c, "highest wet bulb on record"
    return conditions.wet_bulb[0.4][0], "wet bulb exceeded for 0.4 % of the year"


def _hardest_hour(weather: Weather) -> tuple[float, float, str]:
    from ..moist_air.psychrometrics import wet_bulb_c

    columns = (weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa)
    dry_bulb_c, humidity, pressure_pa = (series.values for series in columns)
    wettest_c = float(wet_bulb_c(dry_bulb_c, humidity, pressure_pa).max())
    source = f"hottest hour and highest wet bulb of {weather.site}: {weather.why_no_design_conditions}"
    return float(dry_bulb_c.max()), wettest_c, source


def _check_order(dry_bulb_c: float, wet_bulb_c: float) -> None:
    if wet_bulb_c > dry_bulb_c:
        raise ValueError(f"wet bulb {wet_bulb_c:g} °C is above dry bulb {dry_bulb_c:g} °C, which no air can be")
