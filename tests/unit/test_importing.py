"""Fits that are made again replace their like, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.calibration import fitted_files, importing
from models.calibration.fitted_files import FittedFile
from models.calibration.fitted_kernel import FittedKernel
from models.calibration.importing import fit_own, fit_public
from models.calibration.sources.measurements import Measurements
from models.problems import InputError

IMPORTED = FittedKernel(
    operation="elementwise",
    dtype="bf16",
    framework="vllm",
    parameters={"latency_s": 2e-6, "memory": 0.9, "cached": 0.1, "cache_b": 1e8},
    table=None,
    least={"traffic_b": 1.0},
    greatest={"traffic_b": 1e9},
    rows=12,
    source="aiconfigurator-core 0.1: vllm 0.9.0",
    device="none",
    held_out=None,
)
PUBLIC = replace(IMPORTED, framework="nccl", operation="point_to_point", source="Vidur, sends on H100 DGX")
OWN = replace(IMPORTED, framework="pytorch", source="measured/h100-sxm.parquet")
TRAFFIC_B = 2.0 ** np.arange(10, 30)
ROWS = pd.DataFrame({"traffic_b": TRAFFIC_B, "time_s": 3e-6 + TRAFFIC_B / 3e12})


@pytest.fixture(autouse=True)
def one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one small table be all that was published."""

    def published(*_: object) -> Iterator[Measurements]:
        yield Measurements("elementwise", "h100-sxm", "vllm", "bf16", IMPORTED.source, "H100", ROWS)

    monkeypatch.setattr(importing, "public_measurements", published)


def frameworks(folder: Path) -> dict[str, int]:
    """Frameworks of the fits of a folder, and the rows that each was fitted to."""
    return {kernel.framework: kernel.rows for kernel in fitted_files.read(folder / "h100-sxm.json").kernels}


def test_without_the_public_tables_their_fits_and_our_own_are_kept(tmp_path: Path) -> None:
    fitted_files.write(tmp_path, "h100-sxm", FittedFile((IMPORTED, PUBLIC, OWN), ()))
    fit_public(tmp_path, None, None, lambda _: None)
    assert frameworks(tmp_path) == {"vllm": 20, "nccl": 12, "pytorch": 12}


def test_an_import_starts_over_where_a_file_can_not_be_read(tmp_path: Path) -> None:
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((IMPORTED, OWN), ()))
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 7'))
    told: list[str] = []
    fit_public(tmp_path, None, None, told.append)
    assert frameworks(tmp_path) == {"vllm": 20}
    assert "schema_version: 7" in told[-1]


def test_fits_of_our_own_do_not_write_over_what_can_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Measurements("elementwise", "h100-sxm", "pytorch", "bf16", OWN.source, "H100", ROWS)
    monkeypatch.setattr(importing, "_own", lambda _: iter([own]))
    path = fitted_files.write(tmp_path, "h100-sxm", FittedFile((IMPORTED,), ()))
    path.write_text("cut off")
    with pytest.raises(InputError, match="is no file of fitted kernels"):
        fit_own(tmp_path, tmp_path, lambda _: None)
    assert path.read_text() == "cut off"
