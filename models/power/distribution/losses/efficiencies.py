"""A loss given by efficiencies at some loads, as datasheets and certificates list them."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from .loss import Coefficients, Loss


def _point(point: tuple[float, float]) -> tuple[float, float]:
    load, efficiency = point
    if not (0.0 < load <= 1.2 and 0.0 < efficiency <= 1.0):
        raise ValueError(
            f"[{load:g}, {efficiency:g}] is no point [load, efficiency]; allowed: shares, such as [0.5, 0.96]"
        )
    return point


class EfficiencyPoints(Loss):
    """Efficiencies at loads. The curve standby + proportional x + resistive x^2 is fitted to their losses by least
    squares, with no coefficient below 0."""

    kind: Literal["efficiencies"] = "efficiencies"
    points: tuple[Annotated[tuple[float, float], AfterValidator(_point)], ...] = Field(min_length=1)
    """Points [load, efficiency], each a share of 1, such as `[[0.25, 0.94], [0.5, 0.959], [1, 0.963]]`."""

    def coefficients(self, rating_w: float) -> Coefficients:
        """Return the non-negative coefficients of least squares: the best of those on each subset of the three terms.

        C. Lawson and R. Hanson, Solving Least Squares Problems, 1974, chapter 23; with three unknowns every subset
        can be tried. Fewer points than terms use the terms that fit with the fewest coefficients.
        """
        import numpy as np

        load, efficiency = np.array(self.points).T
        lost = load * (1.0 / efficiency - 1.0)
        terms = np.stack([np.ones_like(load), load, load**2], axis=1)
        best, least = np.zeros(3), float(lost @ lost)
        for size in range(1, min(3, len(load)) + 1):
            for chosen in itertools.combinations(range(3), size):
                columns = list(chosen)
                found = np.linalg.lstsq(terms[:, columns], lost, rcond=None)[0]
                left = lost - terms[:, columns] @ found
                if np.all(found >= 0.0) and float(left @ left) < least - 1e-15:
                    best, least = np.zeros(3), float(left @ left)
                    best[columns] = found
        return Coefficients(*best.tolist())
