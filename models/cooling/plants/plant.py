"""A plant takes heat from a coolant and rejects it outdoors: the contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ...section import Section
from ...weather.design_day import DesignDay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Duty:
    """What a plant is built for: so much heat, taken at a coolant supply temperature, on the design day."""

    heat_w: float
    supply_c: float
    design_day: DesignDay


class Operation(NamedTuple):
    """How a plant works, each of shape (n,); see `operation_kernel` for what the columns mean.

    Every watt of `fan_w` and of the compressors' heat goes outdoors with the heat that is removed; `pump_w` warms the
    coolant and is part of what the plant must remove beyond the heat that it was asked to take.
    """

    compressor_w: NDArray[np.float64]
    fan_w: NDArray[np.float64]
    pump_w: NDArray[np.float64]
    treatment_w: NDArray[np.float64]
    evaporation_kg_per_s: NDArray[np.float64]
    blowdown_kg_per_s: NDArray[np.float64]
    drift_kg_per_s: NDArray[np.float64]
    capacity_w: NDArray[np.float64]
    removed_w: NDArray[np.float64]
    free_w: NDArray[np.float64]
    running: NDArray[np.float64]
    extrapolated: NDArray[np.float64]
    clamped: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SizedPlant:
    """A plant with its machines chosen: a vector of parameters, and the compiled loop that works with it.

    `loop(parameters, asked, answered)` fills `answered`, shape (n, ANSWERED), from `asked`, shape (n, ASKED).
    `units` are the main machines, `spare` of which are not needed on the design day; `towers` the cells of a plant
    that has chillers and towers, else 0. `sizes` says what was chosen, in words and numbers with unit, for reports.
    """

    kind: str
    units: int
    spare: int
    parameters: NDArray[np.float64]
    loop: Any
    sizes: dict[str, float]
    towers: int = 0

    def operate(
        self,
        heat_w: ArrayLike,
        supply_c: ArrayLike,
        dry_bulb_c: ArrayLike,
        wet_bulb_c: ArrayLike,
        pressure_pa: ArrayLike,
        *,
        units: ArrayLike | None = None,
        towers: ArrayLike | None = None,
        economizer: ArrayLike = 1.0,
    ) -> Operation:
        """Return how the plant takes `heat_w` [W] from a coolant that it returns at `supply_c`; arguments broadcast.

        `units` and `towers` are the machines that work, all where not given; `economizer` 0 switches free cooling off.
        """
        import numpy as np

        from . import operation_kernel as column

        given = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(value, np.float64)) for value in (
                heat_w, supply_c, dry_bulb_c, wet_bulb_c, pressure_pa,
                self.units if units is None else units, self.towers if towers is None else towers, economizer,
            ))
        )  # fmt: skip
        asked = np.ascontiguousarray(np.stack(given, axis=1))
        answered = np.zeros((len(asked), column.ANSWERED))
        self.loop(self.parameters, asked, answered)
        return Operation(*np.ascontiguousarray(answered.T))


class Plant(Section):
    """Machines that take heat from a coolant and reject it outdoors. YAML selects a kind by `kind:`."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person who chose these machines should know of them, a sentence each, told before a run."""
        return ()

    @abstractmethod
    def sized(self, duty: Duty) -> SizedPlant:
        """Return the plant with machines enough for the duty on its design day, spare ones beside them.

        Raises ValueError where no number of machines can do it, such as a tower asked for less than the wet bulb.
        """
