"""What is installed: pins for every dependency, and every file that the packages read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def plain(name: str) -> str:
    """A package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_are_plain_pins_one_a_package() -> None:
    assert [line for line in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
    names = [plain(line.partition("==")[0]) for line in PINS]
    assert len(set(names)) == len(names)
    assert "datahall" not in names


def test_every_dependency_is_pinned_at_or_above_its_minimum() -> None:
    pinned = {plain(name): version for name, _, version in (line.partition("==") for line in PINS)}
    extras = PROJECT["project"]["optional-dependencies"]
    for requirement in (*PROJECT["project"]["dependencies"], *extras["dev"], *extras["notebook"]):
        name, _, least = requirement.partition(">=")
        if not name.startswith("datahall["):
            assert numbers(pinned[plain(name)]) >= numbers(least), requirement


def numbers(version: str) -> list[int]:
    """The leading numbers of a version."""
    return [int(part) for part in version.split(".") if part.isdigit()]


def test_every_yaml_file_of_a_package_travels_with_it() -> None:
    carried = PROJECT["tool"]["setuptools"]["package-data"]
    for package in ("models", "optimizers", "simulator"):
        for file in (ROOT / package).rglob("*.yaml"):
            holders = [holder for holder in carried if file.is_relative_to(ROOT / holder.replace(".", "/"))]
            patterns = [(ROOT / holder.replace(".", "/"), pattern) for holder in holders for pattern in carried[holder]]
            assert any(file in folder.glob(pattern) for folder, pattern in patterns), file


def test_examples_travel_and_scenarios_over_public_traces_do_not() -> None:
    assert PROJECT["tool"]["setuptools"]["package-data"]["scenarios"] == ["*.yaml", "plans/*.yaml"]
    assert "scenarios" in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert "scenarios*" not in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]


@pytest.mark.parametrize("file", ["Makefile", ".ci/run", "constraints.txt", "pyproject.toml"])
def test_no_address_is_named(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.findall(r"https?://|--index|--find-links", text) == []
