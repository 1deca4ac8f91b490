"""Fixtures shared by the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public traces, weather and prices; tests that need it skip where it is absent."""
    given = os.environ.get("DATAHALL_DATA")
    folder = Path(given) if given else PROJECT_ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"public data not found at '{folder}'; set DATAHALL_DATA to the folder that holds it")
    return folder
