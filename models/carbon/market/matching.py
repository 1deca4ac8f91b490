"""Market-based carbon: what is contracted is set against what is drawn, by the hour or by the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...series import Series, utc_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Matching = Literal["annual", "hourly"]


@dataclass(frozen=True, eq=False)
class Supply:
    """Contracted energy of n buckets [J] and what generating it emits [kg of CO2 equivalent per J]."""

    name: str
    supplied_j: NDArray[np.float64]
    intensity_kg_per_j: float = 0.0
    has_hours: bool = True


@dataclass(frozen=True, eq=False)
class MarketBasedCarbon:
    """Market-based carbon of n buckets [kg of CO2 equivalent], and which energy it stands on [J].

    `carbon_kg` and `unmatched_j` have the shape (n,), `matched_j` (m, n) for m supplies; `surplus_j`, of shape (m,),
    is what each supply gave beyond what was drawn in its matching period.
    """

    carbon_kg: NDArray[np.float64]
    matched_j: NDArray[np.float64]
    unmatched_j: NDArray[np.float64]
    surplus_j: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    @property
    def matched_share(self) -> float:
        """Share of the energy drawn that contracts cover: by the hour, the score of 24/7 carbon-free energy."""
        matched, unmatched = float(self.matched_j.sum()), float(self.unmatched_j.sum())
        return matched / (matched + unmatched) if matched + unmatched else 0.0


def market_based_kg(
    energy_j: ArrayLike,
    edges_utc_s: ArrayLike,
    supplies: Sequence[Supply],
    residual_kg_per_j: Series,
    matching: Matching,
) -> MarketBasedCarbon:
    """Return the market-based carbon of energy drawn from the grid.

    `energy_j` [J, not negative] has the shape (n,): the energy between each two of the n + 1 rising `edges_utc_s`.
    Supplies are used in the order given. `hourly`: each clock hour's supply covers that hour's energy, the surplus
    covers nothing. `annual`: a calendar year's supply (UTC; the part of it between the edges) covers that much of the
    year's energy, spread over its buckets in proportion. What is left carries the residual mix. Raises ValueError
    where a bucket straddles two hours, two years or two intervals of the mix.

    Source: GHG Protocol Scope 2 Guidance (World Resources Institute, 2015), chapters 6 and 7, for annual matching and
    the residual mix; 24/7 Carbon-Free Energy: Methodologies and Metrics (Google, 2021) for matching by the hour.

    >>> from models.series import constant
    >>> import numpy as np
    >>> residual = constant("residual_mix", "kg/J", 0.5 / 3.6e6)
    >>> sun = Supply("sun", np.array([7.2e6, 0.0]))
    >>> market_based_kg([3.6e6, 3.6e6], [0, 3600, 7200], [sun], residual, "annual").carbon_kg
    array([0., 0.])
    >>> market_based_kg([3.6e6, 3.6e6], [0, 3600, 7200], [sun], residual, "hourly").carbon_kg
    array([0. , 0.5])
    """
    import numpy as np

    energy, edges = np.asarray(energy_j, dtype=np.float64), np.asarray(edges_utc_s, dtype=np.float64)
    if not np.all(energy >= 0.0):
        raise ValueError("energy drawn must not be negative")
    for supply in supplies:
        if supply.supplied_j.shape != energy.shape or not np.all(supply.supplied_j >= 0.0):
            raise ValueError(f"'{supply.name}' must supply 0 or more in each of {len(energy)} buckets")
    # This also checks the edges and the shape of the energy.
    residual_kg = residual_kg_per_j.weighing(energy, edges)
    period = _periods(edges, matching)
    drawn_j = np.bincount(period, weights=energy)
    left_j = drawn_j.copy()
    share_left = np.ones(len(drawn_j))
    matched_j, surplus_j = np.zeros((len(supplies), len(energy))), np.zeros(len(supplies))
    carbon_kg = np.zeros(len(energy))
    notes = []
    for place, supply in enumerate(supplies):
        if matching == "hourly" and not supply.has_hours:
            notes.append(f"'{supply.name}' is not known by the hour and covers nothing where matching is hourly")
            continue
        supplied_j = np.bincount(period, weights=supply.supplied_j)
        used_j = np.minimum(supplied_j, left_j)
        share = np.divide(used_j, drawn_j, out=np.zeros_like(used_j), where=drawn_j > 0.0)
        left_j, share_left = left_j - used_j, np.maximum(share_left - share, 0.0)
        matched_j[place] = energy * share[period]
        surplus_j[place] = float((supplied_j - used_j).sum())
        carbon_kg += matched_j[place] * supply.intensity_kg_per_j
    # Where all is covered nothing is left, whatever rounding says.
    share_left[left_j <= 0.0] = 0.0
    return MarketBasedCarbon(
        carbon_kg + residual_kg * share_left[period], matched_j, energy * share_left[period], surplus_j, tuple(notes)
    )


def _periods(edges_utc_s: NDArray[np.float64], matching: Matching) -> NDArray[np.int64]:
    """Return each bucket's matching period, counted from the first."""
    import numpy as np

    first, last = np.floor(edges_utc_s[:-1]), np.ceil(edges_utc_s[1:]) - 1.0
    if matching == "hourly":
        begins, ends = (first // 3600).astype(np.int64), (last // 3600).astype(np.int64)
    else:
        years = [at.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) for at in (first, last)]
        begins, ends = years
    straddling = np.flatnonzero(begins != ends)
    if len(straddling):
        which = f"{utc_text(edges_utc_s[straddling[0]])} to {utc_text(edges_utc_s[straddling[0] + 1])}"
        raise ValueError(f"the bucket {which} straddles two {'hours' if matching == 'hourly' else 'years'}")
    return np.asarray(begins - begins[0])
