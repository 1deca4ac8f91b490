"""Start the stories of what feeds the building: outages of the grid, and the site's own sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.power.supply.outages.grid_outages import GridOutages, Outage
from models.power.supply.supply import Supply
from models.weather.weather import Weather

from ..engine.batch import Batch
from ..engine.given_load import GivenLoad
from ..engine.power_feed import PowerFeed
from ..engine.settlement import Settlement, Timeline
from ..facility.building import Building
from ..facility.fuelled_units import FuelledUnits
from ..facility.photovoltaic_power import PhotovoltaicPower
from ..facility.site_supply import SiteSupply
from ..facility.sources import Sources
from ..facility.storage_dispatch import StorageDispatch
from ..random_streams import stream
from ..scenario.scenario import Scenario
from .grid import follow_grid
from .grid_feeds import hold_to_feeds
from .power_manager import PowerManager
from .sources import set_sources

_FIRST_HORIZON_S, _LAST_HORIZON_S = 366 * 86_400.0, 100 * 366 * 86_400.0
"""Without a stated end outages are drawn for so long, then for twice as long, and so on."""


def start_supply(
    timeline: Timeline,
    settlement: Settlement,
    batch: Batch,
    feed: PowerFeed,
    loads: Sequence[GivenLoad],
    given: Scenario,
    building: Building,
    weather: Weather,
    *,
    idle_w: float,
    step_s: float,
    first_edge_s: float,
) -> SiteSupply | None:
    """Return the supply with its stories on the timeline, None where the grid alone feeds the building.

    `idle_w` is the power of the computers at rest; borders stand `step_s` apart from `first_edge_s` on. Raises
    InputError where a source needs a series that the site has not.
    """
    section = given.facility.supply
    if section is None:
        return None
    panels = section.photovoltaics
    power = None if panels is None else PhotovoltaicPower(panels, weather, given.start_utc_s, given.until)
    units = [
        FuelledUnits(each, stream(given.seed, "generation", str(index)))
        for index, each in enumerate(section.generation)
    ]
    least_w, _ = building.sized.chain.input_w(idle_w, 0.0, 0.0)
    supply = SiteSupply(
        section,
        building,
        batch,
        feed,
        loads,
        Sources(power, units, _storage(section, given, least_w)),
        given.facility.power_chain.utility.capacity(),
        lambda name, number: stream(given.seed, name, str(number)),
    )
    timeline.process(set_sources(timeline, settlement, supply, step_s=step_s, first_edge_s=first_edge_s))
    if section.outages is not None:
        outages = _outages(section.outages, given.seed, given.until)
        timeline.process(follow_grid(timeline, settlement, supply, outages))
    return supply


def start_feeds(
    timeline: Timeline, manager: PowerManager, given: Scenario, supply: SiteSupply | None, nodes: int
) -> None:
    """Hold a hall of so many nodes to what the feeds of the grid bring, where there are any; units on the site that
    bridge are asked for what that withholds."""
    utility = given.facility.power_chain.utility
    if not utility.feeds:
        return
    timeline.process(hold_to_feeds(timeline, manager, utility.capacity(), nodes))
    if supply is not None:
        supply.withheld_w = lambda: manager.withheld_w


def _storage(section: Supply, given: Scenario, least_load_w: float) -> StorageDispatch | None:
    if section.storage is None:
        return None
    tariff, carbon = given.site.tariff, given.site.carbon
    return StorageDispatch(
        section.storage,
        None if tariff is None else tariff.energy_price,
        None if carbon is None else carbon.intensity,
        least_load_w=least_load_w,
        start_utc_s=given.start_utc_s,
    )


def _outages(outages: GridOutages, seed: int, until_s: float | None) -> Iterator[Outage]:
    """Yield the outages of a run in order; a longer horizon leaves the earlier ones as they are."""
    told, horizon_s = 0, until_s or _FIRST_HORIZON_S
    while horizon_s <= _LAST_HORIZON_S:
        drawn = outages.draw(stream(seed, "grid-outages"), horizon_s)
        yield from drawn[told:]
        if until_s is not None:
            return
        told, horizon_s = len(drawn), 2.0 * horizon_s
