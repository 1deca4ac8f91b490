"""What sites must state for their energy and water to be counted."""

from __future__ import annotations

from ..problem import Problem
from ..refusals import Refusals
from .aims import counts


def check_places(problem: Problem, refusals: Refusals) -> None:
    """Refuse what is missing for what counts in a plan; note what is left out because nothing says it."""
    simulated = any(module.facility.pue is None for module in problem.modules.values())
    for name, site in problem.sites.items():
        path, given = f"plan.sites.{name}.site", site.site
        if given.weather is None and simulated:
            text = "is missing: modules with 'cooling' stand in weather; give it, or state a 'pue'"
            refusals.refuse(f"{path}.weather", text)
        if given.tariff is not None:
            for index, charge in enumerate(given.tariff.demand):
                if charge.contract_minimum is not None:
                    text = "a plan can not bill a minimum; put what it comes to under the site's 'fixed', and leave it "
                    refusals.refuse(f"{path}.tariff.demand[{index}].contract_minimum", f"{text}out here")
        elif counts(problem, "cost"):
            refusals.refuse(f"{path}.tariff", "is missing: cost counts in this plan, and energy is not free")
        else:
            refusals.note(f"{name}: energy costs nothing in this plan, since the site has no tariff")
        if given.carbon is None and counts(problem, "carbon"):
            text = "is missing: carbon counts in this plan, and no grid is free of it by default"
            refusals.refuse(f"{path}.carbon", text)
        elif given.carbon is None:
            refusals.note(f"{name}: electricity counts no carbon in this plan, since the site has no carbon intensity")
        if given.market_based is not None:
            refusals.note(f"{name}: carbon is that of the grid (location-based); contracts do not lower it in a plan")
    _water(problem, refusals)


def _water(problem: Problem, refusals: Refusals) -> None:
    for name, module in problem.modules.items():
        if module.facility.pue is None:
            continue
        if counts(problem, "water"):
            text = "water counts in this plan, and a stated 'pue' says nothing of it: give 'cooling'"
            refusals.refuse(f"plan.modules.{name}.facility.pue", text)
        elif any(site.water_per_year is not None or site.site.water is not None for site in problem.sites.values()):
            refusals.note(f"{name}: a stated 'pue' says nothing of water; it counts as none")
