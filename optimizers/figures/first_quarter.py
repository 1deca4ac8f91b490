"""Sites whose grid can not feed what stands there when the plan begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..instance.hardware import FabricFigures, StoreFigures
from ..instance.instance import Instance
from ..refusals import Refusals


def refuse_short_grids(instance: Instance, refusals: Refusals) -> None:
    """Refuse a site that can not even feed what stands there idle; note one that can not feed all of it at work."""
    for index in range(len(instance.sites)):
        _power(instance, index, refusals)


def _power(instance: Instance, index: int, refusals: Refusals) -> None:
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
