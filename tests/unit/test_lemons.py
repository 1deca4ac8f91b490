"""Lemons and stragglers: what is found, what is not, and how often chance is taken for a lemon."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.reliability.lemons import (
    GammaRates,
    failures_of_a_lemon,
    find_lemons,
    fit_gamma_rates,
    poisson_at_least,
)
from models.reliability.stragglers import find_stragglers

DAY_S = 86_400.0
RATE = 6.5e-3 / DAY_S


@pytest.mark.parametrize("expected", [1e-6, 0.195, 3.0, 60.0])
def test_the_tail_is_poissons(expected: float) -> None:
    from scipy.stats import poisson

    for failures in (0, 1, 2, 5, 40, 80):
        assert poisson_at_least(failures, expected) == pytest.approx(poisson.sf(failures - 1, expected), rel=1e-10)
    assert poisson_at_least(1, 0.0) == 0.0


def test_the_limit_is_the_least_that_chance_reaches_seldom_enough() -> None:
    limit = failures_of_a_lemon(0.195, 1e-3)
    assert poisson_at_least(limit, 0.195) <= 1e-3 < poisson_at_least(limit - 1, 0.195)
    with pytest.raises(ValueError, match=r"false positive rate \(0\)"):
        failures_of_a_lemon(1.0, 0.0)


def test_equal_nodes_are_taken_for_lemons_no_more_often_than_stated() -> None:
    counts = np.random.default_rng(1).poisson(RATE * 90 * DAY_S, 200_000)
    found = find_lemons(counts, 90 * DAY_S, 1e-3).mean()
    assert found <= 1e-3 + 2 * math.sqrt(1e-3 / 200_000)


@pytest.mark.parametrize(("worse", "days", "recall"), [(10.0, 90, 0.70), (20.0, 90, 0.995), (20.0, 30, 0.55)])
def test_lemons_among_a_hundredth_of_bad_nodes_are_found_as_often_as_their_rate_lets_them(
    worse: float, days: int, recall: float
) -> None:
    draws = np.random.default_rng(2)
    bad = np.arange(50_000) < 600  # 1.2 %
    counts = draws.poisson(np.where(bad, worse, 1.0) * RATE * days * DAY_S)
    found = find_lemons(counts, days * DAY_S, 5e-4)
    expected = poisson_at_least(failures_of_a_lemon(RATE * days * DAY_S, 5e-4), worse * RATE * days * DAY_S)
    assert expected == pytest.approx(recall, abs=0.02)
    assert found[bad].mean() == pytest.approx(expected, abs=2 * math.sqrt(expected * (1 - expected) / 600))
    assert found[~bad].mean() < 5e-4 + 2 * math.sqrt(5e-4 / 50_000)


def test_the_rate_that_lemons_are_held_against_is_not_their_own() -> None:
    counts = np.array([0] * 80 + [1] * 10 + [9] * 10)
    assert find_lemons(counts, DAY_S, 0.01).tolist() == [False] * 90 + [True] * 10


def test_a_node_watched_for_a_shorter_time_needs_fewer_failures() -> None:
    counts, days = np.array([0] * 98 + [4, 4]), np.array([1000.0] * 99 + [10.0])
    assert np.flatnonzero(find_lemons(counts + (days > 500) * 3, days * DAY_S, 1e-3)).tolist() == [99]


def test_gamma_mixed_rates_are_fitted_and_the_posterior_points_at_the_worst() -> None:
    draws = np.random.default_rng(3)
    rates = draws.gamma(0.5, RATE / 0.5, 20_000)
    counts = draws.poisson(rates * 180 * DAY_S)
    fitted = fit_gamma_rates(counts, 180 * DAY_S)
    assert fitted.mean_per_s == pytest.approx(RATE, rel=0.05)
    assert fitted.shape == pytest.approx(0.5, rel=0.08)
    # Of those of whom it says so with p, a share p is above four times the mean.
    said = np.array([fitted.after(count, 180 * DAY_S).probability_above(4 * RATE) for count in range(counts.max() + 1)])
    assert said[counts].mean() == pytest.approx((rates > 4 * RATE).mean(), rel=0.1)
    likely = said[counts] > 0.5
    assert (rates[likely] > 4 * RATE).mean() == pytest.approx(said[counts][likely].mean(), abs=0.05)
    # The posterior mean is what nodes with that history go on to do.
    again = draws.poisson(rates * 180 * DAY_S)
    for count in (0, 1, 3):
        expected = fitted.after(count, 180 * DAY_S).mean_per_s * 180 * DAY_S
        assert again[counts == count].mean() == pytest.approx(expected, rel=0.1)


def test_equal_rates_are_told_from_mixed_ones() -> None:
    assert fit_gamma_rates(np.array([1, 1, 1, 1, 2, 1]), DAY_S).shape == math.inf
    with pytest.raises(ValueError, match="never failed"):
        fit_gamma_rates([0, 0], DAY_S)
    assert GammaRates(2.0, RATE).after(0, 0.0) == GammaRates(2.0, RATE)
    equal = GammaRates(math.inf, RATE)
    assert equal.after(9, DAY_S) == equal
    assert (equal.probability_above(RATE / 2), equal.probability_above(RATE * 2)) == (1.0, 0.0)


def test_a_straggler_is_slower_than_the_median_of_its_gang() -> None:
    assert find_stragglers([1.0, 1.0, 1.06, 1.04, 1.0], 0.05).tolist() == [2]
    draws = np.random.default_rng(4).normal(1.0, 0.01, (64, 20))
    draws[7] *= 1.08
    draws[9, 3] = 5.0  # one slow step is no straggler
    assert find_stragglers(draws, 0.05).tolist() == [7]
    assert find_stragglers([], 0.05).tolist() == []
    with pytest.raises(ValueError, match="must be positive"):
        find_stragglers([1.0, 0.0], 0.05)
