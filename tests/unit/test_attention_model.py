"""Attention by shape: pairs counted exactly, tables read as frameworks run, errors on heads that were not seen."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.calibration.datasheet_rates import rates_of
from models.calibration.estimate import Basis
from models.calibration.fitted_kernel import FittedKernel, HeldOutError
from models.calibration.fitting import Origin, errors, fit_kernel, is_held_out
from models.calibration.kernels import Kernels
from models.calibration.operation import Axis, Shape
from models.calibration.operation_kinds import operations
from models.calibration.operations.decode_attention import DecodeAttention
from models.calibration.operations.head_classes import head_class
from models.calibration.operations.latent_attention import LatentDecodeAttention, LatentPrefillAttention
from models.calibration.operations.prefill_attention import (
    BACKWARD_OVER_FORWARD,
    PrefillAttention,
    attended_pairs,
    blended,
)
from models.calibration.sources import aiconfigurator_attention
from models.calibration.sources.aiconfigurator import data_folder
from models.calibration.sources.aiconfigurator_attention import chosen_timings, read
from models.calibration.sources.measurements import Measurements
from models.calibration.table_fit import fit_residual_table

H100 = catalog.entry("accelerators", "h100-sxm")


class Heads(TypedDict):
    heads: int
    key_value_heads: int
    head_dim: int


LLAMA_70B = Heads(heads=64, key_value_heads=8, head_dim=128)
LLAMA_70B_ON_8 = Heads(heads=8, key_value_heads=1, head_dim=128)
ONE_HEAD = Heads(heads=1, key_value_heads=1, head_dim=128)


def shape_of(**columns: float) -> Shape:
    return {name: np.array([float(value)]) for name, value in columns.items()}


def column(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=float)


@pytest.mark.parametrize("window", [0, 1, 3, 7, 8, 12, 40])
@pytest.mark.parametrize("past", [0, 1, 5, 20])
def test_attended_pairs_are_those_of_counting_keys_query_by_query(past: int, window: int) -> None:
    tokens = 9
    counted = sum(min(past + query, window or past + query) for query in range(1, tokens + 1))
    assert attended_pairs(column([tokens]), column([past]), column([window])) == [counted]


def test_prefill_work_of_a_windowed_prompt_by_hand() -> None:
    # 5 tokens, window 2: 1 + 2 + 2 + 2 + 2 = 9 pairs; two products of 2 FLOP for 3 sequences, 4 heads of 8.
    work = PrefillAttention().work(
        shape_of(batch=3, tokens=5, heads=4, key_value_heads=2, head_dim=8, window=2), "bf16"
    )
    assert work.flop == [4 * 3 * 4 * 8 * 9]
    # Queries and results of 4 heads, keys and values of 2, in 2 bytes.
    assert work.traffic_b == [2 * 3 * 5 * 8 * (2 * 4 + 2 * 2)]


def test_decode_work_counts_the_new_token_and_stops_at_the_window() -> None:
    heads = {"batch": 2, "heads": 4, "key_value_heads": 1, "head_dim": 8}
    whole = DecodeAttention().work(shape_of(past_tokens=9, window=0, **heads), "fp8")
    windowed = DecodeAttention().work(shape_of(past_tokens=9, window=5, **heads), "fp8")
    assert whole.flop == [4 * 2 * 4 * 8 * 10]
    assert windowed.flop == [4 * 2 * 4 * 8 * 5]
    # Cache in one byte, queries and results in two.
    assert whole.traffic_b == [2 * 2 * 8 * 10 + 2 * 2 * 2 * 4 * 8]


def test_latent_work_reads_one_compressed_entry_for_all_heads() -> None:
    decode = LatentDecodeAttention().work(shape_of(batch=1, past_tokens=99, heads=16), "bf16")
    assert decode.flop == [2 * 16 * 100 * (576 + 512)]
    assert decode.traffic_b == [2 * 100 * 576 + 2 * 16 * (576 + 512)]
    prefill = LatentPrefillAttention().work(shape_of(batch=2, tokens=3, heads=16), "bf16")
    assert prefill.flop == [2 * 2 * 6 * 16 * (192 + 128)]


def test_vllm_writes_few_key_value_heads_to_its_cache_as_slowly_as_many() -> None:
    operation, rates = PrefillAttention(), rates_of(H100, PrefillAttention(), "bf16")
    alone = dict(operation.datasheet_parameters)
    assert set(operation.fitted_parameters("vllm")) - set(alone) == {"write"}
    assert operation.fitted_parameters("sglang") == alone == operation.fitted_parameters("trtllm")

    def writing_s(key_value_heads: int) -> float:
        shape = shape_of(batch=2, tokens=100, heads=64, key_value_heads=key_value_heads, head_dim=128, window=0)
        with_write, without = (
            operation.closed_form_s(shape, "bf16", rates, parameters) for parameters in ({**alone, "write": 3.0}, alone)
        )
        return float((with_write - without)[0])

    # Three times reading 4 bytes for each of 200 tokens' threads: 128 a head, at most 512.
    assert writing_s(1) == pytest.approx(3.0 * 4 * 200 * 128 / H100.memory_bandwidth_b_per_s)
    assert writing_s(4) == pytest.approx(4 * writing_s(1)) == pytest.approx(writing_s(64))


def test_gaps_are_bridged_along_the_axes_that_are_named() -> None:
    axes = (Axis("x", (0.0, 1.0, 2.0, 3.0)), Axis("y", (0.0, 1.0, 2.0, 3.0)))
    features = np.array([[0.5, 0.5], [2.5, 0.5], [0.5, 2.5]])
    table = fit_residual_table(axes, features, np.full(3, 0.2), smoothness=0.01, bridged_cells=(1, 0))
    _, inside = table(np.array([[1.5, 0.5], [0.5, 1.5]]))
    assert inside.tolist() == [True, False]


def test_backward_takes_five_matrix_products_to_two() -> None:
    assert BACKWARD_OVER_FORWARD == 5 / 2


def test_a_blend_of_one_is_the_sum_and_a_large_one_the_greater() -> None:
    assert blended(column([3.0]), column([4.0]), 1.0) == pytest.approx([7.0])
    assert blended(column([3.0]), column([4.0]), 2.0) == pytest.approx([5.0])
    assert blended(column([3.0]), column([4.0]), 1e6) == pytest.approx([4.0], rel=1e-6)


def test_heads_fall_into_classes_by_width_and_window() -> None:
    def classes(head_dim: float, window: float, attended: float) -> float:
        return float(head_class(column([head_dim]), column([window]), column([attended]))[0])

    assert classes(128, 0, 1000) != classes(64, 0, 1000)
    assert classes(128, 128, 1000) == classes(128, 1024, 5000) != classes(128, 0, 1000)
    assert classes(128, 8192, 9000) not in (classes(128, 128, 9000), classes(128, 0, 9000))
    assert classes(256, 8192, 1000) == classes(256, 0, 1000), "no long windows of 256: as none while it holds all"
    assert np.isnan(classes(256, 8192, 10_000))
    assert np.isnan(classes(80, 0, 1000))


def timings(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["kernel_source", "attn_dtype", "kv_cache_dtype", "latency"])
    return table.assign(batch_size=1, isl=16, step=0, num_heads=8, num_key_value_heads=8, head_dim=128, window_size=0)


def test_repetitions_of_a_shape_are_their_median_in_seconds() -> None:
    repeated = timings(*(("fa3", "bfloat16", "bfloat16", latency) for latency in (1.0, 9.0, 2.0)))
    assert chosen_timings(repeated, "attn_dtype")["time_s"].tolist() == [2e-3]


def test_the_kernel_that_the_framework_picks_is_taken_even_where_another_is_faster() -> None:
    several = timings(("triton", "bfloat16", "fp8", 1.0), ("trtllm_mha", "bfloat16", "fp8", 2.0))
    assert chosen_timings(several, "attn_dtype")["time_s"].tolist() == [2e-3]


def test_queries_as_narrow_as_the_cache_are_taken_where_both_were_timed() -> None:
    both = timings(("fa3", "bfloat16", "fp8", 1.0), ("fa3", "fp8", "fp8", 3.0))
    assert chosen_timings(both, "attn_dtype")["time_s"].tolist() == [3e-3]


def test_a_table_is_read_by_cache_format_without_prompts_of_one_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiconfigurator_attention, "source_name", lambda: "tables 1.0")
    rows = timings(("fa3", "bfloat16", "bfloat16", 1.0), ("fa3", "bfloat16", "fp8", 2.0)).assign(device="NVIDIA H100")
    folder = tmp_path / "h100_sxm" / "attention" / "vllm" / "0.9.0"
    folder.mkdir(parents=True)
    table = pd.concat([rows, rows.assign(isl=1)]).drop(columns="window_size")
    table.to_parquet(folder / "context_attention_perf.parquet")
    found = list(read(tmp_path, ["h100-sxm"]))
    assert [(each.dtype, each.rows["time_s"].tolist()) for each in found] == [("bf16", [1e-3]), ("fp8", [2e-3])]
    assert found[0].rows["window"].tolist() == [0], "a table without windows has none"
    assert (found[0].operation, found[0].source) == ("prefill_attention", "tables 1.0: vllm 0.9.0")
    assert list(read(tmp_path, ["a100-80gb-sxm"])) == []


def test_an_unmeasured_accelerator_is_answered_from_its_datasheet() -> None:
    estimate = Kernels(H100).decode_attention(64, 8191, window=0, **LLAMA_70B_ON_8)
    assert estimate.basis == Basis.DATASHEET
    cache_b = 64 * 8192 * 2 * 128 * 2
    assert estimate.time_s > cache_b / H100.memory_bandwidth_b_per_s
    assert estimate.time_s < 2.0 * cache_b / H100.memory_bandwidth_b_per_s


def test_a_chunk_without_past_is_a_whole_prompt_whatever_other_chunks_have() -> None:
    kernels = Kernels(H100)
    whole = kernels.prefill_attention(2, 512, **LLAMA_70B_ON_8)
    chunks = kernels.prefill_attention(2, 512, past_tokens=[0, 4096], **LLAMA_70B_ON_8)
    assert chunks.time_s[0] == whole.time_s
    assert chunks.time_s[1] > whole.time_s


def test_a_chunk_behind_a_past_is_never_measured_and_never_faster_than_reading_its_cache() -> None:
    kernels = Kernels(H100, "vllm", {("prefill_attention", "bf16"): fitted_to_closed_form()})
    assert kernels.prefill_attention(1, 4096, **LLAMA_70B_ON_8).basis == Basis.MEASURED
    past = np.array([0, 1, 100, 10_000, 120_000])
    chunks = kernels.prefill_attention(1, 1, past_tokens=past, **LLAMA_70B_ON_8)
    assert np.all(chunks.time_s >= kernels.decode_attention(1, past, **ONE_HEAD).time_s * (past > 0))
    assert np.all(chunks.basis[past > 0] >= Basis.EXTRAPOLATED)


def test_long_chunks_cost_the_pairs_that_they_attend_at_the_rate_of_the_longest_prompt() -> None:
    kernels = Kernels(H100, "vllm", {("prefill_attention", "bf16"): fitted_to_closed_form()})
    longest = kernels.prefill_attention(1, 16_384, **LLAMA_70B).time_s
    chunk = kernels.prefill_attention(1, 8192, past_tokens=57_344, **LLAMA_70B).time_s
    pairs = 8192 * 57_344 + 8192 * 8193 / 2
    assert chunk == pytest.approx(longest * pairs / (16_384 * 16_385 / 2), rel=0.01)


def fitted_to_closed_form() -> FittedKernel:
    """Return prefill attention fitted to times that its own closed form made, of one head configuration."""
    operation = PrefillAttention()
    grid = pd.MultiIndex.from_product(
        [[1, 2, 4, 8], [2**power for power in range(4, 15)], [8, 64]], names=["batch", "tokens", "heads"]
    ).to_frame(index=False)
    rows = grid.assign(key_value_heads=grid["heads"] // 8, head_dim=128, window=0)
    rates = rates_of(H100, operation, "bf16")
    shape = {name: rows[name].to_numpy(dtype=float) for name in operation.columns}
    time_s = operation.closed_form_s(shape, "bf16", rates, operation.datasheet_parameters)
    return fit_kernel(operation, rows.assign(time_s=time_s), rates, Origin("vllm", "bf16", "made up", "none"))


@functools.cache
def measured_on_h100() -> dict[tuple[str, str, str], Measurements]:
    found = read(data_folder(), ["h100-sxm"])
    return {(each.operation, each.framework, each.dtype): each for each in found}


def held_out(operation: str, framework: str, dtype: str) -> HeldOutError:
    pytest.importorskip("aiconfigurator_core", reason="the tables of pip install 'datahall[kernels]'")
    kind, found = operations()[operation], measured_on_h100()[operation, framework, dtype]
    origin = Origin(framework, dtype, found.source, found.device)
    unseen = fit_kernel(kind, found.rows, rates_of(H100, kind, dtype), origin).held_out
    assert unseen is not None
    return unseen


@pytest.mark.parametrize(
    ("operation", "framework", "dtype"),
    [
        ("prefill_attention", "trtllm", "bf16"),
        ("prefill_attention", "trtllm", "fp8"),
        ("prefill_attention", "vllm", "bf16"),
        ("prefill_attention", "vllm", "fp8"),
        ("decode_attention", "vllm", "bf16"),
        ("decode_attention", "vllm", "fp8"),
    ],
)
def test_head_configurations_that_were_not_seen_are_predicted_within_4_and_17_percent(
    operation: str, framework: str, dtype: str
) -> None:
    unseen = held_out(operation, framework, dtype)
    assert unseen.median < 0.04
    assert unseen.p95 < 0.17
    assert unseen.fallback_share < 0.05
    assert unseen.p95 < unseen.closed_form_p95 / 2


def test_latent_attention_is_predicted_for_head_counts_that_were_not_seen() -> None:
    assert held_out("latent_prefill_attention", "trtllm", "bf16").median < 0.03
    assert held_out("latent_decode_attention", "sglang", "fp8").p95 < 0.17


def test_a_single_head_behind_a_window_is_what_keeps_unseen_prompts_of_sglang_above_17_percent() -> None:
    pytest.importorskip("aiconfigurator_core", reason="the tables of pip install 'datahall[kernels]'")
    kind, found = PrefillAttention(), measured_on_h100()["prefill_attention", "sglang", "bf16"]
    rates, origin = rates_of(H100, kind, "bf16"), Origin("sglang", "bf16", found.source, found.device)
    held = is_held_out(kind, found.rows)
    kernel = fit_kernel(kind, found.rows[~held], rates, origin)
    single = (found.rows["heads"] == 1) & (found.rows["window"] > 0)
    others, alone = (errors(kernel, kind, found.rows[held & which], rates) for which in (~single, single))
    assert others.median < 0.04
    assert others.p95 < 0.17 < alone.p95


def test_a_cache_read_faster_than_the_memory_can_is_not_taken() -> None:
    pytest.importorskip("aiconfigurator_core", reason="the tables of pip install 'datahall[kernels]'")
    taken = {(each.operation, each.framework) for each in read(data_folder(), ["a100-80gb-sxm"])}
    assert ("decode_attention", "trtllm") not in taken
    assert {("decode_attention", "vllm"), ("prefill_attention", "trtllm")} <= taken
