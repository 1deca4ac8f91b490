"""Water-cooled chillers with cooling towers, and free cooling from the towers."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from ...chillers.chiller import Chiller
from ...section import Section
from ...units import Power, Temperature, quantity
from ..continuation import Continuation
from ..pump import Pump
from ..staging import MOST_UNITS, STAGINGS, ChillerName, Staging, fitting_scale, machine_of, notes_on, scale_of, worked
from ..tower import Tower
from .cooling_tower import TowerPump
from .plant import Duty, Plant, SizedPlant

_ROUNDING = 1e-9


class Economizer(Section):
    """A plate heat exchanger through which tower water cools the chilled water before the chillers do."""

    approach_k: float = Field(default=2.25, gt=0.0)
    """K between the tower's water and the chilled water that it makes; 1.7 to 2.8, here the middle (Lei and Masanet
    2022, input ranges, after ASHRAE 2015). Taken as the same at every load."""
    pump: Pump = Pump()
    """What pushes the chilled water through the exchanger, while it is in use."""


class ChilledWaterPlant(Plant):
    """Equal water-cooled chillers, each a train with its condenser water pump and its tower cells, on a chilled-water
    loop of variable flow and constant temperature difference; with an economizer, free cooling by the towers.

    Pumps give all their power to the water. Capacity is that of the chillers: the economizer only saves power.
    """

    kind: Literal["chilled-water"] = "chilled-water"
    chiller: ChillerName | Chiller = "york-yk-2771kw-6.84cop-vsd"
    """The machine, written out or a name of `datahall catalog list chillers`. The default is an assumption: of the
    large centrifugal machines with variable speed it is the one whose power never goes the wrong way inside its bounds
    and whose capacity falls as the condenser gets hotter."""
    unit_capacity: Power | None = None
    """W that one chiller takes at its reference point; curves are scaled to it. By default that of the machine, or less
    where one is more than enough."""
    spare: int = Field(default=1, ge=0)
    """Trains beyond those that the design day needs; 1 is an assumption."""
    staging: Staging = "least-power"
    """Which trains run: as many as draw least power together, all that are there, or the fewest that suffice."""
    cells_per_chiller: int = Field(default=1, ge=1)
    """Tower cells of each train; 1 is an assumption."""
    tower: Tower = Tower()
    """The towers."""
    tower_approach_k: float = Field(default=4.75, gt=0.0)
    """K by which the towers' water is warmer than the wet bulb on the design day; 2.8 to 6.7, here the middle (Lei and
    Masanet 2022, input ranges, after ASHRAE 2015). In other hours it follows from weather and heat."""
    condenser_water: Temperature | None = None
    """°C that the towers aim at for the chillers, at least the least of the curves' bounds. By default that least, or
    the warmest with which compressors draw no more, whichever takes less power; inside the bounds they are the same."""
    hottest_condenser_water: Temperature = quantity("45 °C")
    """°C of the water that leaves the condensers, above which chillers trip: towers too few for the heat limit the
    plant's capacity. An assumption."""
    loop_difference_k: float = Field(default=7.5, gt=0.0)
    """K by which the chilled water comes back warmer; 5 to 10, here the middle (Lei and Masanet 2022, after ASHRAE
    2014). Held while the flow varies."""
    loop_pump: Pump = Pump()
    """Pumps of the chilled water, whose flow follows the heat."""
    tower_pump: TowerPump = TowerPump()
    """Each train's pump of condenser water."""
    economizer: Economizer | None = None
    """Free cooling from the towers; left out, chillers do all."""
    beyond_bounds: Continuation = Continuation()
    """How the chillers' curves go on beyond their bounds."""

    @model_validator(mode="after")
    def _cooled_by_water(self) -> Self:
        if self.machine.condenser != "water":
            raise ValueError(
                f"'{self.machine.title}' is cooled by air; a chilled-water plant takes one cooled by water"
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
        leaving_c = duty.design_day.wet_bulb_c + self.tower_approach_k
        if leaving_c + self.tower.range_k > self.hottest_condenser_water:
            raise ValueError(
                f"on the design day towers give water of {leaving_c:g} °C, which leaves the condensers "
                f"{self.tower.range_k:g} K warmer: above hottest_condenser_water, {self.hottest_condenser_water:g} °C"
            )
        entering_c = max(leaving_c, self.machine.condenser_entering.least)
        chiller = self.beyond_bounds.parameters(self.machine, scale_of(self.machine, self.unit_capacity))
        loop_w = (1.0 + self.loop_pump.power_share(self.loop_difference_k)) * duty.heat_w
        _, each_w = worked(chiller, duty.supply_c, entering_c, 0.0)
        scale = fitting_scale(self.machine, self.unit_capacity, loop_w, each_w)
        chiller = self.beyond_bounds.parameters(self.machine, scale)
        _, each_w = worked(chiller, duty.supply_c, entering_c, 0.0)
        needed = max(math.ceil(loop_w / each_w * (1.0 - _ROUNDING)), 1)
        while needed <= MOST_UNITS:
            power_w, _ = worked(chiller, duty.supply_c, entering_c, loop_w / needed)
            plant = self._built(duty, chiller, scale, needed, loop_w + needed * power_w)
            day = duty.design_day
            towers = needed * self.cells_per_chiller
            weather = (day.dry_bulb_c, day.wet_bulb_c, day.pressure_pa)
            held = plant.operate(duty.heat_w, duty.supply_c, *weather, units=needed, towers=towers)
            if held.capacity_w[0] >= duty.heat_w * (1.0 - _ROUNDING):
                return plant
            needed += 1
        raise ValueError(
            f"more than {MOST_UNITS} chillers of {each_w:g} W would be needed; give a larger machine or unit_capacity"
        )

    def _built(self, duty: Duty, chiller: list[float], scale: float, needed: int, heat_w: float) -> SizedPlant:
        """Return the plant of `needed` trains and the spare ones, which without pumps reject `heat_w` on that day."""
        import numpy as np

        from ..tower_kernel import FULL_FAN_W
        from .chilled_water_kernel import operate

        day = duty.design_day
        leaving_c = day.wet_bulb_c + self.tower_approach_k
        # The condenser pumps' power ends in the water whose flow sets it.
        pump_share = self.tower_pump.power_share(self.tower.range_k)
        rejected_w = heat_w / (1.0 - pump_share)
        cells = needed * self.cells_per_chiller
        tower = self.tower.parameters(rejected_w, leaving_c, day.wet_bulb_c, cells, pressure_pa=day.pressure_pa)
        exchanger = self.economizer
        rise_k = self.loop_difference_k
        coldest_c = self.machine.condenser_entering.least
        own = [
            self.loop_pump.power_share(rise_k),
            0.0 if exchanger is None else exchanger.pump.power_share(rise_k),
            pump_share * rejected_w / needed,
            rise_k,
            self.cells_per_chiller,
            STAGINGS.index(self.staging),
            coldest_c if self.condenser_water is None else max(coldest_c, self.condenser_water),
            self.condenser_water is not None,
            self.hottest_condenser_water,
            exchanger is not None,
            0.0 if exchanger is None else exchanger.approach_k,
            self.tower_approach_k,
            self.tower.range_k,
        ]
        units = needed + self.spare
        return SizedPlant(
            kind=self.kind,
            units=units,
            spare=self.spare,
            parameters=np.array([*own, *chiller, *tower], dtype=np.float64),
            loop=operate,
            sizes={
                "chiller_reference_capacity_w": scale * self.machine.reference_capacity.value,
                "condenser_water_on_design_day_c": leaving_c,
                "tower_cell_heat_w": rejected_w / cells,
                "tower_cell_fan_w": tower[FULL_FAN_W],
                "train_tower_pump_w": pump_share * rejected_w / needed,
            },
            towers=units * self.cells_per_chiller,
        )
