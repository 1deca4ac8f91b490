"""Jobs that hang: collectives that never return."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from ..detection import Detection
from .failure_mode import JobFailures


class JobHangs(JobFailures):
    """Jobs that stand still until a watchdog ends them: one hazard for each running job.

    If nothing is said of how often: 7 in 54 days of one job (NCCL watchdog timeouts of arXiv:2407.21783, Table 5), or
    once in 185.1 hours.
    """

    kind: Literal["job"] = "job"
    stated_mtbf: ClassVar[float | None] = quantity("185.143 h")
    detection: Detection = Detection(at_once=0.0)
    """How it is noticed: by the watchdog, after `delay`."""
