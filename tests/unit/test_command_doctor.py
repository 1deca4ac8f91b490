"""`datahall doctor`: what it finds wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.commands.doctor import (
    Finding,
    data_folder,
    package_versions,
    python_version,
    results_folder,
    shadows,
    terminal,
)

HOME = Path(__file__).resolve().parents[2]


def doctor(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What the doctor says in a folder."""
    code = "import sys; sys.argv = ['datahall', 'doctor']; sys.path.remove(''); from simulator.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HOME), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sound_installation_has_nothing_wrong(tmp_path: Path) -> None:
    done = doctor(tmp_path, DATAHALL_DATA="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("nothing wrong\n")
    assert "WRONG" not in done.stdout


def test_a_users_folder_that_hides_ours_is_found_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    done = doctor(tmp_path, DATAHALL_DATA="")
    assert done.returncode == 1
    assert "WRONG models" in done.stdout
    assert f"'{tmp_path / 'models'}' hides ours" in done.stdout
    assert f"-> rename '{tmp_path / 'models'}'" in done.stdout
    assert done.stdout.endswith("1 wrong\n")


def wrong(findings: object) -> list[str]:
    """What is wrong among findings."""
    assert isinstance(findings, list)
    return [finding.what for finding in findings if finding.remedy]


def test_a_module_earlier_on_the_search_path_hides_ours_and_a_later_one_does_not(tmp_path: Path) -> None:
    earlier, home, later = tmp_path / "earlier", tmp_path / "home", tmp_path / "later"
    for folder in (earlier, home, later):
        folder.mkdir()
    (earlier / "simulator.py").write_text("")
    (later / "models.py").write_text("")
    path = [str(earlier), str(home), str(later)]
    assert wrong(list(shadows(home, path, home))) == ["simulator"]


def test_a_plain_folder_of_our_name_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()  # without __init__.py Python prefers a real package further on
    assert wrong(list(shadows(HOME, [str(HOME)], tmp_path))) == []


def test_versions_are_compared_by_their_numbers() -> None:
    found = list(package_versions(["click>=8.1", "click>=99", "no-such-thing>=1", "pytest>=8; extra == 'dev'"]))
    assert [(finding.what, bool(finding.remedy)) for finding in found] == [
        ("click", False),
        ("click", True),
        ("no-such-thing", True),
    ]
    assert found[1].remedy == "pip install 'click>=99'"
    assert bool(python_version((3, 10, 4)).remedy)
    assert not python_version((3, 11, 0)).remedy


def test_folders_that_are_not_there_or_can_not_be_written_are_wrong(tmp_path: Path) -> None:
    assert bool(data_folder(str(tmp_path / "none")).remedy)
    assert not data_folder(str(tmp_path)).remedy
    assert not data_folder(None).remedy
    assert not results_folder(tmp_path / "new" / "results").remedy
    (tmp_path / "file").write_text("")
    assert bool(results_folder(tmp_path / "file" / "results").remedy)


@pytest.mark.parametrize(("columns", "found"), [(120, "120 columns"), (60, "60 columns; tables need 80")])
def test_a_narrow_terminal_is_mentioned_and_not_wrong(columns: int, found: str) -> None:
    assert terminal(columns) == Finding("terminal", found)
