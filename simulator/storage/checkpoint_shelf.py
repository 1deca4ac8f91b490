"""Checkpoints on the tiers: which are whole, which are kept, and which can still be read."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from models.storage.checkpoints import Checkpoints, check_fits

from .tier_in_service import TierInService


@dataclass(eq=False)
class StoredCheckpoint:
    """A checkpoint of a job on a tier, or one that is being written."""

    job: str
    number: int
    """Counted from 1 for each job; a copy bears the number of what it was copied from."""
    tier: str
    size_b: float
    began_s: float
    """When writing it began."""
    mark: float
    """What the job said of its state, such as the work done."""
    nodes: tuple[int, ...] = ()
    """On whose drives it lies, in order, where it is the nodes' own."""
    whole_s: float = math.nan
    """When it was whole; NaN: not yet."""

    @property
    def is_whole(self) -> bool:
        """Whether it can be returned to."""
        return not math.isnan(self.whole_s)


class CheckpointShelf:
    """Makes room for checkpoints and throws away those that are kept no longer.

    What lies on a tier never exceeds its capacity: before one is written older ones go, first those that a job keeps
    besides its newest, then, where there is no other way, the job's own newest, whose place is then bare until the new
    one is whole (counted in `bared`), and at last the newest of jobs that are writing another. So jobs of which one
    checkpoint each fits never find the tier full. A copy is worth no other job's newest.
    """

    def __init__(self, tiers: Mapping[str, TierInService], section: Checkpoints, nodes: int) -> None:
        self._tiers = tiers
        self._section = section
        self._nodes = nodes
        self._on: dict[str, list[StoredCheckpoint]] = defaultdict(list)
        self._count: Counter[str] = Counter()
        self.last_mark: dict[str, float] = {}
        """The mark of each job's checkpoint that became whole last, whether or not it is still there."""
        self.whole: Counter[str] = Counter()
        """Checkpoints that became whole on each tier."""
        self.deleted: Counter[str] = Counter()
        """Checkpoints that were thrown away on each tier."""
        self.bared: Counter[str] = Counter()
        """How often a job's last checkpoint on a tier went before the next was whole."""

    def on(self, tier: str) -> tuple[StoredCheckpoint, ...]:
        """Return what lies on a tier, whole or not, in order of writing."""
        return tuple(self._on[tier])

    def begin(
        self, job: str, size_b: float, tier: str, now_s: float, *, mark: float = math.nan, nodes: tuple[int, ...] = ()
    ) -> StoredCheckpoint:
        """Make room for the next checkpoint of a job and return it; one of the job that is not whole yet is given up.

        Raises InputError where the tier has too little room for it whatever is thrown away.
        """
        self._count[job] += 1
        return self._place(StoredCheckpoint(job, self._count[job], tier, size_b, now_s, mark, nodes))

    def begin_copy(self, of: StoredCheckpoint, tier: str, now_s: float) -> StoredCheckpoint:
        """Make room for the copy of a checkpoint and return it."""
        return self._place(StoredCheckpoint(of.job, of.number, tier, of.size_b, now_s, of.mark), is_copy=True)

    def finish(self, checkpoint: StoredCheckpoint, now_s: float) -> None:
        """Take notice that a checkpoint is whole, and throw away what is kept no longer."""
        if checkpoint not in self._on[checkpoint.tier]:
            return  # It was given up.
        checkpoint.whole_s = now_s
        self.whole[checkpoint.tier] += 1
        self.last_mark[checkpoint.job] = checkpoint.mark
        mine = {each.number: each for each in self._whole(checkpoint.tier) if each.job == checkpoint.job}
        for number in set(mine) - set(self._section.kept(list(mine))):
            self.delete(mine[number])

    def put_back(self, checkpoint: StoredCheckpoint, now_s: float) -> None:
        """Lay a checkpoint on its tier that came back from a backup, unless it still lies there."""
        there = any((each.job, each.number) == (checkpoint.job, checkpoint.number) for each in self.on(checkpoint.tier))
        if not there:
            again = self._place(replace(checkpoint, whole_s=math.nan))
            again.whole_s = now_s

    def give_up(self, checkpoint: StoredCheckpoint) -> None:
        """Forget a checkpoint that will not become whole; a whole one is left alone."""
        if not checkpoint.is_whole and checkpoint in self._on[checkpoint.tier]:
            self._remove(checkpoint)

    def delete(self, checkpoint: StoredCheckpoint) -> None:
        """Throw a checkpoint away."""
        self._remove(checkpoint)
        self.deleted[checkpoint.tier] += 1

    def newest(
        self,
        job: str,
        *,
        out: Collection[int] = (),
        wiped: Mapping[int, float] | None = None,
        before_s: float = math.inf,
    ) -> StoredCheckpoint | None:
        """Return a job's newest whole checkpoint that can be read, None without any.

        Those on drives of nodes that are `out`, or were `wiped` (node: when) after it was whole, are read from the
        copies on neighbours if there are any. `before_s` asks for what was begun before an instant.
        """
        found: StoredCheckpoint | None = None
        for tier in self._tiers:
            for each in self._on[tier]:
                if each.job != job or not each.is_whole or each.began_s >= before_s:
                    continue
                if (found is None or each.number > found.number) and self._readable(each, out, wiped or {}):
                    found = each
        return found

    def free_for_b(self, job: str, tier: str, *, is_copy: bool = False) -> float:
        """Return what a job's checkpoint, or the copy of one, could take of a tier if all went that may go [B]."""
        capacity_b = self._tiers[tier].sized.whole_capacity_b(self._nodes)
        used_b = self._tiers[tier].used_b
        return capacity_b - used_b + sum(each.size_b for each in self._expendable(job, tier, is_copy))

    def _place(self, new: StoredCheckpoint, *, is_copy: bool = False) -> StoredCheckpoint:
        for old in [each for each in self._on[new.tier] if each.job == new.job and not each.is_whole]:
            self._remove(old)
        tier = self._tiers[new.tier]
        capacity_b = tier.sized.whole_capacity_b(self._nodes)
        check_fits(f"'{new.job}'", new.size_b, new.tier, self.free_for_b(new.job, new.tier, is_copy=is_copy))
        for old in self._expendable(new.job, new.tier, is_copy):
            if tier.used_b + new.size_b <= capacity_b:
                break
            if old is self._newest_on(old.job, new.tier):
                self.bared[new.tier] += 1
            self.delete(old)
        self._on[new.tier].append(new)
        tier.take_room(new.size_b)
        return new

    def _expendable(self, job: str, tier: str, is_copy: bool) -> Iterator[StoredCheckpoint]:
        """Return what may go for a job's next checkpoint, in this order: the oldest first, the job's newest late."""
        newest = {each.job: each for each in self._whole(tier)}
        older = [each for each in self._whole(tier) if newest[each.job] is not each]
        yield from sorted(older, key=lambda each: each.whole_s)
        if job in newest:
            yield newest[job]
        writing = {each.job for each in self._on[tier] if not each.is_whole}
        if not is_copy:
            yield from (each for name, each in newest.items() if name != job and name in writing)

    def _whole(self, tier: str) -> list[StoredCheckpoint]:
        return [each for each in self._on[tier] if each.is_whole]

    def _newest_on(self, job: str, tier: str) -> StoredCheckpoint | None:
        return next((each for each in reversed(self._whole(tier)) if each.job == job), None)

    def _remove(self, checkpoint: StoredCheckpoint) -> None:
        self._on[checkpoint.tier].remove(checkpoint)
        self._tiers[checkpoint.tier].take_room(-checkpoint.size_b)

    def _readable(self, checkpoint: StoredCheckpoint, out: Collection[int], wiped: Mapping[int, float]) -> bool:
        nodes = checkpoint.nodes
        copies = min(self._tiers[checkpoint.tier].sized.copies, len(nodes))

        def has_it(node: int) -> bool:
            return node not in out and not wiped.get(node, -math.inf) >= checkpoint.whole_s

        return all(
            any(has_it(nodes[(place + copy) % len(nodes)]) for copy in range(copies)) for place in range(len(nodes))
        )
