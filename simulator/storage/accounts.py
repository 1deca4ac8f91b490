"""What storage moved, kept and drew, and what backups came to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.accounting.accounting import Accounting
from models.economics.accelerator_hour import capital_recovery_factor

from ..engine.power_feed import PowerFeed
from ..engine.state import DARK
from ..results.columns import numbers_or_null, texts
from ..results.kpis import J_PER_KWH, Kpis
from ..results.tables import table
from .in_service import StorageInService
from .tier_in_service import TierInService

if TYPE_CHECKING:
    from ..network.shared_resources import SharedResources

YEAR_S = 31_557_600.0  # the Julian year of `models.units`


class StorageAccounts:
    """Follows the throughput of tiers at each settlement, tells the hall what their servers draw, and sums up.

    A run-ahead component that settles after those that share: what it reads is as of this instant.
    """

    finished = True
    """It never keeps a run going."""
    unsettled = False

    def __init__(self, storage: StorageInService, shared: SharedResources, feed: PowerFeed, terms: Accounting) -> None:
        self._storage = storage
        self._terms = terms
        self._shared = shared
        self._feed = feed
        self._seen = -1, -1, feed.supply

    def announce(self) -> bool:
        """Return that nobody waits for anything here."""
        return False

    def settle(self, now_s: float) -> None:
        """Take in the rates and the supply of this instant."""
        changes = sum(tier.changes for tier in self._storage.tiers.values())
        seen = self._shared.times_solved, changes, self._feed.supply
        if seen == self._seen:
            return
        self._seen = seen
        powered = self._feed.supply != DARK
        for tier in self._storage.tiers.values():
            if tier.powered != powered and not tier.sized.per_node:
                tier.powered = powered
                tier.set_capacities()
            power_w = tier.follow(now_s)
            if tier.sized.peak_w > 0.0:
                self._feed.set_other_it(f"storage {tier.name}", power_w)

    def advance(self, until_s: float) -> float:
        """Return `until_s`: nothing happens here between settlements."""
        return until_s

    def kpis(self, end_s: float) -> Kpis:
        """Return the energy of storage, and recovery point and time of its backups; None without backups."""
        tiers, backups = self._close(end_s), self._storage.backups
        kpis: Kpis = {
            "storage_energy_kwh": sum(tier.meter.integral for tier in tiers) / J_PER_KWH,
            "backup_rpo_s": None,
            "backup_rto_s": None,
        }
        if backups is not None:
            kpis["backup_rpo_s"] = max(backups.worst_age_s(name, end_s) for name in backups.done)
            measured_s = [each.ended_s - each.began_s for each in backups.restored]
            kpis["backup_rto_s"] = max(measured_s or [backups.estimated_restore_s(name) for name in backups.done])
        return kpis

    def operating_usd(self, end_s: float) -> Mapping[str, float]:
        """Return what the run bears of tiers with a price, capital and maintenance, over the life of nodes [USD]."""
        price_usd, terms = self._storage.section.price_usd, self._terms
        if price_usd is None:
            return {}
        recovery = capital_recovery_factor(terms.capital.discount_rate, terms.lives.nodes / YEAR_S)
        return {"storage": price_usd * (recovery + terms.capital.maintenance_share) * end_s / YEAR_S}

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return a row for each tier, and one for each plan of backups."""
        tables = {"storage": self._tiers_table(end_s)}
        return tables | ({"backups": self._backups_table(end_s)} if self._storage.backups is not None else {})

    def notes(self, end_s: float) -> Sequence[str]:
        """Return what was not as one would have it, and which figures are estimates."""
        notes = []
        shelf, backups = self._storage.shelf, self._storage.backups
        if backups is not None and not backups.restored:
            notes.append("backup_rto_s is an estimate: nothing was restored, and nobody else shares the bandwidth")
        for name in backups.done if backups is not None else ():
            assert backups is not None
            if backups.late[name]:
                notes.append(
                    f"{backups.late[name]:,} backups '{name}' took longer than their interval; the next was late"
                )
            if backups.not_made[name]:
                notes.append(
                    f"{backups.not_made[name]:,} backups '{name}' were not made: the site had no room for them"
                )
            if not backups.done[name]:
                notes.append(f"no backup '{name}' was whole at the run's end: backup_rpo_s is the time without one")
        if self._storage.copies_left_out:
            left_out = f"{self._storage.copies_left_out:,} copies of checkpoints were not made"
            notes.append(f"{left_out}: the job's copy before was still on its way to the second tier")
        if self._storage.copies_without_room:
            left_out = f"{self._storage.copies_without_room:,} copies of checkpoints were not made"
            notes.append(f"{left_out}: other jobs' checkpoints left no room on the second tier")
        for name, count in shelf.bared.items():
            text = f"a job's last checkpoint on '{name}' went before the next was whole"
            notes.append(f"{count:,} times {text}: the tier has no room for two")
        for tier in self._close(end_s):
            if tier.stopped_s > 0.0:
                notes.append(
                    f"storage '{tier.name}' stood still for {tier.stopped_s:,.0f} s for want of servers or power"
                )
        return notes

    def _close(self, end_s: float) -> list[TierInService]:
        tiers = list(self._storage.tiers.values())
        for tier in tiers:
            tier.close(end_s)
        return tiers

    def _tiers_table(self, end_s: float) -> pa.Table:
        tiers, shelf = self._close(end_s), self._storage.shelf
        own = np.array([tier.sized.per_node for tier in tiers])
        read_b = np.array([tier.throughput_b - tier.written_b * tier.sized.write_share for tier in tiers])
        return table(
            {
                "tier": texts([tier.name for tier in tiers]),
                "kind": texts([tier.sized.kind for tier in tiers]),
                "capacity_b": np.array([tier.sized.whole_capacity_b(self._storage.nodes) for tier in tiers]),
                "used_greatest_b": np.array([tier.peak_used_b for tier in tiers]),
                "written_b": np.array([tier.written_b for tier in tiers]),
                "read_b": numbers_or_null(np.where(own, math.nan, np.maximum(read_b, 0.0))),
                "energy_j": np.array([tier.meter.integral for tier in tiers]),
                "power_greatest_w": np.array([max(tier.meter.greatest, 0.0) for tier in tiers]),
                "stopped_s": np.array([tier.stopped_s for tier in tiers]),
                "checkpoints_written": np.array([shelf.whole[tier.name] for tier in tiers]),
                "checkpoints_deleted": np.array([shelf.deleted[tier.name] for tier in tiers]),
                "checkpoints_kept": np.array([sum(each.is_whole for each in shelf.on(tier.name)) for tier in tiers]),
            }
        )

    def _backups_table(self, end_s: float) -> pa.Table:
        backups = self._storage.backups
        assert backups is not None
        names = list(backups.done)
        longest = {
            name: [each.ended_s - each.began_s for each in backups.restored if each.plan == name] for name in names
        }
        plans = [backups.plan(name) for name in names]
        return table(
            {
                "backup": texts(names),
                "site": texts([plan.site for plan in plans]),
                "made": np.array([backups.made[name] for name in names]),
                "late": np.array([backups.late[name] for name in names]),
                "not_made": np.array([backups.not_made[name] for name in names]),
                "kept": np.array([len(backups.done[name]) for name in names]),
                "sent_b": np.array([backups.sent_b[name] for name in names]),
                "age_greatest_s": np.array([backups.worst_age_s(name, end_s) for name in names]),
                "restore_estimate_s": np.array([backups.estimated_restore_s(name) for name in names]),
                "restores": np.array([len(longest[name]) for name in names]),
                "restore_greatest_s": numbers_or_null(
                    np.array([max(longest[name], default=math.nan) for name in names])
                ),
            }
        )
