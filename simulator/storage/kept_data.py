"""What a hall's storage holds: its tiers, the checkpoints on them, and which of these can still be read."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from models.problems import InputError, Problem, nearest
from models.storage.checkpoints import check_fits
from models.storage.data_set import DataSet
from models.storage.storage import Storage
from models.units import format_quantity

from ..engine.batch import Batch, Indices
from ..engine.state import CORDONED, DRAINING, IN_SERVICE
from .checkpoint_shelf import CheckpointShelf, StoredCheckpoint
from .tier_in_service import TierInService
from .wiped_drives import WipedDrives

_ROUNDING_S = 1e-6
"""Work that differs by less is the same: sums of doubles over a year."""
_UP = (IN_SERVICE, DRAINING, CORDONED)


class KeptData:
    """Tiers with the checkpoints and data sets on them, as jobs, drills and controls ask about them."""

    def __init__(self, section: Storage, tiers: Mapping[str, TierInService], batch: Batch, wiped: WipedDrives) -> None:
        self.section = section
        self.tiers = tiers
        self.nodes = wiped.nodes
        """How many nodes the hall has."""
        self.shelf = CheckpointShelf(tiers, section.checkpoints, self.nodes)
        self._batch = batch
        self._wiped = wiped
        self._promised_b: dict[str, float] = defaultdict(float)

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

    def newest(self, job: str, before_s: float = math.inf) -> StoredCheckpoint | None:
        """Return the newest whole checkpoint of a job that can be read now, begun before an instant; None without any.

        What lies on drives of nodes can be read while the nodes are up; it is gone with a node that was repaired for
        good, or wiped.
        """
        status = self._batch.state.nodes["status"]
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
