"""What stands at a site in a quarter, what it draws, and what of its modules is left over."""

from __future__ import annotations

from ..formulation.formulation import MW, THOUSAND, Formulation
from ..formulation.most import buildable
from ..formulation.power import shared_power
from ..formulation.surges import CLASSES, above_mean
from ..plan import SiteQuarter
from .decisions import mode_of
from .upkeep import upkeep_of

KW = 1e3
"""kW in a MW; kWh in a MWh."""


def site_quarters_of(formulation: Formulation) -> tuple[SiteQuarter, ...]:
    """Return a row for each site and quarter, in expectation over the futures; peaks are the greatest."""
    f = formulation
    return tuple(_row(f, s, t) for t in range(f.quarters) for s in range(len(f.instance.sites)))


def _row(f: Formulation, s: int, t: int) -> SiteQuarter:
    instance = f.instance
    it_mwh, facility_mwh, grid_mwh, water_m3 = _energies(f, s, t)
    mode = mode_of(f, s) if f.found["open"][s, t].value > 0.5 else None
    provisioned, stranded = _filling(f, s, t)
    peak_kw, limit_kw = _highest(f, s, t)
    return SiteQuarter(
        site=f.names["s"][s],
        quarter=f.names["t"][t],
        nodes={
            kind.name: sum(
                share * float(round(f.found["nodes"][s, g, t, d].value))
                for d, share in enumerate(f.slip_probability)
                if (s, g, t, d) in f.found["nodes"]
            )
            for g, kind in enumerate(instance.nodes)
        },
        modules=_counts(f, "modules", "p", s, t),
        fabrics=_counts(f, "fabrics", "n", s, t) if instance.fabrics else {},
        stores=_counts(f, "stores", "k", s, t),
        mode="" if mode is None else f.names["m"][mode],
        it_energy_kwh=it_mwh * KW,
        facility_energy_kwh=facility_mwh * KW,
        grid_energy_kwh=grid_mwh * KW,
        grid_peak_kw=peak_kw,
        pue=facility_mwh / it_mwh if it_mwh > 1e-9 else None,
        provisioned_kw=provisioned,
        stranded_kw=stranded,
        energy_usd=_energy_usd(f, s, t),
        carbon_kg=_carbon_kg(f, s, t),
        water_m3=water_m3,
        grid_limit_kw=limit_kw if limit_kw < float("inf") else None,
        shared_kw={cooling: shared_power(f, s, cooling, t).value * KW for cooling in CLASSES},
        nodes_between=_nodes_between(f, s, t),
        upkeep_usd=upkeep_of(f, s, t),
    )


def _highest(f: Formulation, s: int, t: int) -> tuple[float, float]:
    """Return the highest power from the grid in any future, and what the grid grants in that one [kW].

    At the busiest moment of an hour batteries that charge, and rented units that stand still, give way before more is
    drawn than is granted.
    """
    site, found = f.instance.sites[s], []
    for o in range(len(f.instance.futures)):
        granted_mw, peak_mw = float(site.grid_w[o, t]) / MW, 0.0
        # In a design hour there is only a least power, and what is found may be any above it.
        for h in f.counted[t]:
            mean_mw, busiest_mw = f.found["grid"][s, t, h, o].value, _surge_mw(f, s, t, h, o)
            beyond_mw = max(mean_mw + busiest_mw - granted_mw, 0.0)
            peak_mw = max(peak_mw, mean_mw + busiest_mw - min(beyond_mw, _gives_way_mw(f, s, t, h, o)))
        found.append((peak_mw * KW, granted_mw * KW))
    return max(found, key=lambda each: each[0])


def _gives_way_mw(f: Formulation, s: int, t: int, h: int, o: int) -> float:
    """Return the power at which batteries charge, and that of rented units that stand still [MW]."""
    found = 0.0
    if (s, t, h, o) in f.found["charge"]:
        found += max(f.found["charge"][s, t, h, o].value, 0.0)
    site = f.instance.sites[s]
    if site.bridging is not None:
        rented_mw = site.bridging.unit_w / MW * f.found["rent_bridging"][s, t].value
        found += max(rented_mw - f.found["bridging"][s, t, h, o].value, 0.0)
    return found


def _nodes_between(f: Formulation, s: int, t: int) -> dict[str, tuple[float, float]]:
    found = {}
    for g, kind in enumerate(f.instance.nodes):
        counts = [
            float(round(f.found["nodes"][s, g, t, d].value)) if (s, g, t, d) in f.found["nodes"] else 0.0
            for d in range(len(f.slip_probability))
        ]
        found[kind.name] = min(counts), max(counts)
    return found


def _counts(f: Formulation, name: str, dimension: str, s: int, t: int) -> dict[str, float]:
    return {
        f.names[dimension][which]: float(round(variable.value))
        for (where, which, when), variable in f.found[name].items()
        if (where, when) == (s, t)
    }


def _energies(f: Formulation, s: int, t: int) -> tuple[float, float, float, float]:
    """Return the expected energy of IT, of the facility and from the grid [MWh], and water [m3]."""
    it_mwh = facility_mwh = grid_mwh = water_m3 = 0.0
    for o, probability in enumerate(f.probability):
        for h in f.counted[t]:
            weight_h = probability * f.weight_h[t][h]
            grid_mwh += weight_h * f.found["grid"][s, t, h, o].value
            for p in buildable(f, s):
                module = f.instance.modules[p]
                it_mw = f.found["it_power"][s, p, t, h, o].value
                fixed_mw = float(module.fixed_w[s]) / MW * f.found["modules"][s, p, t].value
                it_mwh += weight_h * it_mw
                facility_mwh += weight_h * (fixed_mw + float(module.slope[s, t, h]) * it_mw)
                water_m3 += weight_h * it_mw * KW * float(module.water_m3_per_kwh[s, t, h])
    return it_mwh, facility_mwh, grid_mwh, water_m3


def _filling(f: Formulation, s: int, t: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return what is provisioned in each design of module, and what of it is neither spare nor provisioned [kW].

    Networks and storage are in the first design of their class that has room.
    """
    provisioned: dict[str, float] = {}
    stranded: dict[str, float] = {}
    shared_mw = {cooling: shared_power(f, s, cooling, t).value for cooling in CLASSES}
    for p in buildable(f, s):
        module = f.instance.modules[p]
        filled_mw = 0.0
        for g, kind in enumerate(f.instance.nodes):
            for d, share in enumerate(f.slip_probability):
                variable = f.found["filled"].get((s, g, p, t, d))
                if variable is not None:
                    filled_mw += share * variable.value * kind.provisioned_w / MW
        standing = f.found["modules"][s, p, t].value
        usable_mw = max(standing - f.instance.sites[s].spare_modules, 0.0) * module.capacity_w / MW
        if standing > 0.5:
            taken_mw = min(shared_mw[module.cooling], max(usable_mw - filled_mw, 0.0))
            shared_mw[module.cooling] -= taken_mw
            filled_mw += taken_mw
            provisioned[module.name] = filled_mw * KW
            stranded[module.name] = max(usable_mw - filled_mw, 0.0) * KW
    return provisioned, stranded


def _surge_mw(f: Formulation, s: int, t: int, h: int, o: int) -> float:
    """Return what a site draws at the busiest moment of what an hour stands for beyond the hour's mean [MW]."""
    slopes = {p: float(f.instance.modules[p].slope[s, t, h]) for p in buildable(f, s)}
    return sum(slope * above_mean(f, s, p, t, h, o).value for p, slope in slopes.items())


def _energy_usd(f: Formulation, s: int, t: int) -> float:
    """Return the expected bill of a quarter, not discounted: energy, its highest power, bridging, purchases, water."""
    site = f.instance.sites[s]
    usd = 0.0
    for o, probability in enumerate(f.probability):
        used_mw = [f.found["grid"][s, t, h, o].value for h in f.counted[t]]
        busiest_mw = max(mean + _surge_mw(f, s, t, h, o) for h, mean in zip(f.counted[t], used_mw, strict=True))
        usd += probability * site.demand_charge_usd_per_kw * KW * busiest_mw
        for h, grid_mw in zip(f.counted[t], used_mw, strict=True):
            weight_h = probability * f.weight_h[t][h]
            price = float(site.price_usd_per_kwh[o, t, h])
            usd += weight_h * price * KW * grid_mw
            if site.bridging is not None:
                usd += weight_h * site.bridging.fuel_usd_per_kwh * KW * f.found["bridging"][s, t, h, o].value
            if site.power_purchase is not None:
                difference = site.power_purchase.strike_usd_per_kwh - price
                usd += weight_h * difference * KW * f.found["power_purchase"][s,].value
    if site.bridging is not None:
        usd += site.bridging.rent_usd * f.found["rent_bridging"][s, t].value
    return usd + site.water_usd_per_m3 * _energies(f, s, t)[3]


def _carbon_kg(f: Formulation, s: int, t: int) -> float:
    """Return the expected carbon of a quarter's energy [kg]; what is embodied in purchases is not among it."""
    site = f.instance.sites[s]
    kg = 0.0
    for o, probability in enumerate(f.probability):
        for h in f.counted[t]:
            weight_h = probability * f.weight_h[t][h] * THOUSAND
            kg += weight_h * float(site.carbon_kg_per_kwh[t, h]) * f.found["grid"][s, t, h, o].value
            if site.bridging is not None:
                kg += weight_h * site.bridging.carbon_kg_per_kwh * f.found["bridging"][s, t, h, o].value
    return kg
