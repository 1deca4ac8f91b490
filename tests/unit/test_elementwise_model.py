"""Kernels that only move memory: latency, memory and cache by hand, and the rows that are taken for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.calibration.estimate import Basis
from models.calibration.fitting import Origin, fit_kernel
from models.calibration.kernels import Kernels
from models.calibration.operation import Rates
from models.calibration.operations.elementwise import Elementwise
from models.calibration.sources import aiconfigurator_elementwise

ELEMENTWISE = Elementwise()
RATES = Rates(1e15, 2e12)
PARAMETERS = {"latency_s": 1e-6, "memory": 0.5, "cached": 1.0, "cache_b": 1e7}


def _time_s(traffic_b: float) -> float:
    shape = {"traffic_b": np.array([traffic_b])}
    return float(ELEMENTWISE.closed_form_s(shape, "bf16", RATES, PARAMETERS)[0])


def test_nothing_to_move_takes_the_latency() -> None:
    assert _time_s(0.0) == 1e-6


def test_what_is_far_larger_than_the_cache_moves_at_the_rate_of_memory() -> None:
    assert _time_s(1e10) == pytest.approx(1e-6 + 1e10 / 1e12, rel=1e-9)


def test_what_fits_in_the_cache_moves_faster_by_its_share() -> None:
    assert _time_s(1e5) - 1e-6 == pytest.approx(1e5 / 2e12, rel=1e-6)


def test_as_much_as_the_cache_holds_moves_faster_by_half_the_share() -> None:
    assert _time_s(1e7) - 1e-6 == pytest.approx(1e7 / 1.5e12, rel=1e-12)


def test_more_traffic_never_takes_less_time_on_an_accelerator_without_measurements() -> None:
    estimate = Kernels(catalog.entry("accelerators", "tpu-v5p")).elementwise(np.geomspace(1.0, 1e11, 200))
    assert (np.diff(estimate.time_s) >= 0.0).all()
    assert (estimate.basis == Basis.DATASHEET).all()


def test_a_fit_finds_the_parameters_that_made_the_times() -> None:
    traffic_b = np.geomspace(1e3, 4e9, 400)
    shape = {"traffic_b": traffic_b}
    rows = pd.DataFrame({**shape, "time_s": ELEMENTWISE.closed_form_s(shape, "bf16", RATES, PARAMETERS)})
    kernel = fit_kernel(ELEMENTWISE, rows, RATES, Origin("vllm", "bf16", "made up", "none"))
    assert kernel.parameters == pytest.approx(PARAMETERS, rel=1e-3)
    assert kernel.held_out is not None
    assert kernel.held_out.p95 < 1e-3
    _, basis = kernel.predict(ELEMENTWISE, {"traffic_b": np.array([1e6, 1e11])}, RATES)
    assert basis.tolist() == [Basis.MEASURED, Basis.EXTRAPOLATED]


def _table() -> pd.DataFrame:
    return pd.DataFrame(
        {"device": "NVIDIA H100", "m": [10, 10, 1], "k": [4096, 64, 65_536], "quant_dtype": "fp8", "latency": 0.002}
    )


def test_a_matrix_is_read_in_two_bytes_and_written_in_one_and_only_widths_of_layers_are_taken() -> None:
    rows = aiconfigurator_elementwise.rows_of(_table())
    assert rows["traffic_b"].tolist() == [3.0 * 10 * 4096]
    assert rows["time_s"].tolist() == [2e-6]


def test_sglangs_scaling_which_memory_does_not_bound_is_left_out(tmp_path: Path) -> None:
    for framework in ("vllm", "sglang", "trtllm"):
        folder = tmp_path / "b200_sxm" / "quantize" / framework / "1.0.0"
        folder.mkdir(parents=True)
        _table().to_parquet(folder / "scale_matrix_perf.parquet")
    found = list(aiconfigurator_elementwise.read(tmp_path, ["b200"]))
    assert [(each.operation, each.accelerator, each.framework, each.dtype) for each in found] == [
        ("elementwise", "b200", "vllm", "bf16"),
        ("elementwise", "b200", "trtllm", "bf16"),
    ]
    assert list(aiconfigurator_elementwise.read(tmp_path, ["h100-sxm"])) == []
