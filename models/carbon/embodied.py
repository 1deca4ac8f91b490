"""Carbon emitted in making what stands in and around the hall, spread over its life."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..economics.service_lives import ServiceLives
from ..section import Section
from ..units import CarbonIntensity, CarbonPerPower, Mass, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ..accelerators.accelerator import Accelerator
    from ..nodes.node import Node


class EmbodiedCarbon(Section):
    """Carbon of making things, by their size. Nodes have theirs in the catalogue."""

    node: Mass | None = None
    """kg of CO2 equivalent of a node for which none is published; by default such nodes are left out and counted."""
    construction: CarbonPerPower = quantity("1000 kg/kW")
    """Building, cooling and power chain per IT power that they are built for (assumption: no figure is sourced; the one
    bound found is that construction is under 5% of what a TPU's whole life emits, arXiv:2502.01671)."""
    battery: CarbonIntensity = quantity("85 kg/kWh")
    """Batteries per energy that they hold: the middle of 61 to 106 kg/kWh (Emilsson and Dahllof, Lithium-Ion Vehicle
    Battery Production, IVL report C444, 2019; assumption that stationary ones are alike)."""
    genset: CarbonPerPower = quantity("40 kg/kW")
    """Generator sets per electrical power (assumption: about 10 kg/kW of machine at 4 kg for each kg)."""


@dataclass(frozen=True)
class EmbodiedItem:
    """What was made once, and the part of it that a run bears [kg of CO2 equivalent]."""

    name: str
    made_kg: float
    run_kg: float


@dataclass(frozen=True)
class EmbodiedCarbonOfRun:
    """Embodied carbon of a run [kg of CO2 equivalent], item by item, and what had to be left out in words."""

    items: tuple[EmbodiedItem, ...]
    notes: tuple[str, ...]

    @property
    def carbon_embodied_kg(self) -> float:
        """What the run bears of all items [kg of CO2 equivalent]."""
        return math.fsum(item.run_kg for item in self.items)


def straight_line_kg(made_kg: ArrayLike, service_s: ArrayLike, life_s: float) -> NDArray[np.float64]:
    """Return the part of `made_kg` [kg] that `service_s` [s] in service bears, of their common shape.

    Each second of the life bears the same, and nothing is left to bear after it (GHG Protocol ICT Sector Guidance,
    2017, and the Green Software Foundation's SCI: time in service over expected life). Raises ValueError where the
    life is not above 0.

    >>> straight_line_kg([4000.0, 4000.0], [365.25 * 86400.0, 8 * 365.25 * 86400.0], 5 * 365.25 * 86400.0)
    array([ 800., 4000.])
    """
    import numpy as np

    if not life_s > 0.0:
        raise ValueError(f"a life of {life_s:g} s bears nothing; it must be above 0")
    return np.asarray(made_kg, dtype=np.float64) * np.minimum(np.asarray(service_s, dtype=np.float64) / life_s, 1.0)


def node_embodied_kg(node: Node, accelerator: Accelerator | None = None) -> float:
    """Return what making one node emitted [kg of CO2 equivalent]; NaN where nobody has published it.

    Where only the accelerator's own figure is known, its count times that is returned: a lower bound, without the host.
    """
    if node.embodied_carbon is not None:
        return node.embodied_carbon.value
    if accelerator is not None and accelerator.embodied_carbon is not None and node.accelerators:
        return node.accelerators * accelerator.embodied_carbon.value
    return math.nan


def embodied_carbon(
    terms: EmbodiedCarbon,
    lives: ServiceLives,
    *,
    node_kg: ArrayLike,
    node_service_s: ArrayLike,
    run_s: float,
    construction_w: float = 0.0,
    battery_j: float = 0.0,
    genset_w: float = 0.0,
    others: Sequence[tuple[str, float, float]] = (),
) -> EmbodiedCarbonOfRun:
    """Return the embodied carbon that a run bears.

    `node_kg` [kg, NaN where unpublished] and `node_service_s` [s in service] have one value a node. The building is
    sized for `construction_w` [W of IT power], batteries hold `battery_j` [J], gensets give `genset_w` [W]: all of
    them bear the whole run of `run_s` [s]. `others` are further things: name, what making them emitted [kg], life [s].
    """
    import numpy as np

    made_kg, service_s = (np.atleast_1d(np.asarray(given, dtype=np.float64)) for given in (node_kg, node_service_s))
    unknown = np.isnan(made_kg)
    notes = []
    if np.any(unknown) and terms.node is None:
        count = int(np.count_nonzero(unknown))
        notes.append(f"embodied carbon of {count:,} of {len(made_kg):,} nodes is not published and not counted")
    made_kg = np.where(unknown, terms.node or 0.0, made_kg)
    run_kg = straight_line_kg(made_kg, service_s, lives.nodes)
    items = [EmbodiedItem("nodes", float(made_kg.sum()), float(run_kg.sum()))]
    sized = [
        ("construction", terms.construction * construction_w, lives.construction),
        ("batteries", terms.battery * battery_j, lives.batteries),
        ("gensets", terms.genset * genset_w, lives.gensets),
        *others,
    ]
    items += [
        EmbodiedItem(name, kg, float(straight_line_kg(kg, run_s, life_s))) for name, kg, life_s in sized if kg > 0.0
    ]
    return EmbodiedCarbonOfRun(tuple(items), tuple(notes))
