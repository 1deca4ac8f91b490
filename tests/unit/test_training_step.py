"""One step of training: its parts add up, exchanges show as far as nothing hides them, and it says what it rests on."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from models.calibration.estimate import Basis
from models.calibration.kernels import Kernels
from models.calibration.network import Network
from models.catalog import entry
from models.neural_networks.transformer import Transformer, parameters
from models.problems import InputError
from models.workload.training.block import Block, Exchange, Kernel
from models.workload.training.flops import training_flop_per_token
from models.workload.training.head_work import head_block
from models.workload.training.layer_work import layer_block
from models.workload.training.layout import Layout
from models.workload.training.machines import Machines
from models.workload.training.prices import PHASES, price_blocks
from models.workload.training.result import TrainingStep
from models.workload.training.stages import LayerKind, kind_of_layer
from models.workload.training.step import expected_greatest_normal, training_step

H100 = Kernels(entry("accelerators", "h100-sxm"))
DENSE = LayerKind(sparse=False, windowed=False)


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


def machines(accelerators: int, domain: int = 8) -> Machines:
    return Machines(accelerators, domain, 8, Network(5e10))


def step(
    name: str, accelerators: int, *, kernels: Kernels = H100, overhead: float = 1.0, refuse: bool = False, **fields: Any
) -> TrainingStep:
    layout = Layout(**{"global_batch": 64, "sequence": 4096} | fields)
    return training_step(model(name), layout, kernels, machines(accelerators), overhead=overhead, refuse=refuse)


# Model TFLOP/s over tokens/s of one GPU as NVIDIA prints both (Megatron-Bridge, performance summary, container 25.11):
# causal attention by half, no looking up of embeddings.
@pytest.mark.parametrize(
    ("name", "sequence", "flop"),
    [
        ("llama-3.1-8b", 8192, 1622e12 / 31508),
        ("llama-3.1-70b", 8192, 1937e12 / 4312),
        ("llama-3.1-405b", 8192, 737e12 / 292),
        ("deepseek-v3", 4096, 782e12 / 3139),
        ("qwen3-235b-a22b", 4096, 728e12 / 4916),
        ("qwen3-30b-a3b", 4096, 214e12 / 9299),
    ],
)
def test_operations_of_a_token_are_those_that_nvidia_counts(name: str, sequence: int, flop: float) -> None:
    assert training_flop_per_token(model(name), sequence) == pytest.approx(flop, rel=0.01)


def test_attention_in_full_adds_its_other_half() -> None:
    gpt = model("megatron-22b")
    half, full = (training_flop_per_token(gpt, 2048, full_attention=whole) for whole in (False, True))
    # 12 L h s a token in full (arXiv 2104.04473), of which half is causal.
    assert full - half == pytest.approx(6 * 48 * 6144 * 2048, rel=1e-3)


def product_flop(block: Block, direction: str) -> float:
    return sum(
        2.0 * kernel.factor * float(np.prod(kernel.shape))
        for kernel in block.kernels
        if kernel.operation == "gemm" and kernel.direction == direction
    )


def test_products_of_a_layer_multiply_every_parameter_once_forward_and_twice_backward() -> None:
    layout = Layout(global_batch=1, sequence=4096)
    llama = model("llama-3.1-8b")
    layer = layer_block(llama, layout, DENSE)
    head = head_block(llama, layout)
    # All but the token embedding and the norms.
    weights = parameters(llama).total - 128256 * 4096 - 65 * 4096
    forward = 32 * product_flop(layer, "forward") + product_flop(head, "forward")
    assert forward == pytest.approx(2 * 4096 * weights)
    assert 32 * product_flop(layer, "backward") + product_flop(head, "backward") == pytest.approx(2 * forward)


@pytest.mark.parametrize("fields", [{"tensor": 8}, {"tensor": 4, "context": 2}, {"context": 8}])
def test_ranks_share_products_and_attention_evenly(fields: dict[str, Any]) -> None:
    layout = Layout(global_batch=8, sequence=4096, **fields)
    alone = Layout(global_batch=8, sequence=4096)
    llama = model("llama-3.1-8b")
    shared, whole = layer_block(llama, layout, DENSE), layer_block(llama, alone, DENSE)
    assert 8 * product_flop(shared, "forward") == pytest.approx(product_flop(whole, "forward"))
    heads = [
        sum(k.factor * k.shape[2] for k in block.kernels if k.operation == "prefill_attention")
        for block in (shared, whole)
    ]
    assert 8 * heads[0] == pytest.approx(heads[1])


def test_the_three_products_of_a_matrix_have_the_shapes_of_its_pass() -> None:
    layout = Layout(tensor=8, micro_batch=2, global_batch=2, sequence=2048)
    shapes = {kernel.name: list(kernel.shape) for kernel in layer_block(model("llama-3.1-70b"), layout, DENSE).kernels}
    assert shapes["up"] == [4096, 2 * 28672 / 8, 8192]
    assert shapes["up: input's gradient"] == [4096, 8192, 2 * 28672 / 8]
    assert shapes["up: weights' gradient"] == [2 * 28672 / 8, 8192, 4096]


def test_products_that_run_beside_exchanges_come_in_pieces() -> None:
    given: dict[str, Any] = {"tensor": 4, "global_batch": 1, "sequence": 4096, "sequence_parallel": True}
    whole, pieces = (
        layer_block(model("llama-3.1-70b"), Layout(**given, overlap_tensor=overlap), DENSE) for overlap in (False, True)
    )
    rows = {kernel.name: [kernel.shape[0], kernel.factor] for kernel in pieces.kernels}
    assert rows["up"] == rows["down"] == rows["down: input's gradient"] == [1024, 4]
    assert rows["up: input's gradient"] == [4096, 1]
    for direction in ("forward", "backward"):
        assert product_flop(whole, direction) == pytest.approx(product_flop(pieces, direction))


def test_layers_of_a_model_differ_in_experts_and_window() -> None:
    assert [kind_of_layer(model("deepseek-v3"), layer).sparse for layer in (0, 2, 3, 60)] == [False, False, True, True]
    windows = [kind_of_layer(model("gpt-oss-120b"), layer).windowed for layer in range(36)]
    assert windows == [True, False] * 18


def test_phases_lie_end_to_end_and_add_up_to_the_step() -> None:
    found = step("llama-3.1-70b", 64, tensor=8, pipeline=4, sequence_parallel=True, recompute="full", overhead=1.3)
    assert sum(found.phase_s.values()) == pytest.approx(found.step_s)
    assert set(PHASES) < set(found.phase_s)
    assert found.tokens_per_s == pytest.approx(64 * 4096 / found.step_s)


def test_the_overhead_stretches_every_phase() -> None:
    plain, stretched = (step("llama-3.1-8b", 8, overhead=factor) for factor in (1.0, 1.25))
    assert stretched.step_s == pytest.approx(1.25 * plain.step_s)
    assert stretched.mfu == pytest.approx(plain.mfu / 1.25)
    assert stretched.power_w == pytest.approx(plain.power_w)


def test_utilization_follows_from_operations_and_peak() -> None:
    found = step("llama-3.1-8b", 8)
    flop = training_flop_per_token(model("llama-3.1-8b"), 4096) * 64 * 4096
    assert found.mfu == pytest.approx(flop / (8 * 989.4e12 * found.step_s))
    assert found.hfu == pytest.approx(found.mfu)
    assert found.mfu_full_attention > found.mfu


def test_full_recomputation_runs_the_forward_pass_again() -> None:
    once, twice = (step("llama-3.1-8b", 8, recompute=recompute) for recompute in ("none", "full"))
    assert twice.phase_s["recomputation"] == pytest.approx(once.phase_s["forward"])
    # Of six operations a parameter two more, of attention a third; logits are not computed again.
    assert 1.25 < twice.hfu / twice.mfu < 4 / 3


def test_selective_recomputation_runs_attention_again() -> None:
    found = step("megatron-22b", 8, tensor=8, sequence=2048, recompute="selective", attention="unfused", dropout=True)
    layout = Layout(tensor=8, global_batch=64, sequence=2048, attention="unfused", dropout=True)
    core = [k for k in layer_block(model("megatron-22b"), layout, DENSE).kernels if k.part == "attention"]
    again = price_blocks(H100, [Block(tuple(k for k in core if k.direction == "forward"))], layout, machines(8))
    assert found.phase_s["recomputation"] == pytest.approx(64 * 48 * again.time_s.sum())


def test_attention_backward_is_a_stated_factor_of_forward_and_the_result_says_so() -> None:
    found = step("llama-3.1-8b", 8)
    assert any("2.5 times its forward" in note for note in found.notes)


def test_the_loss_makes_the_last_stage_slowest_where_layers_are_few() -> None:
    found = step("llama-3.1-8b", 8, pipeline=8, sequence=2048)
    assert found.phase_s["embedding and loss"] > 0.0
    assert found.phase_s["pipeline bubble"] > 0.0


def test_interleaving_shortens_the_bubble() -> None:
    plain, interleaved = (step("llama-3.1-70b", 64, tensor=8, pipeline=8, virtual_pipeline=chunks) for chunks in (1, 5))
    assert interleaved.phase_s["pipeline bubble"] == pytest.approx(plain.phase_s["pipeline bubble"] / 5, rel=0.2)


def test_more_micro_batches_dilute_the_bubble() -> None:
    few, many = (step("llama-3.1-8b", 4, pipeline=4, global_batch=batch) for batch in (4, 64))
    assert few.phase_s["pipeline bubble"] == pytest.approx(many.phase_s["pipeline bubble"])
    assert few.mfu < 0.7 * many.mfu


def test_tensor_parallel_exchanges_are_sums_or_pairs_of_the_same_bytes() -> None:
    # Per layer forward two sums, or with sequence parallelism two gathers and two scatters: the same bytes; gathering
    # again backward adds two.
    layout: dict[str, Any] = {"tensor": 8, "global_batch": 1, "sequence": 4096}
    whole_b = 2.0 * 4096 * 8192
    for shared, passes in ((False, 2 * 4), (True, 2 * 4 + 2)):
        block = layer_block(model("llama-3.1-70b"), Layout(**layout, sequence_parallel=shared), DENSE)
        weights = {"all_reduce": 2.0, "all_gather": 1.0, "reduce_scatter": 1.0}
        assert sum(weights[e.collective] * e.message_b for e in block.exchanges) == passes * whole_b


@pytest.mark.parametrize(("pieces", "share"), [(1, 0.0), (8, 1 / 8)])
def test_an_exchange_shows_only_as_far_as_the_kernel_beside_it_ends_before(pieces: int, share: float) -> None:
    layout = Layout(tensor=8, global_batch=1, sequence=4096)

    def exposed_s(message_b: float) -> float:
        kernel = Kernel("product", "gemm", (8192.0, 8192.0, 8192.0), "bf16", "projection")
        exchange = Exchange("sum", "all_reduce", message_b, "tensor", "projection", behind="product", pieces=pieces)
        prices = price_blocks(H100, [Block((kernel,), (exchange,))], layout, machines(8))
        return float(prices.time_s[0, PHASES.index("tensor exchange")])

    beside_s = float(H100.gemm(8192, 8192, 8192).time_s)
    for message_b in (1e7, 1e10):
        whole_s = float(H100.collective("all_reduce", message_b, ranks=8).time_s)
        assert exposed_s(message_b) == pytest.approx(max(whole_s - beside_s, share * whole_s))


def test_overlapped_exchanges_of_gradients_show_only_their_ends() -> None:
    apart, beside = (
        step("llama-3.1-8b", 64, zero=1, overlap_data=overlap, global_batch=64) for overlap in (False, True)
    )
    assert 0.0 < beside.phase_s["data exchange"] < 0.2 * apart.phase_s["data exchange"]
    assert beside.sent_b == apart.sent_b


def test_data_parallel_traffic_is_gradients_scattered_and_weights_gathered() -> None:
    found = step("llama-3.1-8b", 8, zero=1)
    count = parameters(model("llama-3.1-8b")).total
    assert found.sent_b["scale-up", "reduce_scatter"] == pytest.approx(4 * count * 7 / 8)
    assert found.sent_b["scale-up", "all_gather"] == pytest.approx(2 * count * 7 / 8)
    assert found.network_b == 0.0


def test_fully_sharded_weights_are_gathered_twice_a_micro_batch() -> None:
    found = step("llama-3.1-8b", 8, zero=3, global_batch=32)
    count = parameters(model("llama-3.1-8b")).total
    assert found.sent_b["scale-up", "all_gather"] == pytest.approx(4 * 2 * 2 * count * 7 / 8)


def test_fully_sharded_layers_wait_for_the_steps_of_a_ring_each() -> None:
    fields: dict[str, Any] = {"zero": 3, "global_batch": 2048}
    slow, quick = (
        training_step(
            model("llama-3.1-8b"), Layout(sequence=4096, **fields), H100,
            Machines(2048, 8, 8, Network(5e10, latency_s=latency_s)), refuse=False,
        ) for latency_s in (2e-5, 1e-5)
    )  # fmt: skip
    # Each of 32 layers is gathered twice and scattered once, in 2047 steps each.
    more_s = slow.phase_s["data exchange"] - quick.phase_s["data exchange"]
    assert more_s == pytest.approx(3 * 32 * 2047 * 1e-5)


def test_experts_exchange_tokens_four_times_a_layer() -> None:
    found = step("mixtral-8x7b", 8, expert=8, global_batch=8)
    # Two copies of each token, to the experts and back, forward and backward, of which 7/8 leave the rank.
    assert found.sent_b["scale-up", "all_to_all"] == pytest.approx(32 * 4 * 2 * 4096 * 2 * 4096 * 7 / 8)


def test_the_most_loaded_rank_of_experts_sets_the_pace() -> None:
    even, skewed = (step("mixtral-8x7b", 8, expert=8, global_batch=8, expert_load=load) for load in (1.0, 1.5))
    sent = [found.sent_b["scale-up", "all_to_all"] for found in (even, skewed)]
    assert sent[1] == pytest.approx(1.5 * sent[0])
    assert skewed.phase_s["expert exchange"] > 1.2 * even.phase_s["expert exchange"]
    assert skewed.step_s > 1.2 * even.step_s


def test_keys_and_values_pass_the_ring_behind_attention() -> None:
    near = step("llama-3.1-8b", 8, context=8, global_batch=1, sequence=65536)
    assert near.phase_s["context exchange"] == 0.0
    short = step("llama-3.1-8b", 8, context=8, global_batch=1, sequence=2048)
    assert short.phase_s["context exchange"] > 0.0
    # Seven hops of keys and values, and twice those bytes backward.
    hop_b = 2 * 2 * 1024 * 65536 / 8
    assert near.sent_b["scale-up", "point_to_point"] == pytest.approx(32 * 7 * 3 * hop_b)


def test_a_ring_that_leaves_a_domain_goes_at_the_pace_of_the_network() -> None:
    fields: dict[str, Any] = {"tensor": 4, "context": 4, "global_batch": 1, "sequence": 8192}
    wide, narrow = (
        training_step(model("llama-3.1-8b"), Layout(**fields), H100, Machines(16, 8, 8, Network(port)), refuse=False)
        for port in (5e10, 5e9)
    )
    assert narrow.phase_s["context exchange"] > 2.0 * wide.phase_s["context exchange"]
    # Of two ranks of a ring in a domain one sends to the next domain.
    assert wide.sent_b["network", "point_to_point"] == pytest.approx(wide.sent_b["scale-up", "point_to_point"])


def test_activation_of_experts_computed_again_takes_time_once() -> None:
    none, again, full = (
        step("mixtral-8x7b", 8, expert=8, global_batch=8, **fields)
        for fields in ({}, {"recompute": "selective", "recompute_parts": ("activation",)}, {"recompute": "full"})
    )
    assert again.phase_s["forward"] == pytest.approx(none.phase_s["forward"])
    # Gate, up and their product of 14336 neurons, two copies of 4096 tokens, moved once at 3.35 TB/s at best.
    assert again.phase_s["recomputation"] > 32 * 3 * 2 * 14336 * 2 * 4096 / 3.35e12
    assert full.phase_s["recomputation"] == pytest.approx(full.phase_s["forward"])


def test_stages_send_each_other_activations_and_gradients() -> None:
    found = step("llama-3.1-8b", 32, pipeline=4, global_batch=64)
    # Eight micro-batches on each of eight copies, forward and backward.
    assert found.sent_b["network", "point_to_point"] == pytest.approx(8 * 2 * 2 * 4096 * 4096)


def test_offloaded_activations_pass_the_host_link_twice() -> None:
    found = step("llama-3.1-8b", 8, offloaded_layers=8, global_batch=8)
    assert found.sent_b["host", "copy"] > 0.0
    assert found.phase_s["host exchange"] >= 0.0


def test_a_layout_that_reaches_beyond_a_domain_needs_a_network() -> None:
    layout = Layout(global_batch=16, sequence=4096)
    with pytest.raises(InputError, match="there is no network"):
        training_step(model("llama-3.1-8b"), layout, H100, Machines(16, 8, 8, None), refuse=False)


def test_layers_of_experts_that_are_too_short_for_the_host_are_named() -> None:
    short, long = (step("mixtral-8x7b", 8, expert=8, global_batch=64, sequence=tokens) for tokens in (256, 8192))
    assert any("bound by the host" in note for note in short.notes)
    assert not any("bound by the host" in note for note in long.notes)


def test_power_lies_between_idle_and_the_cap_in_every_phase() -> None:
    found = step("llama-3.1-70b", 64, tensor=8, pipeline=4)
    for name, power_w in found.phase_power_w.items():
        assert found.phase_s[name] == 0.0 or 71.8 <= power_w <= 700.0, name
    assert found.phase_power_w["forward"] > found.phase_power_w["pipeline bubble"]
    tokens = 64 * 4096
    assert found.energy_per_token_j == pytest.approx(found.power_w * 64 * found.step_s / tokens)


@pytest.mark.parametrize("name", ["tpu-v5p", "mi300x", "l40s"])
def test_accelerators_without_measurements_answer_from_the_datasheet_and_say_so(name: str) -> None:
    kernels = Kernels(entry("accelerators", name))
    found = step("llama-3.1-8b", 16, kernels=kernels, zero=3)
    assert found.basis is Basis.DATASHEET
    assert sum(found.basis_share.values()) == pytest.approx(1.0)
    assert any("nothing was measured" in note for note in found.notes)
    assert 0.0 < found.mfu < 0.8


def test_a_format_that_the_accelerator_lacks_runs_at_the_rate_of_bf16_and_says_so() -> None:
    found = step("llama-3.1-8b", 8, kernels=Kernels(entry("accelerators", "a100-80gb-sxm")), precision="fp8")
    assert any("does not compute in fp8" in note for note in found.notes)


def test_every_step_waits_for_the_slowest_of_many_nodes() -> None:
    assert expected_greatest_normal(1) == 0.0
    # Two: 1 / sqrt(pi) = 0.564; a thousand: 3.24 (Harter 1961).
    assert expected_greatest_normal(2) == pytest.approx(0.564, abs=0.03)
    assert expected_greatest_normal(1000) == pytest.approx(3.24, abs=0.02)
    assert step("llama-3.1-8b", 8).phase_s["stragglers"] == 0.0
    assert step("llama-3.1-8b", 64).phase_s["stragglers"] > 0.0


def test_weak_scaling_loses_a_little_with_each_doubling() -> None:
    mfu = [step("llama-3.1-8b", n, global_batch=2 * n, zero=1, overlap_data=True).mfu for n in (64, 512, 4096)]
    assert mfu[0] > mfu[1] > mfu[2] > 0.9 * mfu[0]
