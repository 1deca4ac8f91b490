"""Reading the layers and attention of Llama-3.1-8B on TPU v6e, and what their fits reach."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from models import catalog
from models.calibration.datasheet_rates import rates_of
from models.calibration.fitted_kernel import HeldOutError
from models.calibration.fitting import Origin, fit_kernel, is_held_out
from models.calibration.operation_kinds import operations
from models.calibration.sources import tpu_v6e
from models.calibration.sources.measurements import Measurements


def layers(times_ns: dict[str, float], tokens: int = 2) -> pd.DataFrame:
    """A table of one token count, as LLMServingSim writes it."""
    return pd.DataFrame(
        [{"layer_name": name, "input": tokens, "kv_cache": 0, "latency(ns)": time} for name, time in times_ns.items()]
    )


LAYER = {"q_proj": 30.0, "o_proj": 10.0, "gate_proj": 60.0, "up_proj": 90.0, "down_proj": 150.0, "lm_head": 700.0}


def test_time_that_the_compiler_moves_between_products_is_shared_and_kept_in_sum() -> None:
    rows = tpu_v6e.products(layers(LAYER)).set_index(["n", "k"])["time_s"]
    assert rows[(4096.0, 4096.0)] == pytest.approx(20e-9)
    assert rows[(14336.0, 4096.0)] == pytest.approx(100e-9)
    assert rows[(4096.0, 14336.0)] == pytest.approx(100e-9)
    assert rows[(128256.0, 4096.0)] == pytest.approx(700e-9)
    whole = 2 * rows[(4096.0, 4096.0)] + 2 * rows[(14336.0, 4096.0)] + rows[(4096.0, 14336.0)]
    assert whole == pytest.approx(sum(time for name, time in LAYER.items() if name != "lm_head") * 1e-9)


def test_a_product_that_was_fused_into_another_keeps_its_share_of_the_sum() -> None:
    apart = tpu_v6e.products(layers(LAYER))
    fused = {**LAYER, "down_proj": 240.0, "up_proj": float("nan")}
    table = pd.concat([layers(LAYER, tokens=400), layers(fused, tokens=2).dropna()])
    together = tpu_v6e.products(table)
    together = together[together["m"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(together, apart.reset_index(drop=True))


def test_a_norm_reads_and_writes_each_activation_of_two_bytes() -> None:
    rows = tpu_v6e.norms(layers({"input_layernorm": 800.0}, tokens=3))
    assert rows["traffic_b"].tolist() == [3 * 4096 * 2 * 2]
    assert rows["time_s"].tolist() == pytest.approx([8e-7])


def test_prompts_and_new_tokens_come_from_the_same_table() -> None:
    table = pd.DataFrame(
        {
            "prefill_chunk_size": [64, 0],
            "kv_cache_size": [32, 96],
            "batch_size": [1, 5],
            "is_prefill": [True, False],
            "p50_ns": [9000.0, 7000.0],
        }
    )
    prompt, token = tpu_v6e.prompts(table).iloc[0], tpu_v6e.decodes(table).iloc[0]
    assert (prompt["tokens"], prompt["past_tokens"], prompt["time_s"]) == (64, 32, pytest.approx(9e-6))
    assert (token["batch"], token["past_tokens"], token["time_s"]) == (5, 96, pytest.approx(7e-6))
    assert (token["heads"], token["key_value_heads"], token["head_dim"]) == (32, 8, 128)


def held_out(measurements: Measurements) -> HeldOutError:
    operation = operations()[measurements.operation]
    rates = rates_of(catalog.entry("accelerators", tpu_v6e.ACCELERATOR), operation, "bf16")
    origin = Origin(measurements.framework, "bf16", measurements.source, measurements.device)
    found = fit_kernel(operation, measurements.rows, rates, origin, measurements.family).held_out
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("operation", "rows", "p95"),
    [
        ("gemm", 4 * 2048, 0.30),
        ("elementwise", 2048, 0.30),
        # Of 18 rows held out two are the shortest prompts, beyond the rest, and 256 tokens take less time than 224.
        ("prefill_attention", 50, 0.45),
        ("decode_attention", 6741, 0.30),
    ],
)
def test_token_counts_that_were_held_out_are_predicted(
    public_data: Path, operation: str, rows: int, p95: float
) -> None:
    found = {each.operation: each for each in tpu_v6e.read(public_data / "kernels")}[operation]
    assert len(found.rows) == rows
    errors = held_out(found)
    assert errors.median < 0.08
    assert errors.p95 < p95


def test_a_source_may_name_the_columns_that_are_held_out_together() -> None:
    rows = pd.DataFrame({"m": [1.0, 2.0, 3.0, 4.0] * 8, "n": 4096.0, "k": 4096.0})
    gemm = operations()["gemm"]
    assert len(set(is_held_out(gemm, rows))) == 1  # One matrix: all of it or nothing.
    by_tokens = is_held_out(gemm, rows.assign(m=range(32)), ("m",))
    assert 0 < by_tokens.sum() < 32


def test_only_accelerators_that_are_asked_for_are_read(public_data: Path) -> None:
    assert list(tpu_v6e.read(public_data / "kernels", ["h100-sxm"])) == []
