"""Finding out what is wrong before hands are sent."""

from __future__ import annotations

from pydantic import Field

from ..distributions.durations import DurationDistribution
from ..section import Section
from ..units import Duration, quantity


class RemoteReset(Section):
    """A reset or reboot from afar."""

    time: Duration = quantity("10 min")
    """How long it takes with the tests after it (assumption)."""
    cures: float = Field(default=0.9, ge=0.0, le=1.0)
    """Share of failures that leave nothing broken which it cures; those that it does not cure take hands. MegaScale
    detects and recovers more than 90 % by itself (arXiv:2402.15627); that all of these are resets is an assumption."""


def _diagnosis() -> dict[str, object]:
    return {"kind": "constant", "value": "5 min"}


class Triage(Section):
    """What is done from afar once somebody has noticed."""

    time: DurationDistribution = Field(default_factory=_diagnosis, validate_default=True)
    """Diagnosis, after somebody has noticed. MegaScale detects and diagnoses within 10 min in the mean
    (arXiv:2402.15627); that half of it is diagnosis is an assumption."""
    reset: RemoteReset | None = Field(default_factory=RemoteReset)
    """A reset that is tried first; a part that is broken keeps failing after it. `null` where hands are sent at
    once."""
