"""Chillers side by side in a plant: how they are staged, and what is known of one of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import WithJsonSchema

from ..catalog_files import InCatalog, read_entry
from ..chillers.chiller import Chiller

Staging = Literal["least-power", "fixed", "sequential"]
STAGINGS: tuple[Staging, ...] = ("least-power", "fixed", "sequential")
"""In the order in which compiled loops number them."""
ChillerName = Annotated[str, InCatalog("chillers"), WithJsonSchema({"type": "string"})]
"""A name of the catalogue, of which there are too many for a schema to list."""
MOST_UNITS = 10_000
"""More machines than that are a mistake in the scenario."""


def machine_of(chiller: str | Chiller) -> Chiller:
    """Return a machine, read from the catalogue where it is named."""
    return chiller if isinstance(chiller, Chiller) else read_entry("chillers", chiller, Chiller)


_MARGIN = 1.02


def scale_of(machine: Chiller, unit_capacity_w: float | None) -> float:
    """Return what a machine's capacity and power are multiplied by, so that it has a capacity [W]; None leaves it."""
    return 1.0 if unit_capacity_w is None else unit_capacity_w / machine.reference_capacity.value


def fitting_scale(machine: Chiller, unit_capacity_w: float | None, heat_w: float, capacity_w: float) -> float:
    """Return the scale of a machine whose capacity on the design day is `capacity_w` [W] at its own size.

    Where no capacity is stated and one machine is more than enough for the heat [W], a smaller one of the same curves
    stands there (assumption), with a margin of 2 %.
    """
    if unit_capacity_w is None and 0.0 < _MARGIN * heat_w < capacity_w:
        return _MARGIN * heat_w / capacity_w
    return scale_of(machine, unit_capacity_w)


def worked(chiller: list[float], chilled_water_c: float, condenser_c: float, heat_w: float) -> tuple[float, float]:
    """Return the power of a machine, as `Continuation.parameters` gives it, at a heat, and its capacity [W]."""
    import numpy as np

    from .chiller_kernel import work_chillers

    answered = np.zeros((1, 3))
    work_chillers(np.array(chiller), np.array([[chilled_water_c, condenser_c, heat_w]]), answered)
    return float(answered[0, 0]), float(answered[0, 1])


def notes_on(machine: Chiller) -> tuple[str, ...]:
    """Return a line for each way in which a machine's power goes the wrong way inside its curves' bounds."""
    what = {
        "hotter-condenser-less-power": "power falls with a hotter condenser",
        "warmer-chilled-water-more-power": "power rises with warmer chilled water",
        "more-load-less-power": "power falls with load",
    }
    return tuple(
        f"{machine.title}: inside its curves' bounds {what[flag]}, by {share.value:.1%} at worst; "
        "a plant of such machines may draw less on a worse day"
        for flag, share in machine.flags.items()
    )
