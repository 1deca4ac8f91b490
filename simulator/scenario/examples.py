"""The example scenarios and plans that come with datahall."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from models.problems import InputError, Problem, nearest

PLANS = "plans"
"""The folder of plans among the examples."""


def example_names() -> tuple[str, ...]:
    """Return the names of the example scenarios, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def plan_names() -> tuple[str, ...]:
    """Return the names of the example plans, sorted; none of them is a scenario's."""
    return tuple(sorted(path.stem for path in (_folder() / PLANS).glob("*.yaml")))


def example_path(name: str) -> Path:
    """Return the file of an example; raise InputError, with the nearest name, where there is none."""
    plans = plan_names()
    names = (*example_names(), *plans)
    if name not in names:
        message = f"'{name}' is not an example; allowed: {', '.join(names)}{nearest(name, names)}"
        raise InputError(Problem("--example", "", message))
    return (_folder() / PLANS if name in plans else _folder()) / f"{name}.yaml"


def _folder() -> Path:
    # A scenario may extend its neighbour, so that a real folder is needed; pip always installs into one.
    return Path(str(files("scenarios")))
