"""What the host adds to a step of a serving framework: scheduling, sampling, launches, tokens in and out."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Literal, NamedTuple

from ruamel.yaml import YAML


class HostOverhead(NamedTuple):
    """Time in which the accelerators wait for the host, once a step."""

    step_s: float
    """Of every step [s]."""
    sequence_s: float
    """For every sequence of the batch [s]."""
    status: Literal["fitted", "assumption"]
    """Whether it was fitted to serving points that were measured."""
    source: str
    """Where it comes from."""


@functools.cache
def _fitted() -> dict[str, HostOverhead]:
    text = files("models.calibration").joinpath("fitted", "host_overhead.yaml").read_text(encoding="utf-8")
    table = YAML(typ="safe", pure=True).load(text)
    return {name: HostOverhead(**entry) for name, entry in table["frameworks"].items()}


def host_overhead(framework: str | None) -> HostOverhead:
    """Return the overhead of a framework; of one that was not fitted, the assumption `other` of the file."""
    fitted = _fitted()
    return fitted.get(framework or "other", fitted["other"])
