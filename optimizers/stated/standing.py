"""What stands there when the plan begins, held against the sites and buildings that it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..given.hardware import ExistingNodes, FabricBlock, Module, StoreUnit
from ..problem import Problem
from ..refusals import Refusals

if TYPE_CHECKING:
    from models.nodes.node import Node


def check_standing(problem: Problem, nodes: Mapping[str, Node], refusals: Refusals) -> None:
    """Refuse what can not stand where it is said to stand."""
    for number, each in enumerate(problem.existing):
        path, life = f"plan.existing[{number}]", problem.skus[each.sku].life_quarters
        if not problem.sites[each.site].exists:
            refusals.refuse(f"{path}.site", f"'{each.site}' does not exist when the plan begins; no nodes stand there")
        if each.age_quarters >= life:
            text = f"{each.age_quarters} quarters in service are not below the life of {life}: leave them out"
            refusals.refuse(f"{path}.age_quarters", text)
    for name, site in problem.sites.items():
        _things(problem, name, refusals)
        if not site.exists:
            continue
        here = [each for each in problem.existing if each.site == name and each.sku in nodes]
        _floor(problem, name, refusals)
        _ports(problem, name, here, nodes, refusals)
        for cooling in ("air", "liquid"):
            of_class = [each for each in here if problem.skus[each.sku].cooling == cooling]
            _modules(problem, name, cooling, of_class, nodes, refusals)


def _things(problem: Problem, site: str, refusals: Refusals) -> None:
    things: dict[str, tuple[str, Module | FabricBlock | StoreUnit]] = {}
    for room in ("modules", "fabrics", "storage"):
        things |= {f"{room}.{name}": (name, thing) for name, thing in getattr(problem, room).items()}
    for path, (name, thing) in things.items():
        count = thing.exists.get(site, 0)
        if count and not problem.sites[site].exists:
            text = f"{name} stands at {site} when the plan begins, and the site does not exist then"
            refusals.refuse(f"plan.{path}.exists.{site}", text)
        if count > thing.most:
            refusals.refuse(
                f"plan.{path}.exists.{site}", f"{count} exist, and a site may have {thing.most}: see 'most'"
            )


def _floor(problem: Problem, site: str, refusals: Refusals) -> None:
    has_m2 = problem.sites[site].floor
    taken_m2 = sum(module.exists.get(site, 0) * module.floor for module in problem.modules.values())
    if has_m2 is not None and taken_m2 > has_m2:
        text = f"is {has_m2:g} m2; the modules that exist take {taken_m2:g} m2"
        refusals.refuse(f"plan.sites.{site}.floor", text)


def _ports(
    problem: Problem, site: str, here: list[ExistingNodes], nodes: Mapping[str, Node], refusals: Refusals
) -> None:
    standing = {name: block for name, block in problem.fabrics.items() if block.exists.get(site)}
    if len(standing) > 1:
        refusals.refuse("plan.fabrics", f"{site} has two designs of network; a site has one at most")
    networks = {each.sku: nodes[each.sku].network for each in here}
    ports = sum(each.count * network.count for each in here if (network := networks[each.sku]) is not None)
    has = sum(block.exists[site] * block.ports for block in standing.values())
    if problem.fabrics and ports > has:
        text = f"the nodes that stand at {site} take {ports} ports; the networks there have {has}"
        refusals.refuse("plan.existing", text)


def _modules(
    problem: Problem,
    site: str,
    cooling: str,
    here: list[ExistingNodes],
    nodes: Mapping[str, Node],
    refusals: Refusals,
) -> None:
    stands = {name: m for name, m in problem.modules.items() if m.cooling == cooling and m.exists.get(site)}
    if len(stands) > 1:
        text = f"{site} has {', '.join(stands)} for {cooling}; a site has one design at most for each class of cooling"
        refusals.refuse("plan.modules", text)
    provisioned_w = sum(each.count * nodes[each.sku].provisioned_power_w for each in here)
    rated_w = sum(each.count * nodes[each.sku].rated_power_w for each in here)
    spare = problem.sites[site].spare_modules
    usable_w = sum(module.capacity * max(module.exists[site] - spare, 0) for module in stands.values())
    breaker_w = sum(module.breaker_w * module.exists[site] for module in stands.values())
    if provisioned_w > usable_w:
        text = (
            f"the {cooling}-cooled nodes that stand at {site} take {provisioned_w / 1e6:g} MW; modules there have "
            f"{usable_w / 1e6:g} MW beside {spare} spare"
        )
        refusals.refuse("plan.existing", text)
    elif rated_w > breaker_w:
        text = (
            f"the {cooling}-cooled nodes that stand at {site} are rated {rated_w / 1e6:g} MW; the breakers of its "
            f"modules {breaker_w / 1e6:g} MW"
        )
        refusals.refuse("plan.existing", text)
