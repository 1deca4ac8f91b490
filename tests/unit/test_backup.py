"""Battery and sets together: whether they are enough, said before the run, and one outage drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.power.backup.backup import Backup, backup_problems

BATTERY = {"rating": "8 MW", "ride_through": "5 min"}
GENSETS = {"count": 6, "rating": "2 MW", "spare": 1}


def backup(**keys: Any) -> Backup:
    return Backup.model_validate({"battery": BATTERY, "gensets": GENSETS, **keys})


def messages(given: Backup, load_w: float, unprotected_w: float = 0.0) -> list[str]:
    return [str(problem) for problem in backup_problems(given, load_w, unprotected_w)]


def test_enough_of_everything_has_no_problem() -> None:
    assert messages(backup(), 8e6, 2e6) == []
    assert messages(backup(gensets=None), 8e6) == []


def test_battery_too_small_says_by_how_much() -> None:
    assert messages(backup(), 8.5e6) == [
        "facility.supply.backup.battery.rating: has to carry 8.50 MW, 500 kW more than its rating"
    ]


def test_sets_too_few_without_the_spare_ones() -> None:
    assert messages(backup(), 8e6, 3e6) == [
        "facility.supply.backup.gensets: have to carry 11.0 MW; with 1 of 6 sets lost they give 10.0 MW"
    ]


def test_ride_through_shorter_than_the_start_of_the_sets() -> None:
    short = backup(battery={"rating": "8 MW", "ride_through": "9 s"})
    assert messages(short, 8e6) == [
        "facility.supply.backup.battery: is empty after 9.00 s under 8.00 MW; the sets have taken the load after 13.0 s"
    ]
    assert messages(short, 4e6) == []


def test_sets_alone_can_not_keep_the_load() -> None:
    assert messages(backup(battery=None), 1e6) == [
        "facility.supply.backup.battery: there is none: 1.00 MW are dropped with the grid"
    ]


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ValidationError, match="give 'battery', 'gensets' or both"):
        Backup()


def test_outages_are_survived_as_often_as_battery_and_sets_work_together() -> None:
    given = backup()
    random = np.random.default_rng(8)
    carried = sum(given.outcome(8e6, 3600.0, random).is_carried for _ in range(3000))
    assert given.gensets is not None
    chance = 0.97 * given.gensets.chance_of(4)
    assert carried / 3000 == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / 3000) + 0.004)


def test_battery_that_does_not_work_keeps_its_charge() -> None:
    dead = backup(battery={**BATTERY, "availability": 1e-9})
    outcome = dead.outcome(8e6, 3600.0, np.random.default_rng(1), charge=0.7)
    assert (outcome.dropped_at_s, outcome.charge, outcome.battery_j) == (0.0, 0.7, 0.0)
