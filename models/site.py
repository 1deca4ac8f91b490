"""The section `site`: weather, price of electricity and carbon intensity of the grid at the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from .carbon.intensity import CarbonSource
from .carbon.market.market_based import MarketBased
from .economics.tariff import Tariff
from .kinds import selected_from
from .section import Section
from .water.sources import WaterSupply
from .weather.design_choice import DesignChoice
from .weather.source import WeatherSource

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
    market_based: MarketBased | None = None
    """Electricity that is contracted for; with it market-based carbon is reported beside location-based."""
    water: WaterSupply | None = None
    """Where water comes from, and what it costs."""

    @model_validator(mode="after")
    def _uncovered_has_an_intensity(self) -> Self:
        if self.market_based is not None and self.market_based.residual_mix is None and self.carbon is None:
            raise ValueError(
                "'market_based' needs a 'residual_mix', or the grid's 'carbon', for what no contract covers"
            )
        return self
