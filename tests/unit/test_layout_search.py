"""The search for layouts: it agrees with pricing everything, and what it leaves out could not have been better."""

from __future__ import annotations

import itertools
from typing import Any, cast

import pytest

from models.calibration.kernels import Kernels
from models.calibration.network import Network
from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.workload.training.layout import Layout
from models.workload.training.layout_search import habitual_layout, search_layouts
from models.workload.training.machines import Machines
from models.workload.training.shared_work import SharedWork
from models.workload.training.step import training_step

H100 = Kernels(entry("accelerators", "h100-sxm"))
MI300X = Kernels(entry("accelerators", "mi300x"))
RECOMPUTE = ("none", "selective", "full")


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


def machines(accelerators: int) -> Machines:
    return Machines(accelerators, 8, 8, Network(5e10))


def priced_one_by_one(
    name: str, kernels: Kernels, accelerators: int, expert: tuple[int, ...], fields: dict[str, Any]
) -> list[tuple[float, Layout]]:
    """Every layout that runs and fits, by the time of its step, each priced on its own."""
    found = []
    degrees = (1, 2, 4, 8, 16)
    for tensor, pipeline, experts, chunks, micro_batch, zero, recompute in itertools.product(
        degrees[:4], degrees, expert, degrees[:4], degrees[:4], (1, 2, 3), RECOMPUTE
    ):
        searched = {"tensor": tensor, "virtual_pipeline": chunks, "micro_batch": micro_batch}
        if any(fields.get(degree, value) != value for degree, value in searched.items()):
            continue
        layout = habitual_layout({
            **searched, "pipeline": pipeline, "expert": experts, "zero": zero, "recompute": recompute, **fields,
        })  # fmt: skip
        if layout.problems(model(name), accelerators):
            continue
        step = training_step(model(name), layout, kernels, machines(accelerators), overhead=1.2, refuse=False)
        if step.memory.total_b <= kernels.accelerator.memory_b:
            found.append((step.step_s, layout))
    return sorted(found, key=lambda each: each[0])


@pytest.mark.parametrize(
    ("name", "kernels", "accelerators", "expert", "fields"),
    [
        ("llama-3.1-8b", H100, 16, (1,), {"global_batch": 16, "sequence": 4096, "micro_batch": 1}),
        (
            "mixtral-8x7b",
            MI300X,
            16,
            (1, 2, 4, 8),
            {"global_batch": 16, "sequence": 4096, "tensor": 2, "virtual_pipeline": 1},
        ),
    ],
)
def test_a_search_finds_what_pricing_every_layout_finds(
    name: str, kernels: Kernels, accelerators: int, expert: tuple[int, ...], fields: dict[str, Any]
) -> None:
    search = search_layouts(model(name), kernels, machines(accelerators), given=fields, overhead=1.2, top=4)
    fastest: dict[tuple[Any, ...], float] = {}
    for step_s, layout in priced_one_by_one(name, kernels, accelerators, expert, fields):
        degrees = (layout.tensor, layout.pipeline, layout.virtual_pipeline, layout.expert, layout.micro_batch)
        fastest.setdefault(degrees, step_s)
    assert [found.step.step_s for found in search.found] == pytest.approx(sorted(fastest.values())[:4], rel=1e-12)
    assert search.priced < search.fitting


@pytest.mark.parametrize("fields", [{"zero": 1}, {"zero": 3, "recompute": "full"}, {"pipeline": 4, "tensor": 2}])
def test_a_step_takes_at_least_the_time_of_its_micro_batches(fields: dict[str, Any]) -> None:
    layout = habitual_layout({"global_batch": 64, "sequence": 4096, **fields})
    shared = SharedWork(model("llama-3.1-8b"), H100, machines(16))
    step = training_step(model("llama-3.1-8b"), layout, H100, machines(16), refuse=False)
    least_s = shared.least_step_s(layout, shared.place(layout))
    assert 0.9 * step.step_s < least_s < step.step_s


def test_layouts_that_share_work_are_priced_as_they_are_alone() -> None:
    shared = SharedWork(model("mixtral-8x7b"), H100, machines(16))
    for fields in ({"expert": 8}, {"expert": 8, "pipeline": 2, "zero": 3}, {"expert": 8, "recompute": "full"}, {}):
        layout = habitual_layout({"global_batch": 32, "sequence": 4096, **fields})
        alone = training_step(model("mixtral-8x7b"), layout, H100, machines(16), refuse=False)
        beside = training_step(model("mixtral-8x7b"), layout, H100, machines(16), refuse=False, shared=shared)
        assert beside == alone


def test_selective_recomputation_beats_what_was_searched_without_it() -> None:
    given = {"global_batch": 1024, "sequence": 4096}
    free = search_layouts(model("llama-3.1-70b"), H100, machines(64), given=given, top=1).found[0]
    plain = search_layouts(model("llama-3.1-70b"), H100, machines(64), given={**given, "recompute": "none"}, top=1)
    assert free.layout.recompute == "selective"
    assert free.step.step_s < plain.found[0].step.step_s


def test_short_sequences_pass_by_the_hundred() -> None:
    given = {"global_batch": 8192, "sequence": 64, "tensor": 1, "pipeline": 1}
    found = search_layouts(model("llama-3.1-8b"), H100, machines(8), given=given, top=1).found[0]
    assert found.layout.micro_batch * 64 >= 4096


def test_where_nothing_fits_the_nearest_layout_is_named() -> None:
    search = search_layouts(model("llama-3.1-70b"), H100, machines(8), given={"global_batch": 8, "sequence": 4096})
    assert not search.found
    assert search.nearest_miss is not None
    assert "the nearest (tensor " in str(search.nearest_miss)
    assert "reserved 2.50 GB" in str(search.nearest_miss)


def test_where_nothing_can_run_the_fewest_problems_are_told() -> None:
    search = search_layouts(model("gpt-3-175b"), H100, machines(64), given={"global_batch": 64, "sequence": 4096})
    assert [problem.message for problem in search.problems] == ["4096 tokens; the model has 2048 learned positions"]
    assert search.nearest_miss is None
