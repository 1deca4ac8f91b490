"""The simulated time of a proof: which hour of the quarter each simulated hour stands for."""

from __future__ import annotations

import numpy as np
import pytest

from optimizers.figures.hours import chosen_hours
from optimizers.given.goals import ProofTerms
from optimizers.instance.time import Day, Hours
from optimizers.problem import Problem
from proven_plan import problem
from simulator.proof.week import ProofWeek, proof_week


def week(days: int, step_hours: int, **terms: str) -> ProofWeek:
    """The week of the first quarter of 2027, with a design hour."""
    given = problem().model_dump(mode="json", exclude_unset=True)
    given["hours"] = {"days": days, "step_hours": step_hours, "design_hour": True}
    return proof_week(chosen_hours(Problem.model_validate(given)), 0, ProofTerms.model_validate(terms))


def test_days_follow_each_other_after_whole_days_of_warm_up() -> None:
    found = week(2, 6, warm_up="30 h", week="4 d")
    # 30 h are two days, one round; each day has four hours of six, and the design hour (8) is not simulated.
    one_round = np.repeat(np.arange(8), 6).tolist()
    assert found.warm_up_h == 48
    assert found.hour.tolist() == one_round * 3
    assert found.total_s == 6 * 86_400.0


def test_counted_time_begins_with_the_first_day() -> None:
    found = week(3, 24, warm_up="1 d", week="3 d")
    assert found.hour.tolist() == [2] * 24 + [0] * 24 + [1] * 24 + [2] * 24


@pytest.mark.parametrize("step_hours", [1, 2, 6, 24])
def test_hours_since_a_step_began_start_anew_with_each_step_and_day(step_hours: int) -> None:
    found = week(1, step_hours, warm_up="1 d", week="2 d")
    assert found.since_step_began_h.tolist() == [*range(step_hours)] * (72 // step_hours)


def test_a_week_is_at_least_one_round_of_all_days() -> None:
    found = week(10, 24, warm_up="0 s", week="7 d")
    assert len(found.hour) == 240
    assert found.warm_up_s == 0.0


def test_it_starts_at_midnight_before_the_warm_up() -> None:
    found = week(1, 1, warm_up="2 d", week="7 d")
    assert found.start_utc_s % 86_400.0 == 0.0
    # Of 90 days the one in the middle stands for the quarter: 15 February 2027.
    assert found.start_utc_s + found.warm_up_s == 1_798_761_600.0 + 45 * 86_400.0


def test_means_over_instances_times_weights_make_the_quarter() -> None:
    found = week(2, 12, warm_up="1 d", week="4 d")
    hourly = np.where(np.arange(len(found.hour)) < 24, 1e9, 2.0 + found.hour)  # the warm-up must not count
    assert found.over_hours(hourly).tolist() == [2.0, 3.0, 4.0, 5.0, 0.0]
    assert found.of_quarter(np.ones(5)) == pytest.approx(90 * 86_400.0)
    assert found.quarter_s == pytest.approx(90 * 86_400.0)


def test_the_warm_up_is_no_shorter_than_the_lead_time_of_parts() -> None:
    hours = chosen_hours(problem())
    terms = ProofTerms.model_validate({"warm_up": "1 d"})
    assert proof_week(hours, 0, terms, least_warm_up_s=14 * 86_400.0).warm_up_h == 14 * 24


def test_days_that_do_not_fit_a_day_are_refused() -> None:
    odd = Hours(np.full((1, 7), 1.0), np.zeros((1, 7)), (Day(0, 7),))
    with pytest.raises(ValueError, match="a day of 7 hours"):
        proof_week(odd, 0, ProofTerms())
    idle = Hours(np.zeros((1, 1)), np.zeros((1, 1)), (Day(0, 1),))
    with pytest.raises(ValueError, match="no hour with a weight"):
        proof_week(idle, 0, ProofTerms())
