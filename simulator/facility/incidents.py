"""What was made to happen to the building, with what it led to."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Incident:
    """Something that happened from an instant to another [s], infinite while it lasts; `withheld_j` is the energy that
    work wanted meanwhile and caps withheld [J], NaN where nobody counted it."""

    what: str
    from_s: float
    to_s: float = math.inf
    withheld_j: float = math.nan
