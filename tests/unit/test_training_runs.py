"""Published training runs: each once, known well enough or left out for a reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from models.workload.training.published_runs import TrainingRun, run_sources, training_runs


def run(name: str) -> TrainingRun:
    return next(each for each in training_runs() if each.name == name)


def test_there_are_twenty_one_runs_each_once() -> None:
    runs = training_runs()
    assert len(runs) == 21
    assert len({each.name for each in runs}) == 21
    assert len({(each.model, each.accelerator, each.accelerators, str(each.layout)) for each in runs}) == 21


def test_sixteen_runs_are_used_and_every_run_says_why() -> None:
    assert sum(each.used for each in training_runs()) == 16
    assert all(each.reason for each in training_runs())
    assert {each.source for each in training_runs()} == set(run_sources())


def test_runs_that_are_used_give_time_or_tokens_and_never_operations() -> None:
    assert all(each.tflop_per_s_per_accelerator is None for each in training_runs() if each.used)


def test_every_layout_can_run_on_the_accelerators_of_its_run() -> None:
    for each in training_runs():
        assert each.layout.problems(each.transformer, each.accelerators) == (), each.name


def test_throughput_is_brought_to_the_time_of_a_step() -> None:
    # 512 sequences of 8192 tokens on 1024 GPUs at 292 tokens/s each.
    assert run("Llama 3.1 405B on H100").measured_step_s == pytest.approx(512 * 8192 / 1024 / 292)
    assert run("megatron-22b, full recompute").measured_step_s == 1.42


def test_model_operations_are_brought_to_the_time_of_a_step() -> None:
    # 430 TFLOP/s a GPU; six operations for each of 405e9 parameters and causal attention: 2.52 TFLOP a token.
    measured_s = run("Llama 3.1 405B on 8192 H100").measured_step_s
    assert measured_s == pytest.approx(2048 * 8192 / 8192 * 2.52e12 / 430e12, rel=0.01)


def test_micro_batches_are_those_of_the_published_tables() -> None:
    counts = {each.name: each.layout.micro_batches(each.accelerators) for each in training_runs()}
    assert counts["megatron-530b, full recompute"] == 280
    assert counts["DeepSeek-V3 on GB200, bf16"] == 64
    assert counts["Qwen3 235B-A22B on GB200"] == 256
    assert counts["Llama 3.1 405B on H100"] == 64


def test_goals_differ_between_dense_16_bit_runs_and_others() -> None:
    assert sum(each.is_dense_16_bit for each in training_runs() if each.used) == 8


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"step_s": None}, "give one of"),
        ({"tokens_per_s_per_accelerator": 100.0}, "give one of"),
        ({"step_s": None, "tflop_per_s_per_accelerator": 100.0}, "calibrate nothing"),
        ({"model": "megatron-22"}, "megatron-22b"),
    ],
)
def test_a_run_with_a_fault_is_refused(changed: dict[str, Any], message: str) -> None:
    given = run("megatron-22b, full recompute").model_dump()
    with pytest.raises(ValidationError, match=message):
        TrainingRun.model_validate(given | changed)
