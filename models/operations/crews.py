"""Who repairs: crews with their shifts and skills, and hands that others lend."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..economics.local_clock import LocalHours
from ..section import Section
from ..units import Duration, Money, quantity
from .local_schedule import LocalSchedule


class Shift(LocalHours):
    """Technicians who are on duty in some hours of some days."""

    technicians: Annotated[int, Field(ge=0, le=10_000)]
    """How many; 10,000 are the most that are taken: assumption. Shifts that overlap add up."""


def _around_the_clock() -> tuple[Shift, ...]:
    return (Shift(technicians=2),)


class RemoteHands(Section):
    """Hands that the building's owner or a contractor lends, as many as are called for."""

    call_after: Duration = quantity("1 h")
    """They are called for work that no technician has begun after this time (assumption)."""
    delay: Duration = quantity("1 h")
    """From the call until they stand at the component (assumption)."""
    hourly_cost: Money = quantity("200 USD")
    """Price of an hour of one pair of hands (assumption)."""
    least_billed: Duration = quantity("30 min")
    """The shortest time that is billed (assumption)."""


class Crew(Section):
    """Technicians who share skills and shifts."""

    name: str = Field(default="technicians", min_length=1)
    """What the crew is called."""
    skills: tuple[str, ...] = ()
    """What they can repair, by the names that failures ask for, such as `hardware` or `network`; everything if nothing
    is said (assumption)."""
    shifts: tuple[Shift, ...] = Field(default_factory=_around_the_clock)
    """When how many are on duty; two around the clock if nothing is said (assumption: no source gives technicians for a
    megawatt or a node)."""
    hourly_cost: Money = quantity("75 USD")
    """What an hour of a technician on duty costs with everything that the employer bears (assumption)."""
    relief: float = Field(default=1.2, ge=1.0)
    """Hours paid for each hour on duty, for holidays, illness and training (assumption)."""
    travel: Duration = quantity("15 min")
    """From the call until a technician stands at the component with tools and part (assumption)."""
    at_shift_end: Literal["hand-over", "finish"] = "hand-over"
    """At a shift's end those who work beyond the number then on duty hand what they do over: it goes on where it stood
    once another arrives (`hand-over`), or stay until it is done (`finish`). Assumption."""

    def can(self, skill: str | None) -> bool:
        """Return whether the crew has a skill."""
        return skill is None or not self.skills or skill in self.skills

    def schedule(self, zone: str) -> LocalSchedule:
        """Return how many are on duty at any time by the clock of `zone`, an IANA name."""
        return LocalSchedule([(shift, shift.technicians) for shift in self.shifts], zone)

    @property
    def anybody(self) -> bool:
        """Whether the crew has a technician at any time."""
        return any(shift.technicians > 0 for shift in self.shifts)
