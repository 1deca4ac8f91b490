"""The section `facility.supply`: what feeds the building besides the grid, and what carries it without the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kinds import selected_from
from ...section import Section
from ...units import Duration, quantity
from ..backup.backup import Backup
from .battery_storage import BatteryStorage
from .generation.generation import OnSiteGeneration
from .outages.grid_outages import GridOutages
from .photovoltaics import Photovoltaics

if TYPE_CHECKING:
    AnyOutages = GridOutages
    AnyGeneration = OnSiteGeneration
else:
    AnyOutages = selected_from("models.power.supply.outages", GridOutages)
    AnyGeneration = selected_from("models.power.supply.generation", OnSiteGeneration)


class Supply(Section):
    """What feeds the building besides the grid, and when the grid is lost. The grid's own feeds are in
    `facility.power.utility`.

    When the grid is lost panels and storage stop, because their inverters follow the grid; units on site that ran go
    on, and count among what carries the building; cooling keeps what `cooling.on_ups` names.
    """

    outages: AnyOutages | None = None
    """When the grid is lost; never if nothing is said."""
    backup: Backup | None = None
    """Battery of the UPS and generator sets; without either the hall is dark with the grid."""
    generation: tuple[AnyGeneration, ...] = ()
    """Units on the site that burn fuel, asked in this order. Which of them are out is drawn anew each day (assumption
    beside their `availability`)."""
    photovoltaics: Photovoltaics | None = None
    """Solar panels on the site."""
    storage: BatteryStorage | None = None
    """Batteries beside the grid, which charge and discharge by their `dispatch`."""
    reboot: Duration = quantity("10 min")
    """From the return of power until nodes that were dropped take jobs again: assumption."""
