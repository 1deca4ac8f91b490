"""Whatever the outage: what is given is what is used, and more load is never carried longer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.power.backup.gensets import Gensets
from models.power.backup.outage import outage_outcome
from models.power.backup.ups_battery import UpsBattery

BATTERY = UpsBattery.model_validate({"rating": "4 MW", "ride_through": "5 min"})


def gensets(**keys: Any) -> Gensets:
    steps = {"load_step": 0.5, "step_interval": "5 s"}
    return Gensets.model_validate({"count": 3, "rating": "2 MW", "failure_to_start": 0.3, **steps, **keys})


LOADS = st.floats(min_value=0.0, max_value=5e6)
TIMES = st.floats(min_value=0.0, max_value=1e5)


@settings(max_examples=150, deadline=None)
@given(
    load_w=LOADS,
    unprotected_w=LOADS,
    duration_s=TIMES,
    charge=st.floats(min_value=0.0, max_value=1.0),
    seed=st.integers(min_value=0, max_value=1000),
    tank=st.sampled_from([None, "0.2 m3", "20 m3"]),
)
def test_what_is_given_is_what_is_used(
    load_w: float, unprotected_w: float, duration_s: float, charge: float, seed: int, tank: str | None
) -> None:
    sets = gensets(tank=tank, mean_time_to_failure="5 h")
    outcome = outage_outcome(
        load_w,
        duration_s,
        battery=BATTERY,
        charge=charge,
        gensets=sets,
        started=sets.started(np.random.default_rng(seed)),
        unprotected_w=unprotected_w,
    )
    given_j = outcome.battery_j + outcome.sets_j
    used_j = (load_w + unprotected_w) * outcome.told_s - outcome.unserved_j
    assert given_j == pytest.approx(used_j, rel=1e-9, abs=1e-3)
    assert 0.0 <= outcome.charge <= charge
    # Lithium-ion: what the battery gave is what its charge lost.
    assert outcome.battery_j == pytest.approx((charge - outcome.charge) * 1.2e9, rel=1e-6, abs=1.0)
    assert outcome.told_s == (duration_s if outcome.is_carried else outcome.dropped_at_s)
    assert sets.tank is None or outcome.fuel_m3 <= sets.tank * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(load_w=LOADS, more=st.floats(min_value=1.0, max_value=2.0), duration_s=TIMES, seed=st.integers(0, 1000))
def test_more_load_is_never_carried_longer(load_w: float, more: float, duration_s: float, seed: int) -> None:
    sets = gensets(mean_time_to_failure="5 h")
    answered = sets.started(np.random.default_rng(seed))

    def dropped_at_s(given_w: float) -> float:
        outcome = outage_outcome(given_w, duration_s, battery=BATTERY, gensets=sets, started=answered)
        return math.inf if outcome.dropped_at_s is None else outcome.dropped_at_s

    assert dropped_at_s(load_w * more) <= dropped_at_s(load_w) * (1 + 1e-9)
