"""A hall's quarter with everything that is known of it, and factors that are learnt from such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from optimizers.derates import Derates
from optimizers.instance.instance import Instance

from .accounts import Account
from .hall_quarter import HallQuarter
from .outcome import Outcome
from .scenarios import HallScenario

LEAST_CHANGE = 1e-6
"""Changes of a factor that are too small to plan anew for."""


@dataclass(frozen=True)
class Observed:
    """A hall's quarter with everything that is known of it."""

    hall: HallQuarter
    scenario: HallScenario
    outcomes: tuple[Outcome, ...]
    planned: Account
    delivered: tuple[Account, ...]

    def tier(self, instance: Instance) -> str:
        """Return the maintenance tier of the hall's site."""
        return instance.modes[self.hall.mode].maintenance

    @property
    def node_count(self) -> int:
        """Nodes of the hall."""
        return sum(self.hall.nodes.values())

    @property
    def availability(self) -> float:
        """Share of node-hours that the hall had, in the mean of the replicas."""
        return float(np.mean([account.availability for account in self.delivered]))

    def served(self, key: tuple[str, str]) -> float:
        """Return the work of a class on a SKU, in the mean of the replicas."""
        return sum(account.served.get(key, 0.0) for account in self.delivered) / len(self.delivered)

    def works(self, instance: Instance) -> list[tuple[str, str]]:
        """Return every class that is at work with the SKU that it is on."""
        fluid = [(name, instance.nodes[node].name) for name, node in self.hall.work]
        gangs = [(instance.gangs[gang.work].name, instance.nodes[gang.node].name) for gang in self.hall.gangs]
        return [*fluid, *gangs]


@dataclass(frozen=True)
class Cause:
    """Why a figure was not met, and what is done about it."""

    what: str
    """Such as `availability`, `rate`, `spares`."""
    of: str
    """What the factor is on: names as in `Derates`, joined by `/`."""
    why: str
    before: float
    after: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


class Change:
    """Factors as they were, and as they become."""

    def __init__(self, before: Derates, largest: float) -> None:
        self.before = before
        self.causes: list[Cause] = []
        self.largest = largest
        self.now: dict[str, dict[Any, float]] = {
            name: dict(getattr(before, name))
            for name in ("availability", "rate", "facility", "it_power", "idle_power", "spares")
        }

    def set(self, what: str, key: tuple[str, ...], factor: float, why: str, *, most: float) -> None:
        """Set a factor, within its bounds; nothing happens where it stays what it was."""
        least = 1.0 if what == "spares" else 1.0 - self.largest
        factor = min(max(factor, least), most)
        before = self.now[what].get(key, 1.0)
        if abs(factor - before) > LEAST_CHANGE:
            self.now[what][key] = factor
            self.causes.append(Cause(what, "/".join(key), why, before, factor))

    def derates(self) -> Derates:
        """Return the factors as they are now."""
        return Derates(**self.now)


def share_of_waiting(outcome: Outcome, name: str) -> float:
    """Return the share of the time that nodes stood still which they waited for something."""
    parts: Mapping[str, float] = asdict(outcome.stopped)
    whole = sum(parts.values())
    return parts[name] / whole if whole > 0.0 else 0.0
