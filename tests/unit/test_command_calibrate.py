"""`datahall calibrate`: errors are printed as they are kept, foreign files are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.calibration import fitted_files
from models.calibration.fits import FOLDER, FOLDER_VARIABLE
from models.calibration.fitted_files import FittedFile
from models.calibration.fitted_kernel import FittedKernel, HeldOutError
from simulator.cli import group

KERNEL = FittedKernel(
    operation="elementwise",
    dtype="bf16",
    framework="pytorch",
    parameters={"latency_s": 2e-6, "memory": 0.9},
    table=None,
    least={"traffic_b": 1.0},
    greatest={"traffic_b": 1e9},
    rows=12,
    source="a test",
    device="none",
    held_out=HeldOutError(0.0123, 0.0456, 0.02, 0.1, 0.0, 3),
)


def calibrate(*arguments: str | Path) -> Result:
    """What the command comes to."""
    return CliRunner().invoke(group, ["calibrate", *map(str, arguments)])


def test_check_prints_the_errors_that_were_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    rows = [line.split() for line in calibrate("check", "h100-sxm").stdout.splitlines()]
    assert ["elementwise", "bf16", "pytorch", "3", "1.2", "4.6", "2.0/10.0", "0.0"] in rows
    told = json.loads(calibrate("check", "h100-sxm", "--json").stdout.splitlines()[0])
    assert (told["median_error"], told["p95_error"], told["held_out_rows"]) == (0.0123, 0.0456, 3)


def test_check_tells_every_accelerator_that_was_fitted() -> None:
    rows = [json.loads(line) for line in calibrate("check", "--json").stdout.splitlines()]
    assert {row["accelerator"] for row in rows} == {path.stem for path in FOLDER.glob("*.npz")}
    assert all(0.0 <= row["median_error"] <= row["p95_error"] for row in rows if row["median_error"] is not None)


def test_check_says_where_nothing_was_measured() -> None:
    assert "mi300x: nothing was measured; its datasheet answers" in calibrate("check", "mi300x").stdout


def test_fits_of_another_schema_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 7'))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    outcome = CliRunner().invoke(
        group, ["throughput", "--model", "llama-3.1-8b", "--gpu", "h100-sxm", "--gpus", "8", "--tp", "1"]
    )
    assert outcome.exit_code == 2
    assert "schema_version: 7; this datahall reads 1; fit again with `datahall calibrate import`" in outcome.output


def test_fitting_a_folder_without_measurements_says_how_to_make_some(tmp_path: Path) -> None:
    outcome = calibrate("fit", "--measured", tmp_path, "--into", tmp_path)
    assert outcome.exit_code == 2
    assert "make some with `datahall calibrate measure`" in outcome.output


@pytest.mark.parametrize("arguments", [("check", "h100-smx"), ("import", "h100-smx")])
def test_an_unknown_accelerator_is_refused_with_the_nearest(arguments: tuple[str, ...]) -> None:
    outcome = calibrate(*arguments)
    assert outcome.exit_code == 2
    assert "nearest: 'h100-sxm'" in outcome.output


def test_a_budget_without_a_unit_is_refused(tmp_path: Path) -> None:
    outcome = calibrate("measure", "--into", tmp_path, "--budget", "500")
    assert outcome.exit_code == 2
    assert "--budget" in outcome.output


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 7'), "schema_version: 7"),
        (lambda text: text[:40], "is no file of fitted kernels"),
        (lambda _: '{"schema_version": 1}', "kernels: is missing"),
    ],
)
def test_check_refuses_fits_that_can_not_be_read(
    damage: Callable[[str], str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((KERNEL,), ()))
    path.write_text(damage(path.read_text()))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    outcome = calibrate("check", "h100-sxm")
    assert outcome.exit_code == 2
    assert told in outcome.output


def test_importing_an_accelerator_that_nobody_published_says_so(tmp_path: Path) -> None:
    pytest.importorskip("aiconfigurator_core")
    outcome = calibrate("import", "mi300x", "--into", tmp_path)
    assert outcome.exit_code == 2
    assert "nothing is known of mi300x: looked in aiconfigurator-core" in outcome.output
