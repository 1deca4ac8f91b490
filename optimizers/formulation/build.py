"""The whole formulation, family by family."""

from __future__ import annotations

from ..instance.instance import Instance
from . import (
    budget,
    capacity,
    demand,
    energy,
    fabrics,
    gangs,
    modes,
    power,
    provisioning,
    sites,
    stock,
    storage,
    surges,
    water,
)
from .formulation import Formulation


def formulate(instance: Instance) -> Formulation:
    """Return the families of constraints of an instance and the sums that objectives are made of.

    Each family adds its variables, its rows and its part of the five groups; later ones read earlier ones' variables.
    """
    made = Formulation(instance)
    for family in (sites, stock, modes, provisioning, fabrics, storage, gangs):
        family.build(made)
    storage.limit(made)
    for family in (demand, capacity, surges, power, energy, water, budget):
        family.build(made)
    return made
