"""A demand that never changes."""

from __future__ import annotations

from typing import Literal

from .demand import Demand, OfferedRates, Rate


class ConstantDemand(Demand):
    """The same number of requests a second at all times; a bare number in place of `demand` means the same."""

    kind: Literal["constant"] = "constant"
    requests_per_s: Rate
    """Requests a second."""

    def offered(self, start_utc_s: float, until_s: float) -> OfferedRates:
        """Return one stretch."""
        import numpy as np

        return OfferedRates(np.zeros(1), np.array([self.requests_per_s]))
