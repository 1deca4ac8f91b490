"""The factor of an accelerator and framework: fitted to runs, and tested on each with a factor from others."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import pytest

from models.calibration.kernels import Kernels
from models.catalog import entry
from models.workload.training import overhead
from models.workload.training.overhead import RunError, fit_overheads, overhead_for, parts, save_overheads, summary


def datasheet(accelerator: str) -> Kernels:
    return Kernels(entry("accelerators", accelerator))


@functools.cache
def errors() -> tuple[RunError, ...]:
    return fit_overheads(datasheet)


def geometric_mean(values: list[float]) -> float:
    return math.prod(values) ** (1 / len(values))


def test_a_run_is_predicted_without_any_run_of_its_model_on_its_accelerator() -> None:
    left_out = next(error for error in errors() if error.run.name == "megatron-22b, full recompute")
    others = [
        error.ratio
        for error in errors()
        if error.run.used and error.run.framework == "megatron-lm" and error.run.model != "megatron-22b"
    ]
    assert len(others) == 6
    assert left_out.overhead.factor == pytest.approx(geometric_mean(others))
    assert left_out.error == pytest.approx(left_out.unstretched_s * geometric_mean(others) / 1.42 - 1)


def test_an_accelerator_with_no_other_run_takes_the_factor_of_its_framework_elsewhere() -> None:
    b200 = next(error for error in errors() if error.run.name == "Llama 3 8B on B200")
    elsewhere = [
        error.ratio
        for error in errors()
        if error.run.used and error.run.framework == "megatron-bridge" and error.run.accelerator != "b200"
    ]
    assert b200.overhead.factor == pytest.approx(geometric_mean(elsewhere))
    assert b200.overhead.origin == "megatron-bridge on other accelerators"


def test_runs_that_are_not_used_are_predicted_and_contribute_to_none() -> None:
    shown = [error for error in errors() if not error.run.used]
    assert len(shown) == 5
    foreign = next(error for error in shown if error.run.framework == "megatron-deepspeed")
    assert foreign.overhead.factor == 1.0
    assert sum(len(part) for part in parts(errors()).values()) == 16


def test_errors_are_summed_up_with_their_bias() -> None:
    part = parts(errors())["dense, 16 bits"]
    found = summary(part)
    assert found.runs == 8
    assert found.worst == max(abs(error.error) for error in part)
    assert abs(found.bias) <= found.mean <= found.worst


def test_saved_factors_are_read_back_and_fall_back_by_framework(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "training_overhead.yaml"
    save_overheads(errors(), datasheet, path)
    monkeypatch.setattr(overhead, "FILE", path)
    overhead._fitted.cache_clear()
    try:
        group = [e.ratio for e in errors() if e.run.used and e.run.group == ("h100-sxm", "megatron-bridge")]
        found = overhead_for("h100-sxm", "megatron-bridge")
        assert found.factor == pytest.approx(geometric_mean(group), rel=1e-4)
        assert (found.runs, found.origin) == (3, "megatron-bridge on h100-sxm")
        bridge = [error for error in errors() if error.run.used and error.run.framework == "megatron-bridge"]
        assert found.errors is not None
        assert found.errors.mean == pytest.approx(summary(bridge).mean, abs=1e-4)
        assert "3 published runs of megatron-bridge on h100-sxm" in found.text
        assert overhead_for("h200-sxm", "megatron-bridge").origin == "megatron-bridge on other accelerators"
        assert overhead_for("h200-sxm", "another").factor == 1.0
    finally:
        overhead._fitted.cache_clear()


def test_without_fitted_factors_nothing_is_stretched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "FILE", tmp_path / "none.yaml")
    overhead._fitted.cache_clear()
    try:
        assert overhead_for("h100-sxm").factor == 1.0
        assert "no published run" in overhead_for("h100-sxm").text
    finally:
        overhead._fitted.cache_clear()
