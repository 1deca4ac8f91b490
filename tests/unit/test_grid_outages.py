"""Losses of the grid, listed and drawn."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.kinds import kinds_of
from models.power.supply.outages.grid_outages import GridOutages, Outage
from models.power.supply.outages.listed_outages import ListedOutages
from models.power.supply.outages.random_outages import RandomOutages

YEAR_S = 365.25 * 86_400


def listed(*outages: tuple[str, str]) -> ListedOutages:
    return ListedOutages.model_validate({"outages": [{"at": at, "duration": lasts} for at, lasts in outages]})


def test_kinds_of_outages() -> None:
    assert set(kinds_of("models.power.supply.outages", GridOutages)) == {"listed", "random"}


def test_list_comes_in_order_up_to_the_horizon() -> None:
    given = listed(("40 h", "30 min"), ("2 h", "10 s"), ("90 h", "1 h"))
    random = np.random.default_rng(1)
    assert given.draw(random, 72 * 3600.0) == [Outage(7200.0, 10.0), Outage(144_000.0, 1800.0)]
    assert random.random() == np.random.default_rng(1).random()


def test_outages_that_touch_are_allowed_and_those_that_overlap_refused() -> None:
    assert len(listed(("1 h", "30 min"), ("90 min", "30 min")).outages) == 2
    with pytest.raises(ValidationError, match="the outage at 4800 s begins before the one at 3600 s has ended"):
        listed(("80 min", "1 h"), ("1 h", "30 min"))
    with pytest.raises(ValidationError, match="greater than 0"):
        listed(("1 h", "0 s"))


def test_drawn_outages_come_as_often_and_last_as_long_as_stated() -> None:
    given = RandomOutages.model_validate({"per_year": 2.0, "duration": {"kind": "exponential", "mean": "2 h"}})
    outages = given.draw(np.random.default_rng(2), 4000 * YEAR_S)
    expected = 8000 / (1 + given.expected_fraction)
    assert len(outages) == pytest.approx(expected, abs=4 * math.sqrt(expected))
    mean_s = float(np.mean([duration_s for _, duration_s in outages]))
    assert mean_s == pytest.approx(7200, rel=4 / math.sqrt(len(outages)))
    assert sum(duration_s for _, duration_s in outages) / (4000 * YEAR_S) == pytest.approx(
        given.expected_fraction, rel=0.08
    )


def test_default_is_one_outage_a_year_of_two_hours() -> None:
    assert RandomOutages().per_year == 1.0
    assert RandomOutages().duration.expected() == pytest.approx(7200.0)


def test_longer_horizon_keeps_the_earlier_outages_and_none_overlap() -> None:
    given = RandomOutages.model_validate({"per_year": 2000.0})
    one = given.draw(np.random.default_rng(3), YEAR_S / 10)
    other = given.draw(np.random.default_rng(3), YEAR_S)
    assert other[: len(one)] == one and len(other) > len(one) > 50
    assert all(a.start_s + a.duration_s <= b.start_s for a, b in itertools.pairwise(other))


def test_grid_without_outages_has_none() -> None:
    assert RandomOutages.model_validate({"per_year": 0.0}).draw(np.random.default_rng(1), 1e12) == []


@pytest.mark.parametrize("keys", [{"per_year": -1.0}, {"duration": {"kind": "constant", "value": "0 s"}}])
def test_impossible_rates_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="greater than"):
        RandomOutages.model_validate(keys)
