"""Dry coolers: coils and fans that reject heat to the air, without water or with pads that cool the air first."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Power, Temperature, quantity
from ..pump import Pump
from .plant import Duty, Plant, SizedPlant

LEAST_APPROACH_K = 1.0
"""Least difference between supply and entering air that coolers are chosen for; an assumption."""


class DryCoolerRating(Section):
    """What one machine does at its rating. The defaults are BAC's TDFS1238N-C60ET40B, from the record of that name in
    the Buildings library (CoolingTowers/Data/DryCooler)."""

    heat: Power = Field(default=quantity("2931 kW"), gt=0.0)
    """Heat that it rejects."""
    fan_power: Power = Field(default=quantity("117.68 kW"), ge=0.0)
    """Fan power at full speed; it falls with the cube of speed."""
    air: Temperature = quantity("35 °C")
    """Dry bulb of the entering air, at standard pressure."""
    coolant_in: Temperature = quantity("46.11 °C")
    """Coolant that enters."""
    coolant_out: Temperature = quantity("40.55 °C")
    """Coolant that leaves."""
    air_to_coolant: float = Field(default=1.0, gt=0.1, le=10.0)
    """Heat capacity flow of the air over that of the coolant; 1 as in the Buildings library (DryCooler/Generic)."""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if not self.air < self.coolant_out < self.coolant_in:
            raise ValueError(
                f"air ({self.air:g} °C), coolant_out ({self.coolant_out:g} °C) and coolant_in ({self.coolant_in:g} °C) "
                "must rise in this order"
            )
        if self.air + (self.coolant_in - self.coolant_out) / self.air_to_coolant >= self.coolant_in:
            raise ValueError(
                f"with air_to_coolant {self.air_to_coolant:g} air would leave hotter than coolant enters; give more"
            )
        return self

    @property
    def coolant_w_per_k(self) -> float:
        """Heat capacity flow of the coolant [W/K]."""
        return self.heat / (self.coolant_in - self.coolant_out)

    @property
    def conductance_w_per_k(self) -> float:
        """Conductance of a coil in counterflow [W/K]: heat over the logarithmic mean difference."""
        cold_k = self.coolant_out - self.air
        warm_k = self.coolant_in - self.air - (self.coolant_in - self.coolant_out) / self.air_to_coolant
        if math.isclose(cold_k, warm_k, rel_tol=1e-9):
            return self.heat / cold_k
        return self.heat * math.log(warm_k / cold_k) / (warm_k - cold_k)


class AdiabaticPads(Section):
    """Wet pads that cool the air before it enters the coil, along its wet bulb. They waste no drops; the pressure that
    they take is part of the rated fan power."""

    effectiveness: float = Field(default=0.8, gt=0.0, lt=1.0)
    """How far wet pads bring the air from dry to wet bulb; up to 0.8 with BAC's TrilliumSeries (Building magazine,
    Adiabatic advances)."""
    switch_on: Temperature | None = None
    """Dry bulb from which the pads are wet whatever the load, so that fans slow down: power falls where they switch on.
    Left out, it is the dry bulb up to which dry coolers hold the supply at the design heat. Below it, and always with
    a value above any weather, pads are wetted only so far as fans at full speed leave the supply short. Late pads save
    water where few hours need them; where the dry bulb comes near the supply they cost more of it, and fan power."""
    cycles: float = Field(default=3.0, gt=1.0, le=15.0)
    """Cycles of concentration of the pads' water; 3 is an assumption. Water that runs through once is 1.5, as a third
    evaporates."""


class DryCoolerPlant(Plant):
    """Dry coolers that cool the loop without a compressor.

    All coolers run, fans hold the supply. As many machines of the rating are taken as the design day needs. There is
    nothing but free cooling: switching economizers off does not concern this plant.
    """

    kind: Literal["dry-cooler"] = "dry-cooler"
    rating: DryCoolerRating = DryCoolerRating()
    """The machine."""
    spare: int = Field(default=1, ge=0)
    """Machines beyond those that the design day needs; one, an assumption."""
    conductance_share: float = Field(default=1.0, gt=0.0, le=1.0)
    """Share of the rated conductance that is left with the loop's coolant: 1 for water. Glycol against frost takes some
    of it, as the maker's sheet says."""
    floor_speed: float = Field(default=0.1, gt=0.0, lt=1.0)
    """Least fan speed as a share of full speed, below which fans cycle on and off; 0.1 is an assumption, for fans with
    electronic commutation."""
    pads: AdiabaticPads | None = None
    """Wet pads before the coils; left out, the coolers use no water."""
    loop_difference_k: float = Field(default=7.5, gt=0.0, le=30.0)
    """K by which the loop's coolant warms; 5 to 10, here the middle (Lei and Masanet 2022, after ASHRAE 2014). Held
    while the flow varies."""
    loop_pump: Pump = Pump()
    """Pumps of the loop."""
    flow_margin: float = Field(default=1.15, ge=1.0, le=3.0)
    """Most flow of the loop's pumps over that of the design heat: in cool weather a machine takes that much more heat.
    1.15 is an assumption."""

    def sized(self, duty: Duty) -> SizedPlant:
        import numpy as np

        from . import dry_cooler_kernel as kernel
        from . import operation_kernel as column

        parameters = np.array(self._parameters())
        day = duty.design_day
        air_c = day.dry_bulb_c
        if self.pads is not None:
            air_c -= self.pads.effectiveness * max(day.dry_bulb_c - day.wet_bulb_c, 0.0)
        if duty.supply_c - air_c < LEAST_APPROACH_K:
            raise ValueError(
                f"dry-cooler: a supply of {duty.supply_c:g} °C is less than {LEAST_APPROACH_K:g} K above air of "
                f"{air_c:.1f} °C on the design day; ask for warmer supply, or take pads or another plant"
            )
        weather = [day.dry_bulb_c, day.wet_bulb_c, day.pressure_pa]
        asked = np.array([[0.0, duty.supply_c, *weather, 1.0, 0.0, 1.0]])
        answered = np.zeros((1, column.ANSWERED))
        kernel.operate(parameters, asked, answered)
        unit_w = float(answered[0, column.CAPACITY_W])
        needed = max(math.ceil(duty.heat_w / unit_w * (1.0 - 1e-9)), 1)
        design_w = max(duty.heat_w, 1.0) / needed
        parameters[kernel.MOST_UNIT_W] = design_w * self.flow_margin
        parameters[kernel.WET_BELOW_SUPPLY_K] = kernel.full_speed_approach_k(parameters, design_w, day.pressure_pa)
        return SizedPlant(
            kind=self.kind,
            units=needed + self.spare,
            spare=self.spare,
            parameters=parameters,
            loop=kernel.operate,
            sizes={
                "coolers": float(needed + self.spare),
                "cooler_capacity_w": unit_w,
                "cooler_fan_w": self.rating.fan_power,
                "loop_pump_w": float(parameters[kernel.PUMP_SHARE]) * duty.heat_w,
            },
        )

    def _parameters(self) -> list[float]:
        """Return the parameters of one cooler before its duty is known; ten times the rated flow bounds nothing."""
        pads = self.pads
        coolant_w_per_k = self.rating.coolant_w_per_k
        return [
            self.rating.air_to_coolant * coolant_w_per_k,
            self.conductance_share * self.rating.conductance_w_per_k,
            coolant_w_per_k,
            self.rating.fan_power,
            self.floor_speed,
            10.0 * coolant_w_per_k * self.loop_difference_k,
            self.loop_pump.power_share(self.loop_difference_k),
            self.loop_difference_k,
            0.0 if pads is None else pads.effectiveness,
            math.inf if pads is None or pads.switch_on is None else pads.switch_on,
            0.0,
            2.0 if pads is None else pads.cycles,
        ]
