"""Phases of power of a training step: the step's own time and mean power, busy, communicating, waiting."""

from __future__ import annotations

from typing import cast

import pytest

from models.calibration.kernels import Kernels
from models.calibration.network import Network
from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.power.swing import swing_of
from models.workload.training.iteration_phases import step_phases
from models.workload.training.layout import Layout
from models.workload.training.machines import Machines
from models.workload.training.result import TrainingStep
from models.workload.training.step import training_step


def step(accelerators: int, **fields: int) -> TrainingStep:
    layout = Layout.model_validate({"global_batch": 256, "sequence": 4096} | fields)
    model = cast(Transformer, entry("models", "llama-3.1-70b"))
    kernels = Kernels(entry("accelerators", "h100-sxm"))
    machines = Machines(accelerators, 8, 8, Network(5e10))
    return training_step(model, layout, kernels, machines, overhead=1.3, refuse=False)


def test_phases_last_as_long_as_the_step_and_have_its_mean_power() -> None:
    for fields in ({"tensor": 8, "pipeline": 4}, {"tensor": 8}, {"tensor": 4, "pipeline": 8}):
        given = step(256, **fields)
        phases = step_phases(given, accelerators=256, beside_w=1e5)
        assert sum(phase.duration_s for phase in phases) == pytest.approx(given.step_s, rel=1e-12)
        mean_w = sum(phase.duration_s * phase.power_w for phase in phases) / given.step_s
        assert mean_w == pytest.approx(256 * given.power_w + 1e5, rel=1e-12)


def test_computing_draws_most_and_waiting_less_than_half_of_it() -> None:
    phases = {phase.name: phase for phase in step_phases(step(256, tensor=8, pipeline=4), accelerators=256)}
    assert list(phases) == ["compute", "bubble", "communication", "optimizer", "waiting"]
    assert phases["compute"].power_w == max(phase.power_w for phase in phases.values())
    assert phases["bubble"].power_w < 0.5 * phases["compute"].power_w
    assert phases["communication"].power_w < 0.5 * phases["compute"].power_w


def test_a_step_without_a_pipeline_has_no_bubble() -> None:
    assert "bubble" not in [phase.name for phase in step_phases(step(256, tensor=8), accelerators=256)]


def test_a_steps_swing_repeats_with_the_step() -> None:
    given = step(256, tensor=8, pipeline=4)
    swing = swing_of("pretraining", step_phases(given, accelerators=256))
    assert swing.period_s == pytest.approx(given.step_s)
    assert swing.mean_w == pytest.approx(256 * given.power_w)
    assert swing.peak_to_peak_w > 0.3 * swing.greatest_w
