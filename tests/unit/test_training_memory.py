"""Memory of training against the paper that counted it first, and what does not fit."""

from __future__ import annotations

from typing import Any, cast

import pytest

from models.calibration.kernels import Kernels
from models.catalog import entry
from models.neural_networks.transformer import Transformer, parameters
from models.workload.training.head_work import head_block
from models.workload.training.layer_work import layer_block
from models.workload.training.layout import Layout
from models.workload.training.machines import machines_of
from models.workload.training.memory import DoesNotFit, TrainingMemory, kept_b, rank_parameters, training_memory
from models.workload.training.stages import LayerKind, stages_of
from models.workload.training.step import training_step


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


def kept(name: str, **fields: Any) -> float:
    layout = Layout(**{"global_batch": 4, "sequence": 2048} | fields)
    return kept_b(layer_block(model(name), layout, LayerKind(sparse=False, windowed=False)), layout)


def memory(name: str, accelerators: int, **fields: Any) -> TrainingMemory:
    layout = Layout(**{"global_batch": 64, "sequence": 2048} | fields)
    stages = stages_of(model(name), layout)
    blocks = {kind: layer_block(model(name), layout, kind) for kind in stages.kinds}
    held = rank_parameters(model(name), layout, stages)
    return training_memory(layout, accelerators, stages, held, blocks, head_block(model(name), layout))


# Korthikanti et al. 2022, arXiv 2205.05198, equations 1, 2, 4 and section 5: a heads, h wide, s tokens, b sequences.
S, B, H, A = 2048.0, 4.0, 6144.0, 64.0
GPT = {"micro_batch": 4, "attention": "unfused", "dropout": True, "precision": "fp16"}


@pytest.mark.parametrize(
    ("fields", "expected_b"),
    [
        ({}, S * B * H * (34 + 5 * A * S / H)),
        ({"tensor": 8}, S * B * H * (10 + 24 / 8 + 5 * A * S / (H * 8))),
        ({"tensor": 8, "sequence_parallel": True}, S * B * H / 8 * (34 + 5 * A * S / H)),
        ({"tensor": 8, "sequence_parallel": True, "recompute": "selective"}, S * B * H / 8 * 34),
        ({"recompute": "full"}, S * B * H * 2),
    ],
)
def test_a_gpt_layer_keeps_what_korthikanti_counts(fields: dict[str, Any], expected_b: float) -> None:
    assert kept("megatron-22b", **GPT, **fields) == pytest.approx(expected_b)


def test_a_llama_layer_keeps_each_tensor_once() -> None:
    # Bytes a token: norms' inputs 2 x 2h, inputs of three products 3 x 2h, queries 2h, keys and values 2 x 2 x 1024,
    # gate and up 2 x 2 x 14336, their product 2 x 14336; and 4 for each head's log-sum.
    h = 4096
    token_b = 2 * 2 * h + 3 * 2 * h + 2 * h + 2 * 2 * 1024 + 3 * 2 * 14336 + 4 * 32
    assert kept("llama-3.1-8b") == pytest.approx(2048 * token_b)


def test_products_in_8_bits_keep_their_inputs_in_8_bits() -> None:
    # Three cast inputs of h and one of 14336 shrink to half; attention's own 16-bit output is kept beside its cast.
    saved_b = 2048 * (3 * 4096 + 14336 - 2 * 4096)
    assert kept("llama-3.1-8b") - kept("llama-3.1-8b", precision="fp8") == pytest.approx(saved_b)


def test_experts_keep_a_copy_of_a_token_for_each_that_it_visits() -> None:
    layout = Layout(expert=8, global_batch=8, sequence=4096)
    block = layer_block(model("mixtral-8x7b"), layout, LayerKind(sparse=True, windowed=False))
    saved = {tensor.name: tensor.size_b for tensor in block.saved}
    assert saved["experts' input"] == 2 * 2 * 4096 * 4096  # 2 B, two experts, 4096 tokens, 4096 wide


def test_weights_gradients_and_optimizer_are_shared_by_zero_stage() -> None:
    count = parameters(model("llama-3.1-8b")).total
    for zero, weights, gradients, optimizer in ((0, 1, 1, 1), (1, 1, 1, 8), (2, 1, 8, 8), (3, 8, 8, 8)):
        found = memory("llama-3.1-8b", 8, zero=zero)
        assert found.weights_b == pytest.approx(2 * count / weights)
        assert found.gradients_b == pytest.approx(4 * count / gradients)
        assert found.optimizer_b == pytest.approx(12 * count / optimizer)


def test_fully_sharded_layers_are_gathered_to_work() -> None:
    assert memory("llama-3.1-8b", 8, zero=2).gathered_b == 0.0
    assert memory("llama-3.1-8b", 8, zero=3).gathered_b > 2 * 2 * 218e6  # two layers' weights


@pytest.mark.parametrize("name", ["llama-3.1-8b", "qwen3-30b-a3b", "deepseek-v3", "mixtral-8x7b"])
@pytest.mark.parametrize("pipeline", [1, 4])
def test_all_stages_together_hold_every_parameter_once(name: str, pipeline: int) -> None:
    layout = Layout(pipeline=pipeline, global_batch=64, sequence=2048)
    held = rank_parameters(model(name), layout, stages_of(model(name), layout))
    total = sum(part.dense + part.experts for part in held)
    # Router biases, a few thousand, are not counted.
    assert total == pytest.approx(parameters(model(name)).total, rel=1e-7)


def test_copied_key_value_heads_take_memory_on_every_rank() -> None:
    qwen = model("qwen3-235b-a22b")

    def held(tensor: int) -> float:
        layout = Layout(tensor=tensor, global_batch=8, sequence=2048)
        return rank_parameters(qwen, layout, stages_of(qwen, layout))[0].dense

    # Keys and values of 94 layers, 2 x 4096 x 4 x 128, are there twice on eight ranks; norms and routers, which every
    # rank has whole, four times more than on four.
    whole = 94 * (4096 * 128 + 2 * 4096) + 4096
    assert 8 * held(8) - 4 * held(4) == pytest.approx(94 * 2 * 4096 * 4 * 128 + 4 * whole)


def test_activations_grow_with_the_micro_batches_in_flight() -> None:
    plain = memory("megatron-175b", 64, tensor=8, pipeline=8)
    interleaved = memory("megatron-175b", 64, tensor=8, pipeline=8, virtual_pipeline=3)
    assert plain.stage == 0
    assert interleaved.activations_b / plain.activations_b == pytest.approx(1 + 7 / 24)


def test_layers_offloaded_to_the_host_leave_room() -> None:
    here = memory("llama-3.1-8b", 8)
    away = memory("llama-3.1-8b", 8, offloaded_layers=16)
    # Two layers are on their way.
    assert away.activations_b == pytest.approx(here.activations_b * 18 / 32)


def test_what_does_not_fit_is_refused_with_the_bytes_that_are_short() -> None:
    kernels = Kernels(entry("accelerators", "h100-sxm"))
    machines = machines_of(entry("nodes", "dgx-h100"), 8)
    layout = Layout(tensor=8, global_batch=8, sequence=4096)
    with pytest.raises(DoesNotFit) as refused:
        training_step(model("llama-3.1-70b"), layout, kernels, machines)
    fault = refused.value
    assert fault.available_b == 81559 * 2**20
    assert fault.short_b == fault.memory.total_b - fault.available_b > 70.5e9 * 18 / 8 - fault.available_b
    assert f"short of {fault.short_b:,.0f} B" in str(fault)


def test_total_is_the_sum_of_its_parts() -> None:
    found = memory("llama-3.1-8b", 8)
    assert found.total_b == pytest.approx(sum(value for name, value in found._asdict().items() if name != "stage"))
