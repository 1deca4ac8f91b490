"""Air-cooled chillers, and free cooling by dry coils."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from ...chillers.chiller import Chiller
from ...section import Section
from ...units import Power
from ..continuation import Continuation
from ..pump import Pump
from ..staging import MOST_UNITS, STAGINGS, ChillerName, Staging, fitting_scale, machine_of, notes_on, scale_of, worked
from .plant import Duty, Plant, SizedPlant

_ROUNDING = 1e-9


class FreeCoolingCoil(Section):
    """A dry coil beside each chiller, with fans of its own, that outside air cools before the chiller does."""

    approach_k: float = Field(default=5.55, gt=0.0)
    """K between the air and the water that the coil makes at the design heat; that of BAC's TDFS1238N at its rating
    (Buildings library, CoolingTowers/Data/DryCooler). It falls with load and rises as fans slow down."""
    fan_share: float = Field(default=0.04015, ge=0.0)
    """Fan power at full speed over the design heat, of the same rating; it falls with the cube of speed."""
    pump: Pump = Pump()
    """What pushes the chilled water through the coils, while they are in use."""


class AirCooledChillerPlant(Plant):
    """Equal air-cooled chillers on a chilled-water loop of variable flow and constant temperature difference; with
    coils, free cooling by outside air. It uses no water.

    The chillers' fans are part of their power. Capacity is that of the chillers: coils only save power.
    """

    kind: Literal["air-cooled-chiller"] = "air-cooled-chiller"
    chiller: ChillerName | Chiller = "copper-169-air-screw-575kw-3.49cop"
    """The machine, written out or a name of `datahall catalog list chillers`. The default is an assumption: a screw
    machine of variable speed, known from -1.1 to 51.7 °C, whose power never goes the wrong way inside its bounds."""
    unit_capacity: Power | None = None
    """W that one chiller takes at its reference point; curves are scaled to it. By default that of the machine, or less
    where one is more than enough."""
    spare: int = Field(default=1, ge=0)
    """Chillers beyond those that the design day needs; 1 is an assumption."""
    staging: Staging = "least-power"
    """Which chillers run: as many as draw least power together, all that are there, or the fewest that suffice."""
    loop_difference_k: float = Field(default=7.5, gt=0.0)
    """K by which the chilled water comes back warmer; 5 to 10, here the middle (Lei and Masanet 2022, after ASHRAE
    2014). Held while the flow varies."""
    loop_pump: Pump = Pump()
    """Pumps of the chilled water, whose flow follows the heat."""
    coil: FreeCoolingCoil | None = None
    """Free cooling by outside air; left out, chillers do all."""
    beyond_bounds: Continuation = Continuation()
    """How the chillers' curves go on beyond their bounds."""

    @model_validator(mode="after")
    def _cooled_by_air(self) -> Self:
        if self.machine.condenser != "air":
            raise ValueError(
                f"'{self.machine.title}' is cooled by water; an air-cooled-chiller plant takes one cooled by air"
            )
        return self

    @property
    def machine(self) -> Chiller:
        """The chiller, read from the catalogue where it is named; its `flags` say what its curves do wrong."""
        return machine_of(self.chiller)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person who chose this plant should know of its machine: a line for each flag."""
        return notes_on(self.machine)

    def sized(self, duty: Duty) -> SizedPlant:
        import numpy as np

        from .air_cooled_chiller_kernel import operate

        chiller = self.beyond_bounds.parameters(self.machine, scale_of(self.machine, self.unit_capacity))
        loop_share = self.loop_pump.power_share(self.loop_difference_k)
        loop_w = (1.0 + loop_share) * duty.heat_w
        _, each_w = worked(chiller, duty.supply_c, duty.design_day.dry_bulb_c, 0.0)
        scale = fitting_scale(self.machine, self.unit_capacity, loop_w, each_w)
        chiller = self.beyond_bounds.parameters(self.machine, scale)
        _, each_w = worked(chiller, duty.supply_c, duty.design_day.dry_bulb_c, 0.0)
        needed = max(math.ceil(loop_w / each_w * (1.0 - _ROUNDING)), 1)
        if needed > MOST_UNITS:
            raise ValueError(
                f"{needed} chillers of {each_w:g} W would be needed; give a larger machine or unit_capacity"
            )
        coil = self.coil
        own = [
            loop_share,
            0.0 if coil is None else coil.pump.power_share(self.loop_difference_k),
            self.loop_difference_k,
            STAGINGS.index(self.staging),
            coil is not None,
            max(loop_w, 1.0) / needed,
            0.0 if coil is None else coil.approach_k,
            0.0 if coil is None else coil.fan_share * loop_w / needed,
        ]
        return SizedPlant(
            kind=self.kind,
            units=needed + self.spare,
            spare=self.spare,
            parameters=np.array([*own, *chiller], dtype=np.float64),
            loop=operate,
            sizes={
                "chiller_reference_capacity_w": scale * self.machine.reference_capacity.value,
                "chiller_capacity_on_design_day_w": each_w,
            },
        )
