"""A node's electrical power: the sum over its parts, each on a curve of what it follows."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from pydantic import Field, model_validator

from ..section import Section
from ..sourced import Sourced
from ..units import Power

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatOrArray = TypeVar("FloatOrArray", float, NDArray[np.float64])
else:
    FloatOrArray = TypeVar("FloatOrArray")

_CLOCK_EXPONENT = {
    "value": 2.5,
    "source": "dynamic power rises with clock^2.5 to clock^3 in fits to kernel power; the lower end, as voltage "
    "reaches its floor at low clocks",
    "status": "assumption",
}


class CurveTable(Section):
    """A measured curve, straight between its points."""

    table: tuple[tuple[float, float], ...] = Field(min_length=2)
    """Points (utilization, share of the way from idle to peak power), both 0 to 1; from (0, 0) to (1, 1)."""

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        utilizations = [utilization for utilization, _ in self.table]
        if self.table[0] != (0.0, 0.0) or self.table[-1] != (1.0, 1.0):
            raise ValueError("a table starts at [0, 0] (idle power) and ends at [1, 1] (peak power)")
        if any(later <= earlier for earlier, later in itertools.pairwise(utilizations)):
            raise ValueError(f"utilization must rise from point to point; given {utilizations}")
        if any(not 0.0 <= share <= 1.0 for _, share in self.table):
            raise ValueError("the share of the way from idle to peak power is 0 to 1")
        return self


class PowerPart(Section):
    """Parts of one sort in a node, such as its accelerators or its fans."""

    name: str
    """What the parts are."""
    count: int = Field(default=1, ge=1)
    """How many there are. Parts that follow the accelerators count as many as those: one share each."""
    follows: Literal["accelerator", "processor", "always"]
    """Whose utilization they follow; `always` draws peak power whatever the node does."""
    idle_power: Sourced[Power] | None = None
    """W of one part at utilization 0; left out where it follows `always`."""
    peak_power: Sourced[Power]
    """W of one part at utilization 1."""
    curve: Literal["idle", "linear", "square_root", "cubic"] | CurveTable = "linear"
    """How power rises from idle to peak; `idle` stays at idle power."""

    @model_validator(mode="after")
    def _powers_in_order(self) -> Self:
        if self.follows == "always":
            if self.idle_power is not None or self.curve != "linear":
                raise ValueError("a part that follows 'always' draws its peak_power: leave out idle_power and curve")
        elif self.idle_power is None:
            raise ValueError(f"a part that follows the {self.follows} has an idle_power")
        elif self.idle_power.value > self.peak_power.value:
            raise ValueError(f"idle power {self.idle_power.value:g} W is above peak power {self.peak_power.value:g} W")
        return self

    @property
    def idle_power_w(self) -> float:
        """W of all these parts at utilization 0."""
        return self.count * (self.idle_power or self.peak_power).value

    @property
    def peak_power_w(self) -> float:
        """W of all these parts at utilization 1 and full clock."""
        return self.idle_power_w if self.curve == "idle" else self.count * self.peak_power.value


class NodePower(Section):
    """A node's power as the sum over its parts."""

    parts: tuple[PowerPart, ...] = Field(min_length=1)
    """The parts; their peaks add up to the node's provisioned power."""
    clock_exponent: Sourced[float] = Field(default=Sourced[float].model_validate(_CLOCK_EXPONENT))
    """Above idle, power is proportional to the clock fraction to this power (1 to 3)."""

    @model_validator(mode="after")
    def _exponent_in_range(self) -> Self:
        if not 1.0 <= self.clock_exponent.value <= 3.0:
            raise ValueError(f"clock_exponent is {self.clock_exponent.value:g}; allowed: 1 to 3")
        return self

    @property
    def idle_power_w(self) -> float:
        """W with nothing running."""
        return sum(part.idle_power_w for part in self.parts)

    @property
    def peak_power_w(self) -> float:
        """W with everything busy at full clock."""
        return sum(part.peak_power_w for part in self.parts)

    @property
    def clocked(self) -> Literal["accelerator", "processor"]:
        """What a clock fraction slows: the accelerators, or the processors of a node that has none."""
        return "accelerator" if any(part.follows == "accelerator" for part in self.parts) else "processor"


def part_power_w(part: PowerPart, utilization: FloatOrArray) -> FloatOrArray:
    """Return the power of all parts of one sort [W] at a mean utilization of 0 to 1, at full clock.

    With s from idle to peak power: linear s = u, square root s = u^0.5, cubic s = u^3 (OpenDC's power models,
    Mastenbroek et al., IEEE/ACM CCGrid 2021), a table interpolated linearly. P = count (idle + (peak - idle) s).
    """
    return part.idle_power_w + (part.peak_power_w - part.idle_power_w) * _share(part, utilization)


def node_power_w(
    power: NodePower,
    accelerator_utilization: FloatOrArray,
    processor_utilization: FloatOrArray,
    clock_fraction: FloatOrArray,
) -> FloatOrArray:
    """Return a node's power [W]; the arguments are 0 to 1, floats or arrays of one shape.

    What lies above idle in the parts that follow `power.clocked` is scaled by clock_fraction^clock_exponent: dynamic
    power is C V^2 f, the voltage falls along with the clock, and fans and conversion losses follow the heat.
    """
    slowed: FloatOrArray = clock_fraction**power.clock_exponent.value
    total_w: FloatOrArray = power.idle_power_w + 0.0 * slowed
    for part in power.parts:
        if part.follows != "always":
            utilization = accelerator_utilization if part.follows == "accelerator" else processor_utilization
            part_w = part_power_w(part, utilization) - part.idle_power_w
            total_w = total_w + (part_w * slowed if part.follows == power.clocked else part_w)
    return total_w


def _share(part: PowerPart, utilization: FloatOrArray) -> FloatOrArray:
    """Return how far from idle to peak power a part is, 0 to 1."""
    if isinstance(part.curve, CurveTable):
        return _interpolated(part.curve.table, utilization)
    if part.curve == "square_root":
        square_root: FloatOrArray = utilization**0.5
        return square_root
    if part.curve == "cubic":
        return utilization**3
    return utilization


def _interpolated(table: tuple[tuple[float, float], ...], utilization: FloatOrArray) -> FloatOrArray:
    if not isinstance(utilization, float | int):
        import numpy as np

        return np.interp(utilization, [point[0] for point in table], [point[1] for point in table])
    right = min(max(bisect.bisect_right(table, utilization, key=lambda point: point[0]), 1), len(table) - 1)
    (from_u, from_share), (to_u, to_share) = table[right - 1], table[right]
    return from_share + (to_share - from_share) * (utilization - from_u) / (to_u - from_u)
