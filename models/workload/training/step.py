"""One step of training a transformer: its time, what that goes into, its power, and the memory it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from ...calibration.estimate import Basis, FloatArray
from ...calibration.kernels import Kernels
from ...calibration.number_formats import peak_flop_per_s
from ...neural_networks.transformer import Transformer
from .exchange import StepExchange, data_exchange, host_exchange, stage_exchange
from .flops import training_flop_per_token
from .layout import Layout
from .machines import Machines, parallel_groups
from .memory import DoesNotFit, kept_b
from .notes import training_notes
from .pipeline import pipeline_step_s
from .prices import PHASES, Prices
from .product_work import kernel_dtype
from .result import TrainingStep
from .shared_work import Placed, SharedWork, block_counts

NODE_SPREAD = 0.01
"""Standard deviation of nodes' speeds over the mean: assumption. Every step waits for the slowest."""
OPTIMIZER_STEP_B = 34.0
"""Bytes that a weight moves in a step of Megatron-LM's mixed-precision Adam: gradient, master copy and two moments read
in 32 bits and the latter three written (28), the master copy read and the weight written in 16 bits (6)."""
GRADIENT_PASSES = 3.0
"""Times that a gradient is moved besides: read for the norm, read and written to be clipped."""
LOSS_SCALE_PASSES = 2.0
"""The same in fp16, where the scale of the loss is taken out again."""


class _Job(NamedTuple):
    """A layout put on its stages, before it is priced."""

    model: Transformer
    layout: Layout
    kernels: Kernels
    machines: Machines
    placed: Placed
    counts: FloatArray
    """How often each stage runs each block (kinds of layers, embedding, head) with one micro-batch."""

    @property
    def micro_batches(self) -> int:
        return self.layout.micro_batches(self.machines.accelerators)


def training_step(
    model: Transformer,
    layout: Layout,
    kernels: Kernels,
    machines: Machines,
    *,
    overhead: float = 1.0,
    refuse: bool = True,
    node_spread: float = NODE_SPREAD,
    shared: SharedWork | None = None,
) -> TrainingStep:
    """Return one step of training.

    Kernels are priced one by one; exchanges count as far as no kernel hides them; the slowest stage sets the pace of
    the pipeline. All of it is stretched by `overhead`, the factor of a GPU and framework (`overhead`), for
    what no kernel table shows: launches, gaps, contention. Raises InputError where the layout can not run, and
    DoesNotFit, which is one, where memory is short (with `refuse` False it is priced all the same). `shared`
    is work that steps of the same model on the same machines have in common.
    """
    layout.check(model, machines.accelerators)
    shared = shared or SharedWork(model, kernels, machines)
    placed = shared.place(layout)
    memory, stages = placed.memory, placed.stages
    available_b = kernels.accelerator.memory_b
    if refuse and memory.total_b > available_b:
        raise DoesNotFit(f"{model.title} on {kernels.accelerator.title}", memory, available_b)
    counts = block_counts(stages)
    job = _Job(model, layout, kernels, machines, placed, counts)
    prices = shared.prices(layout, placed.pieces)

    stage_phase_s = counts @ prices.time_s
    stage_s = stage_phase_s.sum(axis=1)
    slowest = int(np.argmax(stage_s))
    forward_s = float(counts[slowest] @ prices.forward_s)
    beside = _beside(job, forward_s, float(stage_s[slowest]) - forward_s)
    _, bubble_s = pipeline_step_s(
        stage_s.tolist(), micro_batches=job.micro_batches, virtual_pipeline=layout.virtual_pipeline
    )
    waiting_w = _waiting_power_w(kernels)
    phase_s = dict(zip(PHASES, (job.micro_batches * stage_phase_s[slowest]).tolist(), strict=True))
    energy_j = dict(zip(PHASES, (job.micro_batches * (counts @ prices.energy_j)[slowest]).tolist(), strict=True))
    for name, exchange in beside.items():
        phase_s[name], energy_j[name] = exchange.exposed_s, exchange.exposed_s * exchange.power_w
    nodes = max(machines.accelerators // machines.node, 1)
    late = node_spread * expected_greatest_normal(nodes)
    for name, waited_s in (("pipeline bubble", bubble_s), ("stragglers", late * (sum(phase_s.values()) + bubble_s))):
        phase_s[name], energy_j[name] = waited_s, waited_s * waiting_w

    # Other stages compute less than the slowest and wait meanwhile.
    paced_s = sum(phase_s.values())
    busy_s = job.micro_batches * float(stage_s.mean()) + sum(exchange.exposed_s for exchange in beside.values())
    busy_j = job.micro_batches * float((counts @ prices.energy_j).sum(axis=1).mean())
    busy_j += sum(energy_j[name] for name in beside)
    power_w = (busy_j + max(paced_s - busy_s, 0.0) * waiting_w) / paced_s

    step_s = overhead * paced_s
    layer_s = prices.time_s.sum(axis=1)
    expert_s = [float(layer_s[position]) for position, kind in enumerate(stages.kinds) if kind.sparse]
    tokens = layout.global_batch * layout.sequence
    peak_flop = peak_flop_per_s(kernels.accelerator, kernel_dtype(layout)) * machines.accelerators * step_s
    needed_flop = training_flop_per_token(model, layout.sequence) * tokens
    again_flop = float((counts @ prices.recomputed_flop).sum()) * job.micro_batches
    again_flop *= machines.accelerators / layout.pipeline
    basis_s = job.micro_batches * (counts[slowest] @ prices.basis_s)
    for exchange in beside.values():
        basis_s[exchange.basis] += exchange.exposed_s
    return TrainingStep(
        step_s=step_s,
        tokens_per_s=tokens / step_s,
        mfu=needed_flop / peak_flop,
        mfu_full_attention=training_flop_per_token(model, layout.sequence, full_attention=True) * tokens / peak_flop,
        hfu=(needed_flop + again_flop) / peak_flop,
        phase_s={name: overhead * time_s for name, time_s in phase_s.items()},
        phase_power_w={name: energy_j[name] / phase_s[name] if phase_s[name] else 0.0 for name in phase_s},
        power_w=power_w,
        energy_per_token_j=power_w * machines.accelerators * step_s / tokens,
        sent_b=_sent_b(job, prices, counts[slowest], beside),
        memory=memory,
        basis=Basis(int(np.flatnonzero(basis_s).max())),
        basis_share={basis.name.lower(): float(basis_s[basis] / basis_s.sum()) for basis in Basis},
        notes=training_notes(model, layout, kernels, overhead, min(expert_s) if expert_s else None),
    )


def expected_greatest_normal(count: int) -> float:
    """Return the expected greatest of `count` standard normal variables: the quantile at (n - 3/8) / (n + 1/4).

    G. Blom, Statistical Estimates and Transformed Beta-Variables, 1958.

    >>> round(expected_greatest_normal(128), 2)
    2.58
    """
    return NormalDist().inv_cdf((count - 0.375) / (count + 0.25)) if count > 1 else 0.0


def _beside(job: _Job, forward_s: float, backward_s: float) -> dict[str, StepExchange]:
    """What a step takes besides the micro-batches: exchanges among copies, stages and with the host; the optimizer."""
    layout, machines, kernels = job.layout, job.machines, job.kernels
    groups = parallel_groups(layout, machines)
    offloaded = -(-layout.offloaded_layers // layout.pipeline)
    kept = max(kept_b(block, layout) for block in job.placed.pieces.layers.values())
    return {
        "data exchange": data_exchange(
            kernels,
            job.placed.held,
            job.placed.stages.most_layers,
            layout,
            machines,
            groups,
            forward_s=forward_s,
            backward_s=backward_s,
        ),
        "stage exchange": stage_exchange(kernels, job.model.hidden, layout, machines, groups),
        "host exchange": host_exchange(
            kernels, offloaded * kept, layout, machines, forward_s=forward_s, backward_s=backward_s
        ),
        "optimizer": _optimizer(job, groups["data"].ranks, groups["expert_data"].ranks),
    }


def _optimizer(job: _Job, data: int, expert_data: int) -> StepExchange:
    """The update of the weights that a rank is in charge of; its gradients are normed and clipped, all are set to 0."""
    layout = job.layout
    gradient_b = 4.0 if layout.gradient_dtype == "fp32" else 2.0
    passes = GRADIENT_PASSES + (LOSS_SCALE_PASSES if layout.precision == "fp16" else 0.0)
    traffic_b = 0.0
    for held in job.placed.held:
        own = held.dense / data + held.experts / expert_data if layout.zero else held.dense + held.experts
        kept = own if layout.zero >= 2 else held.dense + held.experts
        traffic_b = max(traffic_b, own * (OPTIMIZER_STEP_B + passes * gradient_b) + kept * gradient_b)
    estimate = job.kernels.elementwise(traffic_b)
    return StepExchange(float(estimate.time_s), float(estimate.power_w), int(estimate.basis), {})


def _waiting_power_w(kernels: Kernels) -> float:
    """Power of an accelerator that waits in a collective for another: what sending a megabyte draws."""
    return float(kernels.collective("point_to_point", 1e6, ranks=2).power_w)


def _sent_b(
    job: _Job, prices: Prices, counts: FloatArray, beside: Mapping[str, StepExchange]
) -> dict[tuple[str, str], float]:
    sent: dict[tuple[str, str], float] = defaultdict(float)
    for kind, size_b in prices.sent_b.items():
        sent[kind] += job.micro_batches * float(counts @ size_b)
    for exchange in beside.values():
        for kind, sent_b in exchange.sent_b.items():
            sent[kind] += sent_b
    return {kind: size_b for kind, size_b in sorted(sent.items()) if size_b}
