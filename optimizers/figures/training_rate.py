"""How fast a gang trains, and what interruptions leave of that."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from models import catalog
from models.nodes.node import Node
from models.problems import InputError
from models.problems import Problem as Fault
from models.racks.rack import rack_of
from models.reliability.checkpointing import daly_ettr, daly_interval_s
from models.reliability.modes.failure_mode import JOB
from models.reliability.reliability import Reliability
from models.workload.training_job import TrainingJob
from models.workload.training_plan import TrainingPlan, training_plan

from ..given.demand.training import TrainingDemand
from ..stated.work import barred


@dataclass(frozen=True)
class TrainingRate:
    """A gang on nodes of one type, with nothing lost to interruptions."""

    tokens_per_s: float
    activity: float
    nodes: int
    """Nodes that train; those that stand by for it are not among them."""
    checkpoint_b: float
    network_b_per_s: float | None
    """What each node sends; None where its rate is stated."""
    basis: str
    """What it rests on: measured, extrapolated, datasheet or stated."""
    notes: tuple[str, ...] = ()
    plan: TrainingPlan | None = None


def training_rate(demand: TrainingDemand, sku: str, node: Node) -> TrainingRate:
    """Return how fast the demand's gang trains on a SKU: stated, or else computed for its model and layout.

    Raises InputError where accelerators do not make whole nodes, the layout can not run or memory is short.
    """
    reason = barred(demand, sku, node)
    if reason:
        raise InputError(Fault("", "accelerators", reason))
    stated = demand.stated.get(sku)
    nodes = demand.accelerators // node.accelerators
    if stated is not None:
        size_b = demand.checkpoint_size if demand.checkpoint_size is not None else _size_b(demand)
        return TrainingRate(stated.tokens_per_s, stated.activity, nodes, size_b, None, "stated")
    plan = training_plan(_job(demand), node, rack=rack_of(node))
    sent_b = sum(size_b for (link, _), size_b in plan.network_b.items() if link == "network")
    return TrainingRate(
        plan.tokens_per_step / plan.step_s,
        plan.activity,
        nodes,
        plan.checkpoint_b if demand.checkpoint_size is None else float(demand.checkpoint_size),
        sent_b / plan.step_s * node.accelerators,
        plan.basis,
        plan.notes,
        plan,
    )


def on_oversubscribed(rate: TrainingRate, oversubscription: float) -> float:
    """Return the share of its rate that a gang keeps on a network whose core has 1/oversubscription of its ports'
    bandwidth: the step is computed again with so much less between nodes.

    A rate that is stated, or of a gang without network, stays what it is.
    """
    plan = rate.plan
    if plan is None or plan.machines is None or plan.machines.network is None or oversubscription == 1.0:
        return 1.0
    from models.calibration.fits import kernels_for
    from models.neural_networks.transformer import Transformer
    from models.workload.training.overhead import overhead_for
    from models.workload.training.step import training_step

    assert plan.job.model is not None
    assert plan.layout is not None
    model = catalog.entry("models", plan.job.model)
    assert isinstance(model, Transformer)
    network = plan.machines.network
    narrow = network._replace(bandwidth_b_per_s=network.bandwidth_b_per_s / oversubscription)
    name = plan.node.accelerator_name
    step = training_step(
        model,
        plan.layout,
        kernels_for(name),
        plan.machines._replace(network=narrow),
        overhead=overhead_for(name).factor,
    )
    return min(plan.step_s / step.step_s, 1.0)


def effective_share(
    reliability: Reliability | None, node: Node, nodes: int, *, write_s: float, restart_s: float
) -> float:
    """Return the effective training time ratio of a gang of so many nodes of a type, 0 to 1.

    Daly's exact model at Daly's interval, for the mean time between failures of a gang of this size. An interruption
    takes until it is noticed and then the restart; another node steps in for a lost one, since a gang's nodes are
    counted against nodes that are available. Checkpoints stop the job while they are written.
    """
    mtbf_s = None if reliability is None else reliability.job_mtbf_s(node, nodes)
    if reliability is None or mtbf_s is None:
        return 1.0
    lost_s = restart_s + _mean_detection_s(reliability, node, nodes)
    return daly_ettr(daly_interval_s(write_s, mtbf_s), write_s, mtbf_s, lost_s)


def _mean_detection_s(reliability: Reliability, node: Node, nodes: int) -> float:
    """Return the mean time until a failure of a gang is noticed [s]."""
    rates, delays = [], []
    for mode in reliability.modes():
        if mode.component in (JOB, "node"):
            rates.append(mode.between.rate_per_s * (1 if mode.component == JOB else nodes * mode.parts_of(node)))
            delays.append(mode.detection.mean_s)
    total = math.fsum(rates)
    return math.fsum(rate * delay for rate, delay in zip(rates, delays, strict=True)) / total if total > 0.0 else 0.0


def _job(demand: TrainingDemand) -> TrainingJob:
    return TrainingJob(
        name="gang",
        accelerators=demand.accelerators,
        model=demand.model,
        layout=demand.layout,
        tokens=demand.tokens,
    )


@functools.lru_cache(maxsize=64)
def _model_size_b(model: str) -> float:
    from models.neural_networks.transformer import Transformer, parameters
    from models.workload.training_plan import checkpoint_size_b

    found = catalog.entry("models", model)
    if not isinstance(found, Transformer):
        raise InputError(Fault("", "model", f"'{model}' is a {found.kind}; checkpoints are known of transformers"))
    return checkpoint_size_b(parameters(found).total)


def _size_b(demand: TrainingDemand) -> float:
    assert demand.model is not None, "checked when the demand was read"
    return _model_size_b(demand.model)
