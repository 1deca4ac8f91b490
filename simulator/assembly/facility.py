"""From the scenario's facility to the building that the engine runs: everything sized for its design day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.facility import Facility
from models.fleet import Fleet
from models.loads.source import Load
from models.power.distribution.rack_powers import planned_power
from models.sized_facility import SizedFacility, facility_for
from models.weather.design_day import DesignDay

from ..engine import state as layout


def sized_facility(
    section: Facility, fleet: Fleet, loads: Sequence[Load], design_day: DesignDay | None
) -> SizedFacility | None:
    """Return the building that a fleet and other loads need, None where its PUE is stated.

    Raises InputError where there is no weather to size for, or a machine can not do what it is asked.
    """
    loads_w = sum(float(load.power().values.max()) for load in loads)
    provisioned, rated = planned_power(fleet)
    provisioned_w = section.design_it_power or provisioned.greatest_w + loads_w
    rated_w = max(rated.greatest_w + loads_w, provisioned_w)
    return facility_for(section, provisioned_w, rated_w, design_day)


def chain_rows(section: Facility, building: SizedFacility | None) -> NDArray[Any]:
    """Return the stages of the power chain, from the racks towards the grid.

    A stated PUE is one stage that loses its excess over 1 in proportion to the load.
    """
    if building is None:
        assert section.pue is not None
        return np.array([(0.0, section.pue - 1.0, 0.0, 0.0)], layout.STAGE)
    return np.array([(*terms, 0.0) for terms in building.chain.terms()], layout.STAGE)
