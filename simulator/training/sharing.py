"""What a training job asks of links and tiers from where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.network.training_traffic import training_traffic
from models.workload.training_plan import TrainingPlan

if TYPE_CHECKING:
    from ..operations.running import Running


class SharedUse(NamedTuple):
    """Resources that a job uses at full speed, and the speed that its own links allow."""

    resources: NDArray[np.int64]
    b_per_s: NDArray[np.float64]
    ceiling: float
    weight: float
    """Flows of the job where it uses most."""


def job_use(running: Running, plan: TrainingPlan, nodes: NDArray[np.int64]) -> SharedUse | None:
    """Return what a job on these nodes uses of what is shared; None where they do not hang together."""
    if running.fabric is not None and len(nodes) > 1 and running.fabric.cut_off(nodes):
        return None
    resources: list[int] = []
    b_per_s: list[float] = []
    ceiling, weight = 1.0, float(len(nodes))
    if running.fabric is not None and plan.layout is not None and plan.machines is not None:
        machines = plan.machines._replace(accelerators=len(nodes) * plan.node.accelerators)
        traffic = training_traffic(plan.layout, plan.network_b, machines)
        use = running.fabric.use(nodes, traffic, wraps=plan.layout.virtual_pipeline > 1)
        if use is None:
            return None
        if running.security is not None:  # Headers of encrypted packets are bytes too.
            headers, bare = running.security.network_bytes_factor, use.speed(plan.step_s)
            use = use._replace(step_b=headers * use.step_b, least_s=headers * use.least_s)
            running.security.note_link_speeds(plan.job.name, use.speed(plan.step_s), bare)
        resources += running.fabric.resources(use.links[~use.own]).tolist()
        b_per_s += (use.step_b[~use.own] / plan.step_s).tolist()
        ceiling, weight = use.speed(plan.step_s), use.weight if traffic else weight
    if running.storage is not None and plan.job.data_set is not None:
        data_set = running.storage.data_set(plan.job.data_set)
        read_b_per_s = data_set.step_b(plan.tokens_per_step) / plan.step_s
        read = running.storage.read_use(nodes.tolist(), data_set.read_from, read_b_per_s)
        resources, b_per_s = [*resources, *read[0]], [*b_per_s, *read[1]]
        ceiling = min(ceiling, running.storage.read_ceiling(nodes.tolist(), data_set.read_from, read_b_per_s))
    return SharedUse(np.array(resources, np.int64), np.array(b_per_s, np.float64), ceiling, weight)
