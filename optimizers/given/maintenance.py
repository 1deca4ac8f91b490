"""The section `plan.maintenance`: tiers of people and parts that keep nodes in service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.operations.crews import Crew
from models.section import Section
from models.units import Duration, Money, quantity


class SpareTerms(Section):
    """Spares of one part, and what they cost."""

    per_100_nodes: float = Field(ge=0.0, le=1000.0)
    """Parts on the shelf for every hundred nodes of a site. Shelves hold whole parts, rounded up, wherever repairs wait
    for them: in the plan's availability and in its proof. Money is charged with each node bought, or that stands there
    and stays, for its hundredth of this number, fractions of a part and all. At most ten a node, more than it has
    accelerators: assumption."""
    price: Money
    """USD of a part."""
    lead_time: Annotated[Duration, Field(gt=0.0)] = quantity("14 d")
    """From the order of a part until it is on the shelf: assumption."""


class MaintenanceTier(Section):
    """Who repairs at a site, and with what."""

    crew: Crew
    """Technicians, as in `operations.crews` of a scenario."""
    spares: dict[str, SpareTerms] = {}
    """Parts on the shelf, by the names that failures ask for. Parts that are not listed are always there."""
    contract_per_node: Money = quantity("0 USD")
    """USD a node and year for support by its maker."""
