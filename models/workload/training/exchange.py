"""What copies of a model, stages and hosts exchange in a step, and what shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...calibration.kernels import Kernels
from ...calibration.operations.collectives import CollectiveName
from .layout import Layout
from .machines import Machines, ParallelGroup, sent_b
from .memory import RankParameters
from .prices import exchange_prices

HOST_SHARE = 0.8
"""Share of the host link's rate that large copies reach: assumption."""


class StepExchange(NamedTuple):
    """Exchanges beside those of the layers."""

    exposed_s: float
    """Time of a step that they add [s]."""
    power_w: float
    """Mean power of an accelerator in that time [W]."""
    basis: int
    sent_b: Mapping[tuple[str, str], float]
    """Bytes that one accelerator sends in a step by (kind of link, collective)."""


def data_exchange(
    kernels: Kernels,
    held: Sequence[RankParameters],
    layers: int,
    layout: Layout,
    machines: Machines,
    groups: Mapping[str, ParallelGroup],
    *,
    forward_s: float,
    backward_s: float,
) -> StepExchange:
    """Return the exchange of gradients and weights among copies, of the stage that holds most.

    Sharing the optimizer (`zero` 1) scatters gradients and gathers weights once a step; sharing gradients (2) scatters
    them with every micro-batch; sharing weights (3) gathers them too, forward and backward, each layer by itself, so
    that every layer waits for as many steps of a ring as there are ranks. With `overlap_data` what
    runs beside one micro-batch's forward or backward (`forward_s`, `backward_s`) does not show, but for the first or
    last of `layers` pieces.
    """
    micro_batches = layout.micro_batches(machines.accelerators)
    gradient_b = 4.0 if layout.gradient_dtype == "fp32" else 2.0
    weight_b = 2.0 if layout.precision in {"bf16", "fp16"} else 1.0  # Cast before they are gathered.
    most = max(held, key=lambda parameters: parameters.dense + parameters.experts)
    shares = [(most.dense, groups["data"]), (most.experts, groups["expert_data"])]
    shares = [(parameters, group) for parameters, group in shares if parameters and group.ranks > 1]
    gradients: CollectiveName = "reduce_scatter" if layout.zero else "all_reduce"
    asked: list[tuple[CollectiveName, float, ParallelGroup]]
    pieces = layers if layout.zero == 3 else 1
    asked = [(gradients, gradient_b * parameters / pieces, group) for parameters, group in shares]
    asked += [("all_gather", weight_b * parameters / pieces, group) for parameters, group in shares if layout.zero]
    if not asked:
        return StepExchange(0.0, 0.0, 0, {})
    time_s, power_w, basis = exchange_prices(kernels, asked, machines)
    scatter_s = pieces * float(time_s[: len(shares)].sum())
    gather_s = pieces * float(time_s[len(shares) :].sum())
    scatters = micro_batches if layout.zero >= 2 else 1
    gathers = 2 * micro_batches if layout.zero == 3 else 1
    if not layout.overlap_data:
        exposed_s = scatters * scatter_s + gathers * gather_s
    elif layout.zero == 3:
        exposed_s = micro_batches * (
            max(gather_s - forward_s, gather_s / layers)
            + max(gather_s + scatter_s - backward_s, scatter_s / layers)
        )  # fmt: skip
    else:
        exposed_s = max(gather_s - forward_s, gather_s / layers) + max(scatter_s - backward_s, scatter_s / layers)
        exposed_s += (scatters - 1) * max(scatter_s - backward_s, 0.0)
    sent: dict[tuple[str, str], float] = {}
    for name, message_b, group in asked:
        times = pieces * (gathers if name == "all_gather" else scatters)
        for link, size_b in zip(("scale-up", "network"), sent_b(name, message_b, group), strict=True):
            sent[link, name] = sent.get((link, name), 0.0) + times * size_b
    return StepExchange(exposed_s, float(power_w.max()), int(basis.max()), sent)


def stage_exchange(
    kernels: Kernels, hidden: int, layout: Layout, machines: Machines, groups: Mapping[str, ParallelGroup]
) -> StepExchange:
    """Return what stages send each other in one step: for each micro-batch and chunk activations on and gradients back.

    Each tensor-parallel rank sends its share; without sequence parallelism the others' are gathered on arrival
    (Narayanan et al. 2021, section 4.1). With `overlap_pipeline` nothing of it shows.
    """
    group = groups["pipeline"]
    if group.ranks == 1:
        return StepExchange(0.0, 0.0, 0, {})
    whole_b = 2.0 * hidden * layout.micro_batch_tokens
    asked: list[tuple[CollectiveName, float, ParallelGroup]] = [("point_to_point", whole_b / layout.tensor, group)]
    if layout.tensor > 1 and not layout.sequence_parallel:
        asked.append(("all_gather", whole_b, groups["tensor"]))
    time_s, power_w, basis = exchange_prices(kernels, asked, machines)
    times = 2.0 * layout.virtual_pipeline * layout.micro_batches(machines.accelerators)
    sent: dict[tuple[str, str], float] = {}
    for name, message_b, among in asked:
        for link, size_b in zip(("scale-up", "network"), sent_b(name, message_b, among), strict=True):
            sent[link, name] = sent.get((link, name), 0.0) + times * size_b
    exposed_s = 0.0 if layout.overlap_pipeline else times * float(time_s.sum())
    return StepExchange(exposed_s, float(power_w.max()), int(basis.max()), sent)


def host_exchange(
    kernels: Kernels, offloaded_b: float, layout: Layout, machines: Machines, *, forward_s: float, backward_s: float
) -> StepExchange:
    """Return the copies of saved activations to the host's memory and back, `offloaded_b` a micro-batch each way."""
    accelerator = kernels.accelerator
    if not offloaded_b or not accelerator.host_bandwidth:
        return StepExchange(0.0, 0.0, 0, {})
    copy_s = offloaded_b / (HOST_SHARE * accelerator.host_bandwidth.value)
    micro_batches = layout.micro_batches(machines.accelerators)
    exposed_s = micro_batches * (max(copy_s - forward_s, 0.0) + max(copy_s - backward_s, 0.0))
    sent = {("host", "copy"): 2.0 * micro_batches * offloaded_b}
    return StepExchange(exposed_s, accelerator.idle_power.value, 2, sent)
