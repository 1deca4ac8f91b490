"""Demand for a model that answers requests."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from models.catalog import InCatalog
from models.section import Section
from models.units import Duration, quantity

from ..quarter import AmountCurve
from ..ranges import Rate
from .demand import QuarterlyDemand

Positive = Annotated[float, Field(gt=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class LatencyObjective(Section):
    """The service level that counts as served."""

    time_to_first_token: Annotated[Duration, Field(gt=0.0)] = quantity("2 s")
    """From a request to its first token; 2 s is an assumption."""
    time_per_output_token: Annotated[Duration, Field(gt=0.0)] = quantity("50 ms")
    """Between tokens after the first; 50 ms is an assumption (20 tokens a second, faster than people read)."""


class StatedServing(Section):
    """What a node of a SKU serves within the service level, stated."""

    requests_per_s: Rate
    """Requests a second of one node."""
    activity: float = Field(default=1.0, ge=0.0, le=1.0)
    """How busy that keeps it; 1 is an assumption."""


class ServingDemand(QuarterlyDemand):
    """Requests that come hour by hour. Tokens a second alone say too little: what a node serves depends on lengths."""

    kind: Literal["serving"] = "serving"
    """A model that answers requests."""
    requests_per_s: AmountCurve
    """Requests a second in the busiest hour of a day."""
    profile: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...] = Field(
        default=(1.0,) * 24, min_length=24, max_length=24
    )
    """Share of the busiest hour's requests in each hour of a day in UTC; the same all day if nothing is said."""
    input_tokens: Positive
    """Tokens of a request that must be read, those of `cached_input_tokens` left out."""
    cached_input_tokens: float = Field(default=0.0, ge=0.0)
    """Tokens of a request whose keys and values are kept from an earlier one."""
    output_tokens: Positive
    """Tokens of an answer."""
    slo: LatencyObjective = LatencyObjective()
    """What counts as served."""
    model: Annotated[str, InCatalog("models")] | None = None
    """The model of the catalogue; what a node serves is computed from calibrated kernels."""
    stated: dict[str, StatedServing] = {}
    """What a node serves, by SKU, where it is stated."""

    curves: ClassVar[tuple[str, ...]] = ("requests_per_s",)

    def sku_names(self) -> tuple[str, ...]:
        return (*super().sku_names(), *self.stated)

    @model_validator(mode="after")
    def _throughput_known(self) -> Self:
        if self.model is None and not self.stated:
            raise ValueError("give 'model', or what a node of each SKU serves under 'stated'")
        if not any(self.profile):
            raise ValueError("'profile' is 0 all day")
        return self
