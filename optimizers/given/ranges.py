"""How great a number of a plan may be: far above any fleet, far below where sums of them would lose their digits.

Doubles carry 15 digits, and a solver takes 1e20 for infinity. A greater number is a slip of the pen, and is refused.
Every range here is an assumption.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Count = Annotated[int, Field(ge=1, le=1_000_000)]
"""A number of things, from 1 to a million."""
NoneOrMore = Annotated[int, Field(ge=0, le=1_000_000)]
"""A number of things, from 0 to a million."""
Quarters = Annotated[int, Field(ge=0, le=400)]
"""A number of quarters, from 0 to a hundred years of them."""
Amount = Annotated[float, Field(ge=0.0, le=1e12)]
"""An amount of work, to 1e12: requests a second of a hundred for everybody, hours of a billion accelerators."""
Rate = Annotated[float, Field(ge=1e-9, le=1e12)]
"""Work that is done in a time, above 0: from 1e-9 to 1e12."""
Tokens = Annotated[float, Field(gt=0.0, le=1e15)]
"""Tokens to train on, to 1e15: ten times and more what the largest runs state."""
Factor = Annotated[float, Field(ge=0.0, le=1000.0)]
"""Times what is stated, from 0 to 1,000."""
