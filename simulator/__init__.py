"""What happens: the discrete-event simulation of a hall, its results and its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .results.result import Result as Result
    from .results.result import compare as compare
    from .scenario.loading import load_scenario as load_scenario
    from .simulation import simulate as simulate

_HOMES = {
    "Result": "simulator.results.result",
    "compare": "simulator.results.result",
    "load_scenario": "simulator.scenario.loading",
    "simulate": "simulator.simulation",
}

__all__ = ["Result", "compare", "load_scenario", "simulate"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import simulator` alone stays light."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'simulator' has no attribute '{name}'")
