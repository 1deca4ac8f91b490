"""New parts fail more often: the first, falling stretch of the bathtub curve."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..section import Section
from ..units import Duration, quantity


class InfantMortality(Section):
    """A hazard beside the steady one, greatest in a new part: rate (t) = factor x steady rate x exp(-t / decay)."""

    factor: Annotated[float, Field(ge=0.0, le=1000.0)] = 2.0
    """How many times the steady rate comes on top of it when a part is new; 2 is an assumption (a new part fails three
    times as often: uncorrectable memory errors of H100 in their first 146 days came 3.2 times as often as those of
    A100 over 895 days at NCSA, arXiv:2503.11901, which differ in more than age)."""
    decay: Annotated[Duration, Field(gt=0)] = quantity("3 wk")
    """The time in which it falls to a share of 1/e; 3 weeks are an assumption."""

    @property
    def expected(self) -> float:
        """Failures of a new part in all its life that the steady rate does not have, in steady mean times."""
        return self.factor * self.decay
