"""Faults of accelerators."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .component_failures import AcceleratorFailures


class GpuFailures(AcceleratorFailures):
    """Faults of accelerators, one hazard for each; the node goes out.

    If nothing is said of how often: 148 in 54 days of 16,384 H100 ("Faulty GPU" of arXiv:2407.21783, Table 5), or once
    in 143,471 hours. At most 6.1 % of accelerators a year are so replaced.
    """

    kind: Literal["gpu"] = "gpu"
    part: ClassVar[str] = "gpu"
    stated_mtbf: ClassVar[float | None] = quantity("143471 h")
