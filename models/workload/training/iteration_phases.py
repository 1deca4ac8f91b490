"""Phases of power of a training step: from what a step's time and energy go into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...power.swing import Phase

if TYPE_CHECKING:
    from .result import TrainingStep

EXCHANGE = "data exchange"
"""What the gradients' exchange is called among a step's phases: all accelerators of a job are in it at once."""
OPTIMIZER = "optimizer"
WAITING = ("pipeline bubble", "stragglers")


def step_phases(step: TrainingStep, *, accelerators: int, beside_w: float = 0.0) -> tuple[Phase, ...]:
    """Return the phases of power of a training step, in the order in which they happen: power of all accelerators.

    `step` is what `throughput.answer` gives for a layout, `beside_w` what the nodes draw besides [W], taken as
    constant. The phases are `compute`, `bubble`, `communication`, `optimizer` and `waiting`; those of no time are left
    out. They last the step's time and have its mean power.

    Exchanges within a layer and among stages take milliseconds and alternate with computing: they are part of
    `compute`, at their mean. Where stages of a pipeline wait at different times they are taken to wait at once
    (assumption: the swing is then the widest that it can be).
    """
    named = {EXCHANGE: "communication", OPTIMIZER: "optimizer", WAITING[0]: "bubble", WAITING[1]: "waiting"}
    apart = {
        named[name]: (step.phase_s[name], step.phase_power_w[name])
        for name in (WAITING[0], EXCHANGE, OPTIMIZER, WAITING[1])
        if step.phase_s.get(name, 0.0) > 0.0
    }
    compute_s = sum(time_s for name, time_s in step.phase_s.items() if name not in named)
    total_s = compute_s + sum(time_s for time_s, _ in apart.values())
    compute_j = step.power_w * total_s - sum(time_s * power_w for time_s, power_w in apart.values())
    # Over all stages, so that the mean is the step's own: stages that are not the slowest wait within it.
    phases = {"compute": (compute_s, compute_j / compute_s), **apart}
    return tuple(Phase(name, time_s, accelerators * power_w + beside_w) for name, (time_s, power_w) in phases.items())
