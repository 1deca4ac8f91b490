"""Limits of a plan that contradict what exists or each other: told with path and numbers before anything is solved."""

from __future__ import annotations

from ..instance.hardware import FabricFigures, ModuleFigures, StoreFigures
from ..instance.instance import Instance
from ..problem import Problem
from .refusals import Refusals


def refuse_contradictions(problem: Problem, instance: Instance, refusals: Refusals) -> None:
    """Refuse what no plan can meet from its first quarter on."""
    _existing(instance, refusals)
    _modules_for_each(problem, instance, refusals)
    served = any(each.demand.any() for each in instance.serving) or any(each.demand.any() for each in instance.batch)
    if not served and not any(each.tokens.any() for each in instance.gangs):
        refusals.refuse("plan.demand", "is 0 in every quarter: there is nothing to plan for")


def _existing(instance: Instance, refusals: Refusals) -> None:
    for index, site in enumerate(instance.sites):
        path = f"plan.sites.{site.name}"
        mine = [each for each in instance.cohorts if each.site == index]
        things: tuple[ModuleFigures | FabricFigures | StoreFigures, ...]
        things = (*instance.modules, *instance.fabrics, *instance.stores)
        for thing in things:
            if thing.exists[index] and not site.exists:
                text = f"{thing.name} stands there when the plan begins, and the site does not exist"
                refusals.refuse(f"{path}.exists", text)
            if thing.exists[index] > thing.most:
                text = f"{thing.exists[index]} of {thing.name} exist, and a site may have {thing.most}"
                refusals.refuse(path, text)
        floor_m2 = sum(int(module.exists[index]) * module.floor_m2 for module in instance.modules)
        if floor_m2 > site.floor_m2:
            refusals.refuse(f"{path}.floor", f"is {site.floor_m2:g} m2; the modules that exist take {floor_m2:g} m2")
        provisioned_w = sum(each.count * instance.nodes[each.node].provisioned_w for each in mine)
        if provisioned_w > site.grid_w[:, 0].min():
            granted_mw = site.grid_w[:, 0].min() / 1e6
            text = f"is {granted_mw:g} MW in the first quarter; nodes stand there that take {provisioned_w / 1e6:g} MW"
            refusals.refuse(f"{path}.grid", text)
        ports = sum(each.count * instance.nodes[each.node].ports for each in mine)
        has = sum(int(fabric.exists[index]) * fabric.ports for fabric in instance.fabrics)
        if ports > has:
            text = f"the nodes that stand at {site.name} take {ports} ports; the networks there have {has}"
            refusals.refuse("plan.existing", text)
        if sum(bool(fabric.exists[index]) for fabric in instance.fabrics) > 1:
            refusals.refuse("plan.fabrics", f"{site.name} has two designs of network; a site has one at most")
        _cooling_classes(instance, index, refusals)


def _cooling_classes(instance: Instance, index: int, refusals: Refusals) -> None:
    site = instance.sites[index]
    for cooling in ("air", "liquid"):
        stands = [module for module in instance.modules if module.cooling == cooling and module.exists[index]]
        if len(stands) > 1:
            names = ", ".join(module.name for module in stands)
            text = f"{site.name} has {names} for {cooling}; a site has one design at most for each class of cooling"
            refusals.refuse("plan.modules", text)
        here = [e for e in instance.cohorts if e.site == index and instance.nodes[e.node].cooling == cooling]
        provisioned_w = sum(each.count * instance.nodes[each.node].provisioned_w for each in here)
        rated_w = sum(each.count * instance.nodes[each.node].rated_w for each in here)
        usable_w = sum(m.capacity_w * max(int(m.exists[index]) - site.spare_modules, 0) for m in stands)
        breaker_w = sum(m.breaker_w * int(m.exists[index]) for m in stands)
        if provisioned_w > usable_w:
            text = (
                f"the {cooling}-cooled nodes that stand at {site.name} take {provisioned_w / 1e6:g} MW; modules there "
                f"have {usable_w / 1e6:g} MW beside {site.spare_modules} spare"
            )
            refusals.refuse("plan.existing", text)
        elif rated_w > breaker_w:
            text = (
                f"the {cooling}-cooled nodes that stand at {site.name} are rated {rated_w / 1e6:g} MW; the breakers of "
                f"its modules {breaker_w / 1e6:g} MW"
            )
            refusals.refuse("plan.existing", text)


def _modules_for_each(problem: Problem, instance: Instance, refusals: Refusals) -> None:
    for kind in instance.nodes:
        fits = [module for module in instance.modules if module.cooling == kind.cooling]
        path = f"plan.skus.{kind.name}"
        if not fits:
            refusals.refuse(f"{path}.cooling", f"no module is for {kind.cooling}-cooled nodes")
        elif all(module.rack_w < kind.provisioned_w for module in fits):
            most = max(module.rack_w for module in fits)
            text = (
                f"a node is provisioned with {kind.provisioned_w / 1e3:g} kW, and no rack of a module for "
                f"{kind.cooling} may have more than {most / 1e3:g} kW"
            )
            refusals.refuse(f"{path}.node", text)
    for name, module in problem.modules.items():
        cooling = module.facility.cooling
        if cooling is not None and (cooling.liquid is not None) != (module.cooling == "liquid"):
            has = "a coolant" if cooling.liquid is not None else "no coolant"
            text = f"'{module.cooling}', and its facility has {has}: give 'facility.cooling.liquid' for liquid alone"
            refusals.refuse(f"plan.modules.{name}.cooling", text)
    for name, demand in problem.demand.items():
        if demand.security is not None and not any(level in problem.security for level in demand.security):
            refusals.refuse(f"plan.demand.{name}.security", "no level of the plan is enough for it")
