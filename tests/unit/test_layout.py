"""Layouts of training jobs: which can run, where layers lie, which ranks exchange, and what pipelines wait."""

from __future__ import annotations

from typing import Any, cast

import pytest

from models.calibration.network import Network
from models.calibration.operations.collectives import CollectiveName
from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.problems import InputError
from models.workload.training.layout import Layout
from models.workload.training.machines import Machines, ParallelGroup, machines_of, parallel_groups, sent_b
from models.workload.training.pipeline import layers_of_stages, micro_batches_in_flight, pipeline_step_s


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


def problems(name: str, accelerators: int, **fields: Any) -> list[str]:
    layout = Layout(**{"global_batch": 64, "sequence": 2048} | fields)
    return [str(problem) for problem in layout.problems(model(name), accelerators)]


def test_data_parallelism_is_what_the_other_degrees_leave() -> None:
    layout = Layout(tensor=8, pipeline=8, context=2, global_batch=512, sequence=8192)
    assert layout.data_parallel(1024) == 8
    assert layout.micro_batches(1024) == 64
    assert Layout(expert=32, pipeline=8, global_batch=8192, sequence=4096).expert_data_parallel(256) == 1


def test_a_layout_that_runs_has_no_problems() -> None:
    assert problems("llama-3.1-405b", 1024, tensor=8, pipeline=8, virtual_pipeline=8, context=2, global_batch=512) == []


@pytest.mark.parametrize(
    ("name", "accelerators", "fields", "problem"),
    [
        ("llama-3.1-8b", 64, {"pipeline": 64}, "pipeline: 32 layers can not fill 64 stages"),
        (
            "llama-3.1-8b", 16, {"pipeline": 16, "virtual_pipeline": 3},
            "pipeline: 32 layers can not fill 16 stages of 3 chunks, 48 in all",
        ),
        ("llama-3.1-8b", 3, {"tensor": 3, "global_batch": 1}, "tensor: 32 heads are not divisible by 3"),
        ("llama-3.1-8b", 8, {"virtual_pipeline": 2}, "virtual_pipeline: chunks are interleaved among stages"),
        ("llama-3.1-8b", 12, {"tensor": 8}, "accelerators: 12 are not divisible by tensor 8 x context 1 x pipeline 1"),
        ("llama-3.1-8b", 8, {"global_batch": 12}, "global_batch: 12 sequences are not divisible by 8 copies x 1"),
        (
            "llama-3.1-8b", 4, {"pipeline": 4, "virtual_pipeline": 2, "global_batch": 6},
            "global_batch: 6 micro-batches; interleaving takes multiples of the 4 stages",
        ),
        ("llama-3.1-8b", 8, {"expert": 8}, "expert: the model has no experts"),
        ("mixtral-8x7b", 3, {"expert": 3, "global_batch": 3}, "expert: 8 experts are not divisible by 3"),
        ("mixtral-8x7b", 4, {"expert": 8}, "expert: the 4 accelerators of a stage are not divisible by 8"),
        ("mixtral-8x7b", 8, {"tensor": 2, "expert": 4}, "sequence_parallel: expert beside tensor parallelism needs it"),
        ("gpt-3-175b", 8, {"tensor": 8, "sequence": 4096}, "sequence: 4096 tokens; the model has 2048 learned"),
        ("llama-3.1-8b", 4, {"context": 4, "sequence": 2044}, "context: 2044 tokens are not divisible into 2 x 4"),
        ("llama-3.1-8b", 8, {"offloaded_layers": 33}, "offloaded_layers: 33 are more than the 32 there are"),
    ],
)  # fmt: skip
def test_a_layout_that_can_not_run_says_why(name: str, accelerators: int, fields: Any, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(name, accelerators, **fields)), problems(
        name, accelerators, **fields
    )


def test_all_problems_are_told_together() -> None:
    layout = Layout(tensor=3, pipeline=64, expert=2, global_batch=64, sequence=2048)
    with pytest.raises(InputError) as refused:
        layout.check(model("llama-3.1-8b"), 192)
    assert {problem.path for problem in refused.value.problems} == {"pipeline", "tensor", "expert"}


def test_key_value_heads_below_the_tensor_degree_are_copied() -> None:
    layout = Layout(tensor=8, global_batch=8, sequence=2048)
    assert layout.key_value_heads(model("qwen3-235b-a22b")) == 1  # four heads on eight ranks
    assert layout.key_value_heads(model("megatron-22b")) == 8
    assert problems("qwen3-235b-a22b", 8, tensor=8) == []


@pytest.mark.parametrize(
    ("layers", "pipeline", "virtual", "held"),
    [
        (32, 4, 1, [8, 8, 8, 8]),
        (126, 8, 8, [15, 16, 16, 16, 16, 16, 16, 15]),  # Llama 3.1 405B: one less beside embedding and loss
        (94, 8, 3, [11, 12, 12, 12, 12, 12, 12, 11]),  # Qwen3 235B-A22B
        (61, 4, 4, [15, 16, 15, 15]),  # DeepSeek-V3
        (105, 35, 3, [3] * 35),
        (5, 1, 1, [5]),
    ],
)
def test_stages_may_hold_unequal_layers(layers: int, pipeline: int, virtual: int, held: list[int]) -> None:
    stages = layers_of_stages(layers, pipeline=pipeline, virtual_pipeline=virtual)
    assert [len(stage) for stage in stages] == held
    assert sorted(layer for stage in stages for layer in stage) == list(range(layers))


def test_chunks_go_round_the_stages() -> None:
    assert layers_of_stages(8, pipeline=2, virtual_pipeline=2) == ((0, 1, 4, 5), (2, 3, 6, 7))


def test_too_few_layers_are_refused() -> None:
    with pytest.raises(InputError, match="3 layers can not fill 4 stages"):
        layers_of_stages(3, pipeline=4)


def test_equal_stages_wait_one_pass_through_the_others_or_its_share_when_interleaved() -> None:
    # (m + (p - 1) / v) t with m = 8, p = 4, t = 3
    assert pipeline_step_s([3.0] * 4, micro_batches=8) == (33.0, 9.0)
    assert pipeline_step_s([3.0] * 4, micro_batches=8, virtual_pipeline=3) == (27.0, 3.0)


def test_the_slowest_stage_sets_the_pace() -> None:
    # Eight times the slowest, and once through the others.
    assert pipeline_step_s([1.0, 1.0, 5.0, 2.0], micro_batches=8) == (44.0, 4.0)


def test_micro_batches_in_flight_fall_from_stage_to_stage() -> None:
    flying = [micro_batches_in_flight(s, pipeline=4, virtual_pipeline=1, micro_batches=16) for s in range(4)]
    assert flying == [4.0, 3.0, 2.0, 1.0]
    assert micro_batches_in_flight(0, pipeline=4, virtual_pipeline=1, micro_batches=2) == 2.0


def test_interleaving_keeps_more_micro_batches_on_the_first_stage() -> None:
    pipeline, virtual = 8, 3
    expected = pipeline * (1 + (pipeline - 1) / (pipeline * virtual))
    assert micro_batches_in_flight(
        0, pipeline=pipeline, virtual_pipeline=virtual, micro_batches=64
    ) == pytest.approx(expected)  # fmt: skip


def test_tensor_ranks_are_neighbours_and_copies_lie_apart() -> None:
    machines = Machines(accelerators=64, domain=8, node=8, network=Network(5e10))
    groups = parallel_groups(Layout(tensor=4, pipeline=4, global_batch=64, sequence=2048), machines)
    assert groups["tensor"] == ParallelGroup(4, 4)
    assert groups["data"] == ParallelGroup(4, 2)  # ranks 0, 4 in one node of eight, 8 and 12 in the next
    assert groups["pipeline"] == ParallelGroup(4, 1)


def test_experts_of_a_wide_group_span_domains() -> None:
    machines = Machines(accelerators=64, domain=8, node=8, network=Network(5e10))
    groups = parallel_groups(Layout(expert=16, pipeline=2, global_batch=64, sequence=2048), machines)
    assert groups["expert"] == ParallelGroup(16, 8)
    assert groups["expert_data"] == ParallelGroup(2, 1)


@pytest.mark.parametrize(
    ("collective", "ranks", "per_domain", "links_b", "network_b"),
    [
        ("all_gather", 8, 8, 7 / 8, 0.0),
        ("all_reduce", 8, 8, 14 / 8, 0.0),
        ("reduce_scatter", 4, 1, 0.0, 3 / 4),
        ("all_gather", 16, 8, 7 / 8, 15 / 16 / 8),  # eight rings over eight ports
        ("all_to_all", 16, 8, 7 / 16, 8 / 16),
        ("point_to_point", 4, 1, 0.0, 1.0),
        ("point_to_point", 4, 2, 1 / 2, 1 / 2),  # every other rank's neighbour is in the next domain
        ("point_to_point", 4, 4, 1.0, 0.0),
        ("all_reduce", 1, 1, 0.0, 0.0),
    ],
)
def test_bytes_sent_over_links_and_network(
    collective: CollectiveName, ranks: int, per_domain: int, links_b: float, network_b: float
) -> None:
    assert sent_b(collective, 1.0, ParallelGroup(ranks, per_domain)) == pytest.approx((links_b, network_b))


def test_an_accelerator_has_its_share_of_the_nodes_interfaces() -> None:
    machines = machines_of(entry("nodes", "dgx-h100"), 1024)
    assert machines.network is not None
    assert machines.network.bandwidth_b_per_s == pytest.approx(400e9 / 8)
    assert machines.domain == 8


def test_a_rack_joins_more_than_a_node() -> None:
    machines = machines_of(entry("nodes", "gb200-tray"), 64, rack=entry("racks", "gb200-nvl72"))
    assert (machines.domain, machines.node) == (72, 4)


def test_a_node_without_accelerators_can_not_train() -> None:
    with pytest.raises(InputError, match="has no accelerators"):
        machines_of(entry("nodes", "cpu-128-core"), 8)
