"""The capacity plan: building its model, solving it to 1%, its root bound, and what a changed cap costs.

The problems have every family of constraints at once: gangs, spare modules, batteries, bridging, tranches that slip.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator

from .figure import Figure, median_cpu_s
from .plan_instances import LARGE, SMALL, drawn

MOST_SMALL_CPU_S, MOST_LARGE_CPU_S, MOST_BUILD_CPU_S, MOST_OVERHEAD_CPU_S, MOST_ROOT_GAP = 5.0, 30.0, 3.0, 0.1, 0.3


def measure(runs: int) -> Iterator[Figure]:
    """Yield CPU times and the root's gap; solves are the same each time and are measured once."""
    from optimizers.capacity_model import CapacityModel

    small = CapacityModel(drawn(SMALL))
    size = f"{len(small.solver.columns):,} variables, {len(small.solver.rows):,} rows"
    root = small.relaxed().solution
    solution = small.solve()
    yield Figure(
        f"a plan of {size}, to 1%", solution.solve_cpu_s, "CPU-s", MOST_SMALL_CPU_S, covers=_found(solution.gap)
    )
    gap = (solution.objective - root.objective) / abs(solution.objective)
    yield Figure("its linear relaxation below its plan", gap, "share", MOST_ROOT_GAP)
    overhead_s = median_cpu_s(functools.partial(change_a_cap, small), runs)
    yield Figure("a changed cap, but for the solve itself", overhead_s, "CPU-s", MOST_OVERHEAD_CPU_S)
    instance = drawn(LARGE)
    before_s = time.process_time()
    large = CapacityModel(instance)
    build_s = time.process_time() - before_s
    size = f"{len(large.solver.columns):,} variables, {len(large.solver.rows):,} rows"
    yield Figure(f"building the model of {size}", build_s, "CPU-s", MOST_BUILD_CPU_S)
    relaxed = large.relaxed().solution
    covers = "a plan to 1% takes longer than its relaxation: where this misses, so does that"
    yield Figure(
        "its linear relaxation, of 30 s for a plan", relaxed.solve_cpu_s, "CPU-s", MOST_LARGE_CPU_S, covers=covers
    )


def change_a_cap(model: object) -> None:
    """Change weights and a cap so that nothing is possible: HiGHS sees it at once, and the rest is overhead."""
    from optimizers.capacity_model import CapacityModel

    assert isinstance(model, CapacityModel)
    assert model.minimise({"carbon": 1.0}, caps={"risk": -1.0}).status == "infeasible"


def _found(gap: float) -> str:
    return f"ended with a gap of {100.0 * gap:.2g}%"
