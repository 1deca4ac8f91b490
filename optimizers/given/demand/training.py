"""Demand for one training run with a deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from models.catalog import InCatalog
from models.section import Section
from models.units import Bandwidth, Data, Duration, quantity
from models.workload.training_job import AnyLayout

from ..quarter import QuarterName
from ..ranges import Count, NoneOrMore, Rate, Tokens
from .demand import Demand

if TYPE_CHECKING:
    from models.workload.training.layout import Layout

    AnyLayout = Layout  # type: ignore[misc]


class StatedTraining(Section):
    """How fast a gang of a SKU trains, stated, with nothing lost to interruptions."""

    tokens_per_s: Rate
    """Tokens a second of the whole gang."""
    activity: float = Field(default=1.0, ge=0.0, le=1.0)
    """How busy that keeps its nodes; 1 is an assumption."""


class TrainingDemand(Demand):
    """A training run: a gang of accelerators of one SKU, on one fabric, at one site, until its tokens are done."""

    kind: Literal["training"] = "training"
    """One training run with a deadline."""
    tokens: Tokens
    """Tokens to train on."""
    accelerators: Count
    """Accelerators of its gang."""
    spare_nodes: NoneOrMore = 0
    """Nodes that stand by for it."""
    start: QuarterName | None = None
    """First quarter in which it may train; the plan's first if nothing is said."""
    by: QuarterName
    """Last quarter in which it may train."""
    model: Annotated[str, InCatalog("models")] | None = None
    """The model of the catalogue; give this with `layout`, or `stated`."""
    layout: AnyLayout | None = None
    """How it is laid out over the gang."""
    stated: dict[str, StatedTraining] = {}
    """How fast the gang trains, by SKU, where it is stated."""
    checkpoint_size: Annotated[Data, Field(gt=0.0)] | None = None
    """B of a checkpoint; computed from the model if nothing is said, and needed where none is given."""
    checkpoint_write: Annotated[Duration, Field(gt=0.0)] = quantity("1 min")
    """In what time a checkpoint must be written: its size over this is the bandwidth of storage that the run needs. 1
    min is an assumption."""
    checkpoints_kept: Count = 10
    """Checkpoints that are kept: assumption."""
    restart: Annotated[Duration, Field(ge=0.0)] = quantity("10 min")
    """From an interruption to the first step after it: assumption."""

    def sku_names(self) -> tuple[str, ...]:
        return (*super().sku_names(), *self.stated)

    @property
    def write_b_per_s(self) -> Bandwidth | None:
        """Bandwidth of storage that its checkpoints need [B/s], where their size is stated."""
        return None if self.checkpoint_size is None else self.checkpoint_size / self.checkpoint_write

    @model_validator(mode="after")
    def _throughput_known(self) -> Self:
        if (self.model is None) != (self.layout is None):
            raise ValueError("'model' and 'layout' belong together")
        if self.model is None and not self.stated:
            raise ValueError("give 'model' with 'layout', or how fast the gang trains under 'stated'")
        if self.model is None and self.checkpoint_size is None:
            raise ValueError("without a 'model' state the 'checkpoint_size'")
        return self
