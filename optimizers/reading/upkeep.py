"""What keeps nodes in service at a site costs: the parts of the group M."""

from __future__ import annotations

from ..formulation.formulation import Formulation


def upkeep_of(f: Formulation, s: int, t: int) -> dict[str, float]:
    """Return what `crew`, `spares` and `contracts` of a site cost in a quarter, in expectation, discounted [USD].

    Those of all sites sum up to the group M of the quarter. Spares are paid with what they are for: with an order, or
    in the first quarter for nodes that stand there and stay.
    """
    instance = f.instance
    crew = sum(figures.maintenance_usd * f.found["running"][s, m, t].value for m, figures in enumerate(instance.modes))
    contracts = sum(
        f.slip_probability[d] * float(instance.modes[m].maintenance_usd_per_node[g]) * variable.value
        for (where, g, m, when, d), variable in f.found["run"].items()
        if (where, when) == (s, t)
    )
    spares = sum(
        instance.nodes[g].batch * float(instance.modes[m].spares_usd_per_node[g]) * variable.value
        for (where, g, m, when), variable in f.found["bought"].items()
        if (where, when) == (s, t)
    )
    if t == 0:
        spares += sum(_spares_of_standing(f, s))
    parts = {"crew": crew, "spares": spares, "contracts": contracts}
    return {name: f.discount[t] * usd for name, usd in parts.items()}


def _spares_of_standing(f: Formulation, s: int) -> list[float]:
    """Return by cohort and mode what spares cost for nodes that stand at a site and serve on [USD]."""
    found = []
    for i, cohort in enumerate(f.instance.cohorts):
        if cohort.site != s or cohort.age >= f.instance.nodes[cohort.node].life:
            continue
        for m, figures in enumerate(f.instance.modes):
            kept = cohort.count * f.found["mode"][s, m].value - f.found["retired"][i, m, 0].value
            found.append(float(figures.spares_usd_per_node[cohort.node]) * kept)
    return found
