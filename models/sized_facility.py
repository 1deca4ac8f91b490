"""A building whose machines are chosen for an IT power and a design day."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .cooling.cooling import Cooling
from .cooling.sized_cooling import UPS_PART, CoolingOperation, SizedCooling
from .facility import Facility
from .problems import InputError, Problem
from .weather.design_day import DesignDay

if TYPE_CHECKING:
    from .power.distribution.layout import ChainLayout


@dataclass(frozen=True, eq=False)
class SizedFacility:
    """A building whose machines are chosen for an IT power [W], provisioned and rated, on a design day."""

    section: Facility
    cooling_section: Cooling
    cooling: SizedCooling
    chain: ChainLayout
    design_day: DesignDay
    it_provisioned_w: float
    it_rated_w: float

    def mechanical_w(self, operation: Mapping[str, float]) -> tuple[float, float]:
        """Return what cooling draws from the UPS, and what it draws beside it [W], from its powers by name."""
        on_ups_w, beside_w = 0.0, 0.0
        for name in POWERS:
            if name in self.beside_ups:
                beside_w += operation[name]
            else:
                on_ups_w += operation[name]
        return on_ups_w, beside_w

    def design_load(self, it_w: float) -> DesignLoad:
        """Return what an IT power [W] asks of the building on the design day, with every machine at work."""
        loss_w, on_ups_w, beside_w = self.section.lighting, 0.0, 0.0
        for _ in range(_ROUNDS):
            operation = _on_design_day(self.cooling, self.cooling_section, it_w, loss_w, self.design_day)
            on_ups_w, beside_w = self.mechanical_w({name: float(getattr(operation, name)[0]) for name in POWERS})
            beside_w += self.section.lighting
            _, losses_w = self.chain.input_w(it_w, on_ups_w, beside_w)
            loss_w = self.section.lighting + _in_hall_w(self.chain, losses_w)
        captured = self.cooling_section.captured
        return DesignLoad(it_w, (1.0 - captured) * it_w + loss_w, captured * it_w, on_ups_w, beside_w)

    @functools.cached_property
    def beside_ups(self) -> tuple[str, ...]:
        """The powers of cooling that are not fed from the UPS."""
        return tuple(name for name in POWERS if UPS_PART.get(name) not in self.cooling_section.on_ups)


class DesignLoad(NamedTuple):
    """What a building is asked for on the design day [W].

    `air_heat_w` and `liquid_heat_w` is the heat that the hall's air and the coolant get, `on_ups_w` the cooling that
    is fed from the UPS, `beside_w` the other cooling and the lighting.
    """

    it_w: float
    air_heat_w: float
    liquid_heat_w: float
    on_ups_w: float
    beside_w: float


_ROUNDS = 3
"""Losses in the hall and what cooling draws depend on each other, a few per cent of a few per cent: so many rounds
settle them."""
POWERS = (
    "compressor_w", "rejection_fan_w", "plant_pump_w", "treatment_w", "air_fan_w", "cdu_pump_w", "humidification_w",
)  # fmt: skip
"""The fields of a `CoolingOperation` that are electrical power."""


def facility_for(
    section: Facility, provisioned_w: float, rated_w: float, design_day: DesignDay | None
) -> SizedFacility | None:
    """Return the building for an IT power [W], provisioned and rated; None where its PUE is stated.

    Raises InputError where there is no weather to size for, or a machine can not do what it is asked.
    """
    if section.cooling is None:
        return None
    if design_day is None:
        text = "a building that is simulated stands in weather: give 'site.weather'"
        raise InputError(Problem("", "site.weather", text))
    try:
        loss_w, mechanical = section.lighting, (0.0, 0.0)
        for _ in range(_ROUNDS):
            cooling = _sized_cooling(section.cooling, provisioned_w, loss_w, design_day)
            operation = _on_design_day(cooling, section.cooling, provisioned_w, loss_w, design_day)
            chain = section.power_chain.laid_out(provisioned_w, rated_w, section.lighting, 0.0)
            building = SizedFacility(section, section.cooling, cooling, chain, design_day, provisioned_w, rated_w)
            mechanical = building.mechanical_w({name: float(getattr(operation, name)[0]) for name in POWERS})
            chain = section.power_chain.laid_out(
                provisioned_w, rated_w, mechanical[1] + section.lighting, mechanical[0]
            )
            _, losses_w = chain.input_w(provisioned_w, *mechanical)
            loss_w = section.lighting + _in_hall_w(chain, losses_w)
    except ValueError as error:
        raise InputError(Problem("", "facility", str(error))) from None
    return SizedFacility(section, section.cooling, cooling, chain, design_day, provisioned_w, rated_w)


def _in_hall_w(chain: ChainLayout, losses_w: Sequence[float]) -> float:
    """Return what of the stages' losses warms the hall's air [W]."""
    return sum(loss_w for stage, loss_w in zip(chain.stages, losses_w, strict=True) if stage.space == "hall")


def _sized_cooling(section: Cooling, it_w: float, loss_w: float, day: DesignDay) -> SizedCooling:
    try:
        return section.sized(it_w, loss_w, day)
    except ValueError as error:
        raise InputError(Problem("", "facility.cooling", str(error))) from None


def _on_design_day(
    cooling: SizedCooling, section: Cooling, it_w: float, loss_w: float, day: DesignDay
) -> CoolingOperation:
    air_w, liquid_w = (1.0 - section.captured) * it_w + loss_w, section.captured * it_w
    weather = (day.dry_bulb_c, day.relative_humidity, min(day.wet_bulb_c, day.dry_bulb_c), day.pressure_pa)
    return cooling.operate(air_w, liquid_w, *weather)
