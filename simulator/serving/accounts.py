"""What services came to: requests that were answered, lost and left waiting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..metering.meter_kernel import GREATEST, INTEGRAL
from ..results.columns import instants, texts
from ..results.kpis import Kpis
from ..results.tables import table

if TYPE_CHECKING:
    from .service_run import ServiceRun


class ServiceAccounts:
    """Figures of the services of a run that was brought up to its end."""

    def __init__(self, runs: Sequence[ServiceRun], start_utc_s: float) -> None:
        self._runs = runs
        self._start_utc_s = start_utc_s

    def kpis(self, end_s: float) -> Kpis:
        """Return figures over all services; None where nothing was asked for, or lengths are not given."""
        self._close(end_s)
        queues = [run.queue for run in self._runs]
        served, lost = (math.fsum(getattr(queue, name) for queue in queues) for name in ("served", "lost"))
        tokens = [
            run.queue.served * run.plan.service.tokens_per_request
            for run in self._runs
            if run.plan.service.tokens_per_request is not None
        ]
        return {
            "requests_offered": math.fsum(queue.offered for queue in queues),
            "requests_served": served,
            "requests_lost": lost,
            "service_availability": served / (served + lost) if served + lost else None,
            "tokens_served": math.fsum(tokens) if tokens else None,
        }

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return a row for each service and interval."""
        self._close(end_s)
        if not end_s > 0.0 or not self._runs:
            return {}
        edges_s = self._runs[0].edges_s(end_s)
        count, length_s = len(edges_s) - 1, np.diff(edges_s)
        sums = [run.buckets(count) for run in self._runs]

        def column(name: str, of: int = INTEGRAL) -> NDArray[np.float64]:
            return np.concatenate([each[name][:, of] for each in sums])

        services = len(self._runs)
        lengths_s, from_s = np.tile(length_s, services), np.tile(edges_s[:-1], services)
        from_us = np.round(1e6 * (self._start_utc_s + from_s)).astype(np.int64)
        served, capacity = column("served"), column("capacity")
        return {
            "services": table(
                {
                    "service": texts([run.plan.service.name for run in self._runs for _ in range(count)]),
                    "from_utc": instants(from_us),
                    "from_s": from_s,
                    "to_s": np.tile(edges_s[1:], services),
                    "offered": column("offered"),
                    "served": served,
                    "lost": column("lost"),
                    "capacity": capacity,
                    "backlog_mean": column("backlog") / lengths_s,
                    "backlog_greatest": column("backlog", GREATEST),
                    "nodes_mean": column("nodes") / lengths_s,
                    "utilization": np.divide(served, capacity, where=capacity > 0.0, out=np.zeros_like(served)),
                }
            )
        }

    def notes(self, end_s: float) -> Sequence[str]:
        """Return which services lost requests or held fewer nodes than they asked for at the end, one sentence each."""
        self._close(end_s)
        told = []
        for run in self._runs:
            queue, service = run.queue, run.plan.service
            if queue.lost > 0.0:
                share = queue.lost / queue.offered
                told.append(f"service '{service.name}' lost {queue.lost:,.0f} requests, {100.0 * share:.3g} % of all")
            if run.nodes_at_work < service.nodes and run.plan.until_s >= end_s:
                told.append(
                    f"service '{service.name}' has {run.nodes_at_work} of its {service.nodes} nodes at work at the end"
                )
        return told

    def _close(self, end_s: float) -> None:
        for run in self._runs:
            run.advance(end_s)
