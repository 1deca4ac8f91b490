"""Measuring on a real GPU: a row of each group, graphs, power and clocks; and the CUDA C++ bench."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from models.calibration import measuring
from models.calibration.measuring import measure, suite
from models.calibration.measuring.case import Family
from models.calibration.sources.own_measurements import read_own_measurements

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def torch() -> Any:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    torch = importlib.import_module("torch")
    if not torch.cuda.is_available():
        pytest.skip("PyTorch finds no CUDA device")
    return torch


def test_one_row_of_each_kind_is_measured_in_a_graph(torch: Any, tmp_path: Path) -> None:
    def first_of_each(family: Family) -> Family:
        kinds = {(case.operation, case.dtype, case.variant): case for case in reversed(family.cases())}
        return family._replace(cases=lambda: list(kinds.values()))

    path = measure(tmp_path, families=[first_of_each(family) for family in suite.FAMILIES])
    own = read_own_measurements(path)
    assert own.device == torch.cuda.get_device_name(0)
    for each in (*own.fitted, *own.validation):
        assert (each.rows["time_s"] > 1e-7).all()
        assert (each.rows["method"] == "graph").all(), each.operation
    operations = {each.operation for each in own.fitted}
    assert operations >= {"gemm", "prefill_attention", "prefill_attention_backward", "decode_attention", "elementwise"}
    assert {each.operation for each in own.validation} == {"layer_forward", "layer_backward", "decode_step"}


def test_the_bench_without_pytorch_reads_back(tmp_path: Path) -> None:
    if shutil.which("nvcc") is None or shutil.which("nvidia-smi") is None:
        pytest.skip("needs nvcc and a GPU's driver")
    if subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode:
        pytest.skip("there is no GPU")
    built = tmp_path / "kernel_bench"
    source = Path(measuring.__file__).with_name("kernel_bench.cu")
    subprocess.run(["nvcc", "-O3", "-arch=native", "-o", built, source], check=True, timeout=300)
    done = subprocess.run([built], capture_output=True, text=True, check=True, timeout=300)
    file = tmp_path / "bench.csv"
    file.write_text(done.stdout, encoding="utf-8")
    own = read_own_measurements(file)
    assert {each.operation for each in own.fitted} == {"elementwise"}
    assert {each.framework for each in own.reference} == {"wmma"}
