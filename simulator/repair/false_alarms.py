"""The story of false alarms: nodes that monitoring takes out for nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from models.operations.monitoring import Monitoring

from ..engine.state import IN_SERVICE
from ..operations.running import Running
from .taking_aside import take_aside

if TYPE_CHECKING:
    import numpy as np

FALSE_ALARM = "false alarm"
_DAY_S = 86_400.0


def cry_wolf(running: Running, terms: Monitoring, generator: np.random.Generator) -> Generator[simpy.Event, None, None]:
    """Let false alarms take nodes out for a check: a Poisson process for each node, while it is in service.

    The process of all nodes is drawn, and alarms of nodes that are out are passed over.
    """
    timeline, fleet = running.hall.timeline, running.fleet
    count = len(fleet.node_names)
    mean_s = _DAY_S / (terms.false_alarms_per_node_day * count)
    while True:
        wait_s, node = float(generator.exponential(mean_s)), int(generator.integers(count))
        yield timeline.tick(timeline.now + wait_s)
        if running.hall.batch.state.nodes["status"][node] != IN_SERVICE:
            continue
        story = take_aside(
            running,
            [running.components.find("node", fleet.node_names[node])],
            who=FALSE_ALARM,
            wait_for=terms.wait_for,
            wait_limit_s=terms.wait_limit,
            duration_s=terms.check,
            planned=False,
        )
        timeline.process(story)
