"""Start the services: what they are asked for over time, who tells them of their nodes, and when they end."""

from __future__ import annotations

import numpy as np

from ..assembly.services import jobs_of
from ..operations.running import Running
from .accounts import ServiceAccounts
from .service_run import ServiceRun
from .services import Services


def start_services(running: Running) -> None:
    """Let every service follow its demand and its nodes. Does nothing where there are none."""
    plans = running.services
    if not plans:
        return
    hall = running.hall
    clock = hall.batch.state.clock[0]
    grid = {"first_edge_s": float(clock["rack_first_edge_s"]), "interval_s": float(clock["rack_interval_s"])}
    jobs = jobs_of(plans, running.workload)
    runs = [ServiceRun(plan, own, **grid) for plan, own in zip(plans, jobs, strict=True)]
    services = Services(running, runs, len(running.plans))
    hall.batch.keeping = np.concatenate(jobs)
    hall.settlement.join(services)
    for run in runs:
        hall.timeline.process(services.follow_demand(run))
        if run.plan.service.until is not None and run.plan.until_s < float(running.given.until or 0.0):
            hall.timeline.process(services.end(run))
    running.parts.append(ServiceAccounts(runs, running.given.start_utc_s))
