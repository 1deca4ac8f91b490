"""The CUDA C++ bench: compiles with plain nvcc, and says clearly where it can not run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from models.calibration import measuring
from models.calibration.measuring.measured_file import COLUMNS, SCHEMA_VERSION
from models.calibration.sources.own_measurements import read_own_measurements
from models.problems import InputError

SOURCE = Path(measuring.__file__).with_name("kernel_bench.cu")


def header() -> list[str]:
    text = SOURCE.read_text(encoding="utf-8")
    printed = re.search(r"void print_header\(\) \{\s*std::printf\((.*?)\);", text, re.DOTALL)
    assert printed
    return "".join(re.findall(r'"(.*?)"', printed[1])).removesuffix("\\n").split(",")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("nvcc") is None:
        pytest.skip("nvcc is not on the PATH")
    built = tmp_path_factory.mktemp("bench") / "kernel_bench"
    command = ["nvcc", "-O3", "-arch=sm_80", "-o", str(built), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    return built


def test_without_a_gpu_it_ends_with_a_message_and_prints_no_rows(program: Path) -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("kernel_bench: no CUDA device can be used: ")
    assert done.stdout == ""


def test_its_columns_are_those_of_the_measured_files() -> None:
    assert header()[0] == "schema_version"
    assert set(header()[1:]) <= set(COLUMNS)
    assert f"kSchemaVersion = {SCHEMA_VERSION};" in SOURCE.read_text(encoding="utf-8")


def csv_line(**cells: object) -> str:
    return ",".join(str(cells.get(name, "")) for name in header())


ROW = {
    "schema_version": SCHEMA_VERSION, "family": "gemm_forward", "operation": "gemm", "dtype": "bf16", "variant": "nt",
    "device": "NVIDIA H100 80GB HBM3", "driver": "580.1", "cuda": "13.0", "m": 128, "n": 256, "k": 512,
    "time_s": 1e-5, "time_p10_s": 0.9e-5, "time_p90_s": 1.1e-5,
}  # fmt: skip


def test_its_csv_reads_back_with_its_own_kernel_apart_from_cublas(tmp_path: Path) -> None:
    lines = [
        ",".join(header()),
        csv_line(**ROW, key="a", role="fit", framework="cublas"),
        csv_line(**ROW, key="b", role="reference", framework="wmma"),
    ]
    file = tmp_path / "h100.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = read_own_measurements(file)
    (fitted,), (reference,) = own.fitted, own.reference
    assert (fitted.framework, fitted.accelerator, fitted.dtype) == ("cublas", "h100-sxm", "bf16")
    assert fitted.rows[["m", "n", "k", "time_s"]].to_numpy().tolist() == [[128.0, 256.0, 512.0, 1e-5]]
    assert fitted.source == "measured/h100.csv, cuda 13.0, driver 580.1"
    assert reference.framework == "wmma"
    assert own.validation == ()


def test_csv_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    cells = ROW | {"schema_version": 7, "key": "a", "role": "fit", "framework": "cublas"}
    file.write_text(f"{','.join(header())}\n{csv_line(**cells)}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"old\.csv: schema_version: is 7, and this release reads 1: move the file"):
        read_own_measurements(file)
