"""Data sets that training reads: how large, where they lie, and how much each token or sample takes."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..section import Section
from ..units import Data, quantity


class DataSet(Section):
    """Data that jobs read while they train."""

    size: Annotated[Data, Field(gt=0.0)]
    """How much there is."""
    tier: str
    """The tier on which it lies."""
    bytes_per_token: Data = quantity("4 B")
    """What reading a token takes: 4 B, an assumption, a token's number in 32 bits and no more."""
    bytes_per_sample: Data | None = None
    """What reading a sample takes, such as an image; takes the place of `bytes_per_token`."""
    staged_to: str | None = None
    """A tier of the nodes' own drives to which a job's nodes copy their parts before each start, and then read from.
    What the copying takes is counted for jobs whose checkpoints go to a tier."""

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.staged_to == self.tier:
            raise ValueError(f"staged_to: '{self.staged_to}' is where the data set lies already; name another tier")
        return self

    def step_b(self, tokens: float, samples: float = 0.0) -> float:
        """Return what one step reads [B]."""
        if self.bytes_per_sample is not None:
            return self.bytes_per_sample * samples
        return self.bytes_per_token * tokens

    @property
    def read_from(self) -> str:
        """The tier that is read from while a job runs."""
        return self.tier if self.staged_to is None else self.staged_to
