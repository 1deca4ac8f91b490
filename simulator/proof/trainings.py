"""A gang of a plan as a training job of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.nodes.node import Node
from optimizers.given.demand.training import TrainingDemand
from optimizers.instance.instance import Instance
from optimizers.problem import Problem

from .clear_work import ClearWork, clear_work
from .hall_quarter import HallQuarter, PlacedGang
from .week import ProofWeek

STEP_S = 10.0
"""Length of a step whose rate alone is stated; nothing hangs on it but how finely work is cut."""
WHOLE = 1.0 - 1e-9
_AMPLE = 10.0
"""Work of a gang that trains all quarter, in simulated times at full rate: it never ends."""


def training_tree(
    problem: Problem,
    nodes: Mapping[str, Node],
    instance: Instance,
    hall: HallQuarter,
    gang: PlacedGang,
    week: ProofWeek,
) -> dict[str, Any]:
    """Return a gang as an entry of `training`.

    Its step is that of undisturbed training in the clear: failures, restarts, checkpoints and security are simulated.
    What the network leaves of its rate is in the step, since the hall is simulated without links. A gang that trains
    for a part of the quarter has as much to do, and then gives its nodes back.
    """
    figures = instance.gangs[gang.work]
    sku = instance.nodes[gang.node].name
    demand = problem.demand[figures.name]
    assert isinstance(demand, TrainingDemand)
    clear = clear_work(problem, nodes, figures.name, sku)
    factor = _network_factor(instance, hall, gang)
    tokens = _AMPLE * clear.per_s * factor * week.total_s
    if gang.busy < WHOLE:
        tokens = gang.tokens_per_s * (week.warm_up_s + gang.busy * week.counted_s)
    tree: dict[str, Any] = {
        "name": figures.name,
        "accelerators": demand.accelerators,
        "node_type": problem.skus[sku].node,
        "startup": "0 s",
        "restart": f"{demand.restart!r} s",
        "priority": 1,
        **_step(demand, clear, factor, tokens),
    }
    if problem.reliability is not None:
        tree["checkpoints"] = {"interval": "daly", "write": f"{demand.checkpoint_write!r} s"}
    return tree


def _step(demand: TrainingDemand, clear: ClearWork, factor: float, tokens: float) -> dict[str, Any]:
    """Return the step and the work: of model and layout where these are known and nothing slows them, else stated."""
    plan = clear.plan
    if plan is not None and factor == 1.0 and demand.layout is not None:
        layout = demand.layout.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return {"model": demand.model, "layout": layout, "tokens": tokens}
    # Where a rate alone is known, the work is whole steps.
    count = max(round(tokens / (clear.per_s * STEP_S if plan is None else plan.tokens_per_step)), 1)
    of_step = tokens / count if plan is None else plan.tokens_per_step
    step: dict[str, Any] = {
        "duration": f"{of_step / (clear.per_s * factor)!r} s",
        "tokens": of_step,
        "activity": clear.activity,
    }
    return {"step": step if plan is None else {**step, "compute_share": plan.compute_share}, "steps": count}


def _network_factor(instance: Instance, hall: HallQuarter, gang: PlacedGang) -> float:
    """Return what the network leaves of the gang's rate."""
    figures = instance.gangs[gang.work]
    alone = float(figures.rate[gang.node, hall.mode])
    return gang.tokens_per_s / alone if alone > 0.0 else 1.0
