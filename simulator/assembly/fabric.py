"""From the section `fabric` to the network that a hall has."""

from __future__ import annotations

import functools

from models.fleet import Fleet
from models.problems import InputError, Problem
from models.topology.built_fabric import BuiltFabric
from models.topology.fabric import Fabric


@functools.lru_cache(maxsize=1)
def built_fabric(section: Fabric | None, fleet: Fleet) -> BuiltFabric | None:
    """Return the fabric laid out for a fleet, None where there is none; the last one is kept.

    Raises InputError where it does not fit.
    """
    if section is None:
        return None
    try:
        return section.build(fleet)
    except ValueError as error:
        raise InputError(Problem("", "fabric", str(error))) from None
