"""The section `site`: weather, price of electricity and carbon intensity of the grid at the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.carbon.intensity import CarbonSource
from models.economics.tariff import Tariff
from models.section import Section
from models.weather.design_choice import DesignChoice
from models.weather.source import WeatherSource

from .selection import selected_from

if TYPE_CHECKING:
    AnyWeather = WeatherSource
    AnyTariff = Tariff
    AnyCarbon = CarbonSource
else:
    AnyWeather = selected_from("models.weather", WeatherSource)
    AnyTariff = selected_from("models.economics", Tariff)
    AnyCarbon = selected_from("models.carbon", CarbonSource)


class Site(Section):
    """Where the hall stands. What is left out is not reported: without a tariff there is no cost."""

    weather: AnyWeather | None = None
    """The outdoor air."""
    design: DesignChoice = DesignChoice()
    """The outdoor air that plants are sized for; by default the extremes in the header of the weather's file."""
    tariff: AnyTariff | None = None
    """The price of electricity."""
    carbon: AnyCarbon | None = None
    """The carbon intensity of electricity."""
