"""A limit of a plan, as whoever stated it sees it, and the contract of a kind of limit."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ...instance.instance import Instance
from ..amounts import COUNTS, amount_text, rounded_up
from ..ample import Ample

_ROUNDING = 1e-9
"""What a tenth may be short of a step for its digits."""
Key = tuple[str, str, str]
"""Site, quarter and thing; empty where the limit is of none."""


@dataclass(frozen=True)
class Limit:
    """A number that holds a plan back: one that somebody can negotiate."""

    kind: str
    """Such as `grid`."""
    site: str = ""
    """Empty where it is of no site alone."""
    quarter: str = ""
    """Empty where it is of no quarter alone."""
    what: str = ""
    """Name of the node type, module, network, store, objective or class of work that it limits."""
    amount: float = 0.0
    """What it is now, in its unit; the least over the futures where they differ."""
    unit: str = ""

    @property
    def key(self) -> Key:
        """Where it holds."""
        return self.site, self.quarter, self.what

    @property
    def group(self) -> tuple[str, str, str]:
        """The limit whatever the quarter: who relaxes the grid at a site talks to one grid operator."""
        return self.kind, self.site, self.what

    @property
    def where(self) -> str:
        """Site and quarter, as a sentence begins with them."""
        return ", ".join(place for place in (self.site, self.quarter) if place)


class LimitKind(ABC):
    """A kind of limit: where its numbers stand in an instance and in the model, and how a planner says it."""

    kind: ClassVar[str]
    unit: ClassVar[str]
    step: ClassVar[float] = 1.0
    """What relaxing it by one is to a planner, in its unit: a MW, a module, a percent."""
    rows: ClassVar[Mapping[str, str]] = {}
    """Families of rows in the model that state it, with the letters of their indices (`formulation.Formulation`)."""
    columns: ClassVar[Mapping[str, str]] = {}
    """Families of columns that it bounds, with the letters of their indices."""
    together: ClassVar[bool] = True
    """Whether it bounds the sum of the columns with one key, in whole numbers; each of them by itself otherwise."""
    what: ClassVar[str] = ""
    """Letter of the index that names the thing which it limits."""
    places: ClassVar[str] = "st"
    """Letters of site and quarter, where it is of one."""
    promise: ClassVar[bool] = False
    """Whether it is a promise to users, not a means of the plan."""

    times: ClassVar[str] = ""
    """When it is relaxed, as a sentence says it: a limit of a quarter in that quarter alone."""

    @abstractmethod
    def of(self, instance: Instance) -> list[Limit]:
        """Return the limits of this kind in an instance; what limits nothing is left out."""

    @abstractmethod
    def ample(self, limit: Limit, ample: Ample) -> float:
        """Return by how much it has to give at most, whatever else holds, in its unit."""

    @abstractmethod
    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        """Return the instance with the limit relaxed, by an amount in its unit."""

    @abstractmethod
    def gives(self, limit: Limit) -> str:
        """Return in words what the limit gives now."""

    def amount_in(self, instance: Instance, limit: Limit, futures: Collection[str]) -> float:
        """Return what the limit is in some futures, the least of them."""
        return limit.amount

    def scope(self, instance: Instance, limit: Limit) -> str:
        """Return in words where and when it is relaxed, if that is not plain from the limit; a space before them."""
        return f" {self.times}" if self.times else ""

    def scale(self, instance: Instance, limit: Limit) -> float:
        """Return what a row's right side, or a column's bound, gains when the limit is relaxed by one of its unit."""
        return 1.0

    def bound(self, instance: Instance, limit: Limit, index: Mapping[str, Hashable]) -> float:
        """Return what a column of an index may come to; the sum of all with its key where they count together."""
        raise NotImplementedError

    def one(self, limit: Limit) -> float:
        """Return what relaxing a limit by one is to a planner, in its unit: `step`, or, where that is more than a tenth
        of what there is, the largest of 1, 2, 5, 10, ... that is not. Whole things come one at a time."""
        tenth = abs(limit.amount) / 10.0
        if limit.unit in COUNTS or not 0.0 < tenth < self.step:
            return self.step
        size = 10.0 ** math.floor(math.log10(tenth) + _ROUNDING)
        return next(size * factor for factor in (5.0, 2.0, 1.0) if size * factor <= tenth * (1.0 + _ROUNDING))

    def key(self, family: str, index: tuple[Hashable, ...]) -> Key:
        """Return which limit a row or column of the model belongs to."""
        named = self.named(family, index)
        site = str(named["s"]) if "s" in self.places and "s" in named else ""
        quarter = str(named["t"]) if "t" in self.places and "t" in named else ""
        return site, quarter, str(named[self.what]) if self.what else ""

    def named(self, family: str, index: tuple[Hashable, ...]) -> dict[str, Hashable]:
        """Return an index by its letters."""
        letters = self.rows.get(family) or self.columns[family]
        return dict(zip(letters, index, strict=True))

    def more(self, limit: Limit, by: float) -> str:
        """Return in words how much more is needed."""
        return f"{amount_text(by, limit.unit)} more"

    def told(self, limit: Limit, by: float) -> float:
        """Return by how much a report says that it has to give, where `by` is the least: what can be written of it, and
        no less."""
        return float(round(by)) if self.whole else rounded_up(by, limit.unit)

    def sentence(self, limit: Limit, by: float) -> str:
        """Return in words what the limit gives and how much more is needed."""
        where = f"{limit.where}: " if limit.where else ""
        verb = "are" if self.whole and round(by) != 1 else "is"
        return f"{where}{self.gives(limit)}; {self.more(limit, by)} {verb} needed"

    @property
    def whole(self) -> bool:
        """Whether it gives in whole numbers only."""
        return bool(self.columns) and self.together
