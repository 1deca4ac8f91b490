"""A small plan file that tests change."""

from __future__ import annotations

PLAN = """\
plan:
  first_quarter: 2027-Q1
  quarters: 4
  sites:
    plains:
      site: {tariff: {kind: flat, price: 62 USD/MWh}}
      grid: {2027-Q1: 1 MW, 2027-Q3: 2 MW}
      spare_modules: 0
  skus:
    h100:
      node: dgx-h100
      nodes_per_rack: 4
      batch: 4
      supply: 10
      lead_quarters: 1
      price: 230 kUSD
  existing:
    - {site: plains, sku: h100, count: 8, age_quarters: 2}
  modules:
    air:
      facility: {pue: 1.3}
      cooling: air
      capacity: 500 kW
      racks: 20
      rack_power: 60 kW
      price: 4 MUSD
      lead_quarters: 1
      most: 3
      exists: {plains: 1}
  maintenance:
    lean: {crew: {shifts: [{technicians: 1}]}}
  demand:
    experiments:
      kind: batch
      accelerator_hours: {2027-Q1: 60000, 2027-Q3: 160000}
      stated: {h100: {speed: 1}}
"""
"""One site, one kind of node that stands there and can be bought, and work that outgrows it: it solves at once."""


def changed(old: str, new: str) -> str:
    """Return the plan with a piece of it replaced."""
    assert PLAN.count(old) == 1, old
    return PLAN.replace(old, new)
