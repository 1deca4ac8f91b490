"""Experts of a mixture: who is visited, what the busiest rank pays, and how the public table is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import catalog
from models.calibration.estimate import Basis
from models.calibration.kernels import Kernels
from models.calibration.operation import Rates
from models.calibration.operations.grouped_gemm import GroupedGemm, expert_load
from models.calibration.sources import aiconfigurator_experts

COLUMNS = {
    "moe_dtype": "bfloat16",
    "kernel_source": "fused",
    "num_tokens": 8,
    "hidden_size": 4096,
    "inter_size": 1536,
    "topk": 8,
    "num_experts": 128,
    "moe_tp_size": 1,
    "moe_ep_size": 1,
    "distribution": "balanced",
    "latency": 1.0,
    "device": "NVIDIA H100",
}


def shape(**columns: float) -> dict[str, np.ndarray]:
    given = {
        "tokens": 16, "hidden": 4096, "intermediate": 1536, "experts": 128, "active": 8,
        "tensor_parallel": 1, "expert_parallel": 1, "skew": 0, **columns,
    }  # fmt: skip
    return {name: np.array([float(value)]) for name, value in given.items()}


@pytest.mark.parametrize(
    ("tokens", "ranks", "rows", "visited"),
    [
        (1, 1, 8, 8),  # fewer choices than experts: each of another
        (16, 1, 128, 128),  # 16 x 8 choices: exactly one each
        (64, 1, 512, 128),  # four each
        (64, 8, 64, 16),  # an eighth of the choices, all 16 local experts
        (4, 8, 4, 4),
        (1, 128, 1, 1),  # some rank has the choice; that one is timed
    ],
)
def test_even_choices_visit_as_many_experts_as_there_are_choices(
    tokens: int, ranks: int, rows: int, visited: int
) -> None:
    load = expert_load(tokens, experts=128, active=8, expert_parallel=ranks)
    assert float(load.rows) == pytest.approx(rows)
    assert float(load.visited) == pytest.approx(visited)


def test_one_rank_has_all_choices_however_tokens_prefer() -> None:
    assert float(expert_load(64, experts=128, active=8, skew=1.2).rows) == pytest.approx(512.0)


def test_preferred_experts_leave_others_unvisited() -> None:
    # Shares with density x^-1.2 on 0.01 to 2: mean 0.228 = (0.2 / 0.8)(2^0.8 - 0.01^0.8)/(0.01^-0.2 - 2^-0.2) and, as
    # there are as many choices as experts, a share below half the mean rounds to nothing:
    # (0.1142^-0.2 - 2^-0.2)/(0.01^-0.2 - 2^-0.2) = 0.385 of 128 experts. A simulation of the draws gives 0.390.
    load = expert_load(16, experts=128, active=8, skew=1.2)
    assert float(load.visited) == pytest.approx(49.3, abs=0.2)


def test_the_load_formula_agrees_with_simulated_draws() -> None:
    draws = np.random.default_rng(7)
    tokens, experts, active, ranks, exponent = 512, 256, 8, 8, 1.2
    least, greatest, power = 1.0, 0.8 * tokens, 1.0 - exponent
    uniform = draws.random((2000, experts))
    shares = (least**power + uniform * (greatest**power - least**power)) ** (1.0 / power)
    counts = np.rint(shares / shares.sum(axis=1, keepdims=True) * tokens * active).reshape(2000, ranks, -1)
    busiest = counts.sum(axis=2).max(axis=1).mean()
    load = expert_load(tokens, experts=experts, active=active, expert_parallel=ranks, skew=exponent)
    assert float(load.rows) == pytest.approx(busiest, rel=0.1)


def test_skew_moves_rows_to_the_busiest_rank_without_a_jump() -> None:
    skews = np.linspace(0.0, 1.2, 25)
    rows = expert_load(4096, experts=128, active=8, expert_parallel=16, skew=skews).rows
    assert rows[0] == pytest.approx(4096 * 8 / 16)
    assert np.all(np.diff(rows) > 0.0)
    assert np.max(rows[1:] / rows[:-1]) < 1.1


def test_work_counts_three_matrices_of_each_row_and_reads_each_visited_expert_once() -> None:
    flop, traffic_b = GroupedGemm().work(shape(), "bf16")
    matrices = 3 * 4096 * 1536
    assert flop[0] == pytest.approx(2 * 128 * matrices)
    assert traffic_b[0] == pytest.approx(2 * 128 * matrices + 2 * 128 * (2 * 4096 + 3 * 1536))


def test_tensor_and_expert_ranks_share_the_work() -> None:
    whole, halved = GroupedGemm().work(shape(), "bf16"), GroupedGemm().work(shape(tensor_parallel=2), "bf16")
    parted = GroupedGemm().work(shape(expert_parallel=2), "bf16")
    assert halved.flop[0] == pytest.approx(whole.flop[0] / 2)
    assert parted.flop[0] == pytest.approx(whole.flop[0] / 2)
    assert parted.traffic_b[0] == pytest.approx(whole.traffic_b[0] / 2)


BY_HAND = {
    "latency_s": 1e-5, "depth_s": 1e-6, "compute": 0.5, "memory": 0.5, "overlap": 0.0, "tile_rows": 1.0,
    "tile_columns": 1536.0, "unaligned": 1.0, "spread": 1.0, "spread_inner": 1.0,
}  # fmt: skip


def test_closed_form_adds_up_by_hand() -> None:
    operation = GroupedGemm()
    traffic_b = float(operation.work(shape(), "bf16").traffic_b[0])
    compute_s = 2 * (128 + 128) * 3 * 4096 * 1536 / 0.5e15
    memory_s = traffic_b / 0.5e12
    spread_s = (2 * 16 * 9 * 4096 + 6 * 16 * 8 * 1536) / 1e12
    expected_s = 1e-5 + 1e-6 * (4096 + 1536) / 1024 + 2.0 * (compute_s + memory_s) + spread_s
    assert operation.closed_form_s(shape(), "bf16", Rates(1e15, 1e12), BY_HAND)[0] == pytest.approx(expected_s)


def test_a_width_that_sixteen_does_not_divide_takes_longer_than_a_wider_one() -> None:
    def time_s(inner: float) -> float:
        given = shape(intermediate=inner)
        return float(GroupedGemm().closed_form_s(given, "bf16", Rates(1e15, 1e12), BY_HAND)[0])

    assert time_s(88) > time_s(96)


def test_an_unmeasured_accelerator_is_answered_from_its_datasheet() -> None:
    kernels = Kernels(catalog.entry("accelerators", "h100-sxm"))
    even, skewed = (
        kernels.grouped_gemm(
            np.array([1, 64, 4096]), hidden=4096, intermediate=1536, experts=128, active=8, expert_parallel=8, skew=skew
        )
        for skew in (0.0, 1.2)
    )
    assert np.all(even.basis == Basis.DATASHEET)
    assert np.all(np.diff(even.time_s) > 0.0)
    assert skewed.time_s[2] > even.time_s[2]
    # 16 local experts of 37.7 MB over 3.35 TB/s take 180 us; the datasheet's assumption may be off by a factor of two.
    assert 180e-6 < even.time_s[1] < 450e-6


def test_rows_keep_the_whole_groups_tokens_and_the_exponent_of_the_power_law() -> None:
    table = pd.DataFrame([COLUMNS, {**COLUMNS, "distribution": "power_law_1.2", "moe_ep_size": 8, "latency": 0.5}])
    rows = aiconfigurator_experts.rows_of(table)
    assert rows["dtype"].tolist() == ["bf16", "bf16"]
    assert sorted(zip(rows["tokens"], rows["expert_parallel"], rows["skew"], rows["time_s"], strict=True)) == [
        (8.0, 1.0, 0.0, 0.001),
        (8.0, 8.0, 1.2, 0.0005),
    ]


def row(**columns: object) -> dict[str, object]:
    return {**COLUMNS, **columns}


def test_rows_of_other_operations_and_of_failed_tuning_are_left_out() -> None:
    table = pd.DataFrame(
        [
            row(),
            row(num_tokens=16, latency=4.0),  # 32 tokens took half as long
            row(num_tokens=32, latency=2.0),
            row(num_tokens=64, kernel_source="moe_torch_flow_nongated", latency=3.0),
            row(num_tokens=64, kernel_source="moe_torch_flow_min_latency", latency=3.0),
            row(num_tokens=64, moe_dtype="int4_wo", latency=3.0),
        ]
    )
    assert aiconfigurator_experts.rows_of(table)["tokens"].tolist() == [8.0, 32.0]


def test_a_share_of_a_layers_work_that_took_longer_than_all_of_it_is_left_out() -> None:
    table = pd.DataFrame(
        [
            row(latency=1.0),
            row(latency=1.4, moe_ep_size=2),  # within what a choice among kernels explains
            row(latency=1.6, moe_ep_size=4),
            row(latency=1.6, moe_tp_size=4),
            row(latency=1.6, moe_tp_size=64),  # a width of 24, which 16 does not divide: slow for good reason
            row(latency=1.6, moe_ep_size=4, num_experts=64),  # another model
        ]
    )
    rows = aiconfigurator_experts.rows_of(table)
    assert sorted(zip(rows["experts"], rows["tensor_parallel"], rows["expert_parallel"], strict=True)) == [
        (64.0, 1.0, 4.0),
        (128.0, 1.0, 1.0),
        (128.0, 1.0, 2.0),
        (128.0, 64.0, 1.0),
    ]


def test_models_on_a_fallback_are_left_out_where_their_format_has_the_fast_kernel() -> None:
    table = pd.DataFrame(
        [
            row(kernel_source="sglang_flashinfer_trtllm_moe"),
            row(kernel_source="sglang_fused_moe_triton", hidden_size=2048),
            row(kernel_source="sglang_fused_moe_triton", hidden_size=2048, moe_dtype="fp8_block"),
        ]
    )
    rows = aiconfigurator_experts.rows_of(table)
    assert sorted(zip(rows["dtype"], rows["hidden"], strict=True)) == [("bf16", 4096.0), ("fp8_block", 2048.0)]


def test_a_model_that_one_framework_says_to_have_no_gate_is_left_out_under_all(tmp_path: Path) -> None:
    ungated = row(hidden_size=2688, kernel_source="moe_torch_flow_nongated")
    for path, rows in (
        ("b200_sxm/moe/trtllm/1.0", [ungated]),
        ("h100_sxm/moe/vllm/1.0", [row(), row(hidden_size=2688)]),
    ):
        (tmp_path / path).mkdir(parents=True)
        pd.DataFrame(rows).to_parquet(tmp_path / path / "moe_perf.parquet")
    (read,) = aiconfigurator_experts.read(tmp_path, ["h100-sxm"])
    assert read.rows["hidden"].tolist() == [4096.0]


def test_mxfp4_comes_from_one_kind_of_activations_alone() -> None:
    table = pd.DataFrame(
        [{**COLUMNS, "moe_dtype": "w4a16_mxfp4"}, {**COLUMNS, "moe_dtype": "w4a8_mxfp4_mxfp8", "latency": 0.25}]
    )
    rows = aiconfigurator_experts.rows_of(table)
    assert (rows["dtype"].tolist(), rows["time_s"].tolist()) == (["mxfp4"], [0.00025])


def test_a_newer_version_with_few_rows_does_not_replace_a_full_one(tmp_path: Path) -> None:
    for version, count in (("1.0", 1), ("1.3.0rc9", 8), ("1.3.0rc10", 5), ("1.3.0rc11", 2)):
        folder = tmp_path / "h100_sxm" / "moe" / "trtllm" / version
        folder.mkdir(parents=True)
        rows = [{**COLUMNS, "num_tokens": 2**step, "latency": 1.0 + step} for step in range(count)]
        pd.DataFrame(rows).to_parquet(folder / "moe_perf.parquet")
    (read,) = aiconfigurator_experts.read(tmp_path, ["h100-sxm"])
    assert read.source.endswith("trtllm 1.3.0rc10")
    assert (len(read.rows), read.device, read.dtype) == (5, "NVIDIA H100", "bf16")
    assert list(read.rows.columns) == [*GroupedGemm.columns, "time_s"]
