"""Failures that do not come alone: what strikes one node now and then strikes its neighbours too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..section import Section
from .detection import Probability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CommonCause(Section):
    """Of the failures that take out one node, a share takes others of the same rack, PDU or switch out too.

    The beta-factor model (Fleming, 1975), with a binomial number of companions. Of the hardware failures on Meta's
    RSC-1 and RSC-2, 3 % and 5 % came together with others (arXiv:2410.21680).
    """

    share: Probability = 0.04
    """Share of the failures of single nodes that do not come alone; 0.04 is between the two that were measured."""
    within: Literal["rack", "pdu", "cdu", "switch"] = "rack"
    """What the nodes that are struck together have in common; the rack is an assumption."""
    each: Probability = 0.0
    """One neighbour goes out for certain, and each of the others with this probability; 0 is an assumption."""

    def companions(self, generator: np.random.Generator, neighbours: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of the `neighbours` of a failed node go out with it: none, or at least one where there is any.

        Draws 2 numbers and one for each neighbour, whatever comes of them.
        """
        chance, which = generator.random(2)
        struck = generator.random(len(neighbours)) < self.each
        if chance >= self.share or not len(neighbours):
            return neighbours[:0]
        struck[int(which * len(neighbours))] = True
        return neighbours[struck]
