"""Spread."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class Spread(PlacementPolicy):
    """A job's tasks go to different racks and, there, to the least occupied nodes."""

    kind: Literal["spread"] = "spread"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .spread_kernel import choose

        return choose
