"""The drill that takes a component out."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration, quantity
from .drill import Drill


class Lost(Section):
    """What is taken out: components of one kind, by name."""

    kind: str = Field(min_length=1)
    """The kind of component, such as `node`, `rack`, `switch`, `link`, `storage-server`, `cooling-unit`, `cdu` or
    `feed`."""
    name: str | None = None
    """Its name: of nodes, racks, switches and cables their own, of storage servers that of their tier with a number
    from 0 (`scratch-0`), of machines of the cooling that of their part with a number from 1 (`air-plant-1`,
    `air-units-2`, `cdu-1`), of feeds `grid`, `feed-1` and so on. Give it, or `names`."""
    names: tuple[str, ...] = ()
    """The names of several that go together."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.name is None) == (not self.names):
            raise ValueError("give 'name' or 'names', one of the two")
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"'names' holds one name twice: {', '.join(self.names)}")
        return self

    @property
    def every(self) -> tuple[str, ...]:
        """The names of all of them."""
        return self.names if self.name is None else (self.name,)


class LoseComponent(Drill):
    """Components fail together, and come back after a time or once they are repaired.

    Jobs on nodes that fail stand still until the failure is noticed, and then return to their lines. What cools, feeds
    or connects the nodes is gone at once.
    """

    kind: Literal["lose-component"] = "lose-component"
    lose: Lost
    """What is taken out, such as `{kind: rack, name: gpu-rack-1}`; switches of trees are called `leaf-BLOCK-RAIL` and
    `spine-NUMBER` (the table `network` lists them), storage servers after their tier: `scratch-0`."""
    duration: Annotated[Duration, Field(gt=0.0)] | None = None
    """How long it is out; until crews have repaired it if nothing is said."""
    detection: Duration = quantity("10 min")
    """From the failure of nodes until it is noticed and their jobs are taken off them: 10 minutes bound the mean of
    detection and diagnosis at ByteDance (arXiv:2402.15627)."""
    part: str | None = None
    """The spare that its repair takes, by the names of `operations.spares`; none if nothing is said."""
    skill: str | None = None
    """The skill that its repair takes; anybody's if nothing is said."""

    @model_validator(mode="after")
    def _noticed_in_time(self) -> Self:
        if self.duration is not None and (self.part is not None or self.skill is not None):
            raise ValueError("with a 'duration' nobody repairs: leave out 'part' and 'skill', or the duration")
        return self
