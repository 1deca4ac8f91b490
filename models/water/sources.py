"""Where a site's water comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from ..economics.water_price import WaterPrices
from ..section import Section
from ..units import Volume

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class WaterSource(Section):
    """A source of water, such as the city's mains, reclaimed water or a well."""

    name: str = Field(min_length=1)
    """What it is called in results, such as `municipal`, `reclaimed` or `well`."""
    share: float = Field(default=1.0, gt=0.0, le=1.0)
    """Share of all water that comes from it; the shares of all sources add up to 1."""
    prices: WaterPrices | None = None
    """Its prices; without them it costs nothing."""
    daily_limit: Volume | None = Field(default=None, gt=0.0)
    """Most water of a day, such as a permit or a main allows; without it there is no limit."""


class WaterSupply(Section):
    """The sources that supply a site together, each a fixed share."""

    sources: tuple[WaterSource, ...] = Field(min_length=1)
    """The sources."""

    @model_validator(mode="after")
    def _shares_are_whole(self) -> Self:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError(f"each source has a name of its own; given {', '.join(names)}")
        total = math.fsum(source.share for source in self.sources)
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"the shares of the sources add up to {total:g}; they must add up to 1")
        return self

    def by_source(self, volume: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Return how much of a volume (any unit, any shape) comes from each source, by name."""
        import numpy as np

        whole = np.asarray(volume, dtype=np.float64)
        return {source.name: np.asarray(source.share * whole) for source in self.sources}

    def shortfalls_m3(self, peak_day_m3: float) -> dict[str, float]:
        """Return by how much the peak day exceeds the daily limit of each source [m3], for those that it exceeds."""
        short = {
            source.name: source.share * peak_day_m3 - source.daily_limit
            for source in self.sources
            if source.daily_limit is not None
        }
        return {name: missing_m3 for name, missing_m3 in short.items() if missing_m3 > 0.0}
