"""What a run says of its failures: how many, how long, and what share of the time the hall was there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from models.reliability.modes.failure_mode import JOB

from ..operations.outage import Outage
from ..operations.running import Running
from ..results.columns import numbers_or_null, texts
from ..results.kpis import Kpis
from ..results.tables import table
from .records import ModeRecord


class OutageAccounts:
    """Accounts for every outage of a component, whoever caused it, and for each failure mode."""

    def __init__(self, running: Running, records: Sequence[ModeRecord]) -> None:
        self._running, self._records = running, records

    def kpis(self, end_s: float) -> Kpis:
        """Return mean time to restore and availability; neither is defined where nothing could go out."""
        outages = self._running.outages
        if self._running.given.reliability is None and not outages:
            return {"mttr_h": None, "availability": None}
        down_s = [
            each.down_s(end_s)
            for each in outages
            if not (each.planned or each.false_alarm or each.kind == JOB)
            and each.stopped_s < math.inf
            and each.restored_s <= end_s
        ]
        return {
            "mttr_h": math.fsum(down_s) / len(down_s) / 3600.0 if down_s else None,
            "availability": self._availability(end_s),
        }

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        unplanned = [each for each in self._running.outages if not each.planned and each.failed_s < end_s]
        tables = {"failures": failures_table(unplanned, end_s)} if unplanned else {}
        return tables | ({"failure_modes": failure_modes_table(self._records, end_s)} if self._records else {})

    def notes(self, end_s: float) -> Sequence[str]:  # noqa: ARG002 - the contract's signature
        without = [each.mode for each in self._records if each.parts == 0]
        if not without:
            return ()
        return (f"no job could fail by {', '.join(without)}: there was no training, and none held whole nodes",)

    def _availability(self, end_s: float) -> float | None:
        """Return the node-seconds in service over those from each node's commissioning to its retirement."""
        fleet, service_s = self._running.fleet, self._running.hall.batch.state.nodes["service_s"]
        planned_s = np.maximum(np.minimum(fleet.retire_s, end_s) - np.minimum(fleet.commission_s, end_s), 0.0)
        # A node that drains serves longer than was planned.
        planned_s = np.maximum(planned_s, service_s)
        whole_s = float(planned_s.sum())
        return float(service_s.sum()) / whole_s if whole_s > 0.0 else None


def failures_table(outages: Sequence[Outage], end_s: float) -> pa.Table:
    """Return a row for each failure, in the order in which they began; instants that never came are null."""

    def instants(name: str) -> pa.Array:
        at_s = np.array([getattr(each, name) for each in outages], np.float64)
        return numbers_or_null(np.where(at_s <= end_s, at_s, np.nan))

    return table(
        {
            "kind": texts([each.kind for each in outages]),
            "name": texts([each.name for each in outages]),
            "mode": texts([each.cause for each in outages]),
            "failed_s": instants("failed_s"),
            "stopped_s": instants("stopped_s"),
            "detected_s": instants("detected_s"),
            "repair_began_s": instants("repair_began_s"),
            "restored_s": instants("restored_s"),
            "permanent": np.array([each.permanent for each in outages], np.bool_),
            "nodes": np.array([each.nodes for each in outages], np.int64),
            "jobs_interrupted": np.array([each.jobs_interrupted for each in outages], np.int64),
        }
    )


def failure_modes_table(records: Sequence[ModeRecord], end_s: float) -> pa.Table:
    """Return a row for each failure mode: what it counts, how often it failed, and what that cost.

    `expected` is null where the hazard is not steady. `down_node_h` counts the nodes that stopped, from when they did
    until they were back or the run ended; those that are only slow work.
    """
    return table(
        {
            "mode": texts([each.mode for each in records]),
            "component": texts([each.component for each in records]),
            "counts": texts([each.counts for each in records]),
            "parts": np.array([each.parts for each in records], np.int64),
            "failures": np.array([each.failures for each in records], np.int64),
            "expected": numbers_or_null(np.array([each.expected(end_s) for each in records])),
            "together": np.array([each.together for each in records], np.int64),
            "passed_over": np.array([each.passed_over for each in records], np.int64),
            "permanent": np.array([sum(one.permanent for one in each.outages) for each in records], np.int64),
            "jobs_interrupted": np.array(
                [sum(one.jobs_interrupted for one in each.outages) for each in records], np.int64
            ),
            "down_node_h": np.array(
                [math.fsum(one.down_s(end_s) * one.nodes for one in each.outages) / 3600.0 for each in records]
            ),
            "work_lost_task_h": np.array([each.work_lost_task_s / 3600.0 for each in records]),
        }
    )
