"""Fitted kernels on disk: what is written reads back, what is damaged or foreign is refused with what to do."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from models.calibration import fitted_files
from models.calibration.fits import FOLDER_VARIABLE, kernels_for, serving
from models.calibration.fitted_files import FittedFile
from models.calibration.fitted_kernel import FittedKernel, HeldOutError
from models.calibration.operation import Axis
from models.calibration.operations.elementwise import Elementwise
from models.calibration.residual_table import ResidualTable
from models.problems import InputError

AXES = (Axis("x", (0.0, 1.0, 2.0)), Axis("y", (0.0, 1.0)))
KERNEL = FittedKernel(
    operation="elementwise",
    dtype="bf16",
    framework="pytorch",
    parameters={name: round(value, 7) for name, value in Elementwise.datasheet_parameters.items()},
    table=ResidualTable(AXES, np.arange(6.0).reshape(3, 2) / 8.0, np.array([[True], [False]])),
    least={"traffic_b": 1.0},
    greatest={"traffic_b": 1e9},
    rows=12,
    source="a test",
    device="none",
    held_out=HeldOutError(0.01, 0.05, 0.02, 0.1, 0.0, 3),
)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    read = fitted_files.read(path).kernels[0]
    assert read.parameters == KERNEL.parameters
    assert read.held_out == KERNEL.held_out
    assert read.table is not None
    assert KERNEL.table is not None
    assert read.table.axes == KERNEL.table.axes
    assert read.table.supported.tolist() == [[True], [False]]
    assert read.table.values.tolist() == KERNEL.table.values.tolist()


def test_the_same_fits_make_the_same_bytes(tmp_path: Path) -> None:
    first = fitted_files.write(tmp_path / "a", "h100-sxm", FittedFile((KERNEL,), ()))
    second = fitted_files.write(tmp_path / "b", "h100-sxm", FittedFile((KERNEL,), ()))
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".npz").read_bytes() == second.with_suffix(".npz").read_bytes()


def test_another_schema_version_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 99}))
    with pytest.raises(InputError, match="schema_version: 99; this datahall reads 1; fit again"):
        fitted_files.read(path)


def test_tables_of_another_fit_are_refused(tmp_path: Path) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    path.with_suffix(".npz").write_bytes(b"something else")
    with pytest.raises(InputError, match="missing or of another fit"):
        fitted_files.read(path)


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "h100-sxm.json"
    path.write_text("[]")
    with pytest.raises(InputError, match="no file of fitted kernels"):
        fitted_files.read(path)


def test_a_fit_of_an_operation_s_earlier_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = dataclasses.replace(KERNEL, table=None, parameters={"latency_s": 2e-6, "speed": 0.9})
    fitted_files.write(tmp_path, "h100-sxm", FittedFile((old,), ()))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(InputError, match="another form of the operation; fit again .*: elementwise bf16 pytorch"):
        kernels_for("h100-sxm", ("pytorch",))


def test_a_person_s_own_fits_come_before_those_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted_files.write(tmp_path, "h100-sxm", FittedFile((dataclasses.replace(KERNEL, table=None),), ()))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    kernels = kernels_for("h100-sxm", ("trtllm", "pytorch"))
    assert list(kernels.fitted) == [("elementwise", "bf16")]
    assert kernels.fitted["elementwise", "bf16"].framework == "pytorch"
    assert kernels_for("h100-sxm", ("trtllm",)).fitted == {}


def test_a_serving_framework_that_nobody_measured_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="'vlm' has no measurements; known: .*; nearest: 'vllm'"):
        serving("vlm")
