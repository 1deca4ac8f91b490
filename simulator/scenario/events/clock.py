"""Clocks are turned down."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .event import LastingEvent, NodesEvent


class ClockEvent(NodesEvent, LastingEvent):
    """Clocks are turned down to a fraction: of a group, of nodes, of the nodes of a job, or of the whole hall where
    none of the three is given."""

    kind: Literal["clock"] = "clock"
    job: str | None = None
    """The name of the job whose nodes it happens to while they hold it."""
    fraction: float = Field(gt=0.0, le=1.0)
    """The clock as a fraction of the full one."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        given = [name for name in ("group", "nodes", "job") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(
                f"give one of 'group', 'nodes' and 'job', or none for the whole hall; given: {', '.join(given)}"
            )
        return self
