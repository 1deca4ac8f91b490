"""The section `expect` of a plan file: what its plan must come out at.

A solve ends with an interval: the objective of the plan that was found, and a bound below which no plan can be. Two
right solvers may end with two plans in it. So the interval is what is held, and those decisions that matter, not every
variable.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.section import Section

from .expect import Expectation

Groups = Literal["C", "B", "M", "S", "O"]


def _low_to_high(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError(f"goes from {interval[0]:g} down to {interval[1]:g}; write the lower bound first")
    return interval


class Between(Section):
    """A count that may lie between bounds."""

    least: float | None = None
    """The least it may be; without limit if nothing is said."""
    most: float | None = None
    """The most it may be; without limit if nothing is said."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError("give 'least', 'most', or both")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"'least' is {self.least:g}, above 'most', {self.most:g}")
        return self


class ProofExpect(Section):
    """What the proof of the plan must come out at; it is proven only where this is given."""

    converged: bool = True
    """Whether planned and delivered come within the plan's tolerance."""
    largest_difference: float | None = Field(default=None, ge=0.0)
    """Most by which what was delivered may stay behind what was planned, as a share of it; not looked at if nothing is
    said."""


class PlanExpect(Section):
    """What `datahall check` expects of a plan."""

    status: Literal["optimal", "limit", "infeasible"] = "optimal"
    """How the solve ends."""
    objective: Annotated[tuple[float, float], AfterValidator(_low_to_high)] | None = None
    """`[bound, objective]` of a solve, in the objective's unit. Met where the new solve's interval meets this one: then
    no plan contradicts the other. A solve that found a better plan than this bound, or whose bound is above this
    objective, is not as expected."""
    groups: dict[Groups, Expectation] = {}
    """The five groups of cost. Within the gap a plan may move money from one to another: give a tolerance and its
    reason."""
    decisions: dict[str, str | float | Between] = {}
    """Key decisions: `fjord.mode: "full, strong"`, `fjord.open: 2027-Q3` (the quarter), `base-model.place:
    "plains, h100"`, and counts at a site in a quarter, `plains.nodes.h100@2028-Q4: 48` or `{least: 44, most: 52}`, of
    `nodes`, `modules`, `fabrics` or `stores`."""
    proof: ProofExpect | None = None
    """What the proof must come out at; the plan is not proven if nothing is said."""
