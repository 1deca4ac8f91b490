"""Risk: how much work goes unserved, in expectation and in the worst futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from .objective import Objective

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


def conditional_value_at_risk(values: Sequence[float], probabilities: Sequence[float], level: float) -> float:
    """Return the mean of the worst `1 - level` of a discrete distribution; the greatest value where level is 1.

    References
    ----------
    R. T. Rockafellar and S. Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2(3), 2000.

    >>> conditional_value_at_risk([0.0, 0.1, 0.5], [0.5, 0.4, 0.1], 0.8)
    0.3
    """
    ordered = sorted(zip(values, probabilities, strict=True), reverse=True)
    tail = 1.0 - level
    if tail <= 0.0:
        return ordered[0][0]
    left, total = tail, 0.0
    for value, probability in ordered:
        taken = min(probability, left)
        total += taken * value
        left -= taken
    return total / (tail - left)


class Risk(Objective):
    """Half the expectation and half the CVaR of the weighted unserved share of all classes, 0 to 1.

    In the model CVaR is the least of `eta + E[max(U - eta, 0)] / (1 - alpha)` over eta (Rockafellar and Uryasev 2000).
    """

    kind: ClassVar[str] = "risk"
    unit: ClassVar[str] = "share"
    rank: ClassVar[int] = 3
    scale: ClassVar[float] = 1e-3

    def terms(self, formulation: Formulation) -> Terms:
        from ..formulation.terms import Terms

        f = formulation
        total = Terms()
        tail = f.probability
        level = f.instance.cvar_level
        eta = f.variables("value_at_risk", "o", [(0,)])[0,]
        above = f.variables("beyond_value_at_risk", "o", [(o,) for o in range(len(tail))])
        total.add(0.5, eta)
        for o, probability in enumerate(f.probability):
            unserved = self._unserved(f, o)
            f.unserved_share.append(unserved)
            total.add_all(0.5 * probability, unserved)
            # With level 1 only the worst future counts: nothing may lie beyond.
            if level < 1.0:
                total.add(0.5 * probability / (1.0 - level), above[o,])
            else:
                above[o,].setub(0.0)
            row = Terms()
            row.add(1.0, eta)
            row.add(1.0, above[o,])
            row.add_all(-1.0, unserved)
            f.at_least("conditional_value_at_risk", "o", o, row)
        return total

    def _unserved(self, formulation: Formulation, future: int) -> Terms:
        """Return the weighted share of work that a future leaves unserved, in the model's unit."""
        from ..formulation.terms import Terms

        total = Terms()
        for work in (*formulation.work, *formulation.instance.gangs):
            demand = formulation.demand[work.name, future]
            if demand > 0.0 and work.weight > 0.0:
                total.add_all(work.weight / demand / self.scale, formulation.unserved[work.name, future])
        return total

    def value(self, formulation: Formulation, terms: Terms, read: Callable[[Terms], float]) -> float:  # noqa: ARG002
        shares = [max(self.scale * read(each), 0.0) for each in formulation.unserved_share]
        expected = sum(probability * share for probability, share in zip(formulation.probability, shares, strict=True))
        level = formulation.instance.cvar_level
        return 0.5 * expected + 0.5 * conditional_value_at_risk(shares, formulation.probability, level)
