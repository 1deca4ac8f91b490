"""The section `facility`: what the building needs besides what its computers need."""

from __future__ import annotations

from pydantic import Field

from models.section import Section


class Facility(Section):
    """The building, for now as one stated constant."""

    pue: float = Field(ge=1.0)
    """Power usage effectiveness: facility power over IT power, at all times. It has no default: state the figure that
    you plan with."""
