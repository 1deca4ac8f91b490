"""An outage that a run follows look by look comes to what the closed form says of it, where the load is constant."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models.power.backup.backup import Backup
from models.power.backup.outage import outage_outcome
from simulator.facility.backup_power import BackupPower

BATTERY = {"rating": "300 kW", "ride_through": "5 min", "availability": 1.0}


def sets(count: int, tank_l: float | None, failing: float) -> dict[str, object]:
    """So many sets of 100 kW, which fail to start with a chance and after a mean of ten minutes."""
    given: dict[str, object] = {"count": count, "spare": 0, "rating": "100 kW", "failure_to_start": failing}
    given |= {"mean_time_to_failure": "10 min", "availability": 1.0}
    return given if tank_l is None else given | {"tank": f"{tank_l} L"}


@settings(max_examples=60, deadline=None)
@given(
    load_w=some.floats(1e3, 4e5),
    duration_s=some.floats(1.0, 4000.0),
    count=some.integers(0, 5),
    tank_l=some.none() | some.floats(0.5, 20.0),
    failing=some.sampled_from([0.0, 0.5]),
    chemistry=some.sampled_from(["lithium-ion", "lead-acid"]),
    looks_s=some.floats(5.0, 60.0),
    begins_s=some.floats(0.0, 1e6),
    seed=some.integers(0, 1000),
)
def test_looking_again_and_again_changes_nothing(
    load_w: float,
    duration_s: float,
    count: int,
    tank_l: float | None,
    failing: float,
    chemistry: str,
    looks_s: float,
    begins_s: float,
    seed: int,
) -> None:
    tree: dict[str, object] = {"battery": BATTERY | {"chemistry": chemistry}}
    if count:
        tree["gensets"] = sets(count, tank_l, failing)
    section = Backup.model_validate(tree)
    started = section.gensets.started(np.random.default_rng(seed)) if section.gensets else None
    expected = outage_outcome(load_w, duration_s, battery=section.battery, gensets=section.gensets, started=started)

    power = BackupPower(section)
    power.call(begins_s, np.random.default_rng(0), np.random.default_rng(seed))
    now_s, ends_s, battery_j, sets_j, fuel_m3 = begins_s, begins_s + duration_s, 0.0, 0.0, 0.0
    dropped_s = None
    while now_s < ends_s:
        lasts_s = power.battery_lasts_s(load_w)
        if lasts_s <= 1e-6:
            dropped_s = now_s - begins_s
            break
        next_s = min(
            ends_s, power.next_change_s(), now_s + looks_s, now_s + lasts_s, now_s + power.fuel_lasts_s(load_w)
        )
        gave = power.give(load_w, next_s - now_s)
        battery_j, sets_j, fuel_m3 = battery_j + gave.battery_j, sets_j + gave.sets_j, fuel_m3 + gave.fuel_m3
        now_s = next_s
        power.follow(now_s)

    if expected.dropped_at_s is None:
        # It may be dropped at the very end, by a rounding.
        assert dropped_s is None or dropped_s == pytest.approx(duration_s, abs=1e-5)
    else:
        assert dropped_s == pytest.approx(expected.dropped_at_s, abs=1e-5)
    assert battery_j == pytest.approx(expected.battery_j, rel=1e-9, abs=1e-5 * load_w)
    assert sets_j == pytest.approx(expected.sets_j, rel=1e-9, abs=1e-5 * load_w)
    assert fuel_m3 == pytest.approx(expected.fuel_m3, rel=1e-9, abs=1e-9)
    assert power.charge == pytest.approx(expected.charge, abs=1e-6)
    assert not math.isnan(power.charge)
