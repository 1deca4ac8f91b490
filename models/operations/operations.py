"""The section `operations`: crews, spares, monitoring, maintenance and drills."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from ..distributions.durations import DurationDistribution
from ..economics.local_clock import ZoneName
from ..kinds import selected_from
from ..problems import nearest
from ..section import Section
from .balancing import Balancing
from .crews import Crew, RemoteHands
from .drills.drill import Drill
from .every_single import EverySingle
from .lemons import Lemons
from .maintenance import Maintenance
from .monitoring import Monitoring
from .spares import SparePart
from .triage import Triage

if TYPE_CHECKING:
    AnyDrill = Drill
else:
    AnyDrill = selected_from("models.operations.drills", Drill)


def _one_crew() -> tuple[Crew, ...]:
    return (Crew(),)


def _swap() -> dict[str, object]:
    # exp((ln 2 + ln 4) / 2) h; nine in ten lie within 2 to 4 h: ln 2 / (2 x 1.645).
    return {"kind": "lognormal", "median": "2.828 h", "sigma": 0.2107}


class Operations(Section):
    """Crews, spares, monitoring, maintenance and drills. Without this section a repair takes what its failure mode
    says, whoever may be there."""

    time_zone: ZoneName = "UTC"
    """The clock of shifts, business days and maintenance windows, an IANA name such as `America/New_York`; UTC if
    nothing is said (assumption)."""
    crews: tuple[Crew, ...] = Field(default_factory=_one_crew)
    """Who repairs; one crew of two around the clock if nothing is said (assumption)."""
    remote_hands: RemoteHands | None = None
    """Hands that others lend where no technician is free; none if nothing is said."""
    triage: Triage | None = Field(default_factory=Triage)
    """What is done from afar before hands are sent; `null` where they are sent at once."""
    repair_time: DurationDistribution = Field(default_factory=_swap, validate_default=True)
    """Hands-on time of a repair, diagnostics after it included, for which neither `repair_times` nor the failure mode
    gives one: 2 to 4 h (amcompute.com, of a GPU), taken as the middle nine tenths of a lognormal (assumption)."""
    repair_times: dict[str, DurationDistribution] = Field(default_factory=dict)
    """The same by part, such as `gpu`; it goes before what the failure mode says."""
    spares: dict[str, SparePart] = Field(default_factory=dict)
    """Parts on the shelf, by the names that failures ask for, such as `gpu`, `nic` or `cable`."""
    other_parts: SparePart = Field(default_factory=SparePart)
    """The stock of each part that `spares` does not name."""
    monitoring: Monitoring | None = None
    """What notices failures; as soon as each failure mode says if nothing is said."""
    maintenance: tuple[Maintenance, ...] = ()
    """What is done by plan; nothing if nothing is said."""
    lemons: Lemons | None = None
    """What is done with components that fail again and again; nothing if nothing is said."""
    drills: tuple[AnyDrill, ...] = ()
    """What is made to happen, to see how the hall recovers; nothing if nothing is said."""
    every_single: EverySingle | None = None
    """Which components are taken out one at a time, to see what each is needed for; none if nothing is said."""
    balancing: Balancing | None = None
    """What is moved between nodes while it runs; nothing if nothing is said."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        for what, names in (("crews", self.crews), ("maintenance", self.maintenance), ("drills", self.drills)):
            given = [each.name for each in names]
            twice = sorted({name for name in given if given.count(name) > 1})
            if twice:
                raise ValueError(f"{what}: the name '{twice[0]}' is given twice; each needs its own")
        return self

    @property
    def anybody(self) -> bool:
        """Whether anybody at all can lay hands on a component."""
        return self.remote_hands is not None or any(crew.anybody for crew in self.crews)

    def part(self, name: str) -> SparePart:
        """Return the stock of a part."""
        return self.spares.get(name, self.other_parts)

    def lacks_skill(self, skill: str | None) -> str | None:
        """Return why nobody can do work that asks for a skill, None where somebody can. Remote hands can do all."""
        if not self.anybody:
            return "no crew has a technician in any shift, and there are no remote hands: nothing would be repaired"
        if self.remote_hands is not None or any(crew.anybody and crew.can(skill) for crew in self.crews):
            return None
        known = sorted(self._skills())
        has = ", ".join(known)
        return f"no crew with a technician has the skill '{skill}'; they have: {has}{nearest(str(skill), known)}"

    def _skills(self) -> Iterable[str]:
        return {skill for crew in self.crews if crew.anybody for skill in crew.skills}
