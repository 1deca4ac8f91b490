"""The storage of a running hall: checkpoints and data sets on their way between nodes and tiers."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import simpy

from models.storage.storage import Storage

from ..engine.batch import Indices
from ..facility.hall import Hall
from .backups import Backups
from .checkpoint_shelf import StoredCheckpoint
from .kept_data import KeptData
from .tier_in_service import TierInService, Use
from .wiped_drives import WipedDrives

if TYPE_CHECKING:
    from ..network.shared_resources import SharedResources, Transfer


class StorageInService(KeptData):
    """Tiers, checkpoints and backups. Transfers are those of the shared resources: whoever began one may cancel it."""

    def __init__(
        self,
        hall: Hall,
        section: Storage,
        tiers: Mapping[str, TierInService],
        wiped: WipedDrives,
        shared: SharedResources,
    ) -> None:
        super().__init__(section, tiers, hall.batch, wiped)
        self.backups: Backups | None = None
        """Backups on a schedule, where there are any."""
        self.copies_left_out = 0
        """Copies to the second tier that were not made, because the one before was still under way."""
        self.copies_without_room = 0
        """Copies to the second tier that were not made, because it had no room for them just then."""
        self._timeline = hall.timeline
        self._shared = shared
        self._writing: dict[Transfer, StoredCheckpoint] = {}
        self._restoring: list[simpy.Event] = []

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
        stored = self.shelf.begin(job, size_b, onto.name, self._now_s, mark=mark, nodes=own)
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

    @contextlib.contextmanager
    def restoring(self) -> Iterator[None]:
        """While it lasts what was lost is being brought back, and jobs that need it wait (`until_restored`)."""
        ended = simpy.Event(self._timeline)
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
        self._wiped.wipe(nodes, self._now_s)

    @property
    def _now_s(self) -> float:
        return float(self._timeline.now)

    def _written(self, transfer: Transfer) -> None:
        """Take notice that a checkpoint, or the copy of one, is whole."""
        stored, section = self._writing.pop(transfer, None), self.section.checkpoints
        if stored is None:
            return
        self.shelf.finish(stored, self._now_s)
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
        copy = self.shelf.begin_copy(stored, onto.name, self._now_s)
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
