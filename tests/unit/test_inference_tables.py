"""Compiled tables of iterations, against the exact evaluation that they stand for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.accelerators.accelerator import Accelerator
from models.calibration.kernels import Kernels
from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.workload.inference import (
    Batch,
    Chunk,
    IterationTables,
    Layout,
    ServingEngine,
    batch_power_w,
    batch_s,
    compile_tables,
    interval_s,
    iteration,
    iteration_power_w,
    iteration_s,
)

ENGINES = {
    "dense": ("llama-3.1-70b", "h100-sxm", Layout(tensor=8), {"key_value_dtype": "fp8"}),
    "latent and experts": ("deepseek-v3", "h200-sxm", Layout(tensor=8, expert=8), {"weight_dtype": "fp8_block"}),
    "groups of attention": (
        "deepseek-v3", "b200", Layout(tensor=1, expert=8, attention_data=8), {"weight_dtype": "fp8_block"},
    ),
    "windowed": ("gpt-oss-120b", "h100-sxm", Layout(tensor=2), {"expert_dtype": "mxfp4"}),
    "pipeline": ("qwen3-235b-a22b", "h100-sxm", Layout(tensor=4, expert=4, pipeline=2), {"weight_dtype": "fp8"}),
}  # fmt: skip


def engine(name: str) -> ServingEngine:
    shape_name, chip_name, layout, given = ENGINES[name]
    shape, chip = entry("models", shape_name), entry("accelerators", chip_name)
    assert isinstance(shape, Transformer)
    assert isinstance(chip, Accelerator)
    return ServingEngine(shape, Kernels(chip), layout, **given)  # type: ignore[arg-type]


def drawn_batches(one: ServingEngine, count: int, seed: int) -> list[Batch]:
    """Batches with one chunk at most, evenly in the logarithm of each number; none lies on a knot but by chance."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        sequences = int(2 ** random.uniform(0, np.log2(one.max_sequences - 1))) if random.random() < 0.9 else 0
        context = int(2 ** random.uniform(4, 15)) * sequences
        tokens = int(2 ** random.uniform(3, 12.9)) if random.random() < 0.6 or not sequences else 0
        tokens = min(tokens, one.token_budget - sequences)
        past = int(2 ** random.uniform(5, 14)) if random.random() < 0.5 else 0
        found.append(Batch((Chunk(tokens, past),) if tokens else (), sequences, context))
    return found


def from_tables(tables: IterationTables, batch: Batch) -> tuple[float, float]:
    tokens, past = (batch.chunks[0].tokens, batch.chunks[0].past) if batch.chunks else (0, 0)
    given = (float(tokens), float(past), float(batch.decode_sequences), float(batch.decode_context_sum))
    return iteration_s(tables, *given), iteration_power_w(tables, *given)


@pytest.mark.parametrize("name", ENGINES)
def test_tables_agree_with_the_exact_evaluation_at_batches_between_knots(name: str) -> None:
    one = engine(name)
    tables = compile_tables(one)
    time_errors, power_errors = [], []
    for batch in drawn_batches(one, 300, seed=11):
        exact = iteration(one, batch)
        time_s, power_w = from_tables(tables, batch)
        time_errors.append(abs(time_s / exact.time_s - 1.0))
        power_errors.append(abs(power_w / exact.power_w - 1.0))
    assert np.percentile(time_errors, 95) < 0.005
    assert max(time_errors) < 0.01
    assert np.percentile(power_errors, 95) < 0.005
    assert max(power_errors) < 0.01


def test_batches_of_several_chunks_agree_too() -> None:
    one = engine("dense")
    tables = compile_tables(one)
    random = np.random.default_rng(5)
    errors = []
    for _ in range(100):
        chunks = tuple(
            Chunk(int(2 ** random.uniform(5, 10)), int(random.integers(0, 2)) * int(2 ** random.uniform(5, 13)))
            for _ in range(int(random.integers(2, 8)))
        )
        exact = iteration(one, Batch(chunks, 20, 20 * 700))
        tokens, squares, past = (
            float(sum(values))
            for values in zip(*((c.tokens, c.tokens**2, c.tokens * c.past) for c in chunks), strict=True)
        )
        given = (tokens, squares, past, float(len(chunks)), 20.0, 20 * 700.0)
        errors.append(abs(batch_s(tables, *given) / exact.time_s - 1.0))
        errors.append(abs(batch_power_w(tables, *given) / exact.power_w - 1.0))
        errors.append(abs(interval_s(tables, *given) / exact.interval_s - 1.0))
    assert max(errors) < 0.02


def test_the_next_batch_enters_a_pipeline_when_the_tables_say() -> None:
    one = engine("pipeline")
    exact = iteration(one, Batch((), 64, 64 * 1000))
    found = interval_s(compile_tables(one), 0.0, 0.0, 0.0, 0.0, 64.0, 64_000.0)
    assert found == pytest.approx(exact.interval_s, rel=0.01)
    assert found < 0.7 * exact.time_s


def test_knots_are_met_exactly() -> None:
    one = engine("windowed")
    tables = compile_tables(one)
    exact = iteration(one, Batch((), 64, 64 * 1024))
    assert from_tables(tables, Batch((), 64, 64 * 1024)) == pytest.approx((exact.time_s, exact.power_w), rel=1e-9)


def test_tables_are_small() -> None:
    tables = compile_tables(engine("groups of attention"))
    assert sum(table.nbytes for table in tables) < 2**20


def test_beyond_the_tables_the_edge_is_held() -> None:
    tables = compile_tables(engine("dense"), longest_context=1024)
    at_edge, beyond = (iteration_s(tables, 0.0, 0.0, 8.0, 8.0 * context) for context in (1024, 100_000))
    assert beyond == at_edge


@pytest.mark.parametrize("name", ["dense", "latent and experts"])
def test_uncompiled_the_tables_give_the_same_bits(name: str, tmp_path: Path) -> None:
    one = engine(name)
    batches = drawn_batches(one, 50, seed=3)
    tables = compile_tables(one)
    np.savez(tmp_path / "tables.npz", **tables._asdict())
    given = [
        [float(b.chunks[0].tokens if b.chunks else 0), float(b.chunks[0].past if b.chunks else 0),
         float(b.decode_sequences), float(b.decode_context_sum)] for b in batches
    ]  # fmt: skip
    (tmp_path / "batches.json").write_text(json.dumps(given))
    script = (
        "import json, sys, numpy as np\n"
        "from models.workload.inference.iteration_kernel import IterationTables, iteration_power_w, iteration_s\n"
        "tables = IterationTables(**np.load(sys.argv[1]))\n"
        "for batch in json.load(open(sys.argv[2])):\n"
        "    print(iteration_s(tables, *batch).hex(), iteration_power_w(tables, *batch).hex())\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "tables.npz"), str(tmp_path / "batches.json")],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    expected = [f"{iteration_s(tables, *b).hex()} {iteration_power_w(tables, *b).hex()}" for b in given]
    assert result.stdout.splitlines() == expected
