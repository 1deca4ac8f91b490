"""Generator sets through long outages, against the binomial of Marqusee and Jenket (Applied Energy 268, 2020, 114918).

A set answers with the chance a (1 - f), availability and no failure to start, and runs for d without failure with
exp(-d / M). N sets of M + k carry the load for d if at least N of them do both; NREL's REopt.jl computes resilience so.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.power.backup.gensets import Gensets
from models.power.backup.outage import outage_outcome
from models.power.backup.ups_battery import UpsBattery

DRAWS = 4000
# Bridges the start of the sets (two steps, 13 s) and little more.
BATTERY = UpsBattery.model_validate({"rating": "8 MW", "ride_through": "14 s"})


def survives(needed: int, count: int, hours: float) -> float:
    one = 0.995 * (1 - 0.0094) * math.exp(-hours / 1100)
    return sum(math.comb(count, n) * one**n * (1 - one) ** (count - n) for n in range(needed, count + 1))


@pytest.mark.parametrize("spare", [0, 1, 2])
@pytest.mark.parametrize("hours", [1.0, 168.0])
def test_load_is_carried_as_often_as_the_binomial_says(spare: int, hours: float) -> None:
    gensets = Gensets.model_validate({"count": 4 + spare, "rating": "2 MW", "spare": spare})
    random = np.random.default_rng(20)
    carried = sum(
        outage_outcome(8e6, hours * 3600, battery=BATTERY, gensets=gensets, started=gensets.started(random)).is_carried
        for _ in range(DRAWS)
    )
    chance = survives(4, 4 + spare, hours)
    # Four standard deviations of the count; a failure in the last seconds, which the battery outlives, is far less.
    assert carried / DRAWS == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / DRAWS))
