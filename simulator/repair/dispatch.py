"""Who takes up which work: technicians on duty with the skill, and remote hands where none comes."""

from __future__ import annotations

import bisect
import contextlib
import math
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import simpy

from models.operations.crews import RemoteHands

from .duty import Duty
from .work_order import HandsOn, WorkOrder

if TYPE_CHECKING:
    from ..engine.settlement import Timeline

REMOTE = "remote hands"
Story = Generator[simpy.Event, None, None]


class Dispatch:
    """Work that waits for hands, most urgent first, and the crews that take it up."""

    def __init__(self, timeline: Timeline, duties: Sequence[Duty], remote: RemoteHands | None) -> None:
        self.duties = tuple(duties)
        self.remote_orders = 0
        self.remote_usd = 0.0
        """What remote hands have cost [USD]."""
        self._timeline = timeline
        self._remote = remote
        self._waiting: list[HandsOn] = []
        self._done: dict[HandsOn, simpy.Event] = {}

    @property
    def waiting(self) -> int:
        """Orders that wait for hands."""
        return len(self._waiting)

    def call(self, order: WorkOrder, work_s: float) -> simpy.Event:
        """Return the event at which hands have done an order's work, which takes `work_s` [s] once they are there."""
        hands_on = HandsOn(order, work_s)
        self._done[hands_on] = self._timeline.event()
        self._wait(hands_on)
        return self._done[hands_on]

    def account(self, now_s: float) -> None:
        """Count everybody's time up to now."""
        for duty in self.duties:
            duty.account(now_s)

    def _wait(self, hands_on: HandsOn) -> None:
        hands_on.waiting_since_s = self._timeline.now
        bisect.insort(self._waiting, hands_on, key=lambda each: each.order.precedence)
        self._assign()
        if self._remote is not None and not math.isnan(hands_on.waiting_since_s):
            self._timeline.process(self._call_remote_hands(self._remote, hands_on, self._timeline.now))

    def _assign(self) -> None:
        """Let whoever is free begin what waits, and see to it that the next change of shift is not missed."""
        free = {duty: duty.free(self._timeline.now) for duty in self.duties} if self._waiting else {}
        for hands_on in list(self._waiting):
            if not any(count > 0 for count in free.values()):
                break
            able = [duty for duty, count in free.items() if count > 0 and duty.crew.can(hands_on.order.skill)]
            if able:
                # Who can do least else goes, so that those who can do more stay free.
                duty = min(able, key=lambda each: len(each.crew.skills) or math.inf)
                free[duty] -= 1
                self._begin(duty, hands_on)
        for duty in self.duties:
            if not duty.watched and (self._waiting or duty.at_work):
                duty.watched = math.isfinite(duty.next_change_s(self._timeline.now))
                if duty.watched:
                    self._timeline.process(self._follow_shifts(duty))

    def _begin(self, duty: Duty, hands_on: HandsOn) -> None:
        self._leave_line(hands_on)
        hands_on.order.crew = duty.crew.name
        duty.account(self._timeline.now)
        duty.at_work[hands_on] = self._timeline.process(self._work(duty, hands_on))

    def _leave_line(self, hands_on: HandsOn) -> None:
        now_s = self._timeline.now
        self._waiting.remove(hands_on)
        hands_on.order.waited_technician_s += now_s - hands_on.waiting_since_s
        hands_on.waiting_since_s = math.nan
        if not hands_on.stints:
            hands_on.order.began_s = now_s
        hands_on.stints += 1

    def _work(self, duty: Duty, hands_on: HandsOn) -> Story:
        """Go there and work until all is done, or the shift ends and nobody stays."""
        set_out_s = self._timeline.now
        end_s = set_out_s + duty.crew.travel + hands_on.left_s
        with contextlib.suppress(simpy.Interrupt):
            yield self._timeline.at(end_s)
        now_s = self._timeline.now
        duty.account(now_s)
        del duty.at_work[hands_on]
        hands_on.order.worked_s += now_s - set_out_s
        if now_s < end_s:  # handed over, on the way or at work
            hands_on.left_s = min(hands_on.left_s, end_s - now_s)
            self._wait(hands_on)
        else:
            self._done.pop(hands_on).succeed()
            self._assign()

    def _follow_shifts(self, duty: Duty) -> Story:
        """Act at each change of shift while there is work."""
        while self._waiting or duty.at_work:
            change_s = duty.next_change_s(self._timeline.now)
            if math.isinf(change_s):
                break
            yield self._timeline.at(change_s)
            duty.account(change_s)
            surplus = -duty.free(change_s)
            if surplus > 0 and duty.crew.at_shift_end == "hand-over":
                least_urgent_last = sorted(duty.at_work, key=lambda each: each.order.precedence)
                for hands_on in least_urgent_last[-surplus:]:
                    duty.at_work[hands_on].interrupt()
            self._assign()
        duty.watched = False

    def _call_remote_hands(self, remote: RemoteHands, hands_on: HandsOn, since_s: float) -> Story:
        yield self._timeline.at(since_s + remote.call_after)
        if hands_on.waiting_since_s != since_s:
            return  # somebody has begun
        self._leave_line(hands_on)
        hands_on.order.crew = REMOTE
        yield self._timeline.at(self._timeline.now + remote.delay)
        yield self._timeline.at(self._timeline.now + hands_on.left_s)
        hands_on.order.worked_s += hands_on.left_s
        self.remote_orders += 1
        self.remote_usd += remote.hourly_cost * max(hands_on.left_s, remote.least_billed) / 3600.0
        self._done.pop(hands_on).succeed()
