"""Matrix products: work by hand, waves and tiles in the closed form, what stands in for what, and held-out errors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.calibration.datasheet_rates import rates_of
from models.calibration.estimate import Basis
from models.calibration.fits import kernels_for
from models.calibration.fitted_kernel import FittedKernel
from models.calibration.fitting import Origin, errors, fit_kernel, is_held_out
from models.calibration.kernels import Kernels
from models.calibration.operation import Rates, Shape
from models.calibration.operations.gemm import Gemm
from models.calibration.sources import aiconfigurator, aiconfigurator_gemm

GEMM = Gemm()
PLAIN = {
    "latency_s": 1e-6,
    "latency_growth": 0.0,
    "compute": 1.0,
    "memory": 1.0,
    "wave": 0.0,
    "ramp": 0.0,
    "blend": 1.0,
}
"""Every term of the closed form off but latency, work and traffic, which are added up."""
RATES = Rates(1e15, 1e12)


def _shape(m: float, n: float, k: float) -> Shape:
    return {"m": np.array([m]), "n": np.array([n]), "k": np.array([k])}


@pytest.mark.parametrize(("dtype", "traffic_b"), [("bf16", 52.0), ("fp8", 32.0), ("nvfp4", 23.25)])
def test_a_product_of_2_by_4_and_4_by_3_does_48_flop_and_moves_its_three_matrices(dtype: str, traffic_b: float) -> None:
    work = GEMM.work(_shape(2, 3, 4), dtype)
    assert work.flop[0] == 48.0
    assert work.traffic_b[0] == traffic_b  # 20 elements read in the format, 6 written in 2 bytes


def test_the_plain_closed_form_is_latency_and_work_and_traffic_at_their_rates() -> None:
    time_s = GEMM.closed_form_s(_shape(1000, 1000, 1000), "bf16", RATES, PLAIN)
    # 2e9 FLOP at 1e15 FLOP/s are 2 us, 6e6 B at 1e12 B/s are 6 us.
    assert time_s[0] == pytest.approx(9e-6, rel=1e-12)


def test_a_sharp_blend_takes_the_longer_of_work_and_traffic() -> None:
    time_s = GEMM.closed_form_s(_shape(1000, 1000, 1000), "bf16", RATES, {**PLAIN, "blend": 1e3})
    assert time_s[0] == pytest.approx(7e-6, rel=1e-12)


def test_latency_grows_with_the_logarithm_of_the_depth() -> None:
    shallow = GEMM.closed_form_s(_shape(1, 1, 1024), "bf16", RATES, PLAIN)
    deep = GEMM.closed_form_s(_shape(1, 1, 1024), "bf16", RATES, {**PLAIN, "latency_growth": 0.5})
    assert deep[0] - shallow[0] == pytest.approx(0.5e-6)  # log2(1 + 1024/1024) is 1


def test_a_depth_as_short_as_the_ramp_halves_the_pace() -> None:
    time_s = GEMM.closed_form_s(_shape(1000, 1000, 1000), "bf16", RATES, {**PLAIN, "ramp": 1000.0})
    assert time_s[0] == pytest.approx(11e-6, rel=1e-12)


def test_one_row_more_than_a_full_wave_costs_more_by_half_a_wave_where_the_best_tile_takes_it() -> None:
    rates = Rates(1e15, 1e30, multiprocessors=100)
    full, more = (
        GEMM.closed_form_s(_shape(m, 256, 1000), "bf16", rates, {**PLAIN, "latency_s": 0.0, "wave": 1.0})[0]
        for m in (12_800, 12_801)
    )
    # 100 tiles of 128 by 256 fill one wave; of 64 by 128, the best for one row more, 400 fill four and 402 take five.
    assert more / full == pytest.approx(5 / 4, rel=1e-12)


def test_where_multiprocessors_are_unknown_only_tiles_are_filled_up() -> None:
    parameters = {**PLAIN, "latency_s": 0.0, "wave": 1.0}
    full, more = (
        GEMM.closed_form_s(_shape(m, 256, 1000), "bf16", Rates(1e15, 1e30), parameters)[0] for m in (12_800, 12_801)
    )
    assert more / full == pytest.approx(201 / 200, rel=1e-12)  # rows of tiles 64 high


def test_emptiness_is_nought_for_full_waves_and_at_most_one_octave() -> None:
    rates = Rates(1e15, 1e12, multiprocessors=100)
    shape = {"m": np.array([12_800.0, 12_801.0, 1.0]), "n": np.full(3, 256.0), "k": np.full(3, 4096.0)}
    emptiness = GEMM.coordinates(shape, rates)[:, 3]
    # One row more: 202 tiles of 128 by 128 take three waves for two, 101 of 128 by 256 take two for one.
    assert emptiness.tolist() == pytest.approx([0.0, (math.log2(1.5) + 1.0) / 2.0, 1.0], abs=1e-3)


def test_no_parameters_that_a_search_may_try_make_a_time_that_is_not_a_number() -> None:
    shape = {"m": np.array([1.0, 32_768.0]), "n": np.array([32.0, 65_536.0]), "k": np.array([32.0, 65_536.0])}
    parameters = {**PLAIN, "wave": 1e9, "blend": 500.0, "ramp": 1e4}
    time_s = GEMM.closed_form_s(shape, "bf16", Rates(1e15, 1e12, 132), parameters)
    assert np.isfinite(time_s).all()
    assert (time_s > 0.0).all()


@pytest.mark.parametrize("accelerator", ["mi300x", "tpu-v5p", "h100-sxm"])
def test_an_accelerator_without_measurements_is_answered_from_its_datasheet_and_never_beats_it(
    accelerator: str,
) -> None:
    entry = catalog.entry("accelerators", accelerator)
    m = np.array([1.0, 100.0, 8192.0])
    estimate = Kernels(entry).gemm(m, 8192, 8192)
    assert (estimate.basis == Basis.DATASHEET).all()
    assert (estimate.time_s > 2.0 * m * 8192**2 / entry.compute_flop_per_s("bf16")).all()
    assert (estimate.time_s > 2.0 * 8192**2 / entry.memory_bandwidth_b_per_s).all()


def test_without_measurements_fp8_is_taken_to_reach_less_of_its_rate_than_bf16_does() -> None:
    entry = catalog.entry("accelerators", "h200-sxm")
    reached = [
        2.0 * 16_384**3 / float(Kernels(entry).gemm(16_384, 16_384, 16_384, dtype=dtype).time_s) / rate
        for dtype, rate in (("bf16", entry.compute_flop_per_s("bf16")), ("fp8", entry.compute_flop_per_s("fp8")))
    ]
    assert reached == pytest.approx([0.76, 0.53], abs=0.02)


def _fitted(accelerator: str, dtype: str = "bf16") -> FittedKernel:
    """A fit of made-up times, 1.1 times those of the datasheet, at powers of two up to 8192."""
    entry = catalog.entry("accelerators", accelerator)
    m, n, k = (grid.ravel() for grid in np.meshgrid(*(np.exp2(np.arange(low, 14.0)) for low in (0, 7, 7))))
    rates = rates_of(entry, GEMM, dtype)
    time_s = GEMM.closed_form_s({"m": m, "n": n, "k": k}, dtype, rates, GEMM.datasheet_parameters) * 1.1
    rows = pd.DataFrame({"m": m, "n": n, "k": k, "time_s": time_s})
    return fit_kernel(GEMM, rows, rates, Origin("vllm", dtype, "made up", "none"))


def test_products_in_fp16_are_answered_as_those_in_bf16_unless_they_were_measured() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"), "vllm", {("gemm", "bf16"): _fitted("h100-sxm")})
    half, brain = kernels.gemm(512, 4096, 4096, dtype="fp16"), kernels.gemm(512, 4096, 4096)
    assert float(half.time_s) == float(brain.time_s)
    assert half.basis == Basis.MEASURED
    measured = Kernels(kernels.accelerator, "vllm", {**kernels.fitted, ("gemm", "fp16"): _fitted("h100-sxm", "fp16")})
    measured.fitted[("gemm", "fp16")].table.values[:] += 1.0  # type: ignore[union-attr]
    assert float(measured.gemm(512, 4096, 4096, dtype="fp16").time_s) > 2.0 * float(half.time_s)


def test_many_shapes_in_one_call_are_answered_as_one_by_one() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"), "vllm", {("gemm", "bf16"): _fitted("h100-sxm")})
    m = np.arange(1.0, 40_001.0)
    together = kernels.gemm(m, 4096, 4096)
    for index in (0, 16_383, 16_384, 39_999):
        alone = kernels.gemm(m[index], 4096, 4096)
        assert (float(alone.time_s), int(alone.basis)) == (together.time_s[index], together.basis[index])
        assert float(alone.power_w) == together.power_w[index]
    assert together.basis[-1] == Basis.EXTRAPOLATED  # beyond the 8192 rows that were "measured"


def test_shapes_broadcast_and_none_at_all_is_fine() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"))
    assert kernels.gemm([[1], [2]], [1024, 2048, 4096], 512).time_s.shape == (2, 3)
    assert kernels.gemm([], 1024, 512).time_s.shape == (0,)


def _table(framework: str, dtypes: list[str]) -> pd.DataFrame:
    rows = {"framework": framework, "device": "NVIDIA H100", "gemm_dtype": dtypes, "m": 16, "n": 32, "k": 64}
    return pd.DataFrame({**rows, "latency": np.arange(1.0, len(dtypes) + 1.0)})


def test_rows_are_in_seconds_repetitions_are_one_row_and_integers_are_left_out() -> None:
    rows = aiconfigurator_gemm.rows_of(_table("VLLM", ["bfloat16", "bfloat16", "bfloat16", "int8_wo", "nvfp4"]))
    assert rows["dtype"].tolist() == ["bf16", "nvfp4"]
    assert rows["time_s"].tolist() == pytest.approx([2e-3, 5e-3])


def test_the_newest_version_is_read_and_vllms_fp8_blocks_which_time_the_host_are_not(tmp_path: Path) -> None:
    for framework in ("vllm", "sglang"):
        for version, dtypes in (("0.9.0", ["fp8"]), ("0.24.0", ["bfloat16", "fp8_block"])):
            folder = tmp_path / "h100_sxm" / "gemm" / framework / version
            folder.mkdir(parents=True)
            _table(framework, dtypes).to_parquet(folder / "gemm_perf.parquet")
    found = list(aiconfigurator_gemm.read(tmp_path, ["h100-sxm"]))
    assert [(each.framework, each.dtype) for each in found] == [
        ("vllm", "bf16"), ("sglang", "bf16"), ("sglang", "fp8_block"),
    ]  # fmt: skip
    assert found[0].source.endswith("vllm 0.24.0")
    assert found[0].device == "NVIDIA H100"
    assert list(aiconfigurator_gemm.read(tmp_path, ["l40s"])) == []


@pytest.mark.parametrize("accelerator", ["h100-sxm", "h200-sxm"])
@pytest.mark.parametrize("framework", ["vllm", "trtllm"])
def test_bf16_products_of_models_not_seen_are_predicted_as_well_as_promised(accelerator: str, framework: str) -> None:
    try:
        folder = aiconfigurator.data_folder()
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    found = aiconfigurator_gemm.read(folder, [accelerator])
    rows = next(each.rows for each in found if (each.framework, each.dtype) == (framework, "bf16"))
    rates = rates_of(catalog.entry("accelerators", accelerator), GEMM, "bf16")
    held = is_held_out(GEMM, rows)
    kernel = fit_kernel(GEMM, rows[~held].reset_index(drop=True), rates, Origin(framework, "bf16", "", ""))
    large = rows[held & (rows["n"] >= 1024) & (rows["k"] >= 1024)]
    error = errors(kernel, GEMM, large, rates)
    assert error.median < 0.035
    assert error.p95 < 0.14
    assert error.closed_form_median < 0.06
    assert error.closed_form_p95 < 0.20
    assert error.fallback_share == 0.0


@pytest.mark.parametrize("size", [0.0, -5.0, math.nan, math.inf])
def test_sizes_that_are_no_positive_numbers_are_refused_by_name(size: float) -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"))
    with pytest.raises(ValueError, match=r"n \(.*\) must be greater than 0, and finite"):
        kernels.gemm(16, [4096.0, size], 4096)
    with pytest.raises(ValueError, match="tokens"):
        kernels.prefill_attention(1, size, heads=32, key_value_heads=8, head_dim=128)
    with pytest.raises(ValueError, match="ranks"):
        kernels.collective("all_reduce", 1e6, ranks=size)
    assert kernels.gemm(np.array([]), 4096, 4096).time_s.shape == (0,)


def test_no_past_no_window_and_no_bytes_are_sizes() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"))
    assert kernels.decode_attention(1, 0, heads=32, key_value_heads=8, head_dim=128).time_s > 0.0
    assert kernels.elementwise(0.0).time_s > 0.0
    with pytest.raises(ValueError, match=r"past_tokens \(-1\) must be 0 or more"):
        kernels.prefill_attention(1, 16, past_tokens=-1, heads=32, key_value_heads=8, head_dim=128)


def test_a_format_without_units_of_its_own_computes_as_bf16_does_and_reads_less() -> None:
    kernels = Kernels(catalog.entry("accelerators", "a100-80gb-sxm"))
    large, small = (
        np.array([kernels.gemm(m, 8192, 8192, dtype=d).time_s for d in ("nvfp4", "bf16")]) for m in (8192, 1)
    )
    assert large[0] == pytest.approx(large[1], rel=0.02), "bound by the rate of bf16 either way"
    assert small[0] < 0.5 * small[1], "9/16 of a byte an element to 2 bytes"


def test_fp16_is_answered_as_bf16_where_it_was_not_measured() -> None:
    kernels = kernels_for("h100-sxm")
    heads = {"heads": 32, "key_value_heads": 8, "head_dim": 128}
    for past_tokens in (0, 512):
        fp16, bf16 = (
            kernels.prefill_attention(2, 512, past_tokens=past_tokens, dtype=dtype, **heads)
            for dtype in ("fp16", "bf16")
        )
        assert fp16 == bf16
