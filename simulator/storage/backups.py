"""Backups on a schedule, what a second site keeps of them, and restores: stories that take as long as bytes take."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import simpy

from models.problems import nearest
from models.storage.backup import CHECKPOINTS, BackupPlan, transfer_s

from .checkpoint_shelf import StoredCheckpoint

if TYPE_CHECKING:
    from ..engine.settlement import Timeline
    from ..network.shared_resources import SharedResources, Transfer
    from .kept_data import KeptData


@dataclass(eq=False)
class Backup:
    """A backup at a second site, or on its way there."""

    plan: str
    number: int
    """Counted from 0 for each plan."""
    is_full: bool
    began_s: float
    """It holds what there was at this instant."""
    data_b: Mapping[str, float] = field(default_factory=dict)
    """Bytes of data sets by the tier that they come from: all, or what has changed since the one before."""
    checkpoints: tuple[StoredCheckpoint, ...] = ()
    """The newest of each job; those that the one before holds are not sent again."""
    sent: Mapping[str, float] = field(default_factory=dict)
    """All bytes that are sent, by the tier that they come from."""
    whole_s: float = math.nan
    """When it was whole; NaN: not yet, or never."""

    @property
    def is_whole(self) -> bool:
        """Whether it can be restored from."""
        return not math.isnan(self.whole_s)

    @property
    def total_b(self) -> float:
        """Its bytes at the site."""
        return sum(self.sent.values())


class Restored(NamedTuple):
    """A restore that came to its end."""

    plan: str
    began_s: float
    ended_s: float
    size_b: float
    holds_s: float
    """The instant whose data came back: what is younger is lost."""


class Backups:
    """What the sites keep, and the worst that it was.

    A full backup and those that build on it are a chain; a plan keeps so many chains, and the oldest goes when a new
    full one is whole. A backup that its site has no room for is not made.
    """

    def __init__(self, storage: KeptData, timeline: Timeline, shared: SharedResources) -> None:
        self.restored: list[Restored] = []
        self.not_made: dict[str, int] = defaultdict(int)
        """Backups of each plan that its site had no room for."""
        self.late: dict[str, int] = defaultdict(int)
        """Backups of each plan that began after they were due, because the one before still ran."""
        self.made: dict[str, int] = defaultdict(int)
        """Backups of each plan that became whole."""
        self.sent_b: dict[str, float] = defaultdict(float)
        """Bytes that came to each plan's site."""
        self.done: dict[str, list[Backup]] = {name: [] for name in storage.section.backups}
        """Backups that the sites keep, whole ones, by plan, in order."""
        self._counts: dict[str, int] = defaultdict(int)
        self._worst_s: dict[str, float] = defaultdict(float)
        self._point_s: dict[str, float] = defaultdict(float)
        self._storage, self._timeline, self._shared = storage, timeline, shared
        sites = storage.section.sites
        self._out = {name: shared.add_resource(f"to site {name}", site.bandwidth) for name, site in sites.items()}
        self._back = {
            name: shared.add_resource(f"from site {name}", site.restore_b_per_s) for name, site in sites.items()
        }

    def plan(self, name: str) -> BackupPlan:
        """Return a plan by name; raises ValueError where there is none of it."""
        plans = self._storage.section.backups
        if name not in plans:
            allowed = ", ".join(plans)
            raise ValueError(f"storage.backups: '{name}' is not a backup; allowed: {allowed}{nearest(name, plans)}")
        return plans[name]

    def follow(self, name: str) -> Generator[simpy.Event, Any, None]:
        """Make the backups of a plan, one after the other."""
        plan, due_s, number = self.plan(name), self.plan(name).first, 0
        while True:
            yield self._timeline.tick(due_s)
            backup = self._next(name, plan, number, plan.is_full(number) or not self.done[name])
            if self._makes_room(plan, backup):
                yield from self._send(plan, backup)
                number += 1
            else:
                self.not_made[name] += 1
            self.late[name] += self._timeline.now > due_s + plan.every
            due_s = max(due_s + plan.every, self._timeline.now)

    def usable(self, name: str, *, before_s: float = math.inf, immutable: bool = False) -> tuple[Backup, ...]:
        """Return the chain that gives the newest data, a full backup and those that build on it; empty without any.

        `before_s` leaves out what began later, such as after an attack; with `immutable` a site that an attacker can
        change gives nothing.
        """
        if immutable and not self._storage.section.sites[self.plan(name).site].immutable:
            return ()
        chain: list[Backup] = []
        for backup in self.done[name]:
            if backup.began_s < before_s:
                chain = [backup] if backup.is_full else [*chain, backup]
        return tuple(chain)

    def restore(
        self, name: str, size_b: float | None = None, *, before_s: float = math.inf, immutable: bool = False
    ) -> simpy.Process:
        """Begin to restore a plan's newest usable chain, or `size_b` of it, to the tiers that it came from.

        The process ends with a `Restored`, or with None where there is nothing to restore from.
        """
        return self._timeline.process(self._restore(name, size_b, self.usable(
            name, before_s=before_s, immutable=immutable
        )))  # fmt: skip

    def estimated_restore_s(self, name: str) -> float:
        """Return how long a restore of the newest chain takes with nobody else about, in closed form [s].

        All that is sent passes the site's link; what each tier gets passes its own. Of a plan without a whole backup it
        is its first, full one.
        """
        plan = self.plan(name)
        into_b = _restored_b(self.usable(name) or (self._next(name, plan, 0, True),))
        site_s = transfer_s(sum(into_b.values()), self._storage.section.sites[plan.site].restore_b_per_s)
        return max([site_s, *(self._write_s(tier, part_b) for tier, part_b in into_b.items())])

    def worst_age_s(self, name: str, end_s: float) -> float:
        """Return how old the newest whole backup of a plan got, or the time without any, up to an instant [s]."""
        return max(self._worst_s[name], end_s - self._point_s[name])

    def age_s(self, name: str, now_s: float) -> float:
        """Return the age of a plan's newest whole backup now, or the time since the start without any [s]."""
        return now_s - self._point_s[name]

    def _send(self, plan: BackupPlan, backup: Backup) -> Generator[simpy.Event, Any, None]:
        transfers = [
            self._move(tier, plan.site, part_b, restoring=False) for tier, part_b in backup.sent.items() if part_b > 0.0
        ]
        if transfers:
            yield simpy.AllOf(self._timeline, [transfer.done for transfer in transfers])
        now_s = self._timeline.now
        backup.whole_s = now_s
        self.sent_b[backup.plan] += backup.total_b
        self.made[backup.plan] += 1
        self._worst_s[backup.plan] = max(self._worst_s[backup.plan], now_s - self._point_s[backup.plan])
        self._point_s[backup.plan] = backup.began_s
        self.done[backup.plan].append(backup)
        self.done[backup.plan] = _newest_chains(self.done[backup.plan], plan.keep)

    def _restore(
        self, name: str, size_b: float | None, chain: tuple[Backup, ...]
    ) -> Generator[simpy.Event, Any, Restored | None]:
        if not chain:
            return None
        began_s, into_b = self._timeline.now, _restored_b(chain)
        whole_b = sum(into_b.values())
        share = 1.0 if size_b is None or whole_b == 0.0 else size_b / whole_b
        transfers = [
            self._move(tier, self.plan(name).site, share * part_b, restoring=True)
            for tier, part_b in into_b.items()
            if share * part_b > 0.0
        ]
        if transfers:
            yield simpy.AllOf(self._timeline, [transfer.done for transfer in transfers])
        done = Restored(name, began_s, self._timeline.now, share * whole_b, chain[-1].began_s)
        self.restored.append(done)
        for checkpoint in chain[-1].checkpoints if share == 1.0 else ():
            self._storage.shelf.put_back(checkpoint, done.ended_s)
        return done

    def _move(self, tier: str, site: str, size_b: float, *, restoring: bool) -> Transfer:
        link = self._back[site] if restoring else self._out[site]
        use = self._storage.tier(tier).use(self._ends(tier), writing=restoring)
        return self._shared.begin([link, *use.resources], size_b, use=[1.0, *use.amounts])

    def _ends(self, tier: str) -> Sequence[int]:
        """Return the nodes at whose drives bytes come from or go to: all of them, where those are the tier."""
        return range(self._storage.nodes) if self._storage.tier(tier).sized.per_node else (0,)

    def _write_s(self, tier: str, size_b: float) -> float:
        sized = self._storage.tier(tier).sized
        return transfer_s(size_b, len(self._ends(tier)) * sized.read_b_per_s / sized.write_share)

    def _next(self, name: str, plan: BackupPlan, number: int, full: bool) -> Backup:
        """Return the backup that would begin now."""
        held = {(each.job, each.number) for backup in self.done[name][-1:] for each in backup.checkpoints}
        data_b: dict[str, float] = defaultdict(float)
        for source in plan.of:
            if source != CHECKPOINTS:
                given = self._storage.section.data_sets[source]
                data_b[given.tier] += given.size * (1.0 if full else plan.changed)
        checkpoints = tuple(self._newest_checkpoints()) if CHECKPOINTS in plan.of else ()
        sent = defaultdict(float, data_b)
        for each in checkpoints:
            if full or (each.job, each.number) not in held:
                sent[each.tier] += each.size_b
        return Backup(name, number, full, self._timeline.now, dict(data_b), checkpoints, dict(sent))

    def _newest_checkpoints(self) -> Iterator[StoredCheckpoint]:
        shelf = self._storage.shelf
        jobs = {each.job: None for tier in self._storage.tiers for each in shelf.on(tier)}
        for job in jobs:
            newest = self._storage.newest(job)
            if newest is not None:
                yield newest

    def _makes_room(self, plan: BackupPlan, backup: Backup) -> bool:
        """Return whether a site takes a backup, the plan's oldest chains gone if need be; not where it is immutable."""
        site = self._storage.section.sites[plan.site]
        while site.capacity is not None and self._kept_b(plan.site) + backup.total_b > site.capacity:
            chains = sum(each.is_full for each in self.done[backup.plan])
            if site.immutable or chains < 2:
                return False
            self.done[backup.plan] = _newest_chains(self.done[backup.plan], chains - 1)
        return True

    def _kept_b(self, site: str) -> float:
        plans = self._storage.section.backups
        return sum(each.total_b for name, plan in plans.items() if plan.site == site for each in self.done[name])


def _restored_b(chain: Iterable[Backup]) -> dict[str, float]:
    """Return what a chain brings back to each tier: a full copy of the data, every change, and the last checkpoints."""
    sizes: dict[str, float] = defaultdict(float)
    last: Backup | None = None
    for last in chain:
        for tier, part_b in last.data_b.items():
            sizes[tier] += part_b
    for checkpoint in last.checkpoints if last is not None else ():
        sizes[checkpoint.tier] += checkpoint.size_b
    return sizes


def _newest_chains(backups: list[Backup], keep: int) -> list[Backup]:
    """Return the backups of the newest chains."""
    fulls = [place for place, backup in enumerate(backups) if backup.is_full]
    return backups[fulls[-keep] :] if len(fulls) > keep else backups
