"""What has failed how often lately, and which components are lemons by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

from models.operations.lemons import Lemons

from ..operations.outage import Outage


class FailureHistory:
    """Failures of each component of the kinds that are watched, as the repairs that were asked for tell them."""

    def __init__(self, terms: Lemons | None, count_of: Callable[[str], int] | None) -> None:
        self._terms, self._count_of = terms, count_of
        self._recent: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._of_kind: Counter[str] = Counter()

    def makes_a_lemon(self, outage: Outage) -> bool:
        """Count a failure, and return whether it makes its component a lemon; its count then begins anew."""
        terms, key = self._terms, (outage.kind, outage.name)
        if terms is None or outage.planned or outage.kind not in terms.kinds:
            return False
        self._of_kind[outage.kind] += 1
        self._recent[key] = [at_s for at_s in self._recent[key] if at_s > outage.failed_s - terms.window]
        self._recent[key].append(outage.failed_s)
        if len(self._recent[key]) < terms.limit(self._expected(outage, terms.window)):
            return False
        del self._recent[key]
        return True

    def _expected(self, outage: Outage, window_s: float) -> float:
        """Return the failures of a component in the window, had all of its kind failed alike; 0 if none are known."""
        count = 0 if self._count_of is None else self._count_of(outage.kind)
        if count == 0:
            return 0.0
        share = min(window_s / outage.failed_s, 1.0) if outage.failed_s > 0.0 else 1.0
        return self._of_kind[outage.kind] / count * share
