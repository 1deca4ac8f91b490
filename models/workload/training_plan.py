"""What a training job comes to on the nodes that it runs on: its step, its bytes, its power, its smaller gangs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..catalog import entry
from ..nodes.node import Node
from ..nodes.node_power import PowerPart, part_power_w
from ..problems import InputError, Problem
from .training_job import TrainingJob

if TYPE_CHECKING:
    from ..racks.rack import Rack
    from .training.layout import Layout
    from .training.machines import Machines
    from .training.result import TrainingStep

EXCHANGES = ("exchange", "optimizer")
"""What the names of a step's phases hold that memory or links bound: they do not slow as the clock does. Bubbles and
stragglers do, since what is waited for does."""


@dataclass(frozen=True)
class TrainingPlan:
    """A training job on nodes of a type. Work counts in seconds of steps at full clock and full gang."""

    job: TrainingJob
    node: Node
    nodes: int
    """Nodes of the whole gang."""
    step_s: float
    steps: float
    tokens_per_step: float
    flop_per_token: float
    peak_flop_per_s: float
    """Of the whole gang, in the number format of the layers; 0 where unknown."""
    activity: float
    compute_share: float
    checkpoint_b: float
    network_b: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Bytes that an accelerator sends in a step by kind of link and collective."""
    layout: Layout | None = None
    machines: Machines | None = None
    least_nodes: int = 0
    """The fewest nodes with which it goes on; 0 where it waits for all."""
    node_step: int = 1
    speeds: tuple[float, ...] = ()
    """Its speed from the least nodes to all, in steps of `node_step`; the last is 1."""
    basis: str = "stated"
    """What the step rests on: measured, extrapolated, datasheet, or stated in the scenario."""
    notes: tuple[str, ...] = ()

    @property
    def work_s(self) -> float:
        """Work of the whole job [nominal s]."""
        return self.steps * self.step_s


def training_plan(job: TrainingJob, node: Node, *, rack: Rack | None = None) -> TrainingPlan:
    """Return what a job comes to on nodes of a type.

    Raises InputError where accelerators do not make whole nodes, the layout can not run, or memory is short.
    """
    if node.accelerators == 0 or job.accelerators % max(node.accelerators, 1):
        each = f"{node.accelerators} accelerators each" if node.accelerators else "no accelerators"
        message = f"{job.accelerators} accelerators do not make whole nodes of {node.title}, which have {each}"
        raise InputError(Problem("", "accelerators", message))
    return _stated(job, node) if job.step is not None else _calibrated(job, node, rack)


def _stated(job: TrainingJob, node: Node) -> TrainingPlan:
    step = job.step
    assert step is not None
    nodes = job.accelerators // node.accelerators
    least, stride = _gangs(job, node, 1)
    return TrainingPlan(
        job=job,
        node=node,
        nodes=nodes,
        step_s=step.duration,
        steps=_steps(job, step.duration, step.tokens),
        tokens_per_step=step.tokens,
        flop_per_token=step.flop_per_token,
        peak_flop_per_s=job.accelerators * _peak_flop_per_s(node, "bf16"),
        activity=step.activity,
        compute_share=step.compute_share,
        checkpoint_b=step.checkpoint_size,
        least_nodes=least,
        node_step=stride,
        speeds=tuple(count / nodes for count in range(least, nodes + 1, stride)) if least else (),
    )


def _calibrated(job: TrainingJob, node: Node, rack: Rack | None) -> TrainingPlan:
    from ..calibration.fits import kernels_for
    from ..calibration.number_formats import peak_flop_per_s
    from ..neural_networks.transformer import Transformer, parameters
    from .training.flops import training_flop_per_token
    from .training.machines import machines_of
    from .training.overhead import overhead_for
    from .training.product_work import kernel_dtype
    from .training.step import training_step

    layout = job.layout
    assert layout is not None
    assert job.model is not None
    model = entry("models", job.model)
    if not isinstance(model, Transformer):
        raise InputError(Problem("", "model", f"'{job.model}' is a {model.kind}; layouts are known for transformers"))
    kernels = kernels_for(node.accelerator_name)
    overhead = overhead_for(node.accelerator_name).factor
    machines = machines_of(node, job.accelerators, rack=rack)
    step = training_step(model, layout, kernels, machines, overhead=overhead)
    nodes = job.accelerators // node.accelerators
    replica_nodes = -(-layout.model_parallel // node.accelerators)
    least, stride = _gangs(job, node, replica_nodes)
    speeds = []
    for count in range(least, nodes, stride) if least else ():
        fewer = machines._replace(accelerators=count * node.accelerators)
        if layout.problems(model, fewer.accelerators):
            speeds.append(count / nodes)  # The batch does not divide: in proportion (assumption).
        else:
            smaller = training_step(model, layout, kernels, fewer, overhead=overhead, refuse=False)
            speeds.append(min(step.step_s / smaller.step_s, 1.0))
    tokens = float(layout.global_batch * layout.sequence)
    return TrainingPlan(
        job=job,
        node=node,
        nodes=nodes,
        step_s=step.step_s,
        steps=_steps(job, step.step_s, tokens),
        tokens_per_step=tokens,
        flop_per_token=training_flop_per_token(model, layout.sequence),
        peak_flop_per_s=job.accelerators * peak_flop_per_s(kernels.accelerator, kernel_dtype(layout)),
        activity=accelerator_activity(node, step.power_w),
        compute_share=_compute_share(step),
        checkpoint_b=checkpoint_size_b(parameters(model).total),
        network_b=step.sent_b,
        layout=layout,
        machines=machines,
        least_nodes=least,
        node_step=stride,
        speeds=(*speeds, 1.0) if least else (),
        basis=step.basis.name.lower(),
        notes=step.notes,
    )


def checkpoint_size_b(parameters: float) -> float:
    """Return the bytes of a checkpoint: weights in 16 bits, master copy and Adam's two moments in 32 bits each.

    14 bytes a parameter, written once whatever the copies (Rajbhandari et al. 2020, arXiv 1910.02054, section 3.1).

    >>> round(checkpoint_size_b(405e9) / 1e12, 2)
    5.67
    """
    from .training.memory import OPTIMIZER_B, WEIGHT_B

    return (WEIGHT_B + OPTIMIZER_B) * parameters


def _gangs(job: TrainingJob, node: Node, replica_nodes: int) -> tuple[int, int]:
    """Return the least nodes and the step in nodes of a gang that shrinks; (0, 1) where it does not."""
    if job.elastic is None:
        return 0, 1
    step = job.elastic.step or replica_nodes * node.accelerators
    nodes = job.accelerators // node.accelerators
    if step % node.accelerators:
        message = f"{step} accelerators do not make whole nodes of {node.title}, which have {node.accelerators} each"
        raise InputError(Problem("", "elastic.step", message))
    stride = step // node.accelerators
    least = -(-job.elastic.least_accelerators // node.accelerators)
    return nodes - (nodes - least) // stride * stride, stride


def _steps(job: TrainingJob, step_s: float, tokens: float) -> float:
    if job.steps is not None:
        return float(job.steps)
    if job.tokens is not None:
        return float(-(-job.tokens // tokens))
    assert job.duration is not None
    return float(job.duration / step_s)


def _compute_share(step: TrainingStep) -> float:
    waited_s = sum(time_s for name, time_s in step.phase_s.items() if any(word in name for word in EXCHANGES))
    return max(1.0 - waited_s / sum(step.phase_s.values()), 0.0)


def _peak_w(part: PowerPart) -> float:
    return part.peak_power.value


def accelerator_activity(node: Node, accelerator_w: float) -> float:
    """Return the activity at which the node's accelerators draw a power each, 0 to 1; where they never do, the end."""
    # Fans and losses follow the accelerators too; their own part is the largest.
    parts = sorted((part for part in node.power.parts if part.follows == "accelerator"), key=_peak_w)[-1:]
    asked_w = accelerator_w * node.accelerators
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2.0
        drawn_w = sum(float(part_power_w(part, middle)) for part in parts)
        low, high = (middle, high) if drawn_w < asked_w else (low, middle)
    return high


def _peak_flop_per_s(node: Node, dtype: str) -> float:
    from ..calibration.number_formats import peak_flop_per_s

    if not isinstance(node.accelerator, str):
        return 0.0
    try:
        return peak_flop_per_s(entry("accelerators", node.accelerator), dtype)
    except (KeyError, ValueError):
        return 0.0
