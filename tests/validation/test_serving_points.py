"""Time per output token of serving points measured on silicon, against the iteration model.

Every error here is of points whose model was left out when the host's overhead was fitted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.calibration.fits import fitted_file, kernels_for, serving
from models.calibration.sources.silicon_sample import silicon_sample
from models.workload.inference.serving_points import (
    ACCELERATORS,
    NO_HOST,
    Comparison,
    chosen_points,
    compare,
    held_out_errors,
)

pytest.importorskip("aiconfigurator_core", reason="the measured points come with aiconfigurator-core")


@pytest.fixture(scope="module")
def compared() -> tuple[tuple[Comparison, ...], dict[str, int]]:
    if any(fitted_file(name) is None for name in ACCELERATORS):
        pytest.skip("no fitted kernels")
    return compare(chosen_points(), lambda name, framework: kernels_for(name, serving(framework)))


def median_error(
    comparisons: tuple[Comparison, ...], errors: np.ndarray, chosen: Callable[[Comparison], bool], least: int = 10
) -> float:
    kept = [abs(error) for each, error in zip(comparisons, errors, strict=True) if chosen(each) and np.isfinite(error)]
    assert len(kept) >= least
    return float(np.median(kept))


def is_narrow_trtllm(each: Comparison) -> bool:
    return (
        each.point.framework == "trtllm" and each.point.weight_dtype == "nvfp4" and each.point.model != "gpt-oss-120b"
    )


def test_vllm_before_it_scheduled_during_steps_is_told_apart() -> None:
    hosts = {(p.host, p.model) for p in silicon_sample() if p.framework == "vllm"}
    assert ("vllm-0.13", "llama-3.1-70b") in hosts  # October 2025
    assert ("vllm-0.13", "qwen3-32b") in hosts  # 0.12
    assert ("vllm", "gpt-oss-120b") in hosts  # 0.15 and 0.18
    assert ("vllm", "llama-3.1-70b") not in hosts


def test_the_list_is_read_whole_and_each_measurement_once() -> None:
    points = silicon_sample()
    assert len(points) > 1500
    assert len({point._replace(identity="") for point in points}) == len(points)
    assert {point.framework for point in points} == {"vllm", "sglang", "trtllm"}
    # TensorRT-LLM on H200, 70B in fp8 on 8 GPUs with 4 clients, 1k in and 8k out.
    wanted = [
        p for p in points
        if (p.model, p.accelerator, p.framework) == ("llama-3.1-70b", "h200-sxm", "trtllm")
        and (p.tensor, p.concurrency, p.input_tokens, p.output_tokens) == (8, 4, 1024, 8192)
    ]  # fmt: skip
    assert [round(p.time_per_output_token_s * 1e3, 2) for p in wanted] == [6.45]
    assert all(p.static_scales for p in wanted)


def test_points_are_left_out_by_what_is_predicted_and_counted(
    compared: tuple[tuple[Comparison, ...], dict[str, int]],
) -> None:
    kept, left_out = compared
    assert len(kept) + sum(left_out.values()) == len(chosen_points())
    assert len(kept) > 300


def test_steady_decoding_of_models_not_fitted_is_predicted_within_a_tenth(
    compared: tuple[tuple[Comparison, ...], dict[str, int]],
) -> None:
    kept, _ = compared
    errors = held_out_errors(kept)
    assert median_error(kept, errors, lambda each: each.point.host == "vllm-0.13") < 0.10
    # SGLang's Qwen3 was measured at one batch size, so that only its five points can be predicted from another model's.
    assert median_error(kept, errors, lambda each: each.point.framework == "sglang", least=5) < 0.10
    assert median_error(kept, errors, lambda each: not is_narrow_trtllm(each)) < 0.10


@pytest.mark.parametrize("host", ["vllm-0.13", "sglang"])
def test_the_overhead_of_the_host_helps_where_frameworks_wait_for_it(
    host: str, compared: tuple[tuple[Comparison, ...], dict[str, int]]
) -> None:
    kept, _ = compared
    alone, fitted = np.array([each.error(NO_HOST) for each in kept]), held_out_errors(kept)
    known = np.isfinite(fitted)
    before, after = (
        median_error(kept, np.where(known, e, np.nan), lambda each: each.point.host == host, least=5)
        for e in (alone, fitted)
    )
    assert after < before


def test_a_host_measured_at_one_batch_size_does_not_judge_other_models(
    compared: tuple[tuple[Comparison, ...], dict[str, int]],
) -> None:
    kept, _ = compared
    errors = held_out_errors(kept)
    sglang = [
        (each.point.model, error) for each, error in zip(kept, errors, strict=True) if each.point.host == "sglang"
    ]
    assert {model for model, error in sglang if np.isfinite(error)} == {"qwen3-32b"}
    assert {model for model, error in sglang if not np.isfinite(error)} == {"llama-3.1-8b"}


def test_tensorrt_llm_in_nvfp4_runs_faster_than_its_measured_products(
    compared: tuple[tuple[Comparison, ...], dict[str, int]],
) -> None:
    # A known miss: on B200 the table's products in nvfp4 alone take longer than whole measured steps leave room for.
    kept, _ = compared
    errors = np.array([each.error(NO_HOST) for each in kept])
    signed = [error for each, error in zip(kept, errors, strict=True) if is_narrow_trtllm(each)]
    assert 0.10 < np.median(signed) < 0.35
