"""Limits of a plan that contradict what exists or each other: told with path and numbers before anything is solved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
        _power(instance, index, refusals)
        ports = sum(each.count * instance.nodes[each.node].ports for each in mine)
        has = sum(int(fabric.exists[index]) * fabric.ports for fabric in instance.fabrics)
        if ports > has:
            text = f"the nodes that stand at {site.name} take {ports} ports; the networks there have {has}"
            refusals.refuse("plan.existing", text)
        if sum(bool(fabric.exists[index]) for fabric in instance.fabrics) > 1:
            refusals.refuse("plan.fabrics", f"{site.name} has two designs of network; a site has one at most")
        _cooling_classes(instance, index, refusals)


def _power(instance: Instance, index: int, refusals: Refusals) -> None:
    """Refuse a site that can not even feed what stands there idle; note one that can not feed all of it at work."""
    site = instance.sites[index]
    granted_w = float(site.grid_w[:, 0].min())
    idle_w = _idle_w(instance, index)
    has_w = np.full_like(idle_w, granted_w)
    if site.bridging is not None:
        has_w += site.bridging.unit_w * site.bridging.most
    if site.battery is not None:
        has_w += site.battery.unit_w * site.battery.most
    if site.photovoltaics is not None:
        has_w += site.photovoltaics.unit_w * site.photovoltaics.most * site.photovoltaics.output[0]
    provisioned_w = sum(e.count * instance.nodes[e.node].provisioned_w for e in instance.cohorts if e.site == index)
    granted = f"is {granted_w / 1e6:g} MW in the first quarter"
    if (idle_w > has_w).any():
        worst = int(np.argmax(idle_w - has_w))
        beside = (
            f", beside which it can have {(has_w[worst] - granted_w) / 1e6:g} MW" if has_w[worst] > granted_w else ""
        )
        text = f"{granted}{beside}; what stands there draws {idle_w[worst] / 1e6:g} MW when it does nothing"
        refusals.refuse(f"plan.sites.{site.name}.grid", text)
    elif provisioned_w > granted_w:
        text = f"nodes stand there that take {provisioned_w / 1e6:g} MW at work: more has to come, or some stand idle"
        refusals.note(f"plan.sites.{site.name}.grid: {granted}; {text}")


def _idle_w(instance: Instance, index: int) -> NDArray[np.float64]:
    """Return what the modules, nodes, networks and stores draw that stand at a site, idle, in each hour of the first
    quarter [W], shape (hour,)."""
    total_w = np.zeros(instance.hours.count)
    for cooling in ("air", "liquid"):
        here = [e for e in instance.cohorts if e.site == index and instance.nodes[e.node].cooling == cooling]
        it_w = sum(each.count * instance.nodes[each.node].idle_w for each in here)
        if cooling == "air":
            powered: tuple[FabricFigures | StoreFigures, ...] = (*instance.fabrics, *instance.stores)
            it_w += sum(int(each.exists[index]) * each.power_w for each in powered)
        stands = [module for module in instance.modules if module.cooling == cooling and module.exists[index]]
        slope = np.min([module.slope[index, 0] for module in stands], axis=0) if stands else 1.0
        total_w += slope * it_w + sum(int(module.exists[index]) * module.fixed_w[index] for module in stands)
    return total_w


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
        elif all(module.capacity_w < kind.provisioned_w for module in fits):
            most = max(module.capacity_w for module in fits)
            text = (
                f"a node is provisioned with {kind.provisioned_w / 1e3:g} kW, and no module for {kind.cooling} has "
                f"more than {most / 1e3:g} kW: a node stands in one module"
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
