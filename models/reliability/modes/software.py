"""Faults of software: of the job's own code and of what it depends on."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .failure_mode import JobFailures


class SoftwareFailures(JobFailures):
    """Faults of a job's own code and of services that it depends on: one hazard for each running job.

    If nothing is said of how often: 56 in 54 days of one job (arXiv:2407.21783, Table 5: 54 software bugs and 2 of
    dependencies), or once in 23.1 hours.
    """

    kind: Literal["software"] = "software"
    stated_mtbf: ClassVar[float | None] = quantity("23.1429 h")
