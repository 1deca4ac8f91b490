"""Notebooks run from top to bottom and come out as they were committed."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
nbformat = pytest.importorskip("nbformat", reason="notebooks need the extra 'notebook'")


def _executed(notebook: Path) -> Any:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    return refresh.executed(notebook)


def _printed(content: Any) -> list[list[str]]:
    """Return what each cell printed or showed as text, spaces apart; of pictures that there is one."""
    cells = []
    for cell in content.cells:
        texts = []
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            data = output.get("data", {})
            texts.append("picture" if "image/png" in data else output.get("text") or data["text/plain"])
        cells.append([" ".join(text.split()) for text in texts])
    return cells


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_comes_out_as_committed(notebook: Path, tmp_path: Path) -> None:
    copy = shutil.copy(notebook, tmp_path)
    committed = nbformat.read(notebook, as_version=4)
    again = _executed(Path(copy))
    assert _printed(again) == _printed(committed), "run docs/refresh.py notebooks"
    assert any(text == ["picture"] for text in _printed(committed))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_holds_its_outputs_and_nothing_of_the_machine(notebook: Path) -> None:
    content = nbformat.read(notebook, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(not cell.metadata for cell in content.cells)
    assert set(content.metadata) == {"kernelspec", "language_info"}
    assert not re.search(r" at 0x[0-9a-f]+", notebook.read_text(encoding="utf-8"))
