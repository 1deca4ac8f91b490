"""Rail by rail: fill groups of nodes that share leaf switches."""

from __future__ import annotations

from typing import Any, Literal

from .policy import PlacementPolicy


class Rail(PlacementPolicy):
    """A job's tasks go to as few blocks of the fabric as possible, into the fullest block that holds them all.

    Nodes of a block reach each other over their leaf switches alone (see `fabric`). Without a fabric a rack counts as
    a block. Within a block nodes are taken in the fleet's order, so that wide jobs are placed in one pass.
    """

    kind: Literal["rail"] = "rail"

    def kernel(self) -> Any:
        """Return the compiled function."""
        from .rail_kernel import choose

        return choose
