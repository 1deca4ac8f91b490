"""From the scenario's facility to the building that the engine runs: everything sized for its design day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cooling.cooling import Cooling
from models.cooling.sized_cooling import UPS_PART, CoolingOperation, SizedCooling
from models.fleet import Fleet
from models.loads.source import Load
from models.power.distribution.layout import ChainLayout
from models.power.distribution.rack_powers import planned_power
from models.problems import InputError, Problem
from models.weather.design_day import DesignDay

from ..engine import state as layout
from ..scenario.facility import Facility


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
            if UPS_PART.get(name) in self.cooling_section.on_ups:
                on_ups_w += operation[name]
            else:
                beside_w += operation[name]
        return on_ups_w, beside_w


POWERS = (
    "compressor_w", "rejection_fan_w", "plant_pump_w", "treatment_w", "air_fan_w", "cdu_pump_w", "humidification_w",
)  # fmt: skip
"""The fields of a `CoolingOperation` that are electrical power."""


def sized_facility(
    section: Facility, fleet: Fleet, loads: Sequence[Load], design_day: DesignDay | None
) -> SizedFacility | None:
    """Return the building, None where its PUE is stated.

    Raises InputError where there is no weather to size for, or a machine can not do what it is asked.
    """
    if section.cooling is None:
        return None
    if design_day is None:
        text = "a building that is simulated stands in weather: give 'site.weather'"
        raise InputError(Problem("", "site.weather", text))
    loads_w = sum(float(load.power().values.max()) for load in loads)
    provisioned, rated = planned_power(fleet)
    provisioned_w = section.design_it_power or provisioned.greatest_w + loads_w
    rated_w = max(rated.greatest_w + loads_w, provisioned_w)
    try:
        # Losses in the hall and the plant's own power depend on each other's sizes: the second round settles them.
        loss_w, mechanical = 0.0, (0.0, 0.0)
        for _ in range(3):
            cooling = section.cooling.sized(provisioned_w, loss_w, design_day)
            operation = _on_design_day(cooling, section.cooling, provisioned_w, loss_w, design_day)
            chain = section.power_chain.laid_out(provisioned_w, rated_w, section.lighting, 0.0)
            building = SizedFacility(section, section.cooling, cooling, chain, design_day, provisioned_w, rated_w)
            mechanical = building.mechanical_w({name: float(getattr(operation, name)[0]) for name in POWERS})
            chain = section.power_chain.laid_out(
                provisioned_w, rated_w, mechanical[1] + section.lighting, mechanical[0]
            )
            _, losses_w = chain.input_w(provisioned_w, *mechanical)
            loss_w = sum(w for stage, w in zip(chain.stages, losses_w, strict=True) if stage.space == "hall")
    except ValueError as error:
        raise InputError(Problem("", "facility", str(error))) from None
    return SizedFacility(section, section.cooling, cooling, chain, design_day, provisioned_w, rated_w)


def chain_rows(section: Facility, building: SizedFacility | None) -> NDArray[Any]:
    """Return the stages of the power chain, from the racks towards the grid.

    A stated PUE is one stage that loses its excess over 1 in proportion to the load.
    """
    if building is None:
        assert section.pue is not None
        return np.array([(0.0, section.pue - 1.0, 0.0, 0.0)], layout.STAGE)
    return np.array([(*terms, 0.0) for terms in building.chain.terms()], layout.STAGE)


def _on_design_day(
    cooling: SizedCooling, section: Cooling, it_w: float, loss_w: float, day: DesignDay
) -> CoolingOperation:
    from models.cooling.psychrometrics import humidity_ratio, humidity_ratio_from_wet_bulb

    air = (day.dry_bulb_c, min(day.wet_bulb_c, day.dry_bulb_c), day.pressure_pa)
    # Nearly the ratio of vapour pressures: only how dry the air is for outside-air cooling hangs on it.
    humidity = float(humidity_ratio_from_wet_bulb(*air) / humidity_ratio(day.dry_bulb_c, 1.0, day.pressure_pa))
    captured = section.captured
    return cooling.operate(
        (1.0 - captured) * it_w + loss_w, captured * it_w, day.dry_bulb_c, humidity, day.wet_bulb_c, day.pressure_pa
    )
