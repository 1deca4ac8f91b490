"""The boundary of IT, drawn once for every ratio.

`models.accounting.ratios` names it: nodes, what racks share, the shelves and converters in racks and nodes, network
and storage equipment and server fans are IT; all between the grid and the racks' inlets, and the rest of the building,
is not. What enters the boundary is therefore what the meter of IT equipment reads, and the losses of those stages of
the power chain that stand inside of it (`counts_as_it`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.sized_facility import SizedFacility

from ..engine import state as layout
from ..engine.state import FIRST_STAGE, State


@dataclass(frozen=True)
class ItBoundary:
    """Which stages of the power chain lie inside of the boundary, and which outside, by index of their meters.

    Of a building whose PUE is stated no stage is known: its whole excess lies outside, and none of it is told to be a
    loss of power.
    """

    inside: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()

    @classmethod
    def of(cls, sized: SizedFacility | None) -> ItBoundary:
        """Return the boundary of a building; of one with a stated PUE where there is none."""
        stages = enumerate(sized.chain.stages) if sized is not None else ()
        sides: tuple[list[int], list[int]] = ([], [])
        for index, stage in stages:
            sides[stage.counts_as_it].append(FIRST_STAGE + index)
        return cls(inside=tuple(sides[True]), outside=tuple(sides[False]))

    def it_j(self, integral: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the energy that enters the boundary [J], from meters of shape (quantity, ...)."""
        return np.asarray(integral[layout.IT_POWER] + integral[list(self.inside)].sum(axis=0))

    def loss_j(self, integral: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the power chain loses outside of the boundary [J], from meters of shape (quantity, ...)."""
        return np.asarray(integral[list(self.outside)].sum(axis=0))

    def it_energy_j(self, state: State) -> float:
        """Return the energy that entered the boundary during the run [J]."""
        return float(self.it_j(state.meters["integral"]))
