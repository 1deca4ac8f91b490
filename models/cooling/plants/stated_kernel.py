"""A plant that draws a constant share of the heat that it takes."""

from __future__ import annotations

from typing import Any

from ...compiled import compiled_as
from .operation_kernel import CAPACITY_W, COMPRESSOR_W, HEAT_W, OPERATE_SIGNATURE, REMOVED_W, RUNNING, UNITS

POWER_SHARE, UNIT_CAPACITY_W = range(2)


@compiled_as(OPERATE_SIGNATURE)
def operate(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what the plant answers, row by row."""
    for row in range(len(asked)):
        capacity_w = parameters[UNIT_CAPACITY_W] * asked[row, UNITS]
        removed_w = min(asked[row, HEAT_W], capacity_w)
        answered[row, COMPRESSOR_W] = parameters[POWER_SHARE] * removed_w
        answered[row, CAPACITY_W] = capacity_w
        answered[row, REMOVED_W] = removed_w
        answered[row, RUNNING] = asked[row, UNITS]
