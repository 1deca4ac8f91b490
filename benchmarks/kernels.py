"""Predictions of kernels in bulk, a training step, and serving iterations from compiled tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np

from models import catalog
from models.calibration.datasheet_rates import rates_of
from models.calibration.estimate import FloatArray
from models.calibration.fits import kernels_for, serving
from models.calibration.operations.gemm import Gemm
from models.neural_networks.transformer import Transformer
from models.workload.inference import Batch, ServingEngine, compile_tables, iteration, iteration_s
from models.workload.inference import Layout as ServingLayout
from models.workload.training.layout import Layout
from models.workload.training.machines import machines_of
from models.workload.training.step import training_step

from .figure import Figure, median_cpu_s

SHAPES = 1_000_000
ITERATIONS = 1_000_000


def measure(runs: int) -> Iterator[Figure]:
    """Yield how long predictions take, beside the plainest way to predict the same."""
    yield from _bulk(runs)
    yield _step(runs)
    yield from _iterations(runs)


def _bulk(runs: int) -> Iterator[Figure]:
    kernels = kernels_for("h100-sxm")
    generator = np.random.default_rng(1)
    m, n, k = (2.0 ** generator.uniform(low, high, SHAPES) for low, high in ((0, 14), (10, 15), (10, 15)))
    rates = rates_of(kernels.accelerator, Gemm(), "bf16")

    def roofline() -> FloatArray:
        compute_s = 2.0 * m * n * k / rates.compute_flop_per_s
        longest: FloatArray = np.maximum(compute_s, 2.0 * (m * k + n * k + m * n) / rates.bandwidth_b_per_s)
        return longest

    plain_s = median_cpu_s(roofline, runs)
    yield Figure(
        "kernels: a million matrix products, time and power",
        median_cpu_s(lambda: kernels.gemm(m, n, k), runs),
        "CPU-s",
        target=1.0,
        reference=plain_s,
        reference_name="a roofline in numpy",
        covers="closed form, table, power",
    )
    batch, past = generator.integers(1, 256, SHAPES), generator.integers(1, 8192, SHAPES)
    yield Figure(
        "kernels: a million decode attentions, time and power",
        median_cpu_s(
            lambda: kernels.decode_attention(batch, past, heads=8, key_value_heads=1, head_dim=128), runs
        ),
        "CPU-s",
        target=2.0,
        reference=plain_s,
        reference_name="a roofline in numpy",
        covers="closed form, table, power",
    )  # fmt: skip


def _step(runs: int) -> Figure:
    model = _transformer("llama-3.1-70b")
    kernels, machines = kernels_for("h100-sxm"), machines_of(catalog.entry("nodes", "dgx-h100"), 64)
    layout = Layout(tensor=8, pipeline=2, global_batch=1024, sequence=4096, sequence_parallel=True, zero=1)
    training_step(model, layout, kernels, machines)
    return Figure(
        "training: a step of Llama 3.1 70B priced",
        1e3 * median_cpu_s(lambda: training_step(model, layout, kernels, machines), 10 * runs),
        "CPU-ms",
        target=10.0,
        reference=1e3 * median_cpu_s(lambda: kernels.gemm(4096, 8192, 8192), 10 * runs),
        reference_name="one matrix product priced",
    )


def _iterations(runs: int) -> Iterator[Figure]:
    engine = ServingEngine(_transformer("llama-3.1-70b"), kernels_for("h200-sxm", serving("vllm")), ServingLayout(4))
    exact_s = median_cpu_s(lambda: iteration(engine, Batch((), 64, 64 * 1000)), 5 * runs)
    yield Figure(
        "serving: tables of an engine compiled",
        median_cpu_s(lambda: compile_tables(engine), runs),
        "CPU-s",
        target=1.0,
        reference=exact_s,
        reference_name="one exact iteration",
    )
    tables = compile_tables(engine)
    _iterate(tables, 1)
    yield Figure(
        "serving: iterations from tables in a compiled loop",
        ITERATIONS / median_cpu_s(lambda: _iterate(tables, ITERATIONS), runs),
        "1/CPU-s",
        target=1e6,
        more_is_better=True,
        reference=1.0 / exact_s,
        reference_name="exact iterations",
        covers="every second one with a chunk of a prompt",
    )


@numba.njit
def _iterate(tables: Any, steps: int) -> float:
    """Iterations with ever other arguments; every second one carries a chunk."""
    total_s = 0.0
    for step in range(steps):
        sequences = float(step % 255 + 1)
        chunk = float(step % 2 * (step % 4000 + 1))
        total_s += iteration_s(tables, chunk, float(step % 7 * 100), sequences, sequences * (step % 9000 + 1))
    return total_s


def _transformer(name: str) -> Transformer:
    model = catalog.entry("models", name)
    if not isinstance(model, Transformer):
        raise TypeError(f"{name} is no transformer")
    return model
