"""A stage of the power chain: what it loses, how many units it has, and how large they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt, model_validator

from ...kinds import kinds_of, selected
from ...section import Section
from ...units import Power, quantity
from .layout import ChainStage, Space
from .losses.converter import ConverterLoss
from .losses.curve import LossCurve
from .losses.loss import Loss
from .redundancy import Redundancy, least_needed, needed_of, units_of

if TYPE_CHECKING:
    AnyLoss = Loss
else:
    AnyLoss = selected(kinds_of("models.power.distribution.losses", Loss), default="curve")

_SLACK = 1e-9  # relative; a load that equals so many ratings but for rounding needs no further unit


class Stage(Section):
    """Equal units that share the load of one stage of the chain. Without `units` and `rating` it is sized for its
    load; with one of them the other is found; with both they are taken as they are and checked against the load."""

    units: PositiveInt | None = None
    """How many units there are, spare ones included."""
    rating: Power | None = Field(default=None, gt=0.0)
    """W that one unit can deliver."""
    redundancy: Redundancy = "N"
    """Units beyond those needed: `N`, `N+1`, `2N`, `2(N+1)`, or distributed as `4-to-make-3`. All share the load."""
    sized_for: Literal["provisioned", "rated"] = "provisioned"
    """What the needed units carry at `design_load`: the provisioned or the rated (nameplate) power of the racks."""
    design_load: float = Field(default=0.8, gt=0.0, le=1.0)
    """Load of the needed units at that power; 0.8 is an assumption."""
    space: Space = "plant-room"
    """The space that the loss heats."""
    carries_mechanical: bool = False
    """Whether the cooling plant is fed through this stage."""
    counts_as_it: bool = False
    """Whether its loss lies within the boundary of IT: so it is for converters inside racks (ISO/IEC 30134-2)."""
    loss: AnyLoss
    """What a unit loses."""

    @model_validator(mode="after")
    def _units_fit_redundancy(self) -> Stage:
        if self.units is not None:
            needed_of(self.redundancy, self.units)
        return self

    @property
    def saving_loss(self) -> Loss | None:
        """What a unit loses in its saving mode, None where it has none."""
        return None

    def laid_out(self, name: str, planned_w: float) -> ChainStage:
        """Return the stage with its units chosen for an output power of `planned_w` [W], above 0."""
        capacity_w = planned_w / self.design_load
        if self.units is not None:
            needed = needed_of(self.redundancy, self.units)
        elif self.rating is not None:
            needed = max(math.ceil(capacity_w / self.rating * (1.0 - _SLACK)), 1)
        else:
            needed = least_needed(self.redundancy)
        rating_w = self.rating if self.rating is not None else capacity_w / needed
        units = units_of(self.redundancy, needed)
        saving = self.saving_loss
        a0, a1, a2 = self.loss.coefficients(rating_w)
        return ChainStage(
            name=name,
            space=self.space,
            units=units.all if self.units is None else self.units,
            spare=units.spare,
            rating_w=rating_w,
            a0=a0,
            a1=a1,
            a2=a2,
            eco=None if saving is None else saving.coefficients(rating_w),
            carries_mechanical=self.carries_mechanical,
            planned_w=planned_w,
            counts_as_it=self.counts_as_it,
        )


class Converter(Stage):
    """Converters from the rack's bus bar to a node's own voltage, one in each node. Node power in the catalogue is
    drawn from the wall and includes them: leave them out there."""

    rating: Power = Field(default=quantity("3 kW"), gt=0.0)
    """W that one converter can deliver; the default is an assumption, about the peak of a node of Frontier."""
    space: Space = "hall"
    """The space that the loss heats."""
    counts_as_it: bool = True
    """They sit in the node."""
    loss: AnyLoss = ConverterLoss(offset=quantity("13 W"), efficiency=0.98)
    """Default: 48 V converters of Frontier, input = (output + 13 W)/0.98 for each node (RAPS, ExaDigiT)."""


class Rectifier(Stage):
    """Rectifiers or power shelves, which feed the rack's bus bar with direct current. Node power in the catalogue is
    drawn from the wall and includes them: leave them out there."""

    space: Space = "hall"
    """The space that the loss heats."""
    counts_as_it: bool = True
    """Shelves sit in the rack."""
    loss: AnyLoss = LossCurve(standby=0.004, proportional=0.012, resistive=0.009)
    """Default (assumption): efficiency of 97.1, 97.6, 97.6 and 97.6% at 25, 50, 75 and 100% load, after shelves of 48 V
    that peak at 97.5 to 98%. For Frontier's, `{kind: converter, offset: 17 W, efficiency: 0.96}` with a unit
    for each four nodes (RAPS, ExaDigiT)."""


class Busway(Stage):
    """Busways and cables from the distribution unit to the racks."""

    sized_for: Literal["provisioned", "rated"] = "rated"
    """Conductors and their breakers are sized for nameplates."""
    space: Space = "hall"
    """The space that the loss heats."""
    loss: AnyLoss = LossCurve(standby=0.0, resistive=0.008)
    """Default: 0.8% of the rating at full load, conductors only (assumption: a voltage drop of 0.8%)."""


class PowerDistributionUnit(Stage):
    """Distribution units or panels in the hall: breakers, meters and, where voltage is changed there, a transformer."""

    sized_for: Literal["provisioned", "rated"] = "rated"
    """Breakers are sized for nameplates."""
    space: Space = "hall"
    """The space that the loss heats."""
    loss: AnyLoss = LossCurve(standby=0.0005, resistive=0.002)
    """Default: a panel without transformer (assumption). With a dry-type transformer of 300 kVA, 99.02% efficient at
    35% load (10 CFR 431.196), `{standby: 0.0017, resistive: 0.0141}`, half of that loss in the core (assumption)."""


class UninterruptibleSupply(Stage):
    """Uninterruptible power supplies."""

    mode: Literal["double-conversion", "eco"] = "double-conversion"
    """`eco` feeds the load past the converters (line-interactive) and converts only when the grid fails."""
    loss: AnyLoss = LossCurve(standby=0.012, proportional=0.012, resistive=0.014)
    """Loss in double conversion. Default (assumption): efficiency of 94.0, 95.9, 96.3 and 96.3% at 25, 50, 75 and
    100% load, a modern unit without transformer."""
    eco_loss: AnyLoss = LossCurve(standby=0.004, proportional=0.003, resistive=0.003)
    """Loss in eco mode. Default (assumption): 98.1, 98.8, 99.0 and 99.0% at 25, 50, 75 and 100% load; makers state
    98.5 to 99% (as UST quotes them beside Schneider Electric White Paper 157)."""

    @property
    def saving_loss(self) -> Loss | None:
        """What a unit loses in eco mode."""
        return self.eco_loss


class Transformer(Stage):
    """Transformers from the utility's medium voltage to the building's low voltage."""

    space: Space = "outdoors"
    """The space that the loss heats."""
    carries_mechanical: bool = True
    """Whether the cooling plant is fed through this stage."""
    loss: AnyLoss = LossCurve(standby=0.00118, resistive=0.00472)
    """Default (assumption): 99.53% efficient at 50% load, the least that 10 CFR 431.196(b) is quoted to allow a
    liquid-immersed unit of 2500 kVA, with half of that loss in the core, so that efficiency peaks there."""
