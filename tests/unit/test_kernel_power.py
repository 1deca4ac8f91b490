"""Power of kernels: the form's known answers, the cap, what stands in for what, and errors on real readings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.accelerators.accelerator import Accelerator
from models.calibration import fitted_files
from models.calibration.estimate import Basis, Estimate
from models.calibration.fits import FOLDER_VARIABLE, kernels_for
from models.calibration.fitted_files import FittedFile
from models.calibration.kernel_power import FittedPower, nearest_power, power_share, power_stand_in, stand_in
from models.calibration.kernels import Kernels
from models.calibration.operation import Rates, Work
from models.calibration.power_cap import capped, compute_bound_share
from models.calibration.power_fit import fit_power
from models.calibration.sources import h200_power
from models.calibration.sources.measurements import Measurements

PARAMETERS = {
    "idle_w": 100.0, "cap_w": 700.0, "active_w": 60.0, "compute_w": 300.0, "memory_w": 240.0,
    "compute_exponent": 0.5, "memory_exponent": 1.0, "least_time_s": 4e-4,
    "least_compute": 0.0, "greatest_compute": 1.0, "least_memory": 0.0, "greatest_memory": 1.0,
}  # fmt: skip
GEMM = FittedPower(
    operation="gemm", dtype="bf16", accelerator="h200-sxm", framework="vllm", parameters=PARAMETERS, table=None,
    rows=20, source="a test", device="none", held_out=None,
)  # fmt: skip


@pytest.fixture
def h200() -> Accelerator:
    return catalog.entry("accelerators", "h200-sxm")


@pytest.fixture
def h200_measurements(public_data: Path) -> dict[tuple[str, str], Measurements]:
    read = h200_power.read(public_data / "kernels")
    return {(each.operation, each.dtype): each for each in read}


def test_demand_adds_up_and_is_clipped_smoothly_at_the_cap() -> None:
    # (60 + 300 sqrt(0.25) + 240 0.5) / 600 = 0.55; 0.55 / (1 + 0.55^8)^(1/8) = 0.549427
    share = power_share(PARAMETERS, np.array([0.25, 0.0]), np.array([0.5, 0.0]))
    assert share == pytest.approx([0.549427, 0.1], abs=1e-6)


def test_no_kernel_draws_more_than_the_cap_or_less_than_idle(h200: Accelerator) -> None:
    greedy = dataclasses.replace(GEMM, parameters=PARAMETERS | {"compute_w": 6e4})
    power_w = Kernels(h200, power={("gemm", "bf16"): greedy}).gemm([1, 8192], 8192, 8192).power_w
    assert np.all(power_w <= h200.provisioned_power.value)
    assert np.all(power_w > h200.idle_power.value)


def test_a_kernel_shorter_than_those_measured_is_extrapolated(h200: Accelerator) -> None:
    estimate = Kernels(h200, power={("gemm", "bf16"): GEMM}).gemm([16, 16384], 8192, 8192)
    assert estimate.time_s[0] < 4e-4 < estimate.time_s[1]
    assert estimate.power_basis.tolist() == [Basis.EXTRAPOLATED, Basis.MEASURED]


def test_the_nearest_format_stands_in_before_the_nearest_operation() -> None:
    experts = dataclasses.replace(GEMM, operation="grouped_gemm", dtype="fp8")
    fitted = {("gemm", "bf16"): GEMM, ("grouped_gemm", "fp8"): experts}
    assert nearest_power(fitted, "gemm", "fp8") is GEMM
    assert nearest_power(fitted, "grouped_gemm", "fp8_block") is experts
    assert nearest_power(fitted, "all_reduce", "bf16") is None


def test_another_accelerators_fit_scales_between_idle_and_provisioned_power() -> None:
    a100 = catalog.entry("accelerators", "a100-80gb-sxm")
    borrowed = {("gemm", "bf16"): stand_in(GEMM, "a100-80gb-sxm")}
    estimate = Kernels(a100, power=borrowed).gemm(8192, 8192, 8192)
    compute = 2 * 8192**3 / float(estimate.time_s) / 312e12
    memory = 3 * 2 * 8192**2 / float(estimate.time_s) / 2.039e12
    share = power_share(PARAMETERS, np.array([compute]), np.array([memory]))[0]
    assert float(estimate.power_w) == pytest.approx(55.0 + 345.0 * share)
    assert int(estimate.power_basis) == Basis.DATASHEET


def test_h100_borrows_the_power_of_h200_which_is_the_same_chip() -> None:
    assert power_stand_in("h100-sxm") == ("h200-sxm", Basis.EXTRAPOLATED)
    assert power_stand_in("gb300") == ("b200", Basis.DATASHEET)
    assert power_stand_in("tpu-v6e") == ("h200-sxm", Basis.DATASHEET)


def test_without_any_fit_power_lies_between_idle_and_provisioned_and_says_datasheet(h200: Accelerator) -> None:
    kernels = Kernels(h200)
    product, copy = kernels.gemm(8192, 8192, 8192), kernels.elementwise(1e10)
    reduction = kernels.collective("all_reduce", 1e9, ranks=8)
    assert 75.0 < reduction.power_w < copy.power_w < product.power_w <= 691.0
    assert {int(each.power_basis) for each in (product, copy, reduction)} == {Basis.DATASHEET}


def test_a_fit_returns_the_form_that_made_its_readings() -> None:
    # Readings drawn from the form itself, a tenth of them taken after a pause and far too low.
    h200 = catalog.entry("accelerators", "h200-sxm")
    made = dataclasses.replace(GEMM, parameters=PARAMETERS | {"idle_w": 75.0, "cap_w": 691.0, "active_w": 61.6})
    m, n = (grid.ravel() for grid in np.meshgrid([16.0, 64.0, 256.0, 8192.0], np.geomspace(16384, 131072, 20).round()))
    estimate = Kernels(h200, power={("gemm", "bf16"): made}).gemm(m, n, 65536.0)
    power_w = np.where(np.arange(len(m)) % 10 == 3, 0.6, 1.0) * estimate.power_w
    rows = pd.DataFrame({"m": m, "n": n, "k": 65536.0, "time_s": estimate.time_s, "power_w": power_w})
    fit = fit_power(Measurements("gemm", "h200-sxm", "vllm", "bf16", "a test", "none", rows))
    assert fit.held_out is not None
    assert fit.held_out.median < 0.02
    again = Kernels(h200, power={("gemm", "bf16"): fit}).gemm(m, n, 65536.0).power_w
    assert np.median(np.abs(again / estimate.power_w - 1.0)) < 0.02


def test_readings_of_short_kernels_do_not_enter_the_fit() -> None:
    rows = pd.DataFrame({"m": 16.0, "n": np.arange(1.0, 51.0) * 64, "k": 1024.0, "time_s": 3.9e-4, "power_w": 400.0})
    with pytest.raises(ValueError, match=r"h200-sxm gemm bf16: 0 rows with power, of 0.4 ms and more; a fit needs 20"):
        fit_power(Measurements("gemm", "h200-sxm", "vllm", "bf16", "a test", "none", rows))


def test_a_fitted_power_is_kept_in_a_file_and_reads_back_the_same(
    tmp_path: Path, h200_measurements: dict[tuple[str, str], Measurements], h200: Accelerator
) -> None:
    fit = fit_power(h200_measurements["decode_attention", "bf16"])
    read = fitted_files.read(fitted_files.write(tmp_path, "h200-sxm", FittedFile((), (fit,)))).powers[0]
    first, second = (
        Kernels(h200, power={("decode_attention", "bf16"): each})
        .decode_attention([8, 64, 256], 16384, heads=32, key_value_heads=8, head_dim=128)
        .power_w
        for each in (fit, read)
    )
    assert second == pytest.approx(first, rel=1e-3)
    assert read.source == "h200_vllm_0.22.0_generation_attention_perf_with_power.parquet"
    assert read.device == "NVIDIA H200"


@pytest.mark.parametrize(
    ("operation", "dtype", "median", "p95"),
    [
        # Errors of held-out families as they were when the fit was made. Matrix products are inside 8 % / 25 % but for
        # the second, where a fifth of the readings are a third too low in whole groups of shapes. Readings of the same
        # prefill over a bf16 and an fp8 cache, equally long within 2 %, differ by 19 % in the median.
        ("gemm", "bf16", 0.02, 0.23),
        ("gemm", "fp8_block", 0.03, 0.72),
        ("prefill_attention", "bf16", 0.14, 0.45),
        ("decode_attention", "bf16", 0.11, 0.28),
    ],
)
def test_power_of_held_out_shapes_on_h200(
    h200_measurements: dict[tuple[str, str], Measurements], operation: str, dtype: str, median: float, p95: float
) -> None:
    held_out = fit_power(h200_measurements[operation, dtype]).held_out
    assert held_out is not None
    assert held_out.rows >= 100
    assert held_out.median < median
    assert held_out.p95 < p95


def _estimate(power_w: float, time_s: float = 1.0) -> Estimate:
    measured = np.array([Basis.MEASURED], dtype=np.uint8)
    return Estimate(np.array([time_s]), measured, np.array([power_w]), measured)


def test_a_compute_bound_kernel_slows_as_the_clock_falls_with_power() -> None:
    # (700 - 100) / (400 - 100) = 2, so the clock falls to 2^(-1/2.75) = 0.7772 and time rises by 1.2867
    slowed = capped(_estimate(700.0), 400.0, idle_w=100.0, compute_share=1.0)
    assert slowed.time_s == pytest.approx([1.28667], abs=1e-5)
    assert slowed.power_w.tolist() == [400.0]
    assert slowed.basis.tolist() == [Basis.EXTRAPOLATED]


def test_a_memory_bound_kernel_keeps_its_speed_under_a_cap() -> None:
    slowed = capped(_estimate(600.0), 400.0, idle_w=100.0, compute_share=0.0)
    assert slowed.time_s.tolist() == [1.0]
    assert slowed.power_w.tolist() == [400.0]


def test_a_kernel_loses_more_speed_the_more_compute_bounds_it_and_the_lower_the_cap() -> None:
    stretch = capped(
        _estimate(700.0), np.array([[600.0], [300.0]]), idle_w=100.0, compute_share=np.array([0.0, 0.3, 0.9])
    ).time_s
    assert np.all(np.diff(stretch, axis=1) > 0.0)
    assert np.all(stretch[1] >= stretch[0])


def test_a_kernel_below_the_cap_is_left_as_it_is() -> None:
    estimate = _estimate(350.0)
    same = capped(estimate, 400.0, idle_w=100.0, compute_share=1.0)
    assert same.time_s.tolist() == [1.0]
    assert same.power_w.tolist() == [350.0]
    assert same.basis.tolist() == [Basis.MEASURED]


def test_a_cap_below_idle_power_is_refused() -> None:
    with pytest.raises(ValueError, match=r"power cap \(90 W\) must be greater than idle power \(100 W\)"):
        capped(_estimate(700.0), 90.0, idle_w=100.0, compute_share=1.0)


def test_compute_bounds_a_kernel_by_half_where_computing_and_moving_take_as_long() -> None:
    work = Work(np.array([10.0, 10.0, 0.0]), np.array([2.0, 0.0, 2.0]))
    assert compute_bound_share(work, Rates(5.0, 1.0)).tolist() == [0.5, 1.0, 0.0]


def test_an_accelerator_without_power_of_its_own_borrows_what_a_like_one_has_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted_files.write(tmp_path, "h200-sxm", FittedFile((), (GEMM,)))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    own, borrowed, far = (
        kernels_for(accelerator).gemm(8192, 8192, 8192) for accelerator in ("h200-sxm", "h100-sxm", "a100-80gb-sxm")
    )
    bases = [int(estimate.power_basis) for estimate in (own, borrowed, far)]
    assert bases == [Basis.MEASURED, Basis.EXTRAPOLATED, Basis.DATASHEET]
    # H100 and H200 hold the same share of what lies between idle and cap at the same utilisation; H100 has 9 W more.
    assert 0.0 < float(borrowed.power_w) - float(own.power_w) < 30.0
