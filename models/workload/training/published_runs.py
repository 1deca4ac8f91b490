"""Published training runs: how each was laid out, what it measured, and whether it calibrates the training step."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Annotated, Any, Self, cast

from pydantic import Field, model_validator

from ...catalog import InCatalog, entry
from ...neural_networks.transformer import Transformer
from ...section import Section
from ...sourced import Status
from .flops import training_flop_per_token
from .layout import Layout
from .machines import Machines, machines_of


class TrainingRun(Section):
    """One run. One of its three metrics is given; TFLOP/s only of a run that is shown and not used."""

    name: str
    """What it is called in tables."""
    model: Annotated[str, InCatalog("models")]
    """The model's name in the catalogue."""
    accelerator: Annotated[str, InCatalog("accelerators")]
    """The accelerator's name in the catalogue."""
    node: Annotated[str, InCatalog("nodes")]
    """The node's name in the catalogue."""
    rack: Annotated[str, InCatalog("racks")] | None = None
    """The rack's, where it joins more than a node in a scale-up domain."""
    accelerators: int = Field(ge=1)
    """Accelerators that it ran on."""
    framework: str
    """The software that it ran on."""
    layout: Layout
    """How it was laid out."""
    step_s: float | None = Field(default=None, gt=0)
    """Time of a step [s], as printed."""
    tokens_per_s_per_accelerator: float | None = Field(default=None, gt=0)
    """Tokens that one accelerator trains on [1/s], as printed."""
    tflop_per_s_per_accelerator: float | None = Field(default=None, gt=0)
    """Model TFLOP/s of one accelerator, as printed; taken to count causal attention by half."""
    source: str
    """The key of its source."""
    status: Status
    """What kind of number it is."""
    used: bool
    """Whether it calibrates and validates; decided before the first fit."""
    reason: str
    """Why."""

    @model_validator(mode="after")
    def _one_metric(self) -> Self:
        given = (self.step_s, self.tokens_per_s_per_accelerator, self.tflop_per_s_per_accelerator)
        if sum(metric is not None for metric in given) != 1:
            raise ValueError(
                f"{self.name}: give one of step_s, tokens_per_s_per_accelerator, tflop_per_s_per_accelerator"
            )
        if self.used and self.tflop_per_s_per_accelerator is not None:
            raise ValueError(f"{self.name}: TFLOP/s are counted in different ways, so they calibrate nothing")
        return self

    @property
    def transformer(self) -> Transformer:
        """The model, read from the catalogue."""
        return cast(Transformer, entry("models", self.model))

    @property
    def machines(self) -> Machines:
        """The accelerators and how they are joined."""
        return machines_of(
            entry("nodes", self.node), self.accelerators, rack=entry("racks", self.rack) if self.rack else None
        )

    @property
    def measured_step_s(self) -> float:
        """Time of a step that was measured, or that follows from the throughput [s]."""
        if self.step_s is not None:
            return self.step_s
        tokens = self.layout.global_batch * self.layout.sequence / self.accelerators
        if self.tokens_per_s_per_accelerator is not None:
            return tokens / self.tokens_per_s_per_accelerator
        flop = training_flop_per_token(self.transformer, self.layout.sequence)
        return tokens * flop / (cast(float, self.tflop_per_s_per_accelerator) * 1e12)

    @property
    def group(self) -> tuple[str, str]:
        """Accelerator and framework, which share one factor."""
        return self.accelerator, self.framework

    @property
    def is_dense_16_bit(self) -> bool:
        """Whether it is held to the goal of dense runs in bf16 or fp16; experts and 8 bits have one of their own."""
        return self.transformer.experts is None and self.layout.precision in {"bf16", "fp16"}


@functools.cache
def training_runs() -> tuple[TrainingRun, ...]:
    """Return all published runs, used or not."""
    return tuple(TrainingRun.model_validate(run) for run in _table()["runs"])


def run_sources() -> dict[str, str]:
    """Return the sources that runs name, by their keys."""
    return dict(_table()["sources"])


@functools.cache
def _table() -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = files("models.workload.training").joinpath("published_runs.yaml").read_text(encoding="utf-8")
    return cast(dict[str, Any], YAML(typ="safe", pure=True).load(text))
