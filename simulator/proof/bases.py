"""What planned and delivered have in common, and what a figure leaves out: a proof does not reach beyond these."""

from __future__ import annotations

from collections.abc import Mapping

from optimizers.problem import Problem


def bases_of(problem: Problem) -> Mapping[tuple[str, str], str]:
    """Return, by measure and class of work, what of a figure is the same on both sides and what it leaves out; a figure
    that is not there is simulated as a whole."""
    found = {
        ("energy bill", ""): "prices, rents and the contract are the plan's on both sides; water is left out",
        ("carbon", ""): "of energy, at the plan's intensities on both sides; what making things emits is left out",
        ("cost", ""): "the plan's on both sides, but for the energy bill: no purchase, wage or spare is simulated",
        ("power fed", ""): "of what halls draw, what grid, panels, batteries and bridging bring, hour by hour",
        ("peak power", ""): "from the grid, each site's highest; told, not decided by",
        ("water", ""): "of the halls whose cooling is simulated; told, not decided by",
    }
    for name, demand in problem.demand.items():
        if getattr(demand, "stated", None):
            text = "what a node does in the clear is stated in the file, the same on both sides"
            found["served", name] = found["slo", name] = text
    stated = [name for name, module in problem.modules.items() if module.facility.cooling is None]
    if stated:
        text = f"the PUE of {', '.join(stated)} is stated in the file, the same on both sides"
        found["pue", ""] = found["facility energy", ""] = text
    return found
