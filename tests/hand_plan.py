"""A plan written by hand, for tests of what shows plans: no solver is asked."""

from __future__ import annotations

from optimizers.plan import Decision, Plan, Served, SiteQuarter

QUARTERS = ("2027-Q1", "2027-Q2")
UPKEEP = ("crew", "spares", "contracts")
PROBABILITIES = {"as planned": 0.75, "late grid": 0.25}


def _site(site: str, quarter: str, nodes: float, pue: float | None) -> SiteQuarter:
    return SiteQuarter(
        site=site,
        quarter=quarter,
        nodes={"h100": nodes} if nodes else {},
        modules={"air-1mw": 2.0} if nodes else {},
        fabrics={"rail": 1.0} if nodes else {},
        stores={},
        mode="lean, basic" if nodes else "",
        it_energy_kwh=1e6 if nodes else 0.0,
        facility_energy_kwh=1.25e6 if nodes else 0.0,
        grid_energy_kwh=1.25e6 if nodes else 0.0,
        grid_peak_kw=640.0 if nodes else 0.0,
        pue=pue,
        provisioned_kw={"air-1mw": 400.0} if nodes else {},
        stranded_kw={"air-1mw": 600.0} if nodes else {},
        energy_usd=80_000.0,
        carbon_kg=5e5,
        water_m3=0.0,
        upkeep_usd={"crew": 1e5, "spares": 2e4, "contracts": 5e3} if nodes else dict.fromkeys(UPKEEP, 0.0),
    )


PLAN = Plan(
    name="by hand",
    status="optimal",
    objective_kind="cost",
    objective=12_500_000.0,
    bound=12_450_000.0,
    gap=0.004,
    groups={"C": 10e6, "B": 1e6, "M": 0.5e6, "S": 0.2e6, "O": 0.8e6},
    objectives={"cost": 12_500_000.0, "carbon": 1e6, "water": 0.0, "risk": 0.0125, "slo-shortfall": 0.0},
    decisions=(
        Decision("fjord", "2027-Q2", "open", "fjord", 1.0, "2027-Q2", 6e6),
        Decision("plains", "2027-Q1", "mode", "lean, basic", 1.0),
        Decision("plains", "2027-Q1", "buy", "h100", 8.0, "2027-Q2", 1.84e6),
        Decision("plains", "2027-Q1", "module", "air-1mw", 1.0, "2027-Q2", 9e6),
    ),
    site_quarters=(
        _site("plains", "2027-Q1", 32.0, 1.32),
        _site("plains", "2027-Q2", 40.0, 1.31),
        _site("fjord", "2027-Q1", 0.0, None),
        _site("fjord", "2027-Q2", 0.0, None),
    ),
    served=tuple(
        Served("chat", quarter, future, 100.0, 100.0 if future == "as planned" else 80.0, {"plains": 80.0})
        for quarter in QUARTERS
        for future in PROBABILITIES
    ),
    groups_by_quarter=(
        {"C": 9e6, "B": 1.5e6, "M": 0.25e6, "S": 0.1e6, "O": 0.4e6},
        {"C": 1e6, "B": 0.0, "M": 0.25e6, "S": 0.1e6, "O": 0.4e6},
    ),
    taken_over={"C": 3e6, "B": 0.0, "M": 0.0, "S": 0.0, "O": 0.0},
    left_at_end={"C": -3e6, "B": -0.5e6, "M": 0.0, "S": 0.0, "O": 0.0},
    resale_by_quarter=(0.0, -2e6),
    branch_nodes=12,
    notes=("with 2 futures CVaR of 90% is the worst of them",),
    supply=(
        {
            "site": "plains", "quarter": "2027-Q1", "future": "as planned", "hour": 0, "batteries": 1, "panels": 0,
            "bridging": 2, "grid_kw": 600.0, "panels_kw": 0.0, "charge_kw": 20.0, "discharge_kw": 0.0,
            "stored_kwh": 40.0, "bridging_kw": 0.0,
        },
    ),
    allocation=(
        {"site": "plains", "quarter": "2027-Q1", "future": "as planned", "hour": 0, "work": "chat", "node": "h100",
         "mode": "lean, basic", "nodes": 12.5},
    ),
)  # fmt: skip
