"""The page on calibration says what the fitted files and the training step say."""

from __future__ import annotations

import json
from pathlib import Path

from models.calibration.fits import FOLDER
from simulator.report.calibration_page import calibration_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert page == calibration_page(), "run make calibration-report"


def test_shipped_fits_name_their_source_and_take_a_few_megabytes() -> None:
    files = sorted(FOLDER.glob("*"))
    assert sum(path.stat().st_size for path in files) < 6e6
    for path in FOLDER.glob("*.npz"):
        content = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        for record in content["kernels"] + content["powers"]:
            assert record["source"]
            assert record["device"]
            assert record["rows"] > 0
