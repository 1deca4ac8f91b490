"""What controls cost training jobs through what these share: slower tiers, and more bytes on links."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.state import SAVING
from .in_force import LinkSpeeds

if TYPE_CHECKING:
    from ..operations.running import Running
    from ..training.training_run import TrainingRun

WHO = "security"
"""Who slows tiers down, as they are told."""


def work_left_factors(running: Running) -> NDArray[np.float64]:
    """Return each job's work over what it would have done with tiers and links in the clear, 0 to 1, shape (jobs,).

    Training jobs alone use either. Of the time that a job holds its nodes, what slower tiers added to its checkpoints
    would else have passed as the rest did. Links and reading count as if the job had them to itself; reading
    checkpoints back after an interruption is left out.
    """
    factors = np.ones(len(running.workload))
    for run in () if running.training is None else running.training.runs:
        held_s = float(running.hall.batch.state.jobs["held_s"][run.job])
        if held_s > 0.0:
            saving = 1.0 - added_by_saving_s(running, run) / held_s
            factors[run.job] = saving * _speed_left(running, run)
    return factors


def added_by_saving_s(running: Running, run: TrainingRun) -> float:
    """Return how much longer a job stood still for checkpoints, its tier being slowed by controls [s].

    One that waits for the writing would have waited in proportion less. One that writes beside its steps waits only
    where the checkpoint before is still on its way, and at most for what controls add to that.
    """
    checkpoints = run.plan.job.checkpoints
    if running.storage is None or checkpoints is None or run.tier is None or run.checkpoint_b <= 0.0:
        return 0.0
    tier, nodes = running.storage.tier(run.tier), run.plan.nodes
    slow_s = tier.slowed.write_s(nodes, run.checkpoint_b)
    clear_s = tier.slowed_but_for(WHO).write_s(nodes, run.checkpoint_b)
    training = running.hall.batch.state.trainings[run.row]
    saving_s = float(training["paused_s"][SAVING])
    if checkpoints.mode == "synchronous":
        return saving_s * (1.0 - clear_s / slow_s)
    count = float(training["checkpoints"])
    return min(max(saving_s - count * float(checkpoints.snapshot), 0.0), count * (slow_s - clear_s))


def _speed_left(running: Running, run: TrainingRun) -> float:
    """Return the speed that links and tiers leave a job under controls over that without."""
    assert running.security is not None
    links = running.security.link_speeds.get(run.name, LinkSpeeds(1.0, 1.0))
    slow, clear = _reading_speeds(running, run)
    without = min(links.without, clear)
    return min(links.with_headers, slow) / without if without > 0.0 else 1.0


def _reading_speeds(running: Running, run: TrainingRun) -> tuple[float, float]:
    """Return the speeds at which a job's data set can be read, its tier slowed by controls, and not."""
    name = run.plan.job.data_set
    if running.storage is None or name is None:
        return 1.0, 1.0
    data_set = running.storage.data_set(name)
    read_b_per_s = data_set.step_b(run.tokens_per_step) / run.step_s
    tier = running.storage.tier(data_set.read_from)
    parts = run.plan.nodes if tier.sized.per_node else 1
    most_b_per_s = [parts * each.read_b_per_s for each in (tier.slowed, tier.slowed_but_for(WHO))]
    slow, clear = (min(1.0, each / read_b_per_s if read_b_per_s > 0.0 else math.inf) for each in most_b_per_s)
    return slow, clear
