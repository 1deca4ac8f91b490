"""A tier's servers among the loads of a hall."""

from __future__ import annotations

from models.series import constant

from ..engine.given_load import GivenLoad
from .tier_in_service import TierInService


class TierLoad(GivenLoad):
    """A load whose power is what the tier last said; it hands over no more than to bring its meter up to an instant.

    Its series is what a building is sized for: the power at full bandwidth.
    """

    def __init__(self, tier: TierInService, start_utc_s: float) -> None:
        name = f"storage {tier.name}"
        super().__init__(name, constant(name, "W", tier.sized.peak_w), start_utc_s, tier.meter)

    def close(self, end_s: float) -> None:
        """Count what has been drawn up to `end_s`."""
        if end_s > self.meter.as_of_s:
            self.meter.reach(end_s)
