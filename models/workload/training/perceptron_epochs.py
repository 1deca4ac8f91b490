"""Training of a small dense network, data parallel: a step of a few dozen kernels, each shorter than its launch."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ...calibration.estimate import Basis, Estimate
from ...calibration.kernels import Kernels
from ...neural_networks.perceptron import Perceptron
from ...problems import InputError, Problem
from .machines import Machines, ParallelGroup, sent_b
from .prices import exchange_prices

HOST_LAUNCH_S = 1e-5
"""Time in which the host brings one kernel on its way, eager PyTorch and its Python included [s]: assumption."""
_ELEMENT_B = 4.0
"""Weights, activations and gradients in 32 bits."""


@dataclass(frozen=True)
class PerceptronTraining:
    """Training of a perceptron from first sample to last epoch."""

    step_s: float
    """Time of one step [s]."""
    steps_per_epoch: int
    """Steps; the last one may be smaller and is counted whole."""
    epoch_s: float
    """Time of an epoch [s]."""
    total_s: float
    """Time of all epochs [s]."""
    kernels_per_step: int
    """Kernels launched on each accelerator in a step."""
    launch_share: float
    """Share of a step in which the accelerator only waits for the host to launch the next kernel."""
    power_w: float
    """Mean power of one accelerator [W]."""
    energy_j: float
    """Energy of all accelerators for all epochs [J]; the rest of the nodes is not in it."""
    exchanged_b: float
    """Bytes that one accelerator sends in a step [B]."""
    basis: Basis
    """The weakest basis that any part of the time rests on."""
    notes: tuple[str, ...]
    """What was assumed."""


def perceptron_training(
    model: Perceptron, kernels: Kernels, machines: Machines, *, batch: int, samples: int, epochs: int
) -> PerceptronTraining:
    """Return the training of a perceptron by stochastic gradient descent, `batch` samples a step over all accelerators.

    A step is the forward and backward products with their elementwise kernels, one all-reduce of all gradients and one
    update of each tensor. A kernel takes its own time or that of its launch, whichever is longer: the host launches
    one after the other and never gets ahead.
    """
    ranks = machines.accelerators
    if batch % ranks:
        raise InputError(Problem("", "batch", f"{batch} samples are not divisible by {ranks} accelerators"))
    local = batch // ranks
    layers = list(itertools.pairwise(model.widths))
    products = [(local, outputs, inputs) for inputs, outputs in layers]
    products += [(outputs, inputs, local) for inputs, outputs in layers]
    # The first layer's input needs no gradient.
    products += [(local, inputs, outputs) for inputs, outputs in layers[1:]]
    moved = []
    for index, (inputs, outputs) in enumerate(layers):
        activations, last = _ELEMENT_B * local * outputs, index == len(layers) - 1
        # Activation or loss forward and backward, sum for the bias's gradient, update of weights and of biases.
        moved += [(3.0 if last else 2.0) * activations, 3.0 * activations, activations]
        moved += [3.0 * _ELEMENT_B * inputs * outputs, 3.0 * _ELEMENT_B * outputs]
    m, n, k = np.array(products, dtype=float).T
    run: list[Estimate] = [kernels.gemm(m, n, k, dtype="bf16"), kernels.elementwise(np.array(moved))]
    gradients_b = _ELEMENT_B * model.parameters
    group = ParallelGroup(ranks, min(machines.domain, ranks))
    exchange_s, exchange_w, exchange_basis = exchange_prices(kernels, [("all_reduce", gradients_b, group)], machines)

    busy_s = np.concatenate([estimate.time_s for estimate in run])
    busy_w = np.concatenate([estimate.power_w for estimate in run])
    launches = len(busy_s) + (ranks > 1)
    taken_s = float(np.maximum(busy_s, HOST_LAUNCH_S).sum()) + (
        max(float(exchange_s[0]), HOST_LAUNCH_S) if ranks > 1 else 0.0
    )
    working_s = float(busy_s.sum() + exchange_s[0])
    working_j = float(busy_s @ busy_w + exchange_s[0] * exchange_w[0])
    waiting_s = max(taken_s - working_s, 0.0)
    power_w = (working_j + waiting_s * kernels.accelerator.idle_power.value) / taken_s
    steps = -(-samples // batch)
    basis = max([int(estimate.basis.max()) for estimate in run] + [int(exchange_basis[0])])
    return PerceptronTraining(
        step_s=taken_s,
        steps_per_epoch=steps,
        epoch_s=steps * taken_s,
        total_s=epochs * steps * taken_s,
        kernels_per_step=launches,
        launch_share=waiting_s / taken_s,
        power_w=power_w,
        energy_j=power_w * taken_s * steps * epochs * ranks,
        exchanged_b=sum(sent_b("all_reduce", gradients_b, group)),
        basis=Basis(basis),
        notes=(
            f"launches decide: {launches} kernels a step at {HOST_LAUNCH_S * 1e6:g} us each (assumption), "
            f"{waiting_s / taken_s:.0%} of the time the accelerator waits for the host",
            f"{batch} samples a step over all accelerators, {local} on each; samples lie in the accelerator's memory",
            "products in 32 bits are taken to be as fast as in 16, both far below any limit of the accelerator",
        ),
    )
