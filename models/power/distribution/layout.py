"""A power chain whose units are chosen: what enters it for what leaves it, and what it loses on the way."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from .losses.loss import Coefficients

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatOrArray = TypeVar("FloatOrArray", float, NDArray[np.float64])
else:
    FloatOrArray = TypeVar("FloatOrArray")

Space = Literal["hall", "plant-room", "outdoors"]
"""Where a loss ends as heat."""
SPACES: tuple[Space, ...] = get_args(Space)


@dataclass(frozen=True)
class ChainStage:
    """A stage: `units` equal units that share its load, `spare` of which may be out while the rest carry the plan.

    At an output power P the stage loses capacity (a0 + a1 x + a2 x^2), where capacity = units rating_w and
    x = P/capacity; the loss heats `space`. `eco` are the coefficients (a0, a1, a2) of its saving mode, None where it
    has none. `carries_mechanical` says that the cooling plant is fed through it. `planned_w` is the greatest output
    power that it was laid out for, `counts_as_it` that its loss lies within the boundary of IT (in the rack).
    """

    name: str
    space: Space
    units: int
    spare: int
    rating_w: float
    a0: float
    a1: float
    a2: float
    eco: tuple[float, float, float] | None = None
    carries_mechanical: bool = False
    planned_w: float = 0.0
    counts_as_it: bool = False

    def capacity_w(self, units_out: int = 0) -> float:
        """Return what the stage can deliver [W] with so many units out; 0 with all of them out."""
        return max(self.units - units_out, 0) * self.rating_w

    def load_fraction(self, power_w: FloatOrArray, units_out: int = 0) -> FloatOrArray:
        """Return the load of each unit that works, output over rating, at an output power of the stage [W]."""
        return power_w / self.capacity_w(units_out)

    def terms(self, *, eco: bool = False) -> tuple[float, float, float]:
        """Return (c0 [W], c1, c2 [1/W]) of the stage's loss c0 + c1 P + c2 P^2 at an output power P [W]."""
        capacity_w = self.capacity_w()
        a0, a1, a2 = self.eco if eco and self.eco is not None else Coefficients(self.a0, self.a1, self.a2)
        return a0 * capacity_w, a1, (a2 / capacity_w if capacity_w > 0.0 else 0.0)

    def loss_w(self, power_w: FloatOrArray, *, eco: bool = False) -> FloatOrArray:
        """Return what the stage loses [W] at an output power [W]; the curve goes on beyond the rating."""
        c0_w, c1, c2_per_w = self.terms(eco=eco)
        return c0_w + power_w * (c1 + power_w * c2_per_w)


@dataclass(frozen=True)
class ChainLayout:
    """The stages from IT to the utility. `eco` says that stages with a saving mode work in it.

    Power enters a stage's output from the stages towards IT, and from what is fed there besides: the part of the
    mechanical load that is on the UPS at the output of stage `ups_index`, the rest at stage `mechanical_index`. An
    index equal to the number of stages stands for the utility side of the last one.
    """

    stages: tuple[ChainStage, ...]
    eco: bool = False

    @functools.cached_property
    def ups_index(self) -> int:
        """The stage at whose output loads on the UPS are fed; where there is no UPS, that of the mechanical load."""
        names = [stage.name for stage in self.stages]
        return names.index("ups") if "ups" in names else self.mechanical_index

    @functools.cached_property
    def mechanical_index(self) -> int:
        """The first stage that carries the mechanical load."""
        carriers = (index for index, stage in enumerate(self.stages) if stage.carries_mechanical)
        return next(carriers, len(self.stages))

    def terms(self, *, eco: bool | None = None) -> tuple[tuple[float, float, float], ...]:
        """Return each stage's (c0 [W], c1, c2 [1/W]); loss = c0 + P (c1 + P c2) at the stage's output power P [W]."""
        return tuple(stage.terms(eco=self.eco if eco is None else eco) for stage in self.stages)

    def fed_w(
        self, it_w: FloatOrArray, mechanical_on_ups_w: FloatOrArray, mechanical_w: FloatOrArray
    ) -> list[FloatOrArray]:
        """Return the power [W] fed at each stage's output and, last, on the utility side of the last stage.

        `mechanical_w` is the mechanical load besides the part on the UPS.
        """
        fed = [0.0 * it_w for _ in range(len(self.stages) + 1)]
        fed[0] = fed[0] + it_w
        fed[self.ups_index] = fed[self.ups_index] + mechanical_on_ups_w
        fed[self.mechanical_index] = fed[self.mechanical_index] + mechanical_w
        return fed

    def through(
        self, fed_w: Sequence[FloatOrArray], *, eco: bool | None = None
    ) -> tuple[FloatOrArray, tuple[FloatOrArray, ...]]:
        """Return (input [W], loss of each stage [W]) for powers fed at each stage's output, as `fed_w` gives them."""
        power_w = fed_w[0]
        losses_w: list[FloatOrArray] = []
        for index, (c0_w, c1, c2_per_w) in enumerate(self.terms(eco=eco)):
            if index:
                power_w = power_w + fed_w[index]
            loss_w = c0_w + power_w * (c1 + power_w * c2_per_w)
            losses_w.append(loss_w)
            power_w = power_w + loss_w
        if self.stages:
            power_w = power_w + fed_w[-1]
        return power_w, tuple(losses_w)

    def input_w(
        self,
        it_w: FloatOrArray,
        mechanical_on_ups_w: FloatOrArray,
        mechanical_w: FloatOrArray,
        *,
        eco: bool | None = None,
    ) -> tuple[FloatOrArray, tuple[FloatOrArray, ...]]:
        """Return (power from the utility [W], loss of each stage [W]); arguments are floats or arrays of one shape.

        `mechanical_w` is the mechanical load besides the part on the UPS. Energy is conserved: the input is the sum
        of the three loads and the losses.
        """
        return self.through(self.fed_w(it_w, mechanical_on_ups_w, mechanical_w), eco=eco)

    def on_ups_w(self, it_w: float, mechanical_on_ups_w: float) -> float:
        """Return what hangs on the UPS [W]: what leaves it where it carries no other mechanical load, and without a
        UPS what would."""
        fed_w = self.fed_w(it_w, mechanical_on_ups_w, 0.0)
        outputs_w = self.output_w(it_w, mechanical_on_ups_w, 0.0)
        return float(outputs_w[self.ups_index] if self.ups_index < len(outputs_w) else self.through(fed_w)[0])

    def without_units(self, out: Mapping[str, int]) -> ChainLayout:
        """Return the chain with so many units of the named stages out; the others share their load."""
        unknown = [name for name in out if name not in {stage.name for stage in self.stages}]
        if unknown:
            raise ValueError(f"the chain has no stage '{unknown[0]}'; it has {', '.join(s.name for s in self.stages)}")
        changed = (
            replace(stage, units=max(stage.units - lost, 0), spare=max(stage.spare - lost, 0))
            for stage, lost in ((stage, out.get(stage.name, 0)) for stage in self.stages)
        )
        return replace(self, stages=tuple(changed))

    def greatest_it_w(self, input_limit_w: float, mechanical_on_ups_w: float, mechanical_w: float) -> float:
        """Return the greatest IT power [W] that draws no more than `input_limit_w` (infinity for none) from the
        utility and no more from any stage than its units can deliver; below 0 where the other loads alone are too
        much. The inverse of `input_w`: each stage's loss is a quadratic, solved in closed form.
        """
        fed_w = self.fed_w(0.0, mechanical_on_ups_w, mechanical_w)
        limit_w = input_limit_w if not self.stages else input_limit_w - fed_w[-1]
        for stage, terms, fed_here_w in reversed(list(zip(self.stages, self.terms(), fed_w, strict=False))):
            limit_w = min(_output_w(terms, limit_w), stage.capacity_w()) - fed_here_w
        return limit_w if self.stages else limit_w - fed_w[0]

    def heat_w(self, loss_w: Sequence[FloatOrArray]) -> dict[Space, FloatOrArray]:
        """Return the heat that the stages' losses [W, as `input_w` gives them] bring into each space; the number 0.0
        where no stage stands."""
        zero: Any = 0.0
        heat_w: dict[Space, FloatOrArray] = dict.fromkeys(SPACES, zero)
        for stage, lost_w in zip(self.stages, loss_w, strict=True):
            heat_w[stage.space] = heat_w[stage.space] + lost_w
        return heat_w

    def output_w(
        self, it_w: FloatOrArray, mechanical_on_ups_w: FloatOrArray, mechanical_w: FloatOrArray
    ) -> tuple[FloatOrArray, ...]:
        """Return each stage's output power [W]."""
        fed_w = self.fed_w(it_w, mechanical_on_ups_w, mechanical_w)
        _, losses_w = self.through(fed_w)
        outputs_w: list[FloatOrArray] = []
        power_w = 0.0 * it_w
        for fed_here_w, loss_w in zip(fed_w, losses_w, strict=False):
            power_w = power_w + fed_here_w
            outputs_w.append(power_w)
            power_w = power_w + loss_w
        return tuple(outputs_w)


def _output_w(terms: tuple[float, float, float], input_w: float) -> float:
    """Return the output power P [W] of a stage whose input P + c0 + P (c1 + P c2) is `input_w` [W]."""
    c0_w, c1, c2_per_w = terms
    slope, left_w = 1.0 + c1, input_w - c0_w
    if c2_per_w == 0.0 or left_w <= 0.0 or math.isinf(left_w):
        return left_w / slope
    # The root in the form that does not cancel where the quadratic term is small.
    return 2.0 * left_w / (slope + math.sqrt(slope * slope + 4.0 * c2_per_w * left_w))
