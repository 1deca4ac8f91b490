"""The section `results`: what is kept of a run, and where."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.section import Section
from models.units import Duration, quantity


class Results(Section):
    """What is kept of a run."""

    interval: Annotated[Duration, Field(gt=0)] = quantity("1 h")
    """Length of the buckets into which meters fold (mean, minimum, maximum); an hour is how tariffs and carbon
    intensities come."""
    change_points: bool = False
    """Whether every change of power is kept too."""
    folder: str = Field(default="results", min_length=1)
    """The folder in which runs are written, relative to the working directory."""
