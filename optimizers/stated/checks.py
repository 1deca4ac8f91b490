"""A plan's file held against itself and the catalogue, with no file of data read and nothing computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models import catalog
from models.problems import nearest

from ..problem import Problem
from ..refusals import Refusals
from .aims import check_aims
from .hardware import check_hardware
from .horizon import note_what_lies_beyond
from .magnitudes import refuse_magnitudes
from .places import check_places
from .standing import check_standing
from .upkeep import check_upkeep
from .work import check_work

if TYPE_CHECKING:
    from models.nodes.node import Node

NOT_CHECKED = "prices and weather from files, what nodes get done, power and cooling of the buildings"
"""What only a plan's figures can tell, in words."""


def check_stated(problem: Problem, own: Mapping[str, Node], refusals: Refusals) -> dict[str, Node]:
    """Refuse and note what can be told of a plan from its file alone; return the node of each SKU.

    `own` are the file's own node types beside the catalogue's. Whoever computes figures calls this first: they rely on
    what it refuses. A SKU whose node is unknown is refused and left out of what is returned.
    """
    refuse_magnitudes(problem, refusals)
    nodes = nodes_of(problem, own, refusals)
    check_aims(problem, refusals)
    check_places(problem, refusals)
    check_hardware(problem, nodes, refusals)
    check_standing(problem, nodes, refusals)
    check_upkeep(problem, refusals)
    check_work(problem, nodes, refusals)
    note_what_lies_beyond(problem, refusals)
    return nodes


def nodes_of(problem: Problem, own: Mapping[str, Node], refusals: Refusals) -> dict[str, Node]:
    """Return the node of each SKU, of the plan's own or else of the catalogue; what is in neither is refused."""
    found: dict[str, Node] = {}
    for name, sku in problem.skus.items():
        if sku.node in own:
            found[name] = own[sku.node]
        elif sku.node in catalog.names("nodes"):
            found[name] = catalog.entry("nodes", sku.node)
        else:
            known = [*own, *catalog.names("nodes")]
            hint = nearest(sku.node, known) or "; see `datahall catalog list`, or describe it under 'nodes'"
            refusals.refuse(f"plan.skus.{name}.node", f"'{sku.node}' is not in the catalogue{hint}")
    return found
