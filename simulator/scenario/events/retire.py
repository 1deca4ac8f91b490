"""Nodes leave service."""

from __future__ import annotations

from typing import Literal

from ..fleet import Retirement
from .event import OneTargetEvent


class RetireEvent(OneTargetEvent):
    """Nodes leave service."""

    kind: Literal["retire"] = "retire"
    retire: Retirement = "drain"
    """`drain` lets jobs end, `at-once` interrupts them."""
