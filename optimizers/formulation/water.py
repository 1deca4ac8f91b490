"""Water that cooling uses: its bill, and what a site may use in a quarter."""

from __future__ import annotations

from .formulation import THOUSAND, Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add water's cost, and its limit in every future."""
    instance = f.instance
    used: dict[tuple[int, int, int], Terms] = {}
    intensities = [module.water_m3_per_kwh.tolist() for module in instance.modules]
    for (s, p, t, h, o), variable in f.found["it_power"].items():
        amount = f.weight_h[t][h] * intensities[p][s][t][h]
        if amount:
            used.setdefault((s, t, o), Terms()).add(amount, variable)
    for (s, t, o), terms in used.items():
        site = instance.sites[s]
        probability = f.probability[o]
        f.water[t].add_all(probability, terms)
        if site.water_usd_per_m3:
            # Thousands of m3 at USD a m3 are thousands of USD.
            f.cost["O", t].add_all(f.discount[t] * probability * site.water_usd_per_m3, terms)
        if site.water_m3 != float("inf"):
            row = Terms()
            row.add_all(1.0, terms)
            f.at_most("water", "sto", (s, t, o), row, site.water_m3 / THOUSAND)
