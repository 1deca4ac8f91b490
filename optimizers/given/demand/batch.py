"""Demand for work that can wait within its quarter."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from models.section import Section

from ..quarter import AmountCurve
from ..ranges import Rate
from .demand import QuarterlyDemand


class StatedSpeed(Section):
    """How fast a SKU does the work, stated."""

    speed: Rate
    """Accelerator-hours of the demand that one accelerator of the SKU does in an hour."""
    activity: float = Field(default=1.0, ge=0.0, le=1.0)
    """How busy that keeps it; 1 is an assumption."""


class BatchDemand(QuarterlyDemand):
    """Work without a gang that may be done in any hour of its quarter: experiments, evaluations, data preparation."""

    kind: Literal["batch"] = "batch"
    """Work that can wait within its quarter."""
    accelerator_hours: AmountCurve
    """Accelerator-hours in a quarter, on the accelerator whose `speed` is 1."""
    stated: dict[str, StatedSpeed] = Field(min_length=1)
    """How fast each SKU is."""

    curves: ClassVar[tuple[str, ...]] = ("accelerator_hours",)

    def sku_names(self) -> tuple[str, ...]:
        return (*super().sku_names(), *self.stated)
