"""What happens: the discrete-event simulation of a hall, its results and its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .planning.solving import prove_plan as prove_plan
    from .planning.solving import solve_plan as solve_plan
    from .planning.studies import explain_plan as explain_plan
    from .planning.studies import plan_sensitivity as plan_sensitivity
    from .planning.studies import trace_front as trace_front
    from .planning.studies import value_of_information as value_of_information
    from .results.result import Result as Result
    from .results.result import compare as compare
    from .scenario.loading import load_scenario as load_scenario
    from .scenario.plan_file import load_plan as load_plan
    from .simulation import simulate as simulate

_HOMES = {
    "Result": "simulator.results.result",
    "compare": "simulator.results.result",
    "explain_plan": "simulator.planning.studies",
    "load_plan": "simulator.scenario.plan_file",
    "load_scenario": "simulator.scenario.loading",
    "plan_sensitivity": "simulator.planning.studies",
    "prove_plan": "simulator.planning.solving",
    "simulate": "simulator.simulation",
    "solve_plan": "simulator.planning.solving",
    "trace_front": "simulator.planning.studies",
    "value_of_information": "simulator.planning.studies",
}

__all__ = [
    "Result", "compare", "explain_plan", "load_plan", "load_scenario", "plan_sensitivity", "prove_plan", "simulate",
    "solve_plan", "trace_front", "value_of_information",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import simulator` alone stays light."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'simulator' has no attribute '{name}'")
