"""Lemons: nodes that fail again and again, and are taken aside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..distributions.durations import DurationDistribution
from ..reliability.lemons import failures_of_a_lemon
from ..section import Section
from ..units import Duration, quantity


def _rebuilding() -> dict[str, object]:
    return {"kind": "lognormal", "median": "1 d", "sigma": 0.5}


class Lemons(Section):
    """A component that failed often within a time is not just mended: it is taken apart, or replaced.

    Meta counts 1.2 % of the nodes of a large cluster as lemons (arXiv:2410.21680, by a secondary source).
    """

    failures: int = Field(default=3, ge=2)
    """At how many failures within `window` (assumption); at how many at least, with `false_positive_rate`."""
    false_positive_rate: float | None = Field(default=None, gt=0.0, lt=1.0)
    """Where given, a lemon also has more failures within `window` than a component that fails as often as all of its
    kind did so far would have by chance with this probability (Poisson's law); lemons among them make it careful."""
    window: Annotated[Duration, Field(gt=0)] = quantity("30 d")
    """The time over which failures are counted (assumption)."""
    kinds: tuple[str, ...] = ("node",)
    """Kinds of component that are watched (assumption: nodes alone)."""
    action: Literal["repair", "replace"] = "replace"
    """Whether it is taken apart and repaired, or swapped for another, which takes a spare `part` (assumption)."""
    part: str = "node"
    """The spare that replaces it, with its own stock in `spares`."""
    time: DurationDistribution = Field(default_factory=_rebuilding, validate_default=True)
    """Hands-on time, in the place of the ordinary repair; a median of 1 d if nothing is said (assumption)."""

    def limit(self, expected_failures: float) -> int:
        """Return at how many failures a component is a lemon of which so many are expected in the window."""
        if self.false_positive_rate is None:
            return self.failures
        return max(self.failures, failures_of_a_lemon(expected_failures, self.false_positive_rate))
