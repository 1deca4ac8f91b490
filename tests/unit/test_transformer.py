"""Parameters and cache sizes that follow from a model's shape, against published counts."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pydantic import ValidationError

from models.catalog import entry
from models.neural_networks.perceptron import Perceptron
from models.neural_networks.transformer import Transformer, kv_bytes_per_token, kv_cache_bytes, parameters, weight_bytes


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


# Element counts of the published checkpoints (model.safetensors.index.json and model cards); exact.
@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("llama-3.1-8b", 8_030_261_248),
        ("llama-3.1-70b", 70_553_706_496),
        ("llama-3.1-405b", 405_853_388_800),
        ("mixtral-8x7b", 46_702_792_704),
        ("qwen3-32b", 32_762_123_264),
        ("qwen3-235b-a22b", 235_093_634_560),
    ],
)
def test_the_shape_gives_the_parameters_of_the_published_checkpoint(name: str, total: int) -> None:
    assert parameters(model(name)).total == total


# Counts printed in papers, in billions; the tolerance is half of the last digit that they print.
@pytest.mark.parametrize(
    ("name", "billions", "tolerance"),
    [
        ("deepseek-v3", 671, 0.5),
        ("gpt-oss-120b", 116.83, 0.005),
        ("gpt-3-175b", 174.6, 0.05),
        ("megatron-22b", 22, 0.5),
        ("megatron-175b", 175, 0.5),
        ("megatron-530b", 530, 0.5),
        ("megatron-1t", 1008, 0.5),
    ],
)
def test_the_shape_gives_the_parameters_that_the_paper_prints(name: str, billions: float, tolerance: float) -> None:
    assert parameters(model(name)).total / 1e9 == pytest.approx(billions, abs=tolerance)


# Mixtral (arXiv 2401.04088), Qwen3 and DeepSeek-V3 count both embeddings as active, gpt-oss (arXiv 2508.10925) only
# the output projection. DeepSeek rounds down 37.55 to 37, hence its wider tolerance.
@pytest.mark.parametrize(
    ("name", "billions", "tolerance", "lookup_counts"),
    [
        ("mixtral-8x7b", 12.9, 0.05, True),
        ("qwen3-235b-a22b", 22, 0.5, True),
        ("deepseek-v3", 37, 0.6, True),
        ("gpt-oss-120b", 5.13, 0.005, False),
    ],
)
def test_the_active_parameters_are_those_that_are_published(
    name: str, billions: float, tolerance: float, lookup_counts: bool
) -> None:
    count = parameters(model(name))
    active = count.active if lookup_counts else count.active - count.looked_up
    assert active / 1e9 == pytest.approx(billions, abs=tolerance)


def test_a_dense_model_is_all_active() -> None:
    count = parameters(model("llama-3.1-8b"))
    assert count.active == count.total
    assert count.looked_up == 128_256 * 4_096


def test_megatron_parameters_match_the_formula_of_its_authors() -> None:
    # arXiv 2104.04473, equation 2: P = 12 l h^2 (1 + 13 / (12 h) + (V + s) / (12 l h)); without the last norm's 2 h.
    for name in ("megatron-22b", "megatron-175b", "megatron-530b", "megatron-1t"):
        shape = model(name)
        layers, hidden = shape.layers, shape.hidden
        formula = 12 * layers * hidden**2 + 13 * layers * hidden + (shape.vocabulary + shape.learned_positions) * hidden
        assert parameters(shape).total == formula + 2 * hidden


@pytest.mark.parametrize(
    ("name", "bytes_per_token"),
    [
        ("llama-3.1-8b", 2 * 32 * 8 * 128 * 2),
        ("llama-3.1-70b", 327_680),
        ("deepseek-v3", 61 * 576 * 2),  # 70 kB: arXiv 2412.19437's 512 + 64 elements a layer
        ("qwen3-235b-a22b", 2 * 94 * 4 * 128 * 2),
        ("gpt-oss-120b", 2 * 36 * 8 * 64 * 2),
    ],
)
def test_the_cache_grows_by_what_each_layer_keeps(name: str, bytes_per_token: int) -> None:
    assert kv_bytes_per_token(model(name)) == bytes_per_token
    assert kv_bytes_per_token(model(name), element_bytes=1.0) == bytes_per_token / 2


def test_windowed_layers_stop_growing_at_the_window() -> None:
    shape = model("gpt-oss-120b")
    layer_b = 2 * 8 * 64 * 2
    assert shape.windowed_layers == 18
    assert kv_cache_bytes(shape, 100) == 100 * kv_bytes_per_token(shape)
    assert kv_cache_bytes(shape, 8_192) == 18 * (8_192 + 128) * layer_b


def test_weights_of_gpt_oss_take_what_its_checkpoint_takes() -> None:
    # 60.8 GiB, arXiv 2508.10925, table 1; the published file holds some KiB of headers besides.
    assert weight_bytes(model("gpt-oss-120b")) / 2**30 == pytest.approx(60.8, abs=0.1)


def test_weights_of_a_uniform_model_are_parameters_times_their_size() -> None:
    assert weight_bytes(model("llama-3.1-8b")) == 2 * 8_030_261_248


def test_the_perceptron_has_101770_parameters() -> None:
    perceptron = cast(Perceptron, entry("models", "mnist-perceptron"))
    assert perceptron.parameters == 784 * 128 + 128 + 128 * 10 + 10 == 101_770
    assert perceptron.forward_flop_per_sample == 2 * (784 * 128 + 128 * 10)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"key_value_heads": 5}, r"heads \(32\) must be a multiple of key_value_heads \(5\)"),
        ({"full_attention_every": 2}, "needs a sliding_window"),
        ({"experts": {"count": 4, "active": 8, "intermediate": 64}}, "8 active experts are more than the 4"),
    ],
)
def test_a_shape_that_contradicts_itself_is_refused(given: dict[str, Any], message: str) -> None:
    shape = model("llama-3.1-8b").model_dump()
    with pytest.raises(ValidationError, match=message):
        Transformer.model_validate(shape | given)
