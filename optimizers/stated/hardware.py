"""What a plan can buy: whether it can be ordered, what it costs, and whether a building takes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..given.hardware import Sku
from ..given.quarter import by_quarter, quarter_name, quarter_number
from ..problem import Problem
from ..refusals import Refusals
from .aims import counts

if TYPE_CHECKING:
    from models.nodes.node import Node

_ROUNDING = 1e-9
"""Racks, by which a node may miss a whole one for its digits."""


def supply_of(problem: Problem, sku: Sku) -> list[int]:
    """Return the batches that can be ordered by quarter: none before the release."""
    supply = by_quarter(sku.supply, problem.first_quarter, problem.quarters, 0)
    first = quarter_number(problem.first_quarter)
    released = first if sku.released is None else quarter_number(sku.released)
    return [count if first + number >= released else 0 for number, count in enumerate(supply)]


def check_hardware(problem: Problem, nodes: Mapping[str, Node], refusals: Refusals) -> None:
    """Refuse what can never be ordered, has no price or fits into no building; note what makes racks emptier."""
    for name, sku in problem.skus.items():
        _order(problem, name, sku, nodes.get(name), refusals)
        if name in nodes:
            _room(problem, name, sku, nodes[name], refusals)
    every = [True] * problem.quarters
    for room in ("modules", "fabrics", "storage"):
        for name, thing in getattr(problem, room).items():
            _price(problem, thing.price, f"plan.{room}.{name}.price", every, refusals)
    for name, module in problem.modules.items():
        path, cooling = f"plan.modules.{name}", module.facility.cooling
        if cooling is not None and (cooling.liquid is not None) != (module.cooling == "liquid"):
            has = "a coolant" if cooling.liquid is not None else "no coolant"
            text = f"'{module.cooling}', and its facility has {has}: give 'facility.cooling.liquid' for liquid alone"
            refusals.refuse(f"{path}.cooling", text)
        if module.facility.pue is None and module.facility.design_it_power is not None:
            text = "a module is sized for its 'capacity': leave it out"
            refusals.refuse(f"{path}.facility.design_it_power", text)
        if module.facility.pue is None and module.facility.supply is not None:
            refusals.note(f"{name}: 'supply' is left out of the plan; sites have batteries and generation of their own")


def _order(problem: Problem, name: str, sku: Sku, node: Node | None, refusals: Refusals) -> None:
    path, supply = f"plan.skus.{name}", supply_of(problem, sku)
    if not any(supply) and not any(each.sku == name for each in problem.existing):
        later = isinstance(sku.supply, Mapping) and any(sku.supply.values())
        if not later and not (sku.released is not None and sku.supply):
            text = "nothing can be ordered in any quarter, and none exists: leave the SKU out"
            refusals.refuse(f"{path}.supply", text)
    if sku.price is not None:
        _price(problem, sku.price, f"{path}.price", [count > 0 for count in supply], refusals)
    elif node is not None and node.price is None:
        refusals.refuse(f"{path}.price", f"is missing, and the catalogue knows no price of {sku.node}: state one")
    if node is None:
        return
    if problem.fabrics and node.network is None:
        refusals.note(f"{name}: takes no ports, since {sku.node} has no network interfaces")
    if sku.embodied_carbon is not None or node.embodied_carbon is not None:
        return
    if counts(problem, "carbon"):
        text = f"is missing, and the catalogue knows none of {sku.node}: carbon counts in this plan"
        refusals.refuse(f"{path}.embodied_carbon", text)
    else:
        refusals.note(f"{name}: the carbon of making it is unknown and not counted")


def _price(problem: Problem, given: object, path: str, wanted: list[bool], refusals: Refusals) -> None:
    """Refuse a price that is not stated for a quarter in which it is wanted."""
    if not isinstance(given, Mapping):
        return
    first, begins = quarter_number(problem.first_quarter), min(quarter_number(name) for name in given)
    early = [number for number in range(min(begins - first, problem.quarters)) if wanted[number]]
    if early:
        text = f"nothing is stated for {quarter_name(first + early[0])}: the first value is for a later quarter"
        refusals.refuse(path, text)


def _room(problem: Problem, name: str, sku: Sku, node: Node, refusals: Refusals) -> None:
    fits = {key: module for key, module in problem.modules.items() if module.cooling == sku.cooling}
    path, each_w = f"plan.skus.{name}", node.provisioned_power_w
    each = f"a node is provisioned with {each_w / 1e3:g} kW"
    if not fits:
        refusals.refuse(f"{path}.cooling", f"no module is for {sku.cooling}-cooled nodes")
    elif all(module.rack_power < each_w for module in fits.values()):
        most = max(module.rack_power for module in fits.values())
        text = f"{each}, and no rack of a module for {sku.cooling} may have more than {most / 1e3:g} kW"
        refusals.refuse(f"{path}.node", text)
    elif all(module.capacity < each_w for module in fits.values()):
        most = max(module.capacity for module in fits.values())
        text = f"{each}, and no module for {sku.cooling} has more than {most / 1e3:g} kW: a node stands in one module"
        refusals.refuse(f"{path}.node", text)
    for key, module in fits.items():
        powered = math.floor(module.rack_power / each_w + _ROUNDING)
        if 0 < powered < sku.nodes_per_rack:
            text = f"a rack of '{key}' powers {powered} of its {sku.nodes_per_rack}: {each}, a rack there has "
            refusals.note(f"{path}.nodes_per_rack: {text}{module.rack_power / 1e3:g} kW")
