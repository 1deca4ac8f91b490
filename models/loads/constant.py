"""A load that never changes."""

from __future__ import annotations

from typing import Literal

from ..series import Series
from ..series import constant as constant_series
from ..units import Power
from .source import Load


class ConstantLoad(Load):
    """Equipment that draws the same power at all times."""

    kind: Literal["constant"] = "constant"
    draws: Power
    """W at all times."""

    @property
    def step_s(self) -> int | None:
        return None

    def power(self) -> Series:
        return constant_series(self.name, "W", self.draws)
