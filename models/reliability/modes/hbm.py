"""Uncorrectable errors of accelerators' memory."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .component_failures import AcceleratorFailures


class HbmFailures(AcceleratorFailures):
    """Uncorrectable errors of accelerators' memory, one hazard for each accelerator; the node goes out.

    If nothing is said of how often: 72 in 54 days of 16,384 H100 ("GPU HBM3 Memory" of arXiv:2407.21783, Table 5), or
    once in 294,912 hours. NCSA counted one in 283,271 hours of A100 and one in 88,768 hours of new GH200
    (arXiv:2503.11901).
    """

    kind: Literal["hbm"] = "hbm"
    part: ClassVar[str] = "gpu"
    stated_mtbf: ClassVar[float | None] = quantity("294912 h")
