"""The section `storage`: where checkpoints, data sets and backups lie, and how fast they are read and written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from ..kinds import selected_from
from ..problems import nearest
from ..section import Section
from ..units import format_quantity
from .backup import CHECKPOINTS, BackupPlan, BackupSite
from .checkpoints import Checkpoints
from .data_set import DataSet
from .tiers.tier import Tier

if TYPE_CHECKING:
    AnyTier = Tier
else:
    AnyTier = selected_from("models.storage.tiers", Tier)


class Storage(Section):
    """Where checkpoints, data sets and backups lie, and how fast they are read and written."""

    tiers: Annotated[dict[str, AnyTier], Field(min_length=1)]
    """The tiers, by name."""
    checkpoints: Checkpoints = Checkpoints()
    """Which checkpoints of training jobs are kept, and where they are copied."""
    data_sets: dict[str, DataSet] = Field(default_factory=dict)
    """What jobs read while they train, by name."""
    sites: dict[str, BackupSite] = Field(default_factory=dict)
    """Second sites that keep backups, by name."""
    backups: dict[str, BackupPlan] = Field(default_factory=dict)
    """Backups on a schedule, by name."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        told = [*self._unknown_names()] or [*self._too_large()]
        if told:
            raise ValueError("; ".join(told))
        return self

    def _unknown_names(self) -> Iterator[str]:
        """Tell the names that nothing bears."""
        if self.checkpoints.copy_to is not None:
            yield from _unknown("checkpoints.copy_to", self.checkpoints.copy_to, self.tiers, "a tier")
        for name, data_set in self.data_sets.items():
            if name == CHECKPOINTS:
                yield f"data_sets.{name}: '{CHECKPOINTS}' is what backups call checkpoints; choose another name"
            yield from _unknown(f"data_sets.{name}.tier", data_set.tier, self.tiers, "a tier")
            if data_set.staged_to is not None:
                own = [tier for tier, given in self.tiers.items() if given.sized().per_node]
                yield from _unknown(f"data_sets.{name}.staged_to", data_set.staged_to, own, "a tier of node-nvme")
        for name, plan in self.backups.items():
            yield from _unknown(f"backups.{name}.site", plan.site, self.sites, "a site")
            for source in plan.of:
                yield from _unknown(f"backups.{name}.of", source, (*self.data_sets, CHECKPOINTS), "a data set")

    def _too_large(self) -> Iterator[str]:
        """Tell what does not fit; tiers of the nodes' own drives are looked at once it is known how many there are."""
        for name, tier in self.tiers.items():
            sized = tier.sized()
            lie_b = sum(each.size for each in self.data_sets.values() if each.tier == name)
            if not sized.per_node and lie_b > sized.capacity_b:
                yield f"tiers.{name}.capacity: {_data(sized.capacity_b)}; data sets of {_data(lie_b)} lie there"
        full_b: dict[str, float] = defaultdict(float)
        for plan in self.backups.values():
            full_b[plan.site] += sum(self.data_sets[source].size for source in plan.of if source != CHECKPOINTS)
        for name, size_b in full_b.items():
            capacity_b = self.sites[name].capacity
            if capacity_b is not None and size_b > capacity_b:
                yield f"sites.{name}.capacity: {_data(capacity_b)}; one full backup of each plan takes {_data(size_b)}"

    @property
    def idle_power_w(self) -> float:
        """Power of all tiers at rest [W]."""
        return sum(tier.sized().idle_w for tier in self.tiers.values())

    @property
    def peak_power_w(self) -> float:
        """Power of all tiers at full bandwidth [W]: what a building is sized for."""
        return sum(tier.sized().peak_w for tier in self.tiers.values())

    @property
    def price_usd(self) -> float | None:
        """What the tiers with a price cost to buy, those of the nodes' own drives apart [USD]; None without any."""
        priced = [
            tier.price_per_tb * sized.capacity_b / 1e12
            for tier in self.tiers.values()
            if tier.price_per_tb is not None and not (sized := tier.sized()).per_node
        ]
        return sum(priced) if priced else None


def _unknown(path: str, name: str, allowed: Iterable[str], what: str) -> Iterator[str]:
    allowed = list(allowed)
    if name not in allowed:
        there_are = ", ".join(allowed) or "none is given"
        yield f"{path}: '{name}' is not {what}; allowed: {there_are}{nearest(name, allowed)}"


def _data(size_b: float) -> str:
    return format_quantity(size_b, "data", 4)
