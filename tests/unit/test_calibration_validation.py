"""Fits judged by measured layers and by other stacks' kernels; backward attention, measured and not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from models import catalog
from models.calibration import fitted_files
from models.calibration.datasheet_rates import rates_of
from models.calibration.estimate import Basis, Estimate
from models.calibration.fits import FOLDER_VARIABLE, kernels_for
from models.calibration.fitted_files import FittedFile
from models.calibration.fitted_kernel import FittedKernel
from models.calibration.fitting import Origin, fit_kernel
from models.calibration.importing import fit_own, held_out_rows
from models.calibration.kernels import Kernels
from models.calibration.measuring import layer_kernels
from models.calibration.measuring.measured_file import MeasuredFiles
from models.calibration.measuring.model_shapes import MODELS
from models.calibration.operation import Shape
from models.calibration.operation_kinds import operations
from models.calibration.operations.prefill_attention import PrefillAttention
from models.calibration.operations.prefill_attention_backward import PrefillAttentionBackward
from models.calibration.validation import kernels_of_row, other_stack_rows, summed_time, validation_rows
from models.neural_networks.transformer import Transformer
from models.problems import InputError
from models.workload.training.layout import Layout
from models.workload.training.machines import Machines
from models.workload.training.step import training_step
from simulator.cli import group

H100 = catalog.entry("accelerators", "h100-sxm")
DATASHEET = Kernels(H100)
"""What the H100 of these tests takes for everything but backward attention."""
BACKWARD = 3.0
"""Backward attention over forward on that H100."""
LLAMA = MODELS["llama-3.1-8b"]
Row = dict[str, Any]


def row(operation: str, shape: Mapping[str, float], time_s: float, role: str = "fit", **more: str) -> Row:
    key = "|".join([operation, more.get("model", ""), *(f"{name}={value}" for name, value in shape.items())])
    text = {"framework": "pytorch", "dtype": "bf16", "device": "NVIDIA H100 80GB HBM3", "variant": "eager"}
    return {"key": key, "operation": operation, "role": role, **text, **more, **shape, "time_s": time_s}


def true_s(calls: tuple[layer_kernels.KernelCall, ...]) -> float:
    total_s = 0.0
    for call in calls:
        backward = call.operation == "prefill_attention_backward"
        method = getattr(DATASHEET, "prefill_attention" if backward else call.operation)
        total_s += call.calls * (BACKWARD if backward else 1.0) * float(method(**call.shape).time_s)
    return total_s


def layer_rows(slower: float = 1.0, model: str = "llama-3.1-8b") -> list[Row]:
    """Layers and a decode loop that take `slower` times the sum of their kernels."""
    rows = []
    for tokens in (512, 2048, 8192):
        shape = {"batch": 1, "tokens": tokens, "tensor_parallel": 1}
        for name, calls in (
            ("layer_forward", layer_kernels.forward_kernels(LLAMA, 1, 1, tokens)),
            ("layer_backward", layer_kernels.backward_kernels(LLAMA, 1, 1, tokens)),
        ):
            rows.append(row(name, shape, slower * true_s(calls), "validation", model=model))
    shape = {"batch": 16, "past_tokens": 2048, "tensor_parallel": 1, "layers": 4, "steps": 8}
    calls = layer_kernels.decode_step_kernels(LLAMA, 1, 16, 2051.5, 4)
    return [*rows, row("decode_step", shape, slower * true_s(calls), "validation", model=model)]


def kernel_rows(slower: float = 1.0) -> list[Row]:
    """Kernels around those of the layers, `slower` times what the datasheet says."""
    heads = {"heads": 32, "key_value_heads": 8, "head_dim": 128, "window": 0}
    lengths = [2**power for power in range(7, 15)]
    rows = []
    for n in (1024, 4096, 6144, 14336, 28672):
        for k in (1024, 4096, 14336, 28672):
            rows += [one("gemm", {"m": m, "n": n, "k": k}, slower) for m in (1, 16, 256, 2048, 8192, 28672)]
    for batch in (1, 4, 16):
        rows += [one("prefill_attention", {"batch": batch, "tokens": each} | heads, slower) for each in lengths]
        rows += [one("decode_attention", {"batch": batch, "past_tokens": each} | heads, slower) for each in lengths]
        rows += [
            one("prefill_attention_backward", {"batch": batch, "tokens": each} | heads, slower) for each in lengths
        ]
    return rows + [one("elementwise", {"traffic_b": 2**power}, slower) for power in range(12, 33)]


def one(operation: str, shape: Mapping[str, float], slower: float) -> Row:
    return row(operation, shape, slower * true_s((layer_kernels.KernelCall(operation, shape),)))


def measured(folder: Path, rows: list[Row]) -> Path:
    MeasuredFiles(folder, "h100-sxm").finish(rows, {"device": "NVIDIA H100 80GB HBM3"})
    return folder


@pytest.fixture
def fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of fits without any for H100, and without power for it to borrow: the datasheet answers."""
    folder = tmp_path / "fits"
    for accelerator in ("h100-sxm", "h200-sxm"):
        fitted_files.write(folder, accelerator, FittedFile((), ()))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def fitted_to(rows: list[Row], operation: str, framework: str) -> FittedKernel:
    kind = operations()[operation]
    table = pd.DataFrame([each for each in rows if each["operation"] == operation])
    return fit_kernel(kind, table, rates_of(H100, kind, "bf16"), Origin(framework, "bf16", "made up", "none"))


# ---- Layers ----------------------------------------------------------------------------------------------------------


class OneSecondKernels:
    """Kernels that all take a second, however they are shaped."""

    fitted: Mapping[tuple[str, str], FittedKernel] = {}

    def gemm(self, **_: object) -> Estimate:
        return Estimate(np.array(1.0), np.array(Basis.MEASURED), np.array(0.0), np.array(Basis.MEASURED))

    prefill_attention = prefill_attention_backward = decode_attention = gemm

    def elementwise(self, _: object) -> Estimate:
        return self.gemm()


def test_a_layer_is_all_of_its_kernels_one_after_the_other() -> None:
    kernels = cast(Kernels, OneSecondKernels())
    layer = {"model": "llama-3.1-8b", "tensor_parallel": 1, "batch": 1, "tokens": 128}
    loop = {"model": "llama-3.1-8b", "tensor_parallel": 1, "batch": 1, "past_tokens": 128, "layers": 4, "steps": 8}
    # Four products, attention, and nine small kernels: two norms, five of rotation and residuals, two of the gate.
    assert summed_time(kernels, kernels_of_row("layer_forward", layer), "bf16") == (14.0, 0.0)
    # Two products a matrix, attention, fourteen small ones; attention is a stated factor, which nobody measured.
    assert summed_time(kernels, kernels_of_row("layer_backward", layer), "bf16") == (8 + 1 + 14, 1.0)
    assert summed_time(kernels, kernels_of_row("decode_step", loop), "bf16") == (4 * (14 + 2), 0.0)


def test_a_decode_loop_attends_to_the_mean_of_its_caches() -> None:
    loop = {"model": "llama-3.1-8b", "tensor_parallel": 1, "batch": 2, "past_tokens": 100, "layers": 1, "steps": 8}
    (attention,) = (call for call in kernels_of_row("decode_step", loop) if call.operation == "decode_attention")
    assert attention.shape["past_tokens"] == np.mean(np.arange(100, 108))


@pytest.mark.usefixtures("fits")
def test_layers_twice_as_long_as_their_kernels_are_half_predicted(tmp_path: Path) -> None:
    rows = {each["operation"]: each for each in validation_rows(measured(tmp_path / "measured", layer_rows(2.0)))}
    assert list(rows) == ["decode_loop", "transformer_layer_backward", "transformer_layer_forward"]
    forward, decode = rows["transformer_layer_forward"], rows["decode_loop"]
    assert (forward["rows"], decode["rows"]) == (3, 1)
    for each in (forward, decode):
        assert each["median_ratio"] == pytest.approx(0.5)
        assert each["median_error"] == pytest.approx(0.5)
        assert each["p95_error"] == pytest.approx(0.5)
        assert (each["role"], each["framework"], each["measured_framework"]) == ("validation", "datasheet", "pytorch")
        assert each["fallback_share"] == 1.0
    # Attention backward is measured at three times forward and taken at 2.5.
    assert rows["transformer_layer_backward"]["median_ratio"] < 0.5
    assert forward["source"] == "measured/h100-sxm.parquet"


def test_rows_have_what_held_out_rows_have(fits: Path, tmp_path: Path) -> None:
    kernel = fitted_to(kernel_rows(), "elementwise", "pytorch")
    path = fitted_files.write(fits, "h100-sxm", FittedFile((kernel,), ()))
    (held_out,) = held_out_rows([path])
    (first, *_) = validation_rows(measured(tmp_path / "measured", layer_rows()))
    assert set(first) - set(held_out) == {"role", "measured_framework", "median_ratio"}
    assert set(held_out) <= set(first)


def test_fits_of_our_own_kernels_predict_our_layers(fits: Path, tmp_path: Path) -> None:
    folder = measured(tmp_path / "measured", layer_rows() + kernel_rows())
    fit_own(fits, folder, lambda _: None)
    for each in validation_rows(folder):
        assert each["framework"] == "pytorch"
        assert each["p95_error"] < 0.01


@pytest.mark.usefixtures("fits")
def test_a_layer_of_an_unknown_model_is_refused(tmp_path: Path) -> None:
    folder = measured(tmp_path / "measured", layer_rows(model="llama-9"))
    with pytest.raises(InputError, match=r"h100-sxm\.parquet.*model.*llama-9"):
        validation_rows(folder)


def test_a_folder_without_measurements_has_no_rows(tmp_path: Path) -> None:
    assert validation_rows(tmp_path) == other_stack_rows(tmp_path) == []


# ---- Other stacks ----------------------------------------------------------------------------------------------------


def test_published_fits_are_compared_with_our_kernels_even_where_ours_answer(fits: Path, tmp_path: Path) -> None:
    published = [fitted_to(kernel_rows(), name, "trtllm") for name in ("gemm", "prefill_attention")]
    fitted_files.write(fits, "h100-sxm", FittedFile(tuple(published), ()))
    folder = measured(tmp_path / "measured", layer_rows() + kernel_rows(1.25))
    fit_own(fits, folder, lambda _: None)
    assert kernels_for("h100-sxm").fitted["gemm", "bf16"].framework == "pytorch"
    rows = {each["operation"]: each for each in other_stack_rows(folder)}
    assert {each["role"] for each in rows.values()} == {"other stack"}
    assert (rows["gemm"]["framework"], rows["gemm"]["measured_framework"]) == ("trtllm", "pytorch")
    assert rows["gemm"]["median_ratio"] == pytest.approx(1 / 1.25, rel=0.01)
    assert rows["gemm"]["median_error"] == pytest.approx(0.2, abs=0.01)
    assert rows["gemm"]["fallback_share"] == 0.0
    backward = rows["prefill_attention_backward"]
    assert backward["median_ratio"] == pytest.approx(2.5 / (BACKWARD * 1.25), rel=0.01)
    assert (backward["framework"], backward["fallback_share"]) == ("trtllm", 1.0)
    assert (rows["elementwise"]["framework"], rows["elementwise"]["fallback_share"]) == ("datasheet", 1.0)


# ---- Backward attention ----------------------------------------------------------------------------------------------


class Heads(TypedDict):
    heads: int
    key_value_heads: int
    head_dim: int


PROMPT = Heads(heads=32, key_value_heads=8, head_dim=128)


def test_backward_work_is_five_products_and_twice_the_bytes() -> None:
    shape: Shape = {
        name: np.array([float(value)])
        for name, value in {
            "batch": 1,
            "tokens": 4,
            "heads": 2,
            "key_value_heads": 1,
            "head_dim": 8,
            "window": 0,
        }.items()
    }
    work = PrefillAttentionBackward().work(shape, "bf16")
    # Ten pairs; five products of 2 FLOP for 2 heads of 8.
    assert work.flop == [5 * 2 * 10 * 2 * 8]
    # Four tensors of two heads and four of one, in 2 bytes.
    assert work.traffic_b == [2 * 4 * 8 * (4 * 2 + 4 * 1)]
    assert PrefillAttentionBackward().axes == PrefillAttention().axes


def test_backward_attention_is_a_stated_factor_until_it_was_measured() -> None:
    forward = DATASHEET.prefill_attention([1, 4], 2048, **PROMPT)
    backward = DATASHEET.prefill_attention_backward([1, 4], 2048, **PROMPT)
    assert backward.time_s == pytest.approx(2.5 * forward.time_s)
    kernel = fitted_to(kernel_rows(), "prefill_attention_backward", "pytorch")
    known = Kernels(H100, "pytorch", {("prefill_attention_backward", "bf16"): kernel})
    backward = known.prefill_attention_backward([1, 4], 2048, **PROMPT)
    assert backward.time_s == pytest.approx(BACKWARD * forward.time_s, rel=0.01)
    assert backward.basis.tolist() == [Basis.MEASURED] * 2
    # It computes as attention does, and is no collective.
    assert np.all(backward.power_w > 1.5 * H100.idle_power.value)


def test_training_takes_measured_backward_attention_and_no_longer_names_a_factor() -> None:
    kernel = fitted_to(kernel_rows(), "prefill_attention_backward", "pytorch")
    known = Kernels(H100, "pytorch", {("prefill_attention_backward", "bf16"): kernel})
    layout, machines = Layout(global_batch=8, sequence=4096), Machines(8, 8, 8, None)
    llama = cast(Transformer, catalog.entry("models", "llama-3.1-8b"))
    stated, taken = (training_step(llama, layout, each, machines, refuse=False) for each in (DATASHEET, known))
    forward_s = float(DATASHEET.prefill_attention(1, 4096, **PROMPT).time_s)
    more_s = taken.phase_s["backward"] - stated.phase_s["backward"]
    assert more_s == pytest.approx(32 * (BACKWARD - 2.5) * forward_s, rel=0.03)
    assert any("2.5 times its forward" in note for note in stated.notes)
    assert not any("its forward" in note for note in taken.notes)


# ---- The command -----------------------------------------------------------------------------------------------------


def check(*arguments: str | Path) -> tuple[int, str, str]:
    outcome = CliRunner().invoke(group, ["calibrate", "check", *(str(each) for each in arguments)])
    return outcome.exit_code, outcome.stdout, outcome.stderr


def test_check_adds_our_own_measurements_behind_the_held_out_rows(fits: Path, tmp_path: Path) -> None:
    folder = measured(tmp_path / "measured", layer_rows(2.0) + kernel_rows())
    fit_own(fits, folder, lambda _: None)
    code, out, _ = check("h100-sxm", "--measured", folder, "--json")
    roles = [json.loads(line)["role"] for line in out.splitlines()]
    assert code == 0
    assert roles == ["held out"] * 5 + ["validation"] * 3 + ["other stack"] * 5
    code, out, _ = check("h100-sxm", "--measured", folder)
    assert code == 0
    assert "h100-sxm: layers and decode loops of pytorch against the sum of their kernels, %" in out
    (forward,) = (words for line in out.splitlines() if "transformer_layer_forward" in (words := line.split()))
    assert forward[1:4] == ["bf16", "pytorch", "3"]
    assert [float(word) for word in forward[4:7]] == pytest.approx([50.0, 50.0, -50.0], abs=0.5)
    (backward,) = (words for line in out.splitlines() if "prefill_attention_backward" in (words := line.split())
                   and "datasheet" in words)  # fmt: skip
    assert [float(word) for word in backward[4:7]] == pytest.approx([16.7, 16.7, -16.7], abs=0.1)


@pytest.mark.usefixtures("fits")
def test_check_of_another_accelerator_leaves_our_measurements_out(tmp_path: Path) -> None:
    folder = measured(tmp_path / "measured", layer_rows())
    assert check("h200-sxm", "--measured", folder, "--json") == (0, "", "")


def test_check_refuses_a_named_folder_without_measurements(tmp_path: Path) -> None:
    code, _, err = check("h100-sxm", "--measured", tmp_path)
    assert code == 2
    assert "holds no measurements" in err
