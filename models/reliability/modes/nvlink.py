"""Failures of the links between a node's accelerators."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .component_failures import AcceleratorFailures


class NvlinkFailures(AcceleratorFailures):
    """Failures of the links between a node's accelerators, one hazard for each accelerator; the node goes out.

    If nothing is said of how often: once in 2.1 million hours of an accelerator, an assumption. NCSA saw no such error
    in 2.1 million hours of GH200, and 1,922 in 9.6 million hours of A100 (arXiv:2503.11901).
    """

    kind: Literal["nvlink"] = "nvlink"
    part: ClassVar[str] = "gpu"
    stated_mtbf: ClassVar[float | None] = quantity("2100000 h")
