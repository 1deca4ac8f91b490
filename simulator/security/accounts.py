"""What security cost a run, and what happened all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

import numpy as np
import pyarrow as pa

from models.security.controls.audit_log import AuditLog
from models.security.controls.control import ControlCost, kind_of
from models.security.security import WorkClass

from ..results.columns import numbers_or_null, texts
from ..results.kpis import Kpis
from ..results.tables import table
from ..results.work import work_done_s
from .in_force import ControlsInForce
from .incident_story import IncidentResponse
from .slowed_training import work_left_factors

if TYPE_CHECKING:
    from ..operations.running import Running

_YEAR_S = 31_557_600.0


class SecurityAccounts:
    """Figures of the controls and the incidents of a run that was brought up to its end."""

    def __init__(self, running: Running, controls: ControlsInForce, response: IncidentResponse) -> None:
        self._running = running
        self._controls = controls
        self._response = response

    def kpis(self, end_s: float) -> Kpis:  # noqa: ARG002 - the contract of a part
        """Return 1 less the work done over that of the same time without controls; None where it can not be told.

        So it is where no work was done, and where controls slowed tiers or links so that a job did none at all.
        """
        done_s = work_done_s(self._running.hall.batch.state)
        factors = self._controls.job_speeds * work_left_factors(self._running)
        if not done_s.any() or (factors[done_s > 0.0] <= 0.0).any():
            return {"security_overhead_fraction": None}
        without_s = float((done_s / np.where(done_s > 0.0, factors, 1.0)).sum())
        return {"security_overhead_fraction": 1.0 - float(done_s.sum()) / without_s}

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return a row for each control and sort of work, and a row for each incident that began."""
        found = {"security": self._controls_table(end_s)} if self._controls.section.in_force else {}
        if self._controls.section.incidents:
            found["security_incidents"] = self._incidents_table()
        return found

    def notes(self, end_s: float) -> Sequence[str]:  # noqa: ARG002 - the contract of a part
        """Return what is assumed and what is left out, one sentence each."""
        section, told = self._controls.section, []
        if section.in_force:
            told.append("security: what controls avert is mostly assumed; the table `security` says of each on what")
        if section.tenancy != "shared" and len(self._running.workload.users) < 2:
            told.append(f"security: tenancy is {section.tenancy}, and all jobs are one user's: it keeps nobody apart")
        if any(each.with_headers < each.without for each in self._controls.link_speeds.values()):
            told.append(
                "security: headers of encrypted packets are in security_overhead_fraction as if each training job had "
                "its links to itself; where jobs contend for links it is more"
            )
        unrestored = sum(
            np.isnan(each.data_restored_s) and not np.isnan(each.restored_s)
            for each in self._response.records
            if any(kind.restores_data and kind.kind_name == each.kind for kind in section.incidents)
        )
        if unrestored:
            told.append(
                f"security: in {unrestored} incidents nothing was restored: the scenario has no `storage.backups`, or "
                "none that was older than the incident and could not be changed"
            )
        return told

    def operating_usd(self, end_s: float) -> Mapping[str, float]:
        """Return what controls cost the run, people's hours included [USD]."""
        section = self._controls.section
        if not section.in_force:
            return {}
        costs = self._controls.works[0].costs
        return {"security": sum(self._usd_per_year(cost) for cost in costs) * end_s / _YEAR_S}

    def _usd_per_year(self, cost: ControlCost) -> float:
        return cost.money_usd_per_year + cost.people_h_per_year * self._controls.section.cost_per_hour

    def _controls_table(self, end_s: float) -> pa.Table:
        section = self._controls.section
        columns: dict[str, list[float]] = {
            name: []
            for name in (
                "throughput_factor", "network_bytes_factor", "cpu_cores", "kept_b", "people_h", "cost_usd",
            )
        }  # fmt: skip
        words: dict[str, list[str]] = {name: [] for name in ("control", "work", "basis", "source", "averts")}
        words["averts_basis"], words["averts_source"] = [], []
        for index, control in enumerate(section.in_force):
            kind, benefit = kind_of(control), control.benefit()
            first = True
            for sort in get_args(WorkClass):
                works = [work for work in self._controls.works if work.sort == sort]
                if not works:
                    continue
                weights = [work.nodes for work in works]
                costs = [work.costs[index] for work in works]
                for name in ("throughput_factor", "network_bytes_factor", "cpu_cores"):
                    columns[name].append(float(np.average([getattr(each, name) for each in costs], weights=weights)))
                years = end_s / _YEAR_S
                nodes = len(self._running.fleet)
                kept_b = control.kept_b(nodes, end_s) if isinstance(control, AuditLog) else costs[0].storage_b
                columns["kept_b"].append(kept_b if first else np.nan)
                columns["people_h"].append(costs[0].people_h_per_year * years if first else np.nan)
                columns["cost_usd"].append(self._usd_per_year(costs[0]) * years if first else np.nan)
                for name, text in zip(
                    words,
                    (kind, sort, *control.basis, benefit.text, benefit.status, benefit.source),
                    strict=True,
                ):
                    words[name].append(text)
                first = False
        return table(
            {name: texts(words[name]) for name in ("control", "work")}
            | {name: numbers_or_null(np.array(values, np.float64)) for name, values in columns.items()}
            | {name: texts(values) for name, values in words.items() if name not in {"control", "work"}}
        )

    def _incidents_table(self) -> pa.Table:
        records = self._response.records
        times = ("detected_s", "restored_s", "data_restored_s", "data_of_s")
        return table(
            {
                "incident": texts([each.kind for each in records]),
                "begins_s": np.array([each.begins_s for each in records], np.float64),
            }
            | {name: numbers_or_null(np.array([getattr(each, name) for each in records])) for name in times}
            | {
                "nodes": np.array([each.nodes for each in records], np.int64),
                "jobs_interrupted": np.array([each.jobs_interrupted for each in records], np.int64),
            }
        )
