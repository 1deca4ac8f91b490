"""Which nodes are lemons: those that fail more often than the luck of equal nodes explains.

Two statistics. A test: sound nodes share one rate, so that a sound node's failures in a window are Poisson; a node with
more than chance allows at a stated level is a lemon. A posterior: rates of nodes differ and are gamma distributed over
the fleet (so that counts are negative binomial); what a node has done shifts what to expect of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_MOST_ROUNDS = 50


def poisson_at_least(failures: int, expected: float) -> float:
    """Return the probability of at least so many failures where `expected` are expected, by Poisson's law.

    Summed from the count on upward, so that small probabilities keep their digits. Raises ValueError where `expected`
    is below 0.

    >>> round(poisson_at_least(3, 0.195), 5)
    0.00107
    """
    if not expected >= 0.0:
        raise ValueError(f"expected failures ({expected:g}) must be at least 0")
    if failures <= 0:
        return 1.0
    if expected == 0.0:
        return 0.0
    term = math.exp(failures * math.log(expected) - expected - math.lgamma(failures + 1))
    total, count = 0.0, failures
    while total + term != total or count < expected:
        total += term
        count += 1
        term *= expected / count
    return min(total, 1.0)


def failures_of_a_lemon(expected: float, false_positive_rate: float) -> int:
    """Return the fewest failures within a window that a sound node, of which `expected` are, has no more often than
    `false_positive_rate` (above 0, below 1).

    Of 2,048 nodes with 6.5 failures per 1,000 node-days, a level of one in 2,048 for 30 days:

    >>> failures_of_a_lemon(6.5e-3 * 30, 1 / 2048)
    4
    """
    if not 0.0 < false_positive_rate < 1.0:
        raise ValueError(f"false positive rate ({false_positive_rate:g}) must be between 0 and 1")
    failures = 1
    while poisson_at_least(failures, expected) > false_positive_rate:
        failures += 1
    return failures


def find_lemons(failures: ArrayLike, observed_s: ArrayLike, false_positive_rate: float) -> NDArray[np.bool_]:
    """Return which nodes are lemons, shape (node,), from each one's failures and the time it was watched [s].

    The rate of sound nodes is that of the nodes that are not lemons, found in turns: lemons would raise the rate that
    they are held against. A sound node is taken for one with at most the probability `false_positive_rate` a window.
    Raises ValueError where shapes differ, or a time is not positive.
    """
    import numpy as np

    counts, times_s = np.broadcast_arrays(np.asarray(failures, np.int64), np.asarray(observed_s, np.float64))
    if counts.size and not (counts.min() >= 0 and times_s.min() > 0.0):
        raise ValueError("failures must be at least 0 and times watched positive")
    lemons = np.zeros(counts.shape, np.bool_)
    for _ in range(_MOST_ROUNDS):
        sound = ~lemons
        if not sound.any():
            break
        rate_per_s = counts[sound].sum() / times_s[sound].sum()
        found = counts >= _limits(rate_per_s * times_s, false_positive_rate)
        if (found == lemons).all():
            break
        lemons = lemons | found  # Once found always one, so that the turns come to an end.
    return lemons


def _limits(expected: NDArray[np.float64], false_positive_rate: float) -> NDArray[np.int64]:
    import numpy as np

    distinct, inverse = np.unique(expected, return_inverse=True)
    limits = [failures_of_a_lemon(float(each), false_positive_rate) for each in distinct]
    return np.array(limits, np.int64)[inverse].reshape(expected.shape)


@dataclass(frozen=True)
class GammaRates:
    """Failure rates that differ from node to node: gamma distributed.

    `shape` below 1: a few nodes fail most; infinite: all are equal.
    """

    shape: float
    mean_per_s: float

    def after(self, failures: int, observed_s: float) -> GammaRates:
        """Return what is known of a node's rate after it failed so often in a time [s]: gamma again (conjugate).

        Shape a + k and mean (a + k) / (a / m + t).
        """
        if self.shape == math.inf:
            return self
        shape = self.shape + failures
        return GammaRates(shape, shape / (self.shape / self.mean_per_s + observed_s))

    def probability_above(self, rate_per_s: float) -> float:
        """Return the probability that a node's rate is above a rate [1/s]."""
        from scipy.special import gammaincc

        if self.shape == math.inf:
            return float(self.mean_per_s > rate_per_s)
        return float(gammaincc(self.shape, self.shape * rate_per_s / self.mean_per_s))


def fit_gamma_rates(failures: ArrayLike, observed_s: ArrayLike) -> GammaRates:
    """Return the gamma distribution of rates that most probably gave these counts: negative binomial by node.

    The mean is failures over time; the shape maximises the likelihood. It is infinite, and the rates are equal, where
    counts vary no more than Poisson's. Raises ValueError without failures.
    """
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    counts, times_s = np.broadcast_arrays(np.asarray(failures, np.float64), np.asarray(observed_s, np.float64))
    if not counts.sum() > 0.0:
        raise ValueError("rates can not be told from nodes that never failed")
    mean_per_s = float(counts.sum() / times_s.sum())
    expected = mean_per_s * times_s
    if ((counts - expected) ** 2 - counts).sum() <= 0.0:
        return GammaRates(math.inf, mean_per_s)

    def unlikeliness(log_shape: float) -> float:
        shape = math.exp(log_shape)
        share = expected / (shape + expected)
        logs = gammaln(shape + counts) - gammaln(shape) + shape * np.log1p(-share) + counts * np.log(share)
        return -float(logs.sum())

    best = minimize_scalar(unlikeliness, bounds=(math.log(1e-3), math.log(1e4)), method="bounded")
    return GammaRates(math.exp(float(best.x)), mean_per_s)
