"""What a plan aims at, and how exactly it is solved, traded off and proven."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from models.section import Section
from models.units import Duration, quantity


class HoursTerms(Section):
    """Which hours of a quarter the plan looks at."""

    days: Annotated[int, Field(ge=1, le=14)] = 1
    """Days of each quarter, taken evenly from it, each standing for its share; 1 is an assumption that suits a weather
    and a price without seasons within a quarter."""
    step_hours: Annotated[int, Field(ge=1, le=24)] = 1
    """Hours that are taken together; a divisor of 24."""
    design_hour: bool = True
    """Whether an hour of the design day is added, in which limits hold at the busiest demand."""

    @model_validator(mode="after")
    def _divides_the_day(self) -> Self:
        if 24 % self.step_hours:
            raise ValueError(f"'step_hours' is {self.step_hours}; allowed: a divisor of 24")
        return self


class SolveTerms(Section):
    """When a solve may end. There is no limit of time: the outcome would depend on the machine."""

    gap: float = Field(default=0.005, ge=0.0, lt=1.0)
    """Share of the objective by which a better plan may still exist."""
    most_nodes: PositiveInt = 20_000
    """Nodes of the branch-and-bound tree after which a solve ends without the gap asked for."""


class RollingTerms(Section):
    """Fix-and-relax over quarters, for plans that one solve does not close."""

    window_quarters: PositiveInt = 4
    """Quarters whose decisions are whole numbers at a time; later ones are relaxed."""
    step_quarters: PositiveInt = 2
    """Quarters that are settled before the window moves on."""

    @model_validator(mode="after")
    def _moves_within(self) -> Self:
        if self.step_quarters > self.window_quarters:
            raise ValueError("'step_quarters' is above 'window_quarters': some quarters would never be decided")
        return self


class FrontTerms(Section):
    """A set of plans that trade objectives off."""

    objectives: tuple[str, ...] = Field(default=("cost", "carbon"), min_length=2, max_length=3)
    """Two objectives: the exact front by box bisection. Three: a filtered set of capped solves."""
    most_solves: PositiveInt = 40
    """Solves after which it ends; what is not decided by then is told."""
    gap: float = Field(default=0.01, ge=0.0, lt=1.0)
    """Share of the area between ideal and nadir point that may stay undecided."""

    @model_validator(mode="after")
    def _of_different_objectives(self) -> Self:
        twice = sorted({kind for kind in self.objectives if self.objectives.count(kind) > 1})
        if twice:
            raise ValueError(f"objectives: names {', '.join(twice)} more than once; allowed: each objective once")
        return self


EVERY_OR_LIKELIEST = ("likeliest", "all")
"""What `proof.futures` may say instead of names."""


class ProofTerms(Section):
    """How a plan is proven by simulation."""

    tolerance: float = Field(default=0.01, gt=0.0, lt=1.0)
    """Greatest difference between planned and delivered, as a share of what was planned."""
    replicas: Annotated[int, Field(ge=1, le=1000)] = 2
    """Simulations of each week with other random numbers; the same ones in each round. At most 1,000, whose mean has a
    thirtieth of one's standard error: assumption."""
    warm_up: Annotated[Duration, Field(ge=0.0)] = quantity("2 d")
    """Time at the start of each simulation that is not counted: assumption."""
    week: Annotated[Duration, Field(gt=0.0)] = quantity("7 d")
    """Time that is counted."""
    most_rounds: PositiveInt = 6
    """Plans that are solved and simulated at most."""
    largest_derate: float = Field(default=0.3, gt=0.0, lt=1.0)
    """How far a mode may be derated from what the models say, all rounds together: assumption."""
    quarters: tuple[NonNegativeInt, ...] | None = Field(default=None, min_length=1)
    """Positions of the quarters that are simulated, from 0; all if nothing is said."""
    futures: str | Annotated[tuple[str, ...], Field(min_length=1)] = "likeliest"
    """Futures that are simulated: `likeliest`, `all`, or names. The most probable one if nothing is said, for each
    takes as long as the first: assumption."""
