"""What is made to happen, when, and what recovery is judged against: the contract of every kind of drill."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...section import Section
from ...units import Duration


class Drill(Section):
    """Something that is made to happen to see how the hall recovers. YAML selects a kind by `kind:`.

    What it led to is measured from the run: nothing of it is stated but the objectives.
    """

    name: str = Field(min_length=1)
    """What the drill is called."""
    at: Duration
    """When it begins, from the scenario's start."""
    rto: Annotated[Duration, Field(gt=0.0)] | None = None
    """Recovery time objective: the longest that the jobs it hit may take to work as fast as before. Not judged if
    nothing is said."""
    rpo: Annotated[Duration, Field(ge=0.0)] | None = None
    """Recovery point objective: the most work, or the oldest data, that may be lost. Not judged if nothing is said."""
