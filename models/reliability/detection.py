"""How a failure is noticed: at once, after a delay, or when somebody wonders."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..section import Section
from ..units import Duration, quantity

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
"""From 0 to 1."""


class Detection(Section):
    """How a failure is noticed. Until then jobs on nodes that failed keep them and stand still. What the hall feels by
    itself (switches, cables, storage servers, racks, PDUs, CDUs) is gone at once, and its repair waits.

    Of the failures, a share `missed` is noticed after `until_noticed`; of the others a share `at_once` at once, and
    the rest after `delay`.
    """

    at_once: Probability = 0.5
    """Share that the system reports by itself, such as by an error of the driver; 0.5 is an assumption."""
    delay: Duration = quantity("10 min")
    """Until the others are noticed and told apart, such as by a collective that times out. 10 minutes bound the mean
    of detection and diagnosis at ByteDance (arXiv:2402.15627)."""
    missed: Probability = 0.0
    """Share that monitoring does not see. 0 is an assumption; more than 90 % were found and recovered from by machine
    at ByteDance (arXiv:2402.15627)."""
    until_noticed: Duration = quantity("2 h")
    """Until somebody notices what monitoring has missed; an assumption."""

    @property
    def mean_s(self) -> float:
        """The mean time until a failure is noticed [s]."""
        return self.missed * self.until_noticed + (1.0 - self.missed) * (1.0 - self.at_once) * self.delay


class Slowdown(Section):
    """Failures that do not stop a node but hold it to a lower clock, until somebody finds the straggler."""

    share: Probability = 0.0
    """Share of the failures that are of this sort; none if nothing is said (assumption)."""
    clock: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.9
    """Fraction of full clock that is left; stragglers at ByteDance were about 10 % slower (arXiv:2402.15627)."""
    until_noticed: Duration = quantity("4 h")
    """Until the straggler is found and taken out for repair; an assumption."""
