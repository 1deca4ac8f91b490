"""Who may log in, and who may change what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...sourced import Status
from ...units import Duration, quantity
from ..moved_bytes import NodeWork
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

MFA_REDUCTION = 0.9856
"""Share of compromises of accounts with leaked passwords that a second factor stops (Meyer et al. 2023, arXiv
2305.00945; 0.9922 over all accounts)."""
FROM_CREDENTIALS = 0.41
"""Share of intrusions that begin with compromised credentials (Sophos Active Adversary Report 2025, 400 cases)."""
_WORKING_DAYS = 230.0
_WEEKS = 365.25 / 7.0


class AccessControl(SecurityControl):
    """A second factor at each login, and a second pair of eyes on each change. Its cost is people's time."""

    kind: Literal["access-control"] = "access-control"
    second_factor: bool = True
    """Whether a login takes more than a password."""
    reviewed_changes: bool = False
    """Whether a second person approves each change of the production system."""
    people: int = Field(default=20, ge=1)
    """People who log in to operate the hall (assumption)."""
    logins_per_day: float = Field(default=4.0, ge=0.0)
    """Logins of each on each of 230 working days a year (assumption)."""
    time_per_login: Duration = quantity("15 s")
    """What a second factor adds to a login (assumption)."""
    changes_per_week: float = Field(default=10.0, ge=0.0)
    """Changes of the production system (assumption)."""
    time_per_change: Annotated[Duration, Field(gt=0.0)] = quantity("30 min")
    """What the approval of one takes, of both people together (assumption)."""

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the hours of people; the machines notice nothing."""
        login_s = self.people * self.logins_per_day * _WORKING_DAYS * self.time_per_login if self.second_factor else 0.0
        change_s = self.changes_per_week * _WEEKS * self.time_per_change if self.reviewed_changes else 0.0
        return ControlCost(people_h_per_year=(login_s + change_s) / 3600.0)

    def benefit(self) -> Benefit:
        """Return what it averts: stolen passwords are of no use alone; a thief who is in can not change much alone."""
        stolen = 1.0 - MFA_REDUCTION if self.second_factor else 1.0
        begun = 1.0 - FROM_CREDENTIALS * MFA_REDUCTION if self.second_factor else 1.0
        reach = 0.5 if self.reviewed_changes else 1.0
        text = [
            *(["a stolen password alone opens nothing"] if self.second_factor else []),
            *(["nobody changes production alone"] if self.reviewed_changes else []),
        ]
        return Benefit(
            "; ".join(text) or "none",
            "assumption" if self.reviewed_changes else "derived",
            "a second factor stops 98.56% of compromises with leaked passwords (Meyer et al. 2023); 41% of intrusions "
            "begin with credentials (Sophos 2025); that a second person halves what a thief reaches is assumed",
            {
                "credential-theft": IncidentChange(rate=stolen, reach=reach),
                "ransomware": IncidentChange(rate=begun, reach=reach),
            },
        )

    @property
    def basis(self) -> tuple[Status, str]:
        return "assumption", "people, logins, changes and their times are assumed"
