"""Which components are taken out one at a time, and when."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..section import Section
from ..units import Duration, quantity


class EverySingle(Section):
    """Each component is taken out in turn in the same hour, and then a second one of its class with it.

    Components of one class (a kind, alike in name and nodes) are taken for equal: one of them stands for all.
    """

    kinds: tuple[str, ...] = ()
    """The kinds of component, such as `node`, `rack`, `switch` or `cooling-unit`; every kind that the hall has if
    nothing is said."""
    at: Duration | None = None
    """When, from the scenario's start; in the hour of greatest IT power, which `datahall drills` finds, if nothing is
    said."""
    design_air: bool = True
    """Whether the air outdoors is that which plants are sized for; else the weather's of that hour."""
    settle: Duration = quantity("1 h")
    """How long the hall runs in that air before something fails (assumption)."""
    duration: Annotated[Duration, Field(gt=0.0)] = quantity("4 h")
    """How long a component is out: 4 h is an assumption, the longest swap that a vendor tells of (amcompute.com)."""
    watch: Annotated[Duration, Field(gt=0.0)] = quantity("4 h")
    """How long the hall is watched after it is back (assumption)."""
    detection: Duration = quantity("10 min")
    """From the failure of nodes until it is noticed: 10 minutes bound the mean at ByteDance (arXiv:2402.15627)."""
    most_classes: Annotated[int, Field(ge=1)] = 40
    """The most classes that are looked at; those beyond are told (assumption)."""
