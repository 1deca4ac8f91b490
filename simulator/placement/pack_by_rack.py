"""Pack by rack."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class PackByRack(PlacementPolicy):
    """A job's tasks go into as few racks as possible, into the fullest rack that holds them all."""

    kind: Literal["pack-by-rack"] = "pack-by-rack"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .pack_by_rack_kernel import choose

        return choose
