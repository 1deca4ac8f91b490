"""The digit perceptron on two accelerators: a step of launches."""

from __future__ import annotations

from typing import cast

import pytest

from models.calibration.kernels import Kernels
from models.catalog import entry
from models.neural_networks.perceptron import Perceptron
from models.problems import InputError
from models.workload.training.machines import machines_of
from models.workload.training.perceptron_epochs import HOST_LAUNCH_S, PerceptronTraining, perceptron_training

H100 = Kernels(entry("accelerators", "h100-sxm"))


def training(accelerators: int = 2, batch: int = 64, epochs: int = 10) -> PerceptronTraining:
    model = cast(Perceptron, entry("models", "mnist-perceptron"))
    machines = machines_of(entry("nodes", "dgx-h100"), accelerators)
    return perceptron_training(model, H100, machines, batch=batch, samples=60_000, epochs=epochs)


def test_an_epoch_takes_all_samples_and_a_smaller_last_step() -> None:
    found = training()
    assert found.steps_per_epoch == 938  # 60,000 / 64 = 937.5
    assert found.epoch_s == pytest.approx(938 * found.step_s)
    assert found.total_s == pytest.approx(10 * found.epoch_s)


def test_launches_take_most_of_a_step_and_the_result_says_so() -> None:
    found = training()
    # Two layers: five products, ten elementwise kernels, one all-reduce.
    assert found.kernels_per_step == 16
    assert found.step_s >= 16 * HOST_LAUNCH_S
    assert found.launch_share > 0.5
    assert any("launches decide" in note for note in found.notes)


def test_every_gradient_is_summed_over_both_accelerators() -> None:
    # 784 x 128 + 128 + 128 x 10 + 10 parameters of 4 B; of two ranks each sends as much as there is.
    assert training().exchanged_b == pytest.approx(101_770 * 4)
    assert training(accelerators=1).exchanged_b == 0.0


def test_energy_is_power_over_the_whole_time_of_all_accelerators() -> None:
    found = training()
    assert found.energy_j == pytest.approx(2 * found.power_w * found.total_s)
    assert 71.8 < found.power_w < 350.0  # little above idle


def test_a_batch_sixteen_times_as_large_takes_hardly_longer_a_step() -> None:
    assert training(batch=1024).step_s < 1.2 * training(batch=64).step_s


def test_a_batch_that_can_not_be_shared_is_refused() -> None:
    with pytest.raises(InputError, match="65 samples are not divisible by 2 accelerators"):
        training(batch=65)
