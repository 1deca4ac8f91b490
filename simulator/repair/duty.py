"""A crew in a run: who is on duty, who is at work, and how long they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.operations.crews import Crew
from models.operations.local_schedule import LocalSchedule

from .work_order import HandsOn

if TYPE_CHECKING:
    import simpy


@dataclass(eq=False)
class Duty:
    """A crew with those of it who are at work. Times count from the scenario's start [s]."""

    crew: Crew
    schedule: LocalSchedule
    start_utc_s: float
    at_work: dict[HandsOn, simpy.Process] = field(default_factory=dict)
    """What is being worked on, in the order in which it was begun."""
    busy_s: float = 0.0
    """Technician-seconds at work."""
    overtime_s: float = 0.0
    """Of these, beyond those on duty."""
    watched: bool = False
    """Whether somebody waits for the next change of shift."""
    _on_duty: int = 0
    _as_of_s: float = 0.0

    def on_duty(self, now_s: float) -> int:
        """Return how many are on duty."""
        return self.schedule.level(self.start_utc_s + now_s)

    def free(self, now_s: float) -> int:
        """Return how many are on duty and not at work; negative where some stay on beyond their shift."""
        return self.on_duty(now_s) - len(self.at_work)

    def next_change_s(self, now_s: float) -> float:
        """Return when the number on duty changes next; infinity where it never does."""
        return self.schedule.next_change_s(self.start_utc_s + now_s) - self.start_utc_s

    def account(self, now_s: float) -> None:
        """Count time up to now; asked before who is at work changes, and at changes of shift while anybody is."""
        lasted_s, working = now_s - self._as_of_s, len(self.at_work)
        self.busy_s += working * lasted_s
        self.overtime_s += max(working - self._on_duty, 0) * lasted_s
        self._on_duty, self._as_of_s = self.on_duty(now_s), now_s

    def on_duty_until_s(self, end_s: float) -> float:
        """Return technician-seconds on duty from the start to an end [s]."""
        return self.schedule.integral_s(self.start_utc_s, self.start_utc_s + end_s)
