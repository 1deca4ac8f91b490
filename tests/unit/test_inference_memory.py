"""The key-value cache of a serving engine: what is left for it, and how it is sent."""

from __future__ import annotations

import dataclasses

import pytest

from models.accelerators.accelerator import Accelerator
from models.calibration.kernels import Kernels
from models.catalog import entry
from models.neural_networks.transformer import Transformer, weight_bytes
from models.workload.inference import (
    DoesNotFit,
    Layout,
    ServingEngine,
    exposed_transfer_s,
    key_value_bytes,
    key_value_capacity,
    key_value_transfer_s,
    weight_bytes_per_rank,
)

ALONE = Layout()


def engine(name: str, layout: Layout = ALONE, accelerator: str = "h100-sxm", **given: object) -> ServingEngine:
    shape, chip = entry("models", name), entry("accelerators", accelerator)
    assert isinstance(shape, Transformer)
    assert isinstance(chip, Accelerator)
    return ServingEngine(shape, Kernels(chip), layout, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["llama-3.1-8b", "qwen3-32b", "mixtral-8x7b", "gpt-3-175b"])
def test_one_rank_holds_the_published_weights(name: str) -> None:
    assert weight_bytes_per_rank(engine(name)) == pytest.approx(weight_bytes(engine(name).model), rel=1e-6)


def test_experts_in_four_bits_and_the_rest_in_bf16_are_the_published_weights() -> None:
    # gpt-oss keeps the experts' biases in bf16; the published count has them with the experts at 17/32 a byte.
    found = weight_bytes_per_rank(engine("gpt-oss-120b", expert_dtype="mxfp4"))
    assert found == pytest.approx(weight_bytes(engine("gpt-oss-120b").model), rel=0.003)


def test_ranks_share_the_weights_and_copy_the_norms() -> None:
    whole, half = (weight_bytes_per_rank(engine("llama-3.1-70b", Layout(tensor=n))) for n in (1, 2))
    norms_b = 2 * (2 * 80 + 1) * 8192
    assert half == pytest.approx((whole - norms_b) / 2 + norms_b)


def test_a_stage_holds_its_layers_and_one_end() -> None:
    whole = weight_bytes_per_rank(engine("llama-3.1-70b"))
    embedding_b = 2 * 128256 * 8192
    norms_b = 2 * 8192  # The last norm, counted by layers.
    stage = weight_bytes_per_rank(engine("llama-3.1-70b", Layout(pipeline=8)))
    assert stage == pytest.approx((whole - 2 * embedding_b) / 8 + embedding_b, abs=norms_b)


def test_the_cache_of_grouped_queries_is_shared_out_until_heads_run_out() -> None:
    # 80 layers, keys and values of 8 heads of 128 in 2 bytes: 327,680 bytes a token.
    sizes = [key_value_bytes(engine("llama-3.1-70b", Layout(tensor=n)), 1) for n in (1, 2, 8)]
    assert sizes == [327_680, 163_840, 40_960]
    wide = engine("llama-3.1-70b", Layout(tensor=16), domain=16)
    assert key_value_bytes(wide, 1) == 40_960  # Eight heads on sixteen ranks: each is copied.


def test_the_latent_cache_is_copied_on_every_rank() -> None:
    sizes = [key_value_bytes(engine("deepseek-v3", Layout(tensor=n)), 1) for n in (1, 8)]
    assert sizes == [61 * 576 * 2] * 2  # 70 kB a token.


def test_windowed_layers_stop_at_the_window() -> None:
    # 18 layers of 36 stop at 128 tokens; keys and values of 8 heads of 64 in 2 bytes: 2048 bytes a token and layer.
    found = engine("gpt-oss-120b")
    assert key_value_bytes(found, 100) == 36 * 100 * 2048
    assert key_value_bytes(found, 10_000) == (18 * 10_000 + 18 * 128) * 2048


def test_eight_bit_caches_hold_twice_as_much() -> None:
    wide, narrow = (key_value_capacity(engine("llama-3.1-8b", key_value_dtype=d)) for d in ("bf16", "fp8"))
    assert narrow.bytes_b == wide.bytes_b
    assert narrow.tokens == pytest.approx(2 * wide.tokens, abs=32)


def test_capacity_is_the_share_of_memory_less_weights_activations_and_buffers() -> None:
    one = engine("llama-3.1-8b")
    found = key_value_capacity(one)
    budget_b = 0.9 * one.accelerator.memory_b
    assert found.bytes_b == pytest.approx(budget_b - found.weights_b - found.activations_b - found.buffers_b)
    assert found.weights_b == pytest.approx(8.03e9 * 2, rel=0.01)
    # 8192 rows of two residuals of 4096 and the widest inner row (28672 + 4096), 256 rows of logits in 16 and 32 bits.
    assert found.activations_b == 2 * 8192 * (2 * 4096 + 32768) + 6 * 256 * 128256
    assert found.block_b == 16 * 131_072
    assert found.blocks == int(found.bytes_b // found.block_b)
    assert found.tokens == 16 * found.blocks


def test_windows_of_all_sequences_are_set_aside() -> None:
    found = key_value_capacity(engine("gpt-oss-120b", Layout(tensor=2), expert_dtype="mxfp4", max_sequences=100))
    assert found.windows_b == 100 * 18 * 128 * 1024
    assert found.block_b == 16 * 18 * 1024
    assert found.blocks == int((found.bytes_b - found.windows_b) // found.block_b)


def test_blocks_that_the_user_gives_are_taken() -> None:
    found = key_value_capacity(engine("llama-3.1-8b", key_value_blocks=1000))
    assert (found.blocks, found.tokens) == (1000, 16_000)


def test_blocks_that_the_user_gives_must_fit() -> None:
    with pytest.raises(DoesNotFit, match="1000000 block"):
        key_value_capacity(engine("llama-3.1-8b", key_value_blocks=1_000_000))


def test_what_does_not_fit_is_refused_with_the_bytes_that_are_short() -> None:
    short = engine("llama-3.1-405b", Layout(tensor=8))
    with pytest.raises(DoesNotFit, match=r"Llama 3.1 405B in bf16 on 8 x .* more than 0.9 of its memory") as refused:
        key_value_capacity(short)
    # With just so much more memory one block fits, and with one byte less none.
    for missing_b, fits in ((1.0, True), (-1.0, False)):
        memory_b = short.accelerator.memory_b + (refused.value.short_b + missing_b) / 0.9
        memory = short.accelerator.memory.model_copy(update={"value": memory_b})
        chip = short.accelerator.model_copy(update={"visible_memory": memory})
        larger = dataclasses.replace(short, kernels=Kernels(chip))
        if fits:
            assert key_value_capacity(larger).blocks == 1
        else:
            with pytest.raises(DoesNotFit):
                key_value_capacity(larger)


def test_sending_a_cache_takes_its_bytes_over_the_bandwidth() -> None:
    dense = engine("llama-3.1-70b").model
    # 2 x 80 x 8 x 128 x 2 bytes x 1000 tokens = 327.68 MB.
    assert key_value_transfer_s(dense, 1000, bandwidth_b_per_s=50e9) == pytest.approx(327.68e6 / 50e9)
    assert key_value_transfer_s(dense, 1000, bandwidth_b_per_s=50e9, key_value_dtype="fp8", latency_s=1e-3) == (
        pytest.approx(163.84e6 / 50e9 + 1e-3)
    )
    latent = engine("deepseek-v3").model
    assert key_value_transfer_s(latent, 1000, bandwidth_b_per_s=50e9) == pytest.approx(61 * 576 * 2 * 1000 / 50e9)
    with pytest.raises(ValueError, match="bandwidth_b_per_s is 0"):
        key_value_transfer_s(dense, 1, bandwidth_b_per_s=0.0)


@pytest.mark.parametrize(
    ("transfer_s", "prefill_s", "exposed_s"),
    [(1.0, 8.0, 0.25), (8.0, 1.0, 8.0 - 0.75), (4.0, 4.0, 1.0)],
)
def test_layers_are_sent_while_the_next_are_computed(transfer_s: float, prefill_s: float, exposed_s: float) -> None:
    # Four layers: simulated, each leaves when it is computed and the link is free.
    computed_s = sent_s = 0.0
    for _ in range(4):
        computed_s += prefill_s / 4
        sent_s = max(sent_s, computed_s) + transfer_s / 4
    assert sent_s - prefill_s == pytest.approx(exposed_s)
    assert exposed_transfer_s(transfer_s, prefill_s, 4) == pytest.approx(exposed_s)
