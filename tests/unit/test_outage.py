"""An outage second by second: battery, sets, fuel, and when the load is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from models.power.backup.gensets import Gensets, StartedSets
from models.power.backup.outage import outage_outcome
from models.power.backup.ups_battery import UpsBattery

BATTERY = UpsBattery.model_validate({"rating": "4 MW", "ride_through": "5 min"})
NEVER_S = 1e12


def gensets(**keys: Any) -> Gensets:
    return Gensets.model_validate({"count": 3, "rating": "2 MW", "load_step": 0.5, "step_interval": "5 s", **keys})


def started(*fails_s: float, ready_s: float = 10.0) -> StartedSets:
    return StartedSets((ready_s,) * len(fails_s), fails_s)


def test_short_outage_is_the_battery_s_alone() -> None:
    outcome = outage_outcome(4e6, 5.0, battery=BATTERY, gensets=gensets(), started=started(NEVER_S, NEVER_S))
    assert outcome.is_carried
    assert (outcome.battery_j, outcome.sets_j, outcome.fuel_m3) == (2e7, 0.0, 0.0)
    assert outcome.charge == pytest.approx(1 - 5 / 300, rel=1e-12)


def test_without_generators_the_load_is_dropped_when_the_battery_is_empty() -> None:
    outcome = outage_outcome(2e6, 3600.0, battery=BATTERY)
    assert outcome.dropped_at_s == pytest.approx(600.0, rel=1e-12)
    assert outcome.battery_j == pytest.approx(2e6 * 600.0, rel=1e-12)
    assert outcome.charge == 0.0


def test_outage_as_long_as_the_ride_through_is_carried() -> None:
    assert outage_outcome(2e6, 600.0, battery=BATTERY).is_carried


def test_sets_take_the_load_over_in_steps() -> None:
    # Two sets of 2 MW: 2 MW from 10 s, 4 MW from 15 s. The battery gives 4 MW for 10 s and 2 MW for 5 s.
    outcome = outage_outcome(4e6, 3600.0, battery=BATTERY, gensets=gensets(), started=started(NEVER_S, NEVER_S))
    assert outcome.is_carried
    assert outcome.battery_j == pytest.approx(4e7 + 1e7, rel=1e-12)
    assert outcome.sets_j == pytest.approx(4e6 * 3600 - 5e7, rel=1e-12)
    assert outcome.charge == pytest.approx(1 - 5e7 / (4e6 * 300), rel=1e-12)
    litres = (0.249 * outcome.sets_j + 0.015 * 4e6 * 3590) / 3.6e6
    assert outcome.fuel_m3 * 1000 == pytest.approx(litres, rel=1e-12)


def test_one_set_too_few_empties_the_battery_later() -> None:
    # One set of 2 MW under 3 MW: 3 MW for 10 s, 2 MW for 5 s, then 1 MW on the battery of 1.2 GJ.
    outcome = outage_outcome(3e6, 7200.0, battery=BATTERY, gensets=gensets(), started=started(NEVER_S))
    assert outcome.dropped_at_s == pytest.approx(15 + (1.2e9 - 3e7 - 1e7) / 1e6, rel=1e-12)


def test_set_that_fails_leaves_its_load_to_the_battery() -> None:
    outcome = outage_outcome(4e6, 7200.0, battery=BATTERY, gensets=gensets(), started=started(NEVER_S, 1000.0))
    assert outcome.dropped_at_s == pytest.approx(1000 + (1.2e9 - 5e7) / 2e6, rel=1e-12)


def test_spare_set_carries_on_when_another_fails() -> None:
    sets = started(NEVER_S, NEVER_S, 1000.0)
    assert outage_outcome(4e6, 7200.0, battery=BATTERY, gensets=gensets(), started=sets).is_carried


def test_empty_tank_stops_the_sets_and_the_battery_has_the_last_word() -> None:
    outcome = outage_outcome(
        2e6, 40_000.0, battery=BATTERY, gensets=gensets(tank="1 m3"), started=started(NEVER_S, NEVER_S)
    )
    litres_per_s = (0.249 * 2000 + 0.015 * 4000) / 3600
    assert outcome.fuel_out_at_s == pytest.approx(10 + 1000 / litres_per_s, rel=1e-9)
    assert outcome.fuel_m3 == pytest.approx(1.0, rel=1e-9)
    assert outcome.fuel_out_at_s is not None
    assert outcome.dropped_at_s == pytest.approx(outcome.fuel_out_at_s + (1.2e9 - 2e7) / 2e6, rel=1e-9)


def test_without_a_battery_the_load_is_gone_before_the_sets_run() -> None:
    outcome = outage_outcome(1e6, 60.0, gensets=gensets(), started=started(NEVER_S))
    assert outcome.dropped_at_s == 0.0


def test_load_above_the_rating_of_the_battery_is_dropped_at_once() -> None:
    assert outage_outcome(4.1e6, 60.0, battery=BATTERY).dropped_at_s == 0.0


def test_cooling_waits_for_the_sets_and_comes_second() -> None:
    # Two sets, 3 MW on the UPS and 2 MW of cooling: none for 10 s, none for 5 s of the first step, then 1 MW of 2.
    outcome = outage_outcome(
        3e6, 100.0, battery=BATTERY, gensets=gensets(), started=started(NEVER_S, NEVER_S), unprotected_w=2e6
    )
    assert outcome.is_carried
    assert outcome.unserved_j == pytest.approx(2e6 * 15 + 1e6 * 85, rel=1e-12)
