"""Set-points of the cooling are changed."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from models.cooling.thermal_classes import air_class
from models.facility import Facility
from models.units import Temperature

from .event import LastingEvent, needs_building


class SetPointEvent(LastingEvent):
    """The temperature that the computers are given is set anew. The building has to be simulated
    (`facility.cooling`)."""

    kind: Literal["set-point"] = "set-point"
    supply_air: Temperature | None = None
    """Air that the computers get, within what the class `facility.cooling.air_class` allows."""
    coolant: Temperature | None = None
    """Coolant that the racks get, below `facility.cooling.throttle_coolant`."""

    @model_validator(mode="after")
    def _sets_something(self) -> Self:
        if self.supply_air is None and self.coolant is None:
            raise ValueError("give 'supply_air', 'coolant' or both")
        return self

    def refused_by(self, facility: Facility) -> str | None:
        if facility.cooling is None:
            return needs_building(facility)
        if self.supply_air is not None and (text := beyond_class(self.supply_air, facility)):
            return f"supply_air {text}"
        if self.coolant is None:
            return None
        if facility.cooling.liquid is None:
            return "'coolant' is set, but 'facility.cooling' has no 'liquid'"
        most_c = facility.cooling.throttle_coolant
        return None if 0.0 < self.coolant < most_c else f"coolant is {self.coolant:g} °C; allowed: 0 to {most_c:g} °C"


def beyond_class(supply_air_c: float, facility: Facility) -> str | None:
    """Return why the hall's computers can not be given such air, None where they can."""
    assert facility.cooling is not None
    name = facility.cooling.air_class
    least_c, most_c = air_class(name).allowable
    most_c = min(most_c, facility.cooling.throttle_inlet_c)
    if least_c <= supply_air_c <= most_c:
        return None
    return f"is {supply_air_c:g} °C; class {name} and throttling allow {least_c:g} to {most_c:g} °C"
