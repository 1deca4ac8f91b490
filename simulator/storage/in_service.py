"""The storage of a running hall: what jobs, drills and controls ask of it."""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from models.problems import InputError, Problem, nearest
from models.storage.checkpoints import check_fits
from models.storage.data_set import DataSet
from models.storage.storage import Storage
from models.units import format_quantity

from ..engine.batch import Indices
from ..engine.state import CORDONED, DRAINING, IN_SERVICE
from .checkpoint_shelf import CheckpointShelf, StoredCheckpoint
from .tier_in_service import TierInService, Use
from .wiped_drives import WipedDrives

if TYPE_CHECKING:
    from ..network.shared_resources import SharedResources, Transfer
    from ..operations.running import Running
    from .backups import Backups

_ROUNDING_S = 1e-6
"""Work that differs by less is the same: sums of doubles over a year."""
_UP = (IN_SERVICE, DRAINING, CORDONED)


class StorageInService:
    """Tiers, checkpoints and backups. Transfers are those of the shared resources: whoever began one may cancel it."""

    def __init__(
        self, running: Running, section: Storage, tiers: Mapping[str, TierInService], shared: SharedResources
    ) -> None:
        self.section = section
        self.tiers = tiers
        self.backups: Backups | None = None
        """Backups on a schedule, where there are any."""
        self.shelf = CheckpointShelf(tiers, section.checkpoints, len(running.fleet))
        self._running = running
        self._shared = shared
        self._now_s: Callable[[], float] = lambda: float(running.hall.timeline.now)
        self._writing: dict[Transfer, StoredCheckpoint] = {}
        self._promised_b: dict[str, float] = defaultdict(float)
        self._wiped = WipedDrives(running)
        self._restoring: list[simpy.Event] = []
        self.copies_left_out = 0
        """Copies to the second tier that were not made, because the one before was still under way."""
        self.copies_without_room = 0
        """Copies to the second tier that were not made, because it had no room for them just then."""
        self.nodes = len(running.fleet)
        """How many nodes the hall has."""

    def tier(self, name: str) -> TierInService:
        """Return a tier by name; raises ValueError where there is none of it."""
        if name not in self.tiers:
            allowed = ", ".join(self.tiers)
            raise ValueError(f"storage.tiers: '{name}' is not a tier; allowed: {allowed}{nearest(name, self.tiers)}")
        return self.tiers[name]

    def read_use(self, nodes: Indices, tier: str, b_per_s: float) -> tuple[list[int], list[float]]:
        """Return the resources that nodes use who together read so many B/s from a tier, and the B/s on each."""
        use = self.tier(tier).use(nodes)
        return use.resources, [b_per_s * amount for amount in use.amounts]

    def read_ceiling(self, nodes: Indices, tier: str, b_per_s: float) -> float:
        """Return the speed (0 to 1) at which the nodes' own links let them read who at full speed read so many B/s."""
        most_b_per_s = len(nodes) * self.tier(tier).sized.node_b_per_s
        return 1.0 if b_per_s <= most_b_per_s else most_b_per_s / b_per_s

    def data_set(self, name: str) -> DataSet:
        """Return a data set by name; raises ValueError where there is none of it."""
        sets = self.section.data_sets
        if name not in sets:
            allowed = ", ".join(sets) or "none is given"
            raise ValueError(f"storage.data_sets: '{name}' is not a data set; allowed: {allowed}{nearest(name, sets)}")
        return sets[name]

    def check_data_set(self, name: str, nodes: int, path: str) -> None:
        """Raise InputError, at the place `path` of the scenario, where so many nodes can not read a data set."""
        sets = self.section.data_sets
        if name not in sets:
            text = f"'{name}' is not a data set; allowed: {', '.join(sets) or 'none is given'}{nearest(name, sets)}"
            raise InputError(Problem("", path, text))
        given = sets[name]
        room_b = math.inf
        if given.staged_to is not None:
            room_b = self.tier(given.staged_to).sized.whole_capacity_b(nodes)
        if given.size > room_b:
            size, room = format_quantity(given.size, "data", 4), format_quantity(room_b, "data", 4)
            text = (
                f"'{name}' is staged to '{given.staged_to}': its {size} do not fit the {room} of {nodes:,} nodes; "
                "read it in place, or give the job more nodes"
            )
            raise InputError(Problem("", path, text))

    def stage(self, nodes: Indices, data_set: str) -> Transfer:
        """Begin to copy a data set to the drives of nodes, each its part; through at once where it is read in place."""
        given = self.data_set(data_set)
        if given.staged_to is None:
            return self._shared.begin([], 0.0)
        onto = self.tier(given.staged_to)
        origin = self.tier(given.tier)
        transfer = self._begin(
            _both(origin.use(nodes), onto.use(nodes, writing=True)),
            given.size,
            min(each.sized.ceiling_b_per_s(len(nodes), given.size) for each in (origin, onto)),
        )
        onto.watch_writing(transfer)
        return transfer

    def write_checkpoint(
        self,
        nodes: Indices,
        size_b: float,
        tier: str,
        *,
        job: str = "a job",
        files: int = 0,
        mark: float = math.nan,
        weight: float = 1.0,
    ) -> Transfer:
        """Begin to write a checkpoint of a job from the nodes that write it, in equal parts and so many files.

        Once it is whole older ones go by `storage.checkpoints`, and it is copied to the second tier where that says so.
        `mark` is kept with it. One of the job that is not whole yet is given up. Raises InputError where the tier has
        too little room for it.
        """
        onto = self.tier(tier)
        own = tuple(int(node) for node in nodes) if onto.sized.per_node else ()
        stored = self.shelf.begin(job, size_b, onto.name, self._now_s(), mark=mark, nodes=own)
        transfer = self._begin(
            onto.use(nodes, writing=True), size_b, onto.sized.ceiling_b_per_s(len(nodes), size_b, files), weight
        )
        self._writing[transfer] = stored
        onto.watch_writing(transfer)
        _then(transfer, lambda: self._written(transfer))
        return transfer

    def read_checkpoint(
        self, nodes: Indices, size_b: float, tier: str, *, files: int = 0, weight: float = 1.0
    ) -> Transfer:
        """Begin to read a checkpoint to nodes: `size_b` is what all of them together read."""
        origin = self.tier(tier)
        return self._begin(origin.use(nodes), size_b, origin.sized.ceiling_b_per_s(len(nodes), size_b, files), weight)

    def read_stored(self, nodes: Indices, stored: StoredCheckpoint) -> Transfer:
        """Begin to read a checkpoint that is kept to nodes, from wherever it lies."""
        origin = self.tier(stored.tier)
        ceiling_b_per_s = origin.sized.ceiling_b_per_s(len(nodes), stored.size_b)
        return self._begin(origin.use(stored.nodes or nodes), stored.size_b, ceiling_b_per_s)

    def abandon(self, transfer: Transfer) -> None:
        """Cancel a transfer; a checkpoint that it was writing is given up and its room is free again."""
        self._shared.cancel(transfer)
        found = self._writing.pop(transfer, None)
        if found is not None:
            self.shelf.give_up(found)

    def newest(self, job: str, before_s: float = math.inf) -> StoredCheckpoint | None:
        """Return the newest whole checkpoint of a job that can be read now, begun before an instant; None without any.

        What lies on drives of nodes can be read while the nodes are up; it is gone with a node that was repaired for
        good, or wiped.
        """
        status = self._running.hall.batch.state.nodes["status"]
        out = frozenset(np.flatnonzero(~np.isin(status, _UP)).tolist())
        return self.shelf.newest(job, out=out, wiped=self._wiped.by_node(), before_s=before_s)

    def lose_checkpoints(self, tier: str | None = None) -> int:
        """Lose every whole checkpoint on a tier, or on all of them, as to an attacker who encrypts; return how many."""
        lost = [each for name in ([tier] if tier else self.tiers) for each in self.shelf.on(name) if each.is_whole]
        for each in lost:
            self.shelf.delete(each)
        return len(lost)

    def work_left_s(self, job: str, kept_s: float) -> float:
        """Return what of the work that a job has kept it can still return to [nominal s], from marks that are work.

        Work beyond the last whole checkpoint was kept some other way, as by a gang that moves, and is left alone.
        """
        if kept_s > self.shelf.last_mark.get(job, -math.inf) + _ROUNDING_S:
            return kept_s
        newest = self.newest(job)
        return 0.0 if newest is None else newest.mark

    @contextlib.contextmanager
    def restoring(self) -> Iterator[None]:
        """While it lasts what was lost is being brought back, and jobs that need it wait (`until_restored`)."""
        ended = simpy.Event(self._running.hall.timeline)
        self._restoring.append(ended)
        try:
            yield
        finally:
            self._restoring.remove(ended)
            ended.succeed()

    def until_restored(self) -> Generator[simpy.Event, Any, None]:
        """Wait while lost data are being brought back: what is left of them is known only then."""
        while self._restoring:
            yield self._restoring[-1]

    def wipe(self, nodes: Indices) -> None:
        """Lose what lies on the drives of nodes: they were replaced, or imaged anew."""
        self._wiped.wipe(nodes, self._now_s())

    def uncontended_write_s(self, nodes: int, size_b: float, tier: str, *, files: int = 0) -> float:
        """Return how long so many nodes take to write a checkpoint, the tier being theirs alone and whole [s]."""
        return self.tier(tier).slowed.write_s(nodes, size_b, files)

    def uncontended_read_s(self, nodes: int, size_b: float, tier: str, *, files: int = 0) -> float:
        """Return how long so many nodes take to read a checkpoint, the tier being theirs alone and whole [s]."""
        return self.tier(tier).slowed.read_s(nodes, size_b, files)

    def check_checkpoint(self, size_b: float, tier: str, path: str, job: str = "the job") -> None:
        """Raise InputError, at the place `path` of the scenario, where a job's checkpoints can not lie on a tier.

        Jobs that are checked one after the other must fit beside each other, one checkpoint of each, on the second tier
        too where there is one.
        """
        if tier not in self.tiers:
            text = f"'{tier}' is not a tier; allowed: {', '.join(self.tiers)}{nearest(tier, self.tiers)}"
            raise InputError(Problem("", path, text))
        for name in dict.fromkeys((tier, self.section.checkpoints.copy_to or tier)):
            onto = self.tiers[name]
            free_b = onto.sized.whole_capacity_b(self.nodes) - onto.used_b - self._promised_b[name]
            check_fits(job, size_b, name, free_b)
            self._promised_b[name] += size_b

    def set_rate_factor(self, tier: str, who: str, factor: float) -> None:
        """Let somebody, such as encryption, slow a tier down to a factor (0 to 1); the factors of several multiply."""
        self.tier(tier).set_factor(who, factor)

    def _written(self, transfer: Transfer) -> None:
        """Take notice that a checkpoint, or the copy of one, is whole."""
        stored, section = self._writing.pop(transfer, None), self.section.checkpoints
        if stored is None:
            return
        self.shelf.finish(stored, self._now_s())
        if section.copy_to in (None, stored.tier) or not stored.is_whole or not section.is_copied(stored.number):
            return
        self._copy(stored, self.tier(stored.tier), self.tier(section.copy_to))

    def _copy(self, stored: StoredCheckpoint, origin: TierInService, onto: TierInService) -> None:
        """Copy a checkpoint to a second tier in the background, unless the job's last copy is still under way.

        Nor is there a copy where newest checkpoints and copies under way of other jobs leave it no room.
        """
        if any(each.job == stored.job and not each.is_whole for each in self.shelf.on(onto.name)):
            self.copies_left_out += 1
            return
        if stored.size_b > self.shelf.free_for_b(stored.job, onto.name, is_copy=True):
            self.copies_without_room += 1
            return
        nodes = stored.nodes or (0,)
        copy = self.shelf.begin_copy(stored, onto.name, self._now_s())
        transfer = self._begin(_both(origin.use(nodes), onto.use(nodes, writing=True)), stored.size_b, math.inf)
        self._writing[transfer] = copy
        onto.watch_writing(transfer)
        _then(transfer, lambda: self._written(transfer))

    def _begin(self, use: Use, size_b: float, ceiling_b_per_s: float, weight: float = 1.0) -> Transfer:
        return self._shared.begin(
            use.resources, size_b, weight=weight, ceiling_b_per_s=ceiling_b_per_s, use=use.amounts
        )


def _both(one: Use, other: Use) -> Use:
    return Use(one.resources + other.resources, one.amounts + other.amounts)


def _then(transfer: Transfer, act: Callable[[], Any]) -> None:
    """Do something once a transfer is through, before those who wait for it go on."""
    callbacks: list[Callable[[simpy.Event], Any]] | None = transfer.done.callbacks
    if callbacks is None:
        act()
    else:
        callbacks.append(lambda _: act())
