"""`datahall throughput`: a planner's question answered, and refused in the planner's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator.cli import group

LLAMA = ("--model", "llama-3.1-8b", "--gpu", "h100-sxm")


def throughput(*arguments: str) -> Result:
    """What a question comes to."""
    return CliRunner().invoke(group, ["throughput", *arguments])


def answered(*arguments: str) -> dict[str, Any]:
    """The answer as a program reads it."""
    outcome = throughput(*arguments, "--json")
    assert outcome.exit_code == 0, outcome.output
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def test_one_line_tells_speed_utilisation_and_power_and_then_what_they_rest_on() -> None:
    lines = throughput(*LLAMA, "--gpus", "8", "--tp", "2", "--batch", "64").stdout.splitlines()
    assert lines[0].startswith("llama-3.1-8b on 8 h100-sxm: ")
    for part in ("tokens/s", "step", "MFU", "W a GPU", "J a token"):
        assert part in lines[0]
    assert any(line.startswith("kernels  ") and "measured" in line for line in lines)
    assert any(line.startswith("error    ") and "published runs" in line for line in lines)


def test_a_search_finds_nothing_slower_than_a_layout_that_is_given() -> None:
    given = answered(*LLAMA, "--gpus", "8", "--batch", "64", "--tp", "2", "--pp", "2")
    searched = answered(*LLAMA, "--gpus", "8", "--batch", "64", "--tp", "2", "--search")
    assert searched["layouts"][0]["tokens_per_s"] >= given["layouts"][0]["tokens_per_s"]
    assert {layout["layout"]["tensor"] for layout in searched["layouts"]} == {2}
    speeds = [layout["tokens_per_s"] for layout in searched["layouts"]]
    assert speeds == sorted(speeds, reverse=True)


def test_phases_add_up_to_the_step_and_tokens_to_the_batch() -> None:
    layout = answered(*LLAMA, "--gpus", "8", "--batch", "64", "--sequence", "2048", "--tp", "2")["layouts"][0]
    assert sum(layout["phase_s"].values()) == pytest.approx(layout["step_s"])
    assert layout["tokens_per_s"] * layout["step_s"] == pytest.approx(64 * 2048)


def test_scaling_keeps_the_sequences_of_a_gpu() -> None:
    found = answered(*LLAMA, "--gpus", "8", "--batch", "32", "--tp", "1", "--micro-batch", "1", "--scaling")["scaling"]
    assert [(each["accelerators"], each["layouts"][0]["layout"]["global_batch"]) for each in found] == [
        (count, 4 * count) for count in (1, 2, 4, 8, 16, 32, 64)
        if count in {each["accelerators"] for each in found}
    ]  # fmt: skip
    assert found[-1]["accelerators"] == 64


def test_scaling_holds_the_layout_that_is_given() -> None:
    found = answered(*LLAMA, "--gpus", "16", "--batch", "64", "--tp", "4", "--scaling")
    assert {each["layouts"][0]["layout"]["tensor"] for each in found["scaling"]} == {4}
    assert {each["layouts"][0]["layout"]["pipeline"] for each in found["scaling"]} == {1}
    same = next(each for each in found["scaling"] if each["accelerators"] == 16)
    assert same["layouts"][0]["step_s"] == pytest.approx(found["layouts"][0]["step_s"])


def test_a_named_framework_answers_with_nccl_beside_it() -> None:
    for framework in ("vllm", "pytorch"):
        found = answered(*LLAMA, "--gpus", "8", "--batch", "64", "--tp", "2", "--framework", framework)
        assert found["layouts"][0]["basis_share"]["datasheet"] < 0.2
        assert "nccl" in found["kernels"]


def test_a_slower_network_slows_a_job_that_crosses_it() -> None:
    wide = answered(*LLAMA, "--gpus", "64", "--batch", "128", "--tp", "2")["layouts"][0]
    narrow = answered(*LLAMA, "--gpus", "64", "--batch", "128", "--tp", "2", "--network", "25 Gb/s")["layouts"][0]
    assert narrow["step_s"] > wide["step_s"]


def test_an_accelerator_without_measurements_is_answered_from_its_datasheet_and_says_so() -> None:
    found = answered("--model", "llama-3.1-8b", "--gpu", "mi300x", "--gpus", "8", "--batch", "64", "--tp", "1")
    assert found["layouts"][0]["basis_share"]["datasheet"] > 0.99
    assert "nothing was measured on AMD Instinct MI300X" in found["kernels"]


def test_the_mnist_perceptron_is_trained_on_two_gpus_for_ten_epochs() -> None:
    asked = ("--model", "mnist-perceptron", "--gpu", "h100-sxm", "--gpus", "2", "--batch", "64", "--epochs", "10")
    found = answered(*asked)
    assert found["steps_per_epoch"] == 938  # 60,000 / 64, the last one short
    assert found["total_s"] == pytest.approx(10 * 938 * found["step_s"])
    assert found["launch_share"] > 0.5
    assert throughput(*asked).stdout.startswith("mnist-perceptron on 2 h100-sxm: ")


def test_a_layout_that_does_not_fit_points_to_the_search() -> None:
    outcome = throughput(*LLAMA[:2], "--gpu", "l40s", "--gpus", "1", "--tp", "1", "--batch", "1")
    assert outcome.exit_code == 2
    assert "with --search" in outcome.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*LLAMA, "--gpus", "8", "--pp", "64"), "pipeline: 32 layers can not fill 64 stages"),
        ((*LLAMA, "--gpus", "24", "--tp", "3"), "tensor: 32 heads are not divisible by 3"),
        ((*LLAMA, "--gpus", "8", "--tp", "16"), "8 are not divisible by tensor 16"),
        ((*LLAMA, "--gpus", "8", "--network", "fast"), "network: 'fast'"),
        ((*LLAMA, "--gpus", "8", "--network", "400 W"), "'400 W' is a power, not a bandwidth"),
        ((*LLAMA, "--gpus", "8", "--network", "0 Gb/s"), "'0 Gb/s' lets nothing through"),
        ((*LLAMA, "--gpus", "8", "--tp", "2", "--framework", "foo"), "'foo' has no measurements; known: pytorch"),
        (("--model", "gpt-3-175b", "--gpu", "h100-sxm", "--gpus", "64"), "sequence: 4096 tokens; the model has 2048"),
        (("--model", "llama-3.1-70b", "--gpu", "h100-sxm", "--gpus", "8"), "no layout fits; the nearest (tensor "),
        ((*LLAMA, "--gpus", "8", "--node", "dgx-b200"), "node: 'dgx-b200' has no h100-sxm"),
        (("--model", "llama-3.1-70", "--gpu", "h100-sxm", "--gpus", "8"), "nearest: 'llama-3.1-70b'"),
        (("--model", "llama-3.1-8b", "--gpu", "h100", "--gpus", "8"), "nearest: 'h100-sxm'"),
        (("--model", "mnist-perceptron", "--gpu", "h100-sxm", "--gpus", "8"), "batch: a perceptron needs the samples"),
        (("--model", "llama-3.1-70b", "--gpu", "l40s", "--gpus", "1", "--tp", "1", "--batch", "1"), "short of"),
        (("--model", "llama-3.1-8b", "--gpu", "mi300x", "--gpus", "8", "--tp", "1", "--require-measured"),
         "rests on the datasheet of mi300x"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_the_planner_s_words(arguments: tuple[str, ...], said: str) -> None:
    outcome = throughput(*arguments)
    assert outcome.exit_code == 2, outcome.output
    assert said in outcome.output
    assert "Traceback" not in outcome.output


def test_what_does_not_fit_is_refused_with_the_bytes_that_are_short() -> None:
    outcome = throughput("--model", "llama-3.1-405b", "--gpu", "h100-sxm", "--gpus", "8")
    assert outcome.exit_code == 2
    short_b = int(outcome.output.split("short of ")[1].split(" B")[0].replace(",", ""))
    assert short_b > 100e9  # 405e9 parameters at 18 bytes over eight GPUs of 85.5 GB leave far more than that


def test_a_number_format_that_the_chip_does_not_compute_in_is_refused() -> None:
    outcome = throughput("--model", "llama-3.1-8b", "--gpu", "a100-80gb-sxm", "--gpus", "8", "--precision", "fp8")
    assert outcome.exit_code == 2
    assert "precision: NVIDIA A100 SXM4 80 GB does not compute in fp8; it does in bf16, fp16" in outcome.output


def test_where_no_run_was_published_the_error_is_said_to_be_unknown() -> None:
    asked = ("--model", "llama-3.1-8b", "--gpus", "8", "--batch", "64", "--tp", "1", "--zero", "3")
    assert "so the error here is unknown" in answered(*asked, "--gpu", "mi300x")["error"]
    assert "unknown" not in answered(*asked, "--gpu", "h100-sxm")["error"]
