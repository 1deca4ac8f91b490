"""What nodes and gangs get done, and what that draws: figures of a plan's demands with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from models import catalog
from models.neural_networks.transformer import Transformer
from models.reliability.checkpointing import daly_ettr, daly_interval_s
from models.reliability.reliability import Reliability
from models.workload.inference.steady import steady_decoding
from models.workload.training_job import TrainingJob
from models.workload.training_plan import training_plan
from optimizers.derates import Derates
from optimizers.figures.instance_of import instance_of
from optimizers.figures.serving_rate import CanNotServe, serving_engine, serving_rate
from optimizers.figures.training_rate import effective_share, on_oversubscribed, training_rate
from optimizers.given.demand.serving import ServingDemand
from optimizers.given.demand.training import TrainingDemand
from optimizers.instance.instance import Instance
from optimizers.problem import Problem
from plan_text import PLAN

H100 = catalog.entry("nodes", "dgx-h100")
LAYOUT = {"tensor": 8, "global_batch": 64, "sequence": 4096, "sequence_parallel": True, "zero": 1}
GANG: dict[str, Any] = {
    "kind": "training", "tokens": 1e11, "accelerators": 64, "by": "2027-Q4", "model": "llama-3.1-8b", "layout": LAYOUT,
}  # fmt: skip
FAILING = Reliability.model_validate(
    {"failures": [{"kind": "gpu", "per_year": 0.1}, {"kind": "host", "per_year": 0.2}]}
)


def instance(demand: dict[str, Any], derates: Derates | None = None, **given: Any) -> Instance:
    """The small plan with these demands in place of its own, and some keys replaced."""
    plan = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    problem = Problem.model_validate(plan | {"demand": demand} | given)
    return instance_of(problem, {}, name="a test", derates=derates or Derates())


def chat(**given: Any) -> ServingDemand:
    return ServingDemand.model_validate(
        {"requests_per_s": 10, "input_tokens": 1000, "output_tokens": 250, "model": "llama-3.1-8b"} | given
    )


def gang(**given: Any) -> TrainingDemand:
    return TrainingDemand.model_validate(GANG | given)


def test_a_node_serves_as_many_requests_as_its_replicas_have_in_balance() -> None:
    found = serving_rate(chat(), H100)
    model = catalog.entry("models", "llama-3.1-8b")
    assert isinstance(model, Transformer)
    engine = serving_engine(model, "h100-sxm", found.tensor, 8)
    steady = steady_decoding(engine, concurrency=found.concurrency, input_tokens=1000, output_tokens=250)
    replicas = 8 // found.tensor
    # A request lives for 250 iterations of decoding and 1 of prefill, each as long as a token takes on average.
    expected = replicas * found.concurrency / (251 * steady.time_per_output_token_s)
    assert found.requests_per_s == pytest.approx(expected)
    assert found.time_per_output_token_s <= 0.05


def test_a_stricter_service_level_is_served_by_more_nodes() -> None:
    loose, strict = (serving_rate(chat(slo={"time_per_output_token": f"{ms} ms"}), H100) for ms in (50, 10))
    assert strict.requests_per_s < 0.7 * loose.requests_per_s
    assert strict.time_per_output_token_s <= 0.010


def test_cached_tokens_take_memory_and_attention_and_no_prefill() -> None:
    without, cached, computed = (
        serving_rate(chat(**given), H100).requests_per_s
        for given in ({}, {"cached_input_tokens": 4000}, {"input_tokens": 5000})
    )
    assert computed < cached < without


def test_a_model_that_does_not_fit_a_node_is_not_served() -> None:
    with pytest.raises(CanNotServe, match="B more than 0.9 of its memory"):
        serving_rate(chat(model="deepseek-v3"), H100)
    with pytest.raises(CanNotServe, match="not even one request at a time is within the SLO"):
        serving_rate(chat(slo={"time_per_output_token": "0.1 ms"}), H100)


def test_a_gang_trains_as_its_plan_says() -> None:
    found = training_rate(gang(), "h100", H100)
    job = TrainingJob.model_validate(
        {"name": "same", "accelerators": 64, "model": "llama-3.1-8b", "layout": LAYOUT, "tokens": 1e11}
    )
    plan = training_plan(job, H100)
    assert found.tokens_per_s == pytest.approx(64 * 4096 / plan.step_s)
    assert found.nodes == 8
    assert found.checkpoint_b == pytest.approx(14 * 8.03e9, rel=0.001)  # 14 bytes a parameter


def test_a_stated_rate_wins_over_a_computed_one() -> None:
    stated = {"h100": {"tokens_per_s": 5e5, "activity": 0.7}}
    found = training_rate(gang(stated=stated), "h100", H100)
    assert (found.tokens_per_s, found.activity, found.basis) == (5e5, 0.7, "stated")
    assert on_oversubscribed(found, 4.0) == 1.0


def test_a_core_of_less_bandwidth_slows_a_gang() -> None:
    found = training_rate(gang(), "h100", H100)
    shares = [on_oversubscribed(found, oversubscription) for oversubscription in (1.0, 2.0, 8.0)]
    assert shares[0] == 1.0
    assert 1.0 > shares[1] > shares[2] > 0.3


def test_interruptions_take_from_a_gang_by_its_size() -> None:
    small, large = (effective_share(FAILING, H100, nodes, write_s=60.0, restart_s=600.0) for nodes in (8, 512))
    # 8 accelerators of 0.1 and a host of 0.2 failures a year: 1 a node and year; half of them noticed after 10 min.
    mtbf_s = 365.25 * 86_400.0 / 512
    assert large == pytest.approx(daly_ettr(daly_interval_s(60.0, mtbf_s), 60.0, mtbf_s, 600.0 + 300.0))
    assert large < small < 1.0
    assert effective_share(None, H100, 512, write_s=60.0, restart_s=600.0) == 1.0


def test_demands_come_by_future_quarter_and_hour() -> None:
    profile = [0.5] * 12 + [1.0] * 12
    demand = {
        "chat": {
            "kind": "serving", "requests_per_s": {"2027-Q2": 8}, "profile": profile, "input_tokens": 500,
            "output_tokens": 100, "stated": {"h100": {"requests_per_s": 4, "activity": 0.5}}, "weight": 3,
        },
        "tests": {"kind": "batch", "accelerator_hours": 7200, "stated": {"h100": {"speed": 2}}},
    }  # fmt: skip
    futures = [{"name": "as planned", "probability": 0.5}, {"name": "more", "probability": 0.5, "demand_factor": 2}]
    found = instance(demand, futures=futures, hours={"step_hours": 8})
    chat, tests = found.serving[0], found.batch[0]
    assert chat.demand[:, 0].tolist() == [[0.0] * 4] * 2
    assert chat.demand[0, 1].tolist() == [4.0, 6.0, 8.0, 8.0]  # the last is the design hour
    assert chat.demand[1, 1].tolist() == [8.0, 12.0, 16.0, 16.0]
    assert (chat.weight, tests.weight) == (0.75, 0.25)
    assert tests.demand[:, 0].tolist() == [7200.0, 14400.0]
    assert tests.rate.tolist() == [[2.0 * 8 / 3600.0]]  # accelerator-hours a second of a node
    # Busy power is that above idle: 8400 W less 1904.4 W; at half the activity half of it, all parts being linear.
    assert tests.busy_w == pytest.approx([8400.0 - 1904.4])
    assert chat.busy_w == pytest.approx([0.5 * (8400.0 - 1904.4)])


def test_an_hour_that_stands_for_others_has_their_peak() -> None:
    profile = [1.0, *[0.0] * 11, *[0.5] * 12]
    chat = {
        "kind": "serving", "requests_per_s": 8, "profile": profile, "input_tokens": 500, "output_tokens": 200,
        "stated": {"h100": {"requests_per_s": 2}},
    }  # fmt: skip
    (by_thirds,) = instance({"chat": chat}, hours={"step_hours": 8, "days": 2}).serving
    assert by_thirds.peak is not None and by_thirds.peak.shape == by_thirds.demand.shape[1:]
    # Means 1/8, 1/4 and 1/2 of the busiest hour; within each step's hours at most 1, 1/2, 1/2; then the design hour.
    assert by_thirds.peak.tolist() == [[8.0, 2.0, 1.0] * 2 + [1.0]] * 4
    assert by_thirds.demand[0, 0].tolist() == [1.0, 2.0, 4.0] * 2 + [8.0]
    (by_hour,) = instance({"chat": chat}, hours={"step_hours": 1}).serving
    assert by_hour.peak is not None and by_hour.peak.tolist() == [[1.0] * 25] * 4


def test_a_gang_takes_whole_nodes_a_span_of_quarters_and_storage() -> None:
    demand = {"run": GANG | {"start": "2027-Q2", "by": "2027-Q3", "spare_nodes": 1, "checkpoints_kept": 3}}
    found = instance(demand).gangs[0]
    assert (found.first, found.last, found.nodes.tolist()) == (1, 2, [9])
    assert found.write_b_per_s == pytest.approx(14 * 8.03e9 / 60.0, rel=0.001)
    assert found.stored_b == pytest.approx(3 * 14 * 8.03e9, rel=0.001)
    assert found.tokens.tolist() == [1e11]
    # The node that stands by is idle.
    alone = instance({"run": GANG}).gangs[0]
    assert 9 * found.busy_w == pytest.approx(8 * alone.busy_w)


def test_only_levels_that_are_enough_get_anything_done_and_controls_slow_it() -> None:
    demand = {"run": GANG | {"security": ["basic", "strong"]}}
    levels = {"none": {}, "basic": {"level": "basic"}, "strong": {"level": "strong"}}
    found = instance(demand, security=levels)
    none, basic, strong = found.gangs[0].rate[0]
    assert none == 0.0 < strong < basic < training_rate(gang(), "h100", H100).tokens_per_s


def test_derates_multiply_what_the_models_say() -> None:
    demand = {"tests": {"kind": "batch", "accelerator_hours": 7200, "stated": {"h100": {"speed": 1}}}}
    derates = Derates(
        availability={("lean", "h100"): 0.9},
        rate={("tests", "h100", "none"): 0.8},
        facility={("plains", "air"): 1.5},
        it_power={("tests", "h100"): 1.1},
    )
    plain, derated = instance(demand), instance(demand, derates)
    assert derated.modes[0].availability == pytest.approx(0.9 * plain.modes[0].availability)
    assert derated.batch[0].rate == pytest.approx(0.8 * plain.batch[0].rate)
    assert derated.batch[0].busy_w == pytest.approx(1.1 * plain.batch[0].busy_w)
    assert np.all(plain.modules[0].slope == 1.3)
    assert derated.modules[0].slope == pytest.approx(np.full_like(plain.modules[0].slope, 1.45))
