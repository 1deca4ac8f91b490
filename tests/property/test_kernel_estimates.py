"""Whatever is asked of whichever accelerator: times and powers are possible ones, and say what they rest on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import catalog
from models.calibration.datasheet_rates import rates_of
from models.calibration.estimate import Basis, Estimate
from models.calibration.fits import TRAINING, kernels_for, serving
from models.calibration.fitted_kernel import GREATEST_CACHE_B
from models.calibration.kernels import Kernels
from models.calibration.number_formats import kernel_dtypes
from models.calibration.operation_kinds import operations

ACCELERATORS = catalog.names("accelerators")
FRAMEWORKS = (TRAINING, serving("vllm"), serving("sglang"), serving("trtllm"))
HEADS = ((32, 8, 128), (64, 8, 128), (64, 8, 64), (16, 16, 128), (8, 1, 128), (1, 1, 128), (40, 8, 80), (32, 16, 256))
EXACT = 1.0 - 1e-9


def sizes(least: float, greatest: float) -> st.SearchStrategy[float]:
    """Whole numbers spread evenly in the logarithm."""
    return st.floats(np.log2(least), np.log2(greatest)).map(lambda power: float(round(2.0**power)))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Kernels, str, str, dict[str, Any]]:
    """An accelerator's kernels, an operation that bounds hold for, a number format, and a shape in the range that
    large models have and measurements cover.
    """
    kernels = kernels_for(draw(st.sampled_from(ACCELERATORS)), draw(st.sampled_from(FRAMEWORKS)))
    heads, shared, width = draw(st.sampled_from(HEADS))
    window = draw(st.sampled_from((0, 128, 1024, 8192)))
    attention = {"heads": heads, "key_value_heads": shared, "head_dim": width, "window": window}
    batch = draw(sizes(1, 512))
    shapes: dict[str, dict[str, Any]] = {
        "gemm": {"m": draw(sizes(1, 32768)), "n": draw(sizes(1024, 131072)), "k": draw(sizes(1024, 65536))},
        "prefill_attention": {"batch": min(batch, 64.0), "tokens": draw(sizes(16, 16384))} | attention,
        "decode_attention": {"batch": batch, "past_tokens": draw(sizes(1, 131072))} | attention,
        "latent_prefill_attention": {"batch": min(batch, 64.0), "tokens": draw(sizes(16, 16384)), "heads": heads},
        "latent_decode_attention": {"batch": batch, "past_tokens": draw(sizes(1, 131072)), "heads": heads},
    }
    name = draw(st.sampled_from(sorted(shapes)))
    return kernels, name, draw(st.sampled_from(kernel_dtypes())), shapes[name]


def is_possible(kernels: Kernels, estimate: Estimate) -> bool:
    """Whether times are finite and positive, and powers between idle and the cap."""
    idle_w, cap_w = kernels.accelerator.idle_power.value, kernels.accelerator.provisioned_power.value
    return bool(
        np.all(np.isfinite(estimate.time_s) & (estimate.time_s > 0.0))
        and np.all((estimate.power_w >= idle_w) & (estimate.power_w <= cap_w))
    )


@settings(max_examples=500, deadline=None)
@given(asked())
def test_no_kernel_computes_faster_than_the_datasheet_nor_moves_faster_what_no_cache_holds(
    case: tuple[Kernels, str, str, dict[str, Any]],
) -> None:
    kernels, name, dtype, shape = case
    estimate: Estimate = getattr(kernels, name)(**shape, dtype=dtype)
    assert is_possible(kernels, estimate)
    operation = operations()[name]
    columns = {column: np.array([float(value)]) for column, value in shape.items()}
    flop, traffic_b = operation.work(columns, kernels.answered_as(name, dtype))
    rates = rates_of(kernels.accelerator, operation, dtype)
    assert estimate.time_s >= EXACT * flop[0] / rates.compute_flop_per_s
    assert estimate.time_s >= EXACT * (traffic_b[0] - GREATEST_CACHE_B) / rates.bandwidth_b_per_s
    if estimate.basis == Basis.DATASHEET:  # No loop over one kernel was measured: nothing is found in cache.
        assert estimate.time_s >= EXACT * traffic_b[0] / rates.bandwidth_b_per_s


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ACCELERATORS), st.sampled_from(FRAMEWORKS), sizes(1, 1e11), sizes(1, 1024), sizes(1, 65536),
    st.sampled_from(("all_reduce", "all_gather", "reduce_scatter", "all_to_all", "point_to_point")),
)  # fmt: skip
def test_collectives_experts_and_what_only_moves_memory_take_a_possible_time(
    accelerator: str, frameworks: tuple[str, ...], moved_b: float, ranks: float, tokens: float, collective: Any
) -> None:
    kernels = kernels_for(accelerator, frameworks)
    assert is_possible(kernels, kernels.elementwise(moved_b))
    assert is_possible(kernels, kernels.collective(collective, moved_b, ranks=ranks + 1.0))
    experts = kernels.grouped_gemm(tokens, hidden=4096, intermediate=1536, experts=128, active=8)
    assert is_possible(kernels, experts)


@pytest.mark.parametrize("frameworks", FRAMEWORKS)
@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_shapes_far_from_all_that_was_measured_say_so(accelerator: str, frameworks: tuple[str, ...]) -> None:
    kernels = kernels_for(accelerator, frameworks)
    heads: Any = {"heads": 32, "key_value_heads": 8, "head_dim": 128}
    for estimate in (
        kernels.gemm(10_000_000, 4096, 4096),
        kernels.gemm(4096, 4096, 1e7),
        kernels.prefill_attention(1, 1_000_000, **heads),
        kernels.decode_attention(1, 10_000_000, **heads),
        kernels.decode_attention(1, 4096, heads=32, key_value_heads=8, head_dim=80),
        kernels.elementwise(1e13),
        kernels.collective("all_reduce", 1e12, ranks=8),
        kernels.collective("all_reduce", 1e6, ranks=512),
    ):
        assert estimate.basis > Basis.MEASURED


@pytest.mark.parametrize(
    "accelerator", [name for name in ACCELERATORS if name not in {"b200", "b300", "gb200", "gb300"}]
)
def test_a_format_that_an_accelerator_was_not_measured_in_is_answered_from_the_datasheet(accelerator: str) -> None:
    assert kernels_for(accelerator).gemm(4096, 4096, 4096, dtype="nvfp4").basis == Basis.DATASHEET
