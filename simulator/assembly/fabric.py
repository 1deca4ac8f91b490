"""From the section `fabric` to the network that a hall has."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.fleet import Fleet
from models.problems import InputError, Problem
from models.topology.fabric import Fabric
from models.topology.laid_out.built_fabric import BuiltFabric
from models.workload.training_plan import TrainingPlan


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


def check_connected(fabric: BuiltFabric | None, plans: Sequence[TrainingPlan], fleet: Fleet) -> None:
    """Raise InputError where a training job needs more nodes of its type than the fabric joins."""
    if fabric is None:
        return
    joined = np.diff(fabric.first_nic) > 0
    problems = []
    for number, plan in enumerate(plans):
        model = next(index for index, each in enumerate(fleet.models) if each is plan.node)
        there = int(np.count_nonzero(joined & (fleet.model == model)))
        if there < plan.nodes:
            text = (
                f"runs on {plan.nodes:,} nodes of type '{fleet.model_names[model]}'; the fabric joins {there:,} of "
                "them; allowed: a smaller layout, or more of the fleet's groups in 'fabric'"
            )
            problems.append(Problem("", f"training[{number}]", text))
    if problems:
        raise InputError(problems)


def blocks_of(fabric: BuiltFabric | None, fleet: Fleet) -> NDArray[np.int64]:
    """Return the block of each node for placement (see `NODE` of the engine's state).

    Nodes that no fabric joins form blocks by rack; beside a torus they have no place in it.
    """
    if fabric is None:
        return fleet.rack
    if fabric.nic_word == "chip":
        return fabric.block
    outside = int(fabric.block.max()) + 1 + fleet.rack
    _, numbers = np.unique(np.where(fabric.block < 0, outside, fabric.block), return_inverse=True)
    return numbers
