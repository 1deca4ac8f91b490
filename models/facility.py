"""The section `facility`: what the building needs besides what its computers need."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from .cooling.cooling import Cooling
from .power.distribution.chain import PowerChain
from .power.power_limits import PowerLimits
from .power.supply.supply import Supply
from .power.swings import Swings
from .section import Section
from .units import Duration, Power, quantity

_WITH_PUE = {"pue", "swings", "power_cap"}


class Facility(Section):
    """The building: one stated constant (`pue`), or its cooling and power chain, simulated (`cooling`)."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["pue"]}, {"required": ["cooling"]}]})

    pue: float | None = Field(default=None, ge=1.0)
    """Power usage effectiveness: facility power over IT power, at all times. It has no default: state the figure that
    you plan with, or give `cooling` to have it simulated."""
    cooling: Cooling | None = None
    """What cools the hall; with it the building is simulated."""
    power: PowerChain | None = None
    """The power chain of a building that is simulated; one with every default if nothing is said."""
    supply: Supply | None = None
    """What feeds the building besides the grid, and what happens when the grid is lost; the grid alone, which is never
    lost, if nothing is said."""
    design_it_power: Annotated[Power, Field(gt=0.0)] | None = None
    """W of IT power that cooling and power chain are sized for; by default the provisioned power of all nodes and
    racks that are ever in service together, and of the other loads."""
    lighting: Power = quantity("0 W")
    """W of lighting and the like in the hall, on the grid's own side of the power chain."""
    swings: Swings | None = None
    """How the power of synchronous jobs swings within an iteration, and the limits that it is held against; a stated
    `pue` may have it too."""
    power_cap: PowerLimits | None = None
    """Caps on the power of racks and hall; a stated `pue` may have them too."""
    control_interval: Annotated[Duration, Field(gt=0)] = quantity("5 min")
    """How often cooling looks at the heat and the weather and is set anew; it holds in between. Assumption."""

    @model_validator(mode="after")
    def _stated_or_simulated(self) -> Self:
        if (self.pue is None) == (self.cooling is None):
            raise ValueError(
                "give 'pue' (a stated constant) or 'cooling' (a building that is simulated), one of the two"
            )
        if self.pue is not None:
            fields = type(self).model_fields
            simulated = [name for name in set(fields) - _WITH_PUE if getattr(self, name) != fields[name].default]
            if simulated:
                listed = ", ".join(f"'{name}'" for name in sorted(simulated))
                raise ValueError(
                    f"with 'pue' nothing of the building is simulated: leave out {listed}, or give 'cooling'"
                )
        battery = self.supply is not None and self.supply.backup is not None and self.supply.backup.battery is not None
        if battery and self.power_chain.ups == "none":
            raise ValueError(
                "'supply.backup.battery' is that of a UPS, and 'power.ups' is none: leave it out, or have a UPS"
            )
        return self

    @property
    def power_chain(self) -> PowerChain:
        """The power chain of a building that is simulated."""
        return PowerChain() if self.power is None else self.power
