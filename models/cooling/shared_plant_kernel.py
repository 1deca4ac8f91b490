"""One plant for the hall's air and for the coolant: what both ask of it together, and what each gets."""

from __future__ import annotations

from typing import Any

from numba import types

from ..compiled import compiled_as
from .plants import operation_kernel as plant

_ROWS = types.float64[:, ::1]


@compiled_as(types.void(_ROWS, _ROWS, _ROWS))
def join(air_asked: Any, liquid_asked: Any, asked: Any) -> None:
    """Fill what the plant is asked: the heat of both, at the colder of the two waters; machines as for the air."""
    for row in range(len(asked)):
        for column in range(plant.ASKED):
            asked[row, column] = air_asked[row, column]
        asked[row, plant.HEAT_W] = air_asked[row, plant.HEAT_W] + liquid_asked[row, plant.HEAT_W]
        asked[row, plant.SUPPLY_C] = min(air_asked[row, plant.SUPPLY_C], liquid_asked[row, plant.SUPPLY_C])


@compiled_as(types.void(_ROWS, _ROWS, _ROWS, _ROWS))
def divide(air_asked: Any, liquid_asked: Any, answered: Any, liquid_answered: Any) -> None:
    """Give each what is left of the plant's capacity beyond what both ask, or their part of what it falls short of.

    Of `answered`, which becomes the air's, only the capacity changes; `liquid_answered` gets nothing but a capacity.
    """
    for row in range(len(answered)):
        air_w, liquid_w = air_asked[row, plant.HEAT_W], liquid_asked[row, plant.HEAT_W]
        left_w = answered[row, plant.CAPACITY_W] - (air_w + liquid_w)
        if left_w >= 0.0:
            answered[row, plant.CAPACITY_W] = air_w + left_w
            liquid_answered[row, plant.CAPACITY_W] = liquid_w + left_w
        else:
            share = answered[row, plant.CAPACITY_W] / (air_w + liquid_w)
            answered[row, plant.CAPACITY_W] = air_w * share
            liquid_answered[row, plant.CAPACITY_W] = liquid_w * share
