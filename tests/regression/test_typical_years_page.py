"""The page on typical years says what the simulation says."""

from __future__ import annotations

from pathlib import Path

from simulator.report.typical_years_page import typical_years_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date(public_data: Path) -> None:
    page = (ROOT / "docs" / "typical-years.md").read_text(encoding="utf-8")
    assert page == typical_years_page(ROOT, public_data), "run docs/refresh.py docs/typical-years.md"
